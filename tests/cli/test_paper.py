"""The command `paper`: what is shipped, and what is measured, as tables and as JSON."""

import json
from pathlib import Path

import pytest
from calling import Call

from gradlab.experiments.stored import EQUAL, PARTS, baseline_of, gradients_path, load_gradients, results_path
from gradlab.images.load import load_batch
from gradlab.networks import find_card, read_cards
from gradlab.paper import claim_rows, fair_row, lowest_unseen
from gradlab.types import Batch

PAPER = ("--model", "alexnet-paper", "--dataset", "cifar10")


def test_the_shipped_baselines_as_json(call: Call) -> None:
    done = call("paper", "--json", "-")
    assert done.code == 0
    assert done.err == ""
    found = json.loads(done.out)
    card = find_card("alexnet-paper", "cifar10")
    rows = claim_rows(baseline_of(card), baseline_of(card, EQUAL))
    assert [claim["claimed"] for claim in found["claims"]] == [0.6354, 0.0, 0.2639, 0.0429]
    assert [claim["measured"] for claim in found["claims"]] == [row.measured for row in rows]
    assert [claim["point"]["epsilon"] for claim in found["claims"]] == [row.point.epsilon for row in rows if row.point]
    assert [claim["verdict"] for claim in found["claims"]] == [str(row.verdict) for row in rows]
    assert [claim["unseen"] for claim in found["claims"]] == [row.measured_unseen for row in rows]
    assert [claim["fitted"] for claim in found["claims"]] == [row.claim.fitted for row in rows]
    named = [(row["model"], row["dataset"]) for row in found["combinations"] + found["missing"]]
    assert sorted(named) == sorted((card.name, card.dataset) for card in read_cards())
    for row in found["combinations"]:
        card = find_card(row["model"], row["dataset"])
        assert row["clean"]["correct"] == card.correct
        assert row["weights_sha256"] == card.sha256
        assert (row["trained_on"], row["fitted"]) == (card.trained_on, card.fitted)
        assert bool(row["fitted"]) == (row["model"] == "alexnet-paper")
        equal = lowest_unseen(baseline_of(card, EQUAL))
        assert equal is not None
        assert (row["raw_unseen"]["epsilon"], row["raw_unseen"]["correct"]) == (equal.epsilon, equal.correct)
        assert (row["clean_accuracy_without_twins"] is None) == (row["dataset"] != "cifar10")
        assert (row["interval_factor"] > 1.05) == (row["dataset"] == "svhn")


def test_direction_and_allocation_of_all_networks(call: Call) -> None:
    found = json.loads(call("paper", "--json", "-").out)["fair"]
    assert len(found) == len(read_cards())
    for shown in found:
        card = find_card(shown["model"], shown["dataset"])
        row = fair_row(baseline_of(card), baseline_of(card, EQUAL))
        assert row is not None
        assert row.l2 is not None
        assert row.allocation is not None
        assert shown["point"]["epsilon"] == row.at.epsilon
        assert (shown["l2"]["gradient"], shown["l2"]["sign"]) == (row.l2.gradient, row.l2.sign)
        assert shown["l2"]["low"] <= shown["l2"]["difference"] <= shown["l2"]["high"]
        assert shown["allocation"]["outcome"] == str(row.allocation.comparison.outcome)


def test_what_counts_as_visible_may_be_chosen(call: Call) -> None:
    claims = [
        json.loads(call("paper", *PAPER, "--visible-below", limit, "--json", "-").out)["claims"][2]
        for limit in ("34", "40")
    ]
    assert [claim["limit"] for claim in claims] == [34.0, 40.0]
    assert claims[0]["unseen"] < claims[1]["unseen"]


def test_the_same_as_tables(call: Call) -> None:
    done = call("paper", *PAPER)
    assert (done.code, done.err) == (0, "")
    assert "alexnet-paper on 10000 images of cifar10/test, true labels" in done.out
    card = find_card("alexnet-paper", "cifar10")
    row = claim_rows(baseline_of(card), baseline_of(card, EQUAL))[2]
    assert row.measured is not None
    assert row.measured_unseen is not None
    line = next(line for line in done.out.splitlines() if line.startswith("Without the sign"))
    assert f"26.39%   {row.measured:.2%}" in line
    assert f"{row.measured_unseen:.2%}" in line
    assert f"{row.verdict}  {row.claim.fitted}" in line
    assert "Still classified correctly at equal change on each image" in done.out
    assert done.out.splitlines()[-1].startswith("cifar10   alexnet-paper  10000   63.62%  63.18%         1.013")


