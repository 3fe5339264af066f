"""`--network` and `--images`, and the commands `explore`, `transfer` and `check`."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from calling import Call
from PIL import Image

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "networks"))
from folders import CLASSES, folder

from gradlab.images.folder import load_folder
from gradlab.networks import known_cards
from gradlab.networks.folder import load_network


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    return folder(tmp_path / "mine")


@pytest.fixture
def holiday(tmp_path: Path) -> Path:
    """Two pictures of each class."""
    for n, name in enumerate(CLASSES):
        (tmp_path / "holiday" / name).mkdir(parents=True)
        for k in range(2):
            pixels = torch.full((48, 40, 3), 60 + 20 * k, dtype=torch.uint8)
            pixels[..., n] += 100
            Image.fromarray(pixels.numpy()).save(tmp_path / "holiday" / name / f"{k}.png")
    return tmp_path / "holiday"


def words(mine: Path, holiday: Path) -> tuple[str, ...]:
    return "--network", f"mine={mine}", "--images", f"holiday={holiday}"


def content(call: Call, *arguments: str, code: int = 0) -> dict[str, Any]:
    done = call(*arguments, "--json", "-")
    assert done.code == code, done
    found: dict[str, Any] = json.loads(done.out)
    return found


def test_a_sweep_of_a_network_and_images_of_ones_own(call: Call, mine: Path, holiday: Path) -> None:
    before = known_cards()
    found = content(call, "sweep", *words(mine, holiday), "--limit", "all", "--rules", "sign")
    assert (found["dataset"], found["model"], found["images"], found["source"]) == ("holiday", "mine", 6, "memory")
    assert found["weights_sha256"] == load_network(mine).card.sha256
    assert known_cards() == before, "forgotten afterwards"


def test_a_report_names_the_weights(call: Call, mine: Path, holiday: Path, folder: Path) -> None:
    assert call("sweep", *words(mine, holiday), "--limit", "all", "--html", "report.html").code == 0
    assert load_network(mine).card.sha256 in (folder / "report.html").read_text()


def test_one_image_and_its_picture(call: Call, mine: Path, holiday: Path, folder: Path) -> None:
    made = content(call, "perturb", *words(mine, holiday), "--index", "3", "--out", "out.png")
    with Image.open(folder / "out.png") as picture:
        assert picture.size == (32, 32)
    found = content(call, "explore", *words(mine, holiday), "--index", "3", "--rule", "l2", "--epsilon", "0.5")
    assert found["true"] in CLASSES
    for one in (made, found):
        assert one["weights_sha256"] == load_network(mine).card.sha256
        assert one["images_sha256"] == load_folder(holiday).sha256
    assert {"dataset", "split", "source", "index", "model", "labels", "seed", "changes_at", "loss"} <= found.keys()
    assert [row["form"] for row in found["forms"]] == ["clean", "perturbed", "as saved (8 bit)"]
    assert set(found["forms"][0]["probabilities"]) == set(CLASSES)
    assert found["forms"][1]["l2"] == pytest.approx(0.5, rel=1e-3)


def test_explore_speaks_of_shipped_networks_too(call: Call) -> None:
    done = call("explore", "--seed", "1")
    assert done.code == 0, done
    assert "alexnet on image" in done.out
    assert "Along the direction the class changes at:" in done.out


def test_transfer_between_shipped_and_brought(
    call: Call, tmp_path: Path, mine: Path, holiday: Path, folder: Path
) -> None:
    found = content(call, "transfer", *words(mine, holiday), "--network", f"other={mine}", "--csv", "out.csv")
    assert found["models"] == ["mine", "other"]
    assert found["correct"][0] == found["correct"][1], "the same network twice"
    assert set(found["weights_sha256"].values()) == {load_network(mine).card.sha256}
    assert len((folder / "out.csv").read_text().splitlines()) == 7
    shown = call("transfer", *words(mine, holiday), "--models", "mine")
    assert "perturbed on  mine" in shown.out
    assert call("transfer", *words(mine, holiday), "--models", "mine,mine").code == 2


def test_the_check_tells_what_is_wrong_by_its_exit_code(call: Call, mine: Path, holiday: Path) -> None:
    sound = content(call, "check", *words(mine, holiday))
    assert sound["failed"] == []
    assert [one["name"] for one in sound["checks"]][:3] == ["logits", "finite numbers", "not probabilities"]
    assert sound["weights_sha256"] == load_network(mine).card.sha256
    shown = call("check", *words(mine, holiday))
    assert shown.code == 0
    assert "0 of 12 failed" in shown.out
    assert "ms an image" in shown.out


def test_a_network_without_names_is_for_the_data_set_that_is_named(call: Call, tmp_path: Path) -> None:
    from folders import state
    from safetensors.torch import save

    weights = save({name: value.contiguous() for name, value in state(classes=10).items()})
    place = folder(tmp_path / "ten", weights, num_classes=10, label_names=None)
    done = call("check", "--network", f"ten={place}", "--dataset", "cifar10", "--limit", "64")
    assert done.code == 1, "no better than chance"
    assert "FAILED  accuracy" in done.out
    assert "1 of 12 failed" in done.out
    found = content(call, "sweep", "--network", f"ten={place}", "--dataset", "svhn", "--limit", "10", "--rules", "sign")
    assert (found["dataset"], found["model"]) == ("svhn", "ten")


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("--network", "mine"), "expected NAME=FOLDER"),
        (("--network", "mine=nowhere"), "got nothing at nowhere"),
        (("--images", "=here"), "expected NAME=FOLDER"),
        (("--network", "mine={mine}", "--network", "mine={mine}"), "got mine twice"),
        (("--network", "a/b={mine}"), "at most 64 letters"),
        (("--network", "alexnet={mine}", "--images", "cifar10={holiday}"), "which is taken"),
        (("--images", "holiday={holiday}"), "expected a network that tells its classes apart"),
    ],
)
def test_what_makes_no_sense_is_one_line(
    call: Call, mine: Path, holiday: Path, arguments: tuple[str, ...], word: str
) -> None:
    done = call("sweep", *(text.format(mine=mine, holiday=holiday) for text in arguments))
    assert (done.code, done.out) == (2, "")
    assert word in done.err
    assert done.err.count("\n") == 1
