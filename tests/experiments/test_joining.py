"""Sweeps put together: what an earlier one has is taken from there, and the rest is as if it had been one sweep."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from helpers import counted_calls, random_batch, tiny_cnn
from torch import nn

from gradlab.errors import BadValueError
from gradlab.experiments.joining import appended, merged, of_each_image, stream_rest
from gradlab.experiments.stored import condensed
from gradlab.experiments.sweep import stream_sweep, sweep
from gradlab.types import MEASURES, Rule, SweepResult

EVERY = (Rule.RAW, Rule.RANDOM, Rule.SIGN)
WAYS = {"eight_bit": True, "ssim": True, "precision": "float32", "batch_size": 4}


class Moody(nn.Module):
    """Has no answer to images whose first value is too far from where it was."""

    def __init__(self) -> None:
        super().__init__()
        self.inner = tiny_cnn()

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return torch.where(images[:, :1, 0, 0] > 0.9, torch.nan, self.inner(images))


def assert_same(found: SweepResult, whole: SweepResult) -> None:
    for name in ("indices", "labels", "clean_predictions", "zero_gradient", "failed"):
        np.testing.assert_array_equal(getattr(found, name), getattr(whole, name), err_msg=name)
    assert (found.planned, found.done, found.complete) == (whole.planned, whole.done, True)
    assert [curve.rule for curve in found.curves] == [curve.rule for curve in whole.curves]
    for a, b in zip(found.curves, whole.curves, strict=True):
        np.testing.assert_array_equal(a.epsilons, b.epsilons)
        np.testing.assert_array_equal(a.predictions, b.predictions)
        np.testing.assert_array_equal(a.rounded, b.rounded)
        for name in MEASURES:
            np.testing.assert_allclose(getattr(a, name), getattr(b, name), rtol=1e-4, atol=1e-6, err_msg=name)


@pytest.mark.parametrize("done", [4, 10])
@pytest.mark.parametrize(
    ("had", "asked"),
    [
        (EVERY, EVERY),
        (EVERY, (Rule.SIGN,)),
        ((Rule.SIGN,), EVERY),
        ((Rule.RANDOM, Rule.MAX), (Rule.SIGN, Rule.RANDOM)),
    ],
)
def test_it_goes_on_from_a_sweep_along_more_or_fewer_rules(
    done: int, had: tuple[Rule, ...], asked: tuple[Rule, ...]
) -> None:
    model, batch = tiny_cnn(), random_batch(10)
    before = next(one for one in stream_sweep(model, batch, had, **WAYS) if one.done >= done)
    shown = list(stream_rest(model, batch, asked, before, **WAYS))
    for one in shown:
        assert [curve.rule for curve in one.curves] == list(asked)
        assert one.planned == 10
    assert_same(shown[-1], sweep(model, batch, asked, **WAYS))


def test_it_asks_only_for_what_is_lacking() -> None:
    model, batch = tiny_cnn(), random_batch(10)
    before = next(iter(stream_sweep(model, batch, EVERY, **WAYS)))
    with counted_calls(model) as calls:
        *_, last = stream_rest(model, batch, EVERY[:2], before, **WAYS)
    assert calls["backward"] == 2, "of six images, four at a time"
    assert last.backwards == before.backwards + 2
    whole = sweep(model, batch, EVERY, **WAYS)
    with counted_calls(model) as calls:
        (only,) = stream_rest(model, batch, EVERY[1:], whole, **WAYS)
    assert calls["backward"] == calls["forward"] == 0
    assert_same(only, replace(whole, curves=whole.curves[1:]))


def test_an_image_that_fails_under_one_of_the_rules_fails() -> None:
    model, batch = Moody(), random_batch(10)
    batch.images[:, 0, 0, 0] = torch.linspace(0, 0.95, 10)
    before = next(one for one in stream_sweep(model, batch, (Rule.RAW,), **WAYS) if one.done >= 8)
    *_, last = stream_rest(model, batch, (Rule.SIGN, Rule.RAW), before, **WAYS)
    whole = sweep(model, batch, (Rule.SIGN, Rule.RAW), **WAYS)
    assert 0 < len(whole.failed) < 10
    assert_same(last, whole)


class Blind(Moody):
    """Looks at the first value for nothing else, so that only random noise moves it."""

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        seen = images.clone()
        seen[:, :, 0, 0] = 0.0
        return torch.where(images[:, :1, 0, 0] > 0.9, torch.nan, self.inner(seen))


def test_where_all_that_was_done_fails_under_a_rule_more_it_begins_anew() -> None:
    model, batch = Blind(), random_batch(10)
    batch.images[:, 0, 0, 0] = torch.where(torch.arange(10) < 4, 0.899, 0.1)
    before = next(iter(stream_sweep(model, batch, (Rule.RAW,), **WAYS)))
    assert before.images == 4
    *_, last = stream_rest(model, batch, (Rule.RAW, Rule.RANDOM), before, **WAYS)
    whole = sweep(model, batch, (Rule.RAW, Rule.RANDOM), **WAYS)
    assert set(batch.indices[:4].tolist()) <= set(whole.failed.tolist())
    assert whole.images
    assert_same(last, whole)


def test_ssim_that_nobody_asks_for_is_left_out() -> None:
    model, batch = tiny_cnn(), random_batch(10)
    before = next(iter(stream_sweep(model, batch, EVERY, **WAYS)))
    *_, last = stream_rest(model, batch, EVERY, before, precision="float32", batch_size=4)
    assert all(curve.ssim is None and curve.rounded is None for curve in last.curves)
    assert of_each_image(last)


def test_merging_other_images_or_networks_is_refused() -> None:
    a, b = (condensed(sweep(tiny_cnn(), random_batch(n), ["sign"], [0.1])) for n in (6, 7))
    with pytest.raises(BadValueError, match="same images"):
        merged(a, b)
    with pytest.raises(BadValueError, match="one network"):
        merged(a, replace(a, weights_sha256="other"))
    both = merged(a, condensed(sweep(tiny_cnn(), random_batch(6), ["raw", "sign"], [-0.1, 0.1])))
    assert [(str(c.rule), c.epsilons.tolist()) for c in both.curves] == [("sign", [-0.1, 0.1]), ("raw", [-0.1, 0.1])]
    assert both.backwards == 2


def test_appending_the_same_images_or_what_does_not_fit_is_refused() -> None:
    model, batch = tiny_cnn(), random_batch(10)
    a, b = (sweep(model, batch.part(rows), ["sign"], [0.1]) for rows in (slice(6), slice(6, 10)))
    assert appended(a, b).images == 10
    with pytest.raises(BadValueError, match="different images, got 6 that both have"):
        appended(a, a)
    with pytest.raises(BadValueError, match="one network"):
        appended(a, replace(b, weights_sha256="other"))
    with pytest.raises(BadValueError, match="same rules and epsilons"):
        appended(a, sweep(model, batch.part(slice(6, 10)), ["sign"], [0.2]))
    with pytest.raises(BadValueError, match="condensed"):
        appended(a, condensed(b))
