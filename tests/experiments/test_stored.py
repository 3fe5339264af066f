"""Shipped results: each belongs to the shipped weights, and says what these say."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from helpers import curve, result

from gradlab import report
from gradlab.errors import BadValueError, CorruptFileError, MissingFileError, UnknownNameError
from gradlab.experiments.stored import (
    PARTS,
    baseline_of,
    gradients_path,
    load_baseline,
    results_path,
    save_baseline,
    selected,
)
from gradlab.experiments.sweep import sweep
from gradlab.images.load import load_batch
from gradlab.images.splits import shared_places
from gradlab.networks import ModelCard, load_model, read_cards
from gradlab.report import archive
from gradlab.shipped import assets_root
from gradlab.steps.epsilon import default_grid
from gradlab.types import LabelSource, Rule, SweepResult, rounding_defined

CARDS = read_cards()
SLICE = 40


@pytest.fixture
def card(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModelCard:
    """A card in an assets folder of its own."""
    monkeypatch.setattr("gradlab.experiments.stored.assets_root", lambda: tmp_path)
    return replace(CARDS[0], name="tiny", dataset="zoo", sha256="abc")


def small(labels: LabelSource = LabelSource.TRUE) -> SweepResult:
    return replace(result(curve(Rule.SIGN, [0.1], [[0, 1, 2, 0]])), label_source=labels)


def test_it_comes_back(card: ModelCard) -> None:
    for labels in (LabelSource.TRUE, LabelSource.PREDICTED):
        path = save_baseline(card, small(labels))
        assert path == results_path(card, labels)
        assert baseline_of(card, labels).label_source == labels
    assert len(list(path.parent.iterdir())) == 2


def test_one_of_other_weights_is_no_result(card: ModelCard) -> None:
    save_baseline(card, small())
    with pytest.raises(
        CorruptFileError, match=r"expected a result of the weights def…, got one of abc…: measure again"
    ):
        baseline_of(replace(card, sha256="def"))


def test_none_is_said_to_be_none(card: ModelCard) -> None:
    with pytest.raises(MissingFileError, match="tiny-zoo.npz is missing: nothing was measured yet for tiny on zoo"):
        baseline_of(card)


def test_a_damaged_one_is_refused(card: ModelCard) -> None:
    path = save_baseline(card, small())
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(CorruptFileError):
        baseline_of(card)


def refined(rule: Rule, rounded: bool = True) -> SweepResult:
    """Of one rule: the default grid and one more epsilon, each epsilon with predictions of its own."""
    grid = sorted([*default_grid(rule), 0.777 * default_grid(rule)[-1]])
    predictions = [[k % 3, k // 3 % 3, k // 9 % 3, 1] for k in range(len(grid))]
    return result(curve(rule, grid, predictions, rounded=predictions[::-1] if rounded else None))


BASELINE = replace(refined(Rule.SIGN), curves=(*refined(Rule.SIGN).curves, *refined(Rule.RAW).curves))


@pytest.mark.parametrize("rounded", [True, False])
def test_selected_are_the_chosen_rules_on_their_default_grids(rounded: bool) -> None:
    found = selected(BASELINE, (Rule.RAW, Rule.SIGN), rounded)
    assert [curve.rule for curve in found.curves] == [Rule.RAW, Rule.SIGN]
    assert found.eight_bit == rounded
    for mine in found.curves:
        whole = BASELINE.curve(mine.rule)
        assert tuple(mine.epsilons) == default_grid(mine.rule)
        rows = [whole.epsilons.tolist().index(epsilon) for epsilon in mine.epsilons]
        assert len(rows) == len(whole.epsilons) - 1
        np.testing.assert_array_equal(mine.predictions, whole.predictions[rows])
        np.testing.assert_array_equal(mine.psnr, whole.psnr[rows])
        if rounded:
            np.testing.assert_array_equal(mine.rounded, whole.rounded[rows])


def test_what_is_not_there_cannot_be_selected() -> None:
    with pytest.raises(UnknownNameError, match="unknown rule of this sweep 'l2'"):
        selected(BASELINE, (Rule.L2,), rounded=False)
    with pytest.raises(BadValueError, match="eight_bit=True"):
        selected(refined(Rule.SIGN, rounded=False), (Rule.SIGN,), rounded=True)
    with pytest.raises(BadValueError, match="all epsilons of the default grid of sign"):
        selected(small(), (Rule.SIGN,), rounded=False)


@pytest.fixture(params=CARDS, ids=lambda card: f"{card.name}-{card.dataset}")
def shipped(request: pytest.FixtureRequest) -> ModelCard:
    found: ModelCard = request.param
    if not results_path(found).is_file():
        pytest.skip(f"no result of {found.name} on {found.dataset} is shipped yet")
    return found


@pytest.mark.parametrize("labels", [LabelSource.TRUE, LabelSource.PREDICTED], ids=str)
def test_a_slice_of_a_shipped_result_is_what_comes_out_here(shipped: ModelCard, labels: LabelSource) -> None:
    """On the embedded sample; a few epsilons of `sign` and `raw`, both directions, before and after rounding."""
    stored = baseline_of(shipped, labels)
    assert stored.clean_accuracy == shipped.clean_accuracy
    assert stored.images == int(shipped.measured_on.split()[0].replace(",", ""))
    batch = load_batch(shipped.dataset, limit=SLICE, source="sample")
    places = [stored.indices.tolist().index(place) for place in batch.indices.tolist()]
    rules = [curve for curve in stored.curves if curve.rule in (Rule.SIGN, Rule.RAW)]
    grids = {curve.rule: curve.epsilons[:: max(1, len(curve.epsilons) // 6)].tolist() for curve in rules}
    here = sweep(load_model(shipped.name, shipped.dataset, "cpu"), batch, list(grids), grids, labels=labels,
                 eight_bit=stored.eight_bit, precision="float32")  # fmt: skip
    assert np.array_equal(here.clean_predictions, stored.clean_predictions[places])
    for mine in here.curves:
        theirs = stored.curve(mine.rule)
        rows = [theirs.epsilons.tolist().index(epsilon) for epsilon in mine.epsilons.tolist()]
        # Another processor rounds otherwise: a sign of a gradient near 0, and with it an image at the brink, may flip.
        pairs = [(mine.predictions, theirs.predictions[rows][:, places])]
        if mine.rounded is not None and theirs.rounded is not None:
            known = rounding_defined(mine.rule, mine.epsilons)
            pairs.append((mine.rounded[known], theirs.rounded[rows][known][:, places]))
        for ours, kept in pairs:
            assert (ours != kept).mean() < 0.005
        assert mine.l2.shape == (len(rows), SLICE)


def test_curves_can_be_selected_from_a_shipped_result_and_taken_away(shipped: ModelCard) -> None:
    found = selected(baseline_of(shipped), (Rule.SIGN, Rule.RANDOM), rounded=True)
    values = report.sweep_to_dict(found)
    assert [len(entry["points"]) for entry in values["curves"]] == [len(default_grid(Rule.SIGN))] * 2
    assert all(0 <= point["ssim"] <= 1 for entry in values["curves"] for point in entry["points"])
    assert len(report.sweep_to_csv(found).splitlines()) == 1 + 2 * len(default_grid(Rule.SIGN))
    page = report.sweep_to_html(found, "")
    assert "<th>SSIM</th>" in page
    assert "for the whole baseline that this is a part of" in page
    assert "    ssim=True,\n" in report.sweep_code(found)
    assert "limit=None" in report.sweep_code(found)
    assert "--limit all" in str(report.sweep_command(found))
    assert archive.dumps(archive.loads(archive.dumps(found))) == archive.dumps(found)


PART = {"alexnet-paper": None, "alexnet": 2000, "resnet9": 500}  # images: whole splits of all take too long for a test


@pytest.mark.full_data
@pytest.mark.slow
def test_a_shipped_result_is_right_to_the_last_image(shipped: ModelCard) -> None:
    """Two epsilons of each of two rules; of the paper's network over the whole test split, of others over a part."""
    stored = baseline_of(shipped)
    part = PART[shipped.name]
    # Of SVHN one image of 2,000 is left out of what is stored; a draw takes it last.
    batch = load_batch(shipped.dataset, limit=part and min(part, stored.images), source="store")
    places = np.searchsorted(stored.indices, batch.indices.numpy())
    assert np.array_equal(batch.indices.numpy(), stored.indices[places])
    # The measures of a baseline that an image was left out of are still those of all.
    whole = len(batch) == stored.images and not shared_places(shipped.dataset, "test", 2000)
    grids = {rule: stored.curve(rule).epsilons[[3, -4]].tolist() for rule in (Rule.SIGN, Rule.RAW)}
    here = sweep(load_model(shipped.name, shipped.dataset, "cpu"), batch, list(grids), grids, ssim=True)
    for mine in here.curves:
        theirs = stored.curve(mine.rule)
        rows = [theirs.epsilons.tolist().index(epsilon) for epsilon in mine.epsilons.tolist()]
        differing = int((mine.predictions != theirs.predictions[rows][:, places]).sum())
        same_hardware = here.device == stored.device and here.software == stored.software
        assert differing <= (0 if same_hardware else 0.0005 * mine.predictions.size)
        for name in ("l2", "linf", "psnr", "clipped", "ssim") if whole else ():
            assert mine.level(name) == pytest.approx(theirs.level(name)[rows], rel=1e-4), name


