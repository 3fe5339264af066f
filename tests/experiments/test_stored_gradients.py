"""What float32 makes of the networks' gradients: the shipped table, its reader, and how it is written."""

import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from gradlab import load_batch, load_model
from gradlab.errors import CorruptFileError, MissingFileError
from gradlab.experiments.stored import gradients_path, load_gradients, save_gradients
from gradlab.images.table import DATASETS
from gradlab.networks import ModelCard, read_cards
from gradlab.report import gradients_table, gradients_to_dicts, gradients_to_rows, rows_to_csv
from gradlab.steps.gradient import exact_gradient
from gradlab.steps.perturb import perturb
from gradlab.types import FloatGradients

CARDS = read_cards()
TITLES = {name: spec.title for name, spec in DATASETS.items()}
ROW = FloatGradients(
    model="tiny", dataset="cifar10", weights_sha256="abc", split="test", source="sample", images=200, lost=2, turned=8,
    wrong_signs=0.0625, clean=180, epsilons=(8 / 255, 16 / 255), device="CPU (a test)", software="gradlab 0.1.0",
    right={"torchattacks": (40, 20), "foolbox": (40, 20), "ART": (42, 20), "gradlab": (20, 10), "float64": (20, 9)},
)  # fmt: skip


@pytest.fixture
def card(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModelCard:
    """A card in an assets folder of its own."""
    monkeypatch.setattr("gradlab.experiments.stored.assets_root", lambda: tmp_path)
    (tmp_path / "results").mkdir()
    return replace(CARDS[0], name="tiny", dataset="cifar10", sha256="abc")


def test_rows_come_back_in_the_order_of_the_cards(card: ModelCard) -> None:
    other = replace(ROW, model="other")
    save_gradients([ROW])
    save_gradients([other, replace(ROW, lost=3)])
    assert load_gradients([replace(card, name="other"), card]) == [other, replace(ROW, lost=3)]
    assert load_gradients([replace(card, name="unknown")]) == []


def test_what_is_not_there_or_not_right_is_refused(card: ModelCard) -> None:
    with pytest.raises(MissingFileError, match=r"^gradients.json is missing"):
        load_gradients([card])
    save_gradients([ROW])
    with pytest.raises(
        CorruptFileError, match=r"expected a row of the weights def… of tiny on cifar10, got one of abc…"
    ):
        load_gradients([replace(card, sha256="def")])
    for content in ("{", "[]", '{"networks": [{"model": "tiny"}]}'):
        gradients_path().write_text(content, encoding="utf-8")
        with pytest.raises(CorruptFileError, match=r"^gradients.json is not a table of gradients"):
            load_gradients([card])


def test_as_plain_values_and_as_text() -> None:
    (values,) = gradients_to_dicts([ROW])
    json.dumps(values)
    assert (values["lost"], values["turned"], values["clean_accuracy"]) == (0.01, 0.04, 0.9)
    assert [(row["by"], row["accuracy"]) for row in values["right"] if row["epsilon"] == 16 / 255] == [
        ("torchattacks", 0.1), ("foolbox", 0.1), ("ART", 0.1), ("gradlab", 0.05), ("float64", 0.045)
    ]  # fmt: skip
    assert all(row["low"] < row["accuracy"] < row["high"] for row in values["right"])
    (texts,) = gradients_table([ROW], TITLES)
    assert {title: text.replace("\u00a0", " ") for title, text in texts.items()} == {
        "data set": "CIFAR-10", "network": "tiny", "lost or turned": "5.00 %", "wrong signs": "6.25 %",
        "torchattacks, foolbox, ART, +8/255": "20.00 % / 20.00 % / 21.00 %", "gradlab, +8/255": "10.00 %",
        "float64, +8/255": "10.00 %", "torchattacks, foolbox, ART, +16/255": "10.00 %", "gradlab, +16/255": "5.00 %",
        "float64, +16/255": "4.50 %",
    }  # fmt: skip


def test_as_a_csv_every_cell_is_one_value() -> None:
    lines = list(csv.DictReader(io.StringIO(rows_to_csv(gradients_to_rows([ROW])))))
    assert [(line["by"], float(line["epsilon"])) for line in lines] == [
        (who, epsilon) for who in ROW.right for epsilon in ROW.epsilons
    ]
    assert [float(line["accuracy"]) * ROW.images for line in lines] == [n for who in ROW.right.values() for n in who]
    assert all(float(line["low"]) < float(line["accuracy"]) < float(line["high"]) for line in lines)
    assert {(line["model"], float(line["turned"]), line["software"]) for line in lines} == {
        ("tiny", 0.04, "gradlab 0.1.0")
    }


def test_every_shipped_network_has_a_row_and_float64_bears_gradlab_out() -> None:
    rows = load_gradients(CARDS)
    assert [(row.model, row.dataset) for row in rows] == [(card.name, card.dataset) for card in CARDS]
    for row in rows:
        assert set(row.right) == {"torchattacks", "foolbox", "ART", "gradlab", "float64"}
        assert row.images == 2_000
        for ours, exact in zip(row.right["gradlab"], row.right["float64"], strict=True):
            assert abs(ours - exact) <= 0.002 * row.images


@pytest.mark.slow
@pytest.mark.parametrize("card", [card for card in CARDS if card.dataset == "svhn"], ids=lambda card: card.name)
def test_what_is_shipped_comes_out_here(card: ModelCard) -> None:
    """All of it that needs neither float64 nor another library."""
    (row,) = load_gradients([card])
    model, batch = (
        load_model(card.name, card.dataset, "cpu"),
        load_batch(card.dataset, limit=row.images, source="sample"),
    )
    moved = torch.cat(
        [
            perturb(model, x, y, row.epsilons[0])
            for x, y in zip(batch.images.split(250), batch.labels.split(250), strict=True)
        ]
    )
    with torch.inference_mode():
        right = int(
            sum((model(x).argmax(1) == y).sum() for x, y in zip(moved.split(250), batch.labels.split(250), strict=True))
        )
    assert abs(right - row.right["gradlab"][0]) <= 0.002 * row.images
    sure = exact_gradient(model, batch.images[:250], batch.labels[:250]).factor < 2**-24
    assert sure.any(), "float32 can say nothing of some of these"