def test_what_float32_makes_of_the_gradients_has_a_key_and_a_table_of_its_own(call: Call) -> None:
    rows = load_gradients(read_cards())
    found = json.loads(call("paper", "--json", "-").out)["gradients"]
    assert [(row["model"], row["dataset"]) for row in found] == [(row.model, row.dataset) for row in rows]
    for shown, row in zip(found, rows, strict=True):
        assert (shown["turned"] * row.images, shown["lost"] * row.images) == pytest.approx((row.turned, row.lost))
        counts = [n for who in row.right.values() for n in who]
        assert [one["accuracy"] * row.images for one in shown["right"]] == pytest.approx(counts)
    done = call("paper", "--model", "alexnet", "--dataset", "svhn")
    (row,) = load_gradients([find_card("alexnet", "svhn")])
    head = next(place for place, line in enumerate(done.out.splitlines()) if "lost or turned" in line)
    line = done.out.splitlines()[head + 1].replace("\u00a0", " ")
    assert line.startswith("SVHN")
    assert f"{row.turned / row.images:.2%}".replace("%", " %") in line
    assert line.endswith(f"{row.right['float64'][1] / row.images:.2%}".replace("%", " %"))


def test_without_them_the_rest_is_shown_and_it_is_said(call: Call, copied_assets: Path) -> None:
    gradients_path().unlink()
    done = call("paper", *PAPER)
    assert done.code == 0
    assert "Without the sign" in done.out
    assert "lost or turned" not in done.out
    assert done.err.startswith("gradlab paper: gradients.json is missing")
    done = call("paper", *PAPER, "--json", "-")
    assert json.loads(done.out)["gradients"] == []
    assert done.err.startswith("gradlab paper: gradients.json is missing")


def test_a_baseline_of_other_weights_is_not_shown(call: Call, copied_assets: Path) -> None:
    table = copied_assets / "models.json"
    sha256 = find_card("alexnet-paper", "cifar10").sha256
    table.write_text(table.read_text().replace(sha256, "0" * 64))
    done = call("paper", *PAPER)
    assert (done.code, done.out) == (0, "")
    assert f"of the weights 000000000000…, got one of {sha256[:12]}…: measure again" in done.err
    found = json.loads(call("paper", *PAPER, "--json", "-").out)
    assert (found["claims"], found["combinations"]) == ([], [])
    assert [(row["model"], row["dataset"]) for row in found["missing"]] == [("alexnet-paper", "cifar10")]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--model", "nobody"), "unknown model 'nobody': expected one of alexnet, alexnet-paper"),
        (("--dataset", "zoo"), "unknown data set with weights 'zoo': expected one of cifar10"),
        (("--save-baselines",), "--save-baselines: expected --measure beside it"),
    ],
)
def test_what_it_refuses(call: Call, options: tuple[str, ...], said: str) -> None:
    done = call("paper", *options)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(f"gradlab paper: {said}")
    assert done.err.count("\n") == 1


def test_measuring_needs_the_whole_split(call: Call) -> None:
    done = call("paper", *PAPER, "--measure")
    assert done.code == 2
    assert "fetch cifar10" in done.err


@pytest.fixture
def few_images(monkeypatch: pytest.MonkeyPatch) -> Batch:
    """Twelve images are the whole test split."""
    batch = load_batch("cifar10", limit=12, source="sample")
    monkeypatch.setattr("gradlab.images.load.load_batch", lambda *names, **options: batch)
    return batch


def test_measured_again_it_says_how_many_predictions_differ(call: Call, few_images: Batch) -> None:
    done = call("paper", *PAPER, "--measure", "--json", "-")
    assert done.code == 0
    found = json.loads(done.out)
    assert [row["part"] for row in found["compared"]] == ["true", "predicted", "equal"]
    # The epsilons of the default grids are in both, of all images: 27 of 5 rules and the clean ones, 14 of 2 rules.
    assert found["compared"][0]["predictions"] >= 12 * (5 * 27 + 1)
    assert found["compared"][1]["predictions"] >= 12 * (2 * 14 + 1)
    assert all(row["differ"] <= 0.005 * row["predictions"] for row in found["compared"])
    assert [row["images"] for row in found["combinations"]] == [12]
    assert "alexnet-paper, cifar10, true labels" in done.err


def test_a_baseline_is_saved_where_it_is_looked_for(call: Call, few_images: Batch, copied_assets: Path) -> None:
    card = find_card("alexnet-paper", "cifar10")
    assert call("paper", *PAPER, "--measure", "--save-baselines").code == 0
    for part in PARTS:
        assert results_path(card, part).is_relative_to(copied_assets)
        assert baseline_of(card, part).indices.tolist() == few_images.indices.tolist()
    assert json.loads(call("paper", *PAPER, "--json", "-").out)["combinations"][0]["images"] == 12