def test_nothing_else_lies_among_them() -> None:
    folder = assets_root() / "results"
    names = {results_path(card, part).name for card in CARDS for part in PARTS}
    assert not folder.is_dir() or {path.name for path in folder.iterdir()} <= {*names, gradients_path().name}
    assert sum(path.stat().st_size for path in assets_root().rglob("*") if path.is_file()) < 60e6


def test_a_part_of_a_baseline_is_what_a_sweep_would_have_measured() -> None:
    whole, wanted = load_baseline("alexnet", "cifar10"), (Rule.RAW, Rule.SIGN)
    part = load_baseline("alexnet", "cifar10", rules=["raw", "sign"], eight_bit=True, twins=False)
    kept = np.isin(whole.indices, part.indices)
    assert 0 < part.images == kept.sum() < whole.images
    for rule, found in zip(wanted, part.curves, strict=True):
        stored = whole.curve(rule)
        assert found.rule == rule
        assert len(found.epsilons) == len(default_grid(rule)) < len(stored.epsilons)
        rows = np.isin(stored.epsilons, found.epsilons)
        np.testing.assert_array_equal(found.predictions, stored.predictions[rows][:, kept])
        np.testing.assert_array_equal(found.rounded, stored.rounded[rows][:, kept])
    assert load_baseline("alexnet", "cifar10", rules=["l2"]).curves[0].rounded is None
    with pytest.raises(BadValueError, match="expected a data set whose test images with twins"):
        load_baseline("alexnet", "svhn", twins=False)
