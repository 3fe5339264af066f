"""A random share of what is not in doubt is asked again in float32, and what follows where that disagrees."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from helpers import random_batch, tiny_cnn
from torch import Tensor, nn

from gradlab.experiments.asking import LEAST, SHARE, Asking, Tally, draw_trial, drawn, share_of, trial_size
from gradlab.experiments.sweep import stream_sweep, sweep
from gradlab.report import spot_check_text, spot_check_to_dict
from gradlab.statistics import clopper_pearson
from gradlab.steps.evaluate import Evaluator
from gradlab.types import Batch, Rule, SweepResult

GRID = [-0.1, -0.05, -0.02, 0.0, 0.02, 0.05, 0.1]
MOVING = len(GRID) - 1
COUNT = 400


class OffWhere(nn.Module):
    """In bfloat16 it is far off for some images, and for no others by more than its rounding."""

    def __init__(self, where: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.inner, self.where = tiny_cnn(), where

    def forward(self, images: Tensor) -> Tensor:
        logits = self.inner(images)
        if torch.is_autocast_enabled("cpu"):
            logits = logits.float() + 50 * self.where(images)[:, None] * torch.tensor([1.0, 0, -1])
        return logits


def has_mark(images: Tensor) -> Tensor:
    """The last value tells: no step of the grid brings it across the middle."""
    return images[:, 2, 7, 7] > 0.5


def is_rounded(images: Tensor) -> Tensor:
    levels = images * 255
    return (levels - levels.round()).abs().flatten(1).amax(1) < 1e-4


def marked(where: Any) -> Batch:
    batch = random_batch(COUNT)
    batch.images[:, 2, 7, 7] = 0
    batch.images[where, 2, 7, 7] = 1
    return batch


def unseen_by_the_trial(last: int) -> list[int]:
    """Some of the last images: those that the trial does not happen to look at."""
    work = MOVING * COUNT
    steps = [(Rule.SIGN, k) for k in range(MOVING)]
    seen = draw_trial(COUNT, steps, trial_size(work, 256), seed=0).images.tolist()
    return [place for place in range(COUNT - last, COUNT) if place not in seen]


def swept(model: nn.Module, batch: Batch, precision: Any = "bfloat16", **options: Any) -> SweepResult:
    return sweep(model, batch, ["sign"], GRID, precision=precision, compiled=False, batch_size=100, **options)


def assert_float32s(result: SweepResult, model: nn.Module, batch: Batch) -> None:
    plain = swept(model, batch, "float32", eight_bit=result.eight_bit)
    for mine, theirs in zip(result.curves, plain.curves, strict=True):
        np.testing.assert_array_equal(mine.predictions, theirs.predictions)
        if result.eight_bit:
            np.testing.assert_array_equal(mine.rounded, theirs.rounded)


# The draw


def test_one_percent_and_a_few_hundred_at_least() -> None:
    assert (SHARE, LEAST) == (0.01, 300)
    assert [share_of(work) for work in (0, 7, 300, 3_000, 30_000, 9_000_000)] == [1, 1, 1, 0.1, 0.01, 0.01]


def test_the_draw_is_of_those_that_may_be_drawn_each_as_likely_as_the_next() -> None:
    among = torch.rand(40, 500, generator=torch.Generator().manual_seed(1)) < 0.5
    one, same, other = (drawn(among, 0.1, torch.Generator().manual_seed(seed)) for seed in (2, 2, 3))
    assert torch.equal(one, same)
    assert not torch.equal(one, other)
    assert not (one & ~among).any()
    assert 900 < int(one.sum()) < 1_100  # of some 10,000
    assert torch.equal(drawn(among, 1.0, torch.Generator()), among)
    assert not drawn(among, 0.0, torch.Generator()).any()


@pytest.mark.parametrize("share", [0.05, 0.3, 0.8])
@pytest.mark.parametrize("wrong", [1, 20, 200])
def test_the_bound_holds_as_often_as_it_says(wrong: int, share: float) -> None:
    """Of 2,000 answers some are wrong; of 400 draws, about 5 % at most may leave more of them than the bound says."""
    broken, is_wrong, plain = 0, torch.arange(2_000) < wrong, swept(tiny_cnn(), random_batch(2), "float32")
    for seed in range(400):
        checked = drawn(torch.ones(2_000, dtype=torch.bool), share, torch.Generator().manual_seed(seed))
        count, found = int(checked.sum()), int((checked & is_wrong).sum())
        told = replace(plain, checked=count, disagreed=found, unchecked=2_000 - count)
        broken += wrong - found > spot_check_to_dict(told)["wrong_high"]
    assert broken <= 0.05 * 400 + 2 * (400 * 0.05 * 0.95) ** 0.5


# What is counted


def test_in_float32_there_is_nothing_to_check() -> None:
    batch = random_batch(60)
    result = swept(tiny_cnn(), batch, "float32", eight_bit=True)
    assert (result.checked, result.disagreed, result.unchecked) == (0, 0, 0)
    assert spot_check_text(result) == ""
    asked = spot_check_to_dict(result)
    assert (asked["wrong_share_high"], asked["wrong_high"]) == (None, 0)


def test_each_answer_that_was_asked_for_and_is_not_in_doubt_counts_once() -> None:
    """Also those after rounding; not those at epsilon 0, nor of images that rounding makes the clean ones again."""
    batch, far, near = random_batch(50), [-0.1, 0.0, 0.1], [0.0, 0.4 / 255]
    for grid, eight_bit, answers in ((far, False, 100), (far, True, 200), (near, True, 50)):
        for share in (0.0, 0.3, 1.0):
            asking = Asking(torch.bfloat16, evaluator=Evaluator(Exact(), torch.bfloat16, doubt=-1.0), share=share)
            result = sweep(Exact(), batch, ["sign"], grid, eight_bit=eight_bit, asking=asking)
            assert result.checked + result.unchecked == answers
            assert result.disagreed == 0
            if share != 0.3:
                assert result.checked == share * answers


class Exact(nn.Module):
    """Says the same in every precision."""

    def forward(self, images: Tensor) -> Tensor:
        with torch.autocast("cpu", enabled=False):
            return images.flatten(1)[:, :3].double()


def test_what_is_in_doubt_is_asked_again_anyway_and_does_not_count() -> None:
    asking = Asking(torch.bfloat16, evaluator=Evaluator(Exact(), torch.bfloat16, doubt=1e9), share=1.0)
    result = sweep(Exact(), random_batch(20), ["sign"], GRID, eight_bit=True, asking=asking)
    assert (result.checked, result.disagreed, result.unchecked) == (0, 0, 0)


def test_a_sweep_in_bfloat16_says_how_many_were_checked_and_what_follows() -> None:
    model = tiny_cnn()
    result, again = (swept(model, random_batch(COUNT), eight_bit=True) for _ in range(2))
    assert result.precision == "bfloat16"
    assert LEAST / 2 < result.checked < 4 * LEAST
    assert (result.disagreed, result.notices) == (0, ())
    assert result.unchecked > 5 * result.checked
    assert (again.checked, again.unchecked) == (result.checked, result.unchecked)
    high = float(clopper_pearson(0, result.checked, tail=0.05)[1])
    asked = spot_check_to_dict(result)
    assert (asked["checked"], asked["disagreed"], asked["unchecked"]) == (result.checked, 0, result.unchecked)
    left = high * (result.checked + result.unchecked)
    assert (asked["wrong_share_high"], asked["wrong_high"]) == (high, left)
    assert spot_check_text(result) == (
        f"Of the answers that were not in doubt, {result.checked:,}, chosen at random, were asked again in float32: "
        f"none was wrong. So, with 95 % confidence, at most {int(left):,} of the other {result.unchecked:,} are wrong "
        f"({left / result.unchecked * 100:.{'2g' if left < 0.1 * result.unchecked else '0f'}}%)"
    )


@pytest.mark.gpu
def test_on_a_gpu_the_trial_and_the_check_are_the_same_choice() -> None:
    """More images than one batch, so that the trial looks at some that come later."""
    batch, model = random_batch(COUNT), tiny_cnn().cuda()
    plain = swept(model, batch, "float32", eight_bit=True)
    result, again = (swept(model, batch, eight_bit=True) for _ in range(2))
    assert (result.precision, result.disagreed) == ("bfloat16", 0)
    assert (again.checked, again.unchecked) == (result.checked, result.unchecked)
    assert result.checked > LEAST / 2
    np.testing.assert_array_equal(result.curves[0].predictions, plain.curves[0].predictions)
    np.testing.assert_array_equal(result.curves[0].rounded, plain.curves[0].rounded)


# Where float32 disagrees


def test_an_error_that_only_later_images_have_is_seen_by_the_trial() -> None:
    """So that these are in doubt, however few of the first images are."""
    batch = marked(slice(COUNT // 2, None))
    model = OffWhere(has_mark)
    result = swept(model, batch, eight_bit=True)
    assert_float32s(result, model, batch)
    assert (result.precision, result.disagreed) == ("bfloat16", 0)


@pytest.mark.parametrize("precision", ["bfloat16", "auto"])
def test_an_error_that_the_trial_does_not_see_is_found_and_all_is_measured_again(
    precision: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gradlab.steps.evaluate.multiplies_bfloat16", lambda _: True)
    batch, model = marked(unseen_by_the_trial(40)), OffWhere(has_mark)
    asking = Asking(torch.bfloat16, insist=precision == "bfloat16")
    results = [*stream_sweep(model, batch, ["sign"], GRID, eight_bit=True, batch_size=100, asking=asking)]
    assert [result.done for result in results] == [100, 200, 300, 100, 200, 300, 400]
    before, result = results[2], results[-1]
    assert (before.precision, before.disagreed, before.notices) == ("bfloat16", 0, ())
    assert (result.precision, result.unchecked, result.backwards) == ("float32", 0, 8)
    assert result.checked > result.disagreed > 0
    assert_float32s(result, model, batch)
    assert result.notices == (
        f"Bfloat16 was not exact enough here: of {result.checked:,} answers that were not in doubt, chosen at random "
        f"and asked again in float32, {result.disagreed:,} were wrong. So everything was measured again in float32.",
    )
    assert spot_check_text(result).endswith(f"{result.disagreed} were wrong, so all were measured in float32")
    assert spot_check_to_dict(result)["wrong_high"] == 0
    # What was yielded before stays as it was.
    assert (before.images, len(before.curves[0].predictions[0])) == (300, 300)
    later = sweep(model, batch, ["raw"], GRID, asking=asking)
    assert (later.precision, later.checked, later.disagreed, later.notices) == ("float32", 0, 0, result.notices)


def test_an_error_that_only_rounded_images_have_is_found() -> None:
    batch, model = random_batch(COUNT), OffWhere(is_rounded)
    result = swept(model, batch, eight_bit=True)
    assert result.disagreed > 0
    assert_float32s(result, model, batch)
    assert swept(model, batch).disagreed == 0


def test_a_compiled_network_is_checked_as_well() -> None:
    model = tiny_cnn()

    def forward(images: Tensor) -> Tensor:
        logits: Tensor = model(images)
        return logits + 50 * torch.tensor([1.0, 0, -1])

    batch = random_batch(30)
    asking = Asking(torch.float32, evaluator=Evaluator(model, forward=forward), share=0.2)
    result = sweep(model, batch, ["sign"], GRID, asking=asking)
    assert result.notices[0].startswith(f"The compiled network was not exact enough here: of {result.checked} answers ")
    assert_float32s(result, model, batch)


def test_a_network_that_errs_beside_its_check_stays_within_the_bound() -> None:
    """Nobody can promise more: few wrong answers may all escape, and the bound says how many that can be."""
    batch, model = marked([COUNT - 1]), OffWhere(has_mark)
    plain = swept(model, batch, "float32").curves[0].predictions
    for seed in range(5):
        result = swept(model, batch, seed=seed)
        wrong = int((result.curves[0].predictions != plain).sum())
        high = spot_check_to_dict(result)["wrong_high"]
        assert high is not None
        assert wrong <= high


# What is said


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        (Tally(0, 0, 5_000), "None of the other answers, 5,000 at most, was asked again as a check"),
        (
            Tally(300, 0, 0),
            "Of the answers that were not in doubt, 300, chosen at random, were asked again in float32: none was wrong",
        ),
        (
            Tally(1_000, 1, 99_000),
            "Of the answers that were not in doubt, 1,000, chosen at random, were asked again in float32: 1 was wrong. "
            "So, with 95 % confidence, at most 472 of the other 99,000 are wrong (0.48%)",
        ),
        (
            Tally(300, 290, 5),
            "Of the answers that were not in doubt, 300, chosen at random, were asked again in float32: 290 were wrong"
            ". So, with 95 % confidence, at most 5 of the other 5 are wrong (100%)",
        ),
    ],
)
def test_the_sentence_is_made_of_the_counts(counts: Tally, expected: str) -> None:
    result = replace(swept(tiny_cnn(), random_batch(3), "float32"), **counts._asdict())
    assert spot_check_text(result) == expected


def test_tallies_add_up() -> None:
    assert Tally(1, 2, 3).plus(Tally(10, 20, 30)) == (11, 22, 33)
