"""A baseline is sweeps put together: the same numbers, with the epsilons that were asked for in between."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from helpers import counted_calls, random_batch, tiny_cnn
from torch import Tensor, nn

from gradlab.errors import BadValueError
from gradlab.experiments.asking import Asking, Tally
from gradlab.experiments.baseline import ROUNDS, Stage, aims_of, stream_baseline, stream_equal
from gradlab.experiments.joining import merged
from gradlab.experiments.stored import condensed
from gradlab.experiments.sweep import stream_sweep, sweep
from gradlab.paper import AIMS, NEGATIVE_AIMS, proposals, unseen_proposals
from gradlab.report.archive import dumps, loads
from gradlab.steps.epsilon import default_grid
from gradlab.types import MEASURES, EqualTo, LabelSource, Rule, SweepResult


def baseline(labels: LabelSource = LabelSource.TRUE, count: int = 24) -> list[Stage]:
    return list(stream_baseline(tiny_cnn(), random_batch(count), labels, batch_size=10, precision="float32"))


@pytest.fixture(scope="module")
def stages() -> list[Stage]:
    return baseline()


@pytest.fixture(scope="module")
def found(stages: list[Stage]) -> SweepResult:
    assert stages[-1].result is not None
    return stages[-1].result


def test_it_tells_how_far_it_has_come(stages: list[Stage]) -> None:
    assert [(s.text, s.done, s.planned) for s in stages[:3]] == [("sweeping", n, 24) for n in (10, 20, 24)]
    assert stages[2].result is None
    assert stages[3].text == "refining, round 1"
    assert stages[-1].text == "done"
    assert len({s.text for s in stages}) <= ROUNDS + 2


def test_everything_that_is_looked_for_is_found_as_near_as_is_asked(found: SweepResult) -> None:
    assert {curve.rule for curve in found.curves} == set(Rule)
    for curve in found.curves:
        assert set(default_grid(curve.rule)) <= set(curve.epsilons.tolist())
        assert (np.diff(curve.epsilons) > 0).all()
    assert proposals(found, AIMS + NEGATIVE_AIMS) == {}
    assert sum(len(curve.epsilons) for curve in found.curves) > sum(len(default_grid(rule)) for rule in Rule)


def test_its_numbers_are_those_of_a_plain_sweep(found: SweepResult) -> None:
    grids = {curve.rule: curve.epsilons.tolist() for curve in found.curves}
    plain = sweep(
        tiny_cnn(), random_batch(24), list(grids), grids, eight_bit=True, ssim=True, batch_size=10, precision="float32"
    )
    for mine, theirs in zip(found.curves, plain.curves, strict=True):
        assert np.array_equal(mine.epsilons, theirs.epsilons)
        assert np.array_equal(mine.predictions, theirs.predictions)
        assert np.array_equal(mine.rounded, theirs.rounded)
        for name in ("probability", "l2", "linf", "psnr", "clipped"):
            assert mine.level(name) == pytest.approx(theirs.level(name), rel=1e-5)
    assert found.condensed
    assert not plain.condensed


def test_predicted_labels_are_for_the_negative_direction() -> None:
    result = baseline(LabelSource.PREDICTED)[-1].result
    assert result is not None
    assert result.label_source == LabelSource.PREDICTED
    assert {curve.rule for curve in result.curves} == {Rule.SIGN, Rule.RAW}
    assert all(curve.epsilons.max() == 0 for curve in result.curves)
    assert all(curve.rounded is None for curve in result.curves)


def test_only_the_papers_own_network_looks_for_its_figure() -> None:
    papers, other = (aims_of(name, "cifar10", LabelSource.TRUE) for name in ("alexnet-paper", "alexnet"))
    assert set(other) < set(papers)
    assert aims_of("alexnet-paper", "cifar10", LabelSource.PREDICTED) == NEGATIVE_AIMS


class Blind(nn.Module):
    """Gives no number for the images whose first value is above a half."""

    def forward(self, images: Tensor) -> Tensor:
        logits = images.flatten(1)[:, :3] * 1.0
        return torch.where(images.flatten(1)[:, :1] > 0.5, torch.nan, logits)


def test_a_network_that_gives_no_number_is_refused() -> None:
    with pytest.raises(BadValueError, match="NaN"):
        list(stream_baseline(Blind(), random_batch(8)))


def test_condensed_keeps_predictions_and_levels() -> None:
    whole = sweep(tiny_cnn(), random_batch(6), ["raw", "sign"], [-0.1, 0.0, 0.1], ssim=True)
    small = condensed(whole)
    for before, after in zip(whole.curves, small.curves, strict=True):
        assert after.predictions is before.predictions
        for name in MEASURES:
            assert getattr(after, name).shape == (3, 1)
            np.testing.assert_allclose(after.level(name), before.level(name), rtol=1e-6)


def test_the_rules_at_equal_change_come_from_one_gradient_an_image() -> None:
    model, batch, steps = tiny_cnn(), random_batch(9), (-0.5, -0.01, 0.0, 0.02, 0.7)
    with counted_calls(model) as calls:
        *_, last = stream_equal(model, batch, steps, precision="float32", batch_size=4)
    assert calls["backward"] == 3
    found = last.result
    assert found is not None
    kinds = [(str(curve.rule), str(curve.equal_to or "")) for curve in found.curves]
    assert kinds == [
        ("raw", ""),
        ("l2", ""),
        ("sign", "l2:raw"),
        ("random", "l2:raw"),
        ("sign", "linf:raw"),
    ]
    raw, length, sign, *_ = found.curves
    assert tuple(sign.epsilons) == (-0.5, -0.01, 0.02, 0.7)
    # Where changes that pass unseen do most, `raw` is measured more closely.
    assert set(raw.epsilons) > set(sign.epsilons)
    wanted = raw.level("l2")[np.isin(raw.epsilons, sign.epsilons)]
    np.testing.assert_allclose(length.level("l2"), wanted, rtol=1e-4)
    np.testing.assert_allclose(sign.level("l2"), wanted, rtol=1e-4)
    own = sweep(model, batch, ("raw",), raw.epsilons.tolist(), ssim=True, batch_size=4).curves[0]
    np.testing.assert_array_equal(raw.predictions, own.predictions)
    np.testing.assert_allclose(raw.psnr, own.psnr, atol=1 / 4)
    np.testing.assert_allclose(raw.ssim, own.ssim, atol=1 / 128)
    assert length.psnr.shape == sign.ssim.shape == (4, 1)
    assert raw.psnr.shape == (len(raw.epsilons), 9)
    assert not unseen_proposals(found)
    assert loads(dumps(found)).curve(Rule.SIGN, EqualTo("linf")).equal_to == EqualTo("linf", Rule.RAW)


# What was checked


def with_counts(result: SweepResult, checked: int, disagreed: int, unchecked: int) -> SweepResult:
    return replace(result, checked=checked, disagreed=disagreed, unchecked=unchecked)


def test_merging_adds_up_what_was_checked() -> None:
    a, b = (sweep(tiny_cnn(), random_batch(6), ["sign"], [epsilon]) for epsilon in (0.1, 0.2))
    both = merged(*(condensed(part) for part in (with_counts(a, 100, 1, 9_000), with_counts(b, 20, 2, 700))))
    assert (both.checked, both.disagreed, both.unchecked) == (120, 3, 9_700)


def test_a_baseline_in_bfloat16_adds_up_its_rounds() -> None:
    *_, last = stream_baseline(tiny_cnn(), random_batch(24), batch_size=10, precision="bfloat16")
    assert last.result is not None
    steps = sum(np.count_nonzero(curve.epsilons) for curve in last.result.curves)
    assert 0 < last.result.unchecked + last.result.checked <= 2 * 24 * steps
    assert last.result.checked > 250
    assert last.result.disagreed == 0


class Suspicious:
    """Stands for `stream_sweep`, and says of its second sweep that float32 disagreed with it; the network is fine."""

    def __init__(self) -> None:
        self.precisions: list[str] = []

    def __call__(self, *args: Any, asking: Asking, **options: Any) -> Iterator[SweepResult]:
        for result in stream_sweep(*args, asking=asking, **options):
            yield with_counts(result, 50, 2, 0) if len(self.precisions) == 1 else result
        self.precisions.append(result.precision)
        if len(self.precisions) == 2:
            asking.distrust(Tally(50, 2, 0))


@pytest.fixture
def suspicious(monkeypatch: pytest.MonkeyPatch) -> Suspicious:
    swept = Suspicious()
    monkeypatch.setattr("gradlab.experiments.baseline.stream_sweep", swept)
    return swept


def assert_same(result: SweepResult, plain: SweepResult) -> None:
    assert (result.precision, result.disagreed, result.unchecked) == ("float32", 2, 0)
    assert result.checked > 50
    assert len(result.notices) == 1
    for mine, theirs in zip(result.curves, plain.curves, strict=True):
        assert np.array_equal(mine.epsilons, theirs.epsilons)
        assert np.array_equal(mine.predictions, theirs.predictions)
        assert np.array_equal(mine.rounded, theirs.rounded)


def test_where_a_later_round_finds_a_wrong_answer_all_rounds_are_measured_again(
    found: SweepResult, suspicious: Suspicious
) -> None:
    stages = list(stream_baseline(tiny_cnn(), random_batch(24), batch_size=10, precision="bfloat16"))
    assert suspicious.precisions[:3] == ["bfloat16", "bfloat16", "float32"]
    texts = list(dict.fromkeys((stage.text, stage.result is None) for stage in stages))
    assert texts[:3] == [("sweeping", True), ("refining, round 1", False), ("refining, round 2", False)]
    assert [stage.text for stage in stages].count("sweeping") == 6
    assert stages[-1].result is not None
    assert_same(stages[-1].result, found)


def test_the_rules_at_equal_change_are_checked_and_measured_again_as_well(suspicious: Suspicious) -> None:
    model, batch, steps = tiny_cnn(), random_batch(10), [-0.3, 0.3]
    *_, plain = stream_equal(model, batch, steps, precision="float32")
    assert plain.result is not None
    assert (plain.result.checked, plain.result.unchecked) == (50, 0)  # as the second of its three sweeps said
    suspicious.precisions.clear()
    *_, last = stream_equal(model, batch, steps, precision="bfloat16")
    assert suspicious.precisions == ["bfloat16", "bfloat16", "float32", "float32", "float32", "float32"]
    assert last.result is not None
    assert_same(last.result, plain.result)
