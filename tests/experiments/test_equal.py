"""The epsilon that spends a given mean L2, against sweeps at that epsilon and the formula of a single image."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from helpers import Linear, counted_calls, grey_images, random_batch, tiny_cnn

import gradlab
from gradlab.errors import BadValueError, UnknownNameError
from gradlab.experiments.equal import EqualEpsilon, equal_epsilon, stream_equal_epsilon
from gradlab.experiments.explore import epsilon_for_l2
from gradlab.types import Rule


def swept_l2(rule: Rule, epsilon: float, model: torch.nn.Module, batch: gradlab.Batch, **options: object) -> float:
    (curve,) = gradlab.sweep(model, batch, [rule], [epsilon], **options).curves
    return float(curve.level("l2")[0])


@pytest.mark.parametrize("rule", list(Rule))
@pytest.mark.parametrize("side", [1, -1])
@pytest.mark.parametrize("l2", [0.01, 0.4, 4.0])
def test_a_sweep_at_that_epsilon_achieves_that_distance(rule: Rule, side: int, l2: float) -> None:
    model, batch = tiny_cnn(), random_batch(50)
    found = equal_epsilon(model, batch, rule, l2, side, labels="predicted", seed=3, batch_size=16)
    assert found.reached
    assert np.sign(found.epsilon) == side
    assert swept_l2(rule, found.epsilon, model, batch, labels="predicted", seed=3) == pytest.approx(l2, rel=1e-4)
    assert found.l2 == pytest.approx(l2, rel=2e-5)


@pytest.mark.parametrize("rule", [Rule.SIGN, Rule.RAW])
def test_of_one_image_it_is_the_exact_one(rule: Rule) -> None:
    model, batch = tiny_cnn(), random_batch(1)
    up, down = epsilon_for_l2(model, batch, rule, 3.0)
    assert equal_epsilon(model, batch, rule, 3.0, 1).epsilon == pytest.approx(up, rel=1e-4)
    assert equal_epsilon(model, batch, rule, 3.0, -1).epsilon == pytest.approx(down, rel=1e-4)


def test_without_clipping_it_is_the_length() -> None:
    batch = replace(random_batch(20), images=grey_images(20))
    assert equal_epsilon(Linear(), batch, "l2", 0.25).epsilon == pytest.approx(0.25, rel=1e-4)
    size = math.sqrt(batch.images[0].numel())
    assert equal_epsilon(Linear(), batch, "sign", 0.25 * size).epsilon == pytest.approx(0.25, rel=1e-4)


def test_it_is_what_another_rule_spent() -> None:
    model, batch = tiny_cnn(), random_batch(64)
    spent = swept_l2(Rule.RAW, 0.3, model, batch)
    found = equal_epsilon(model, batch, "sign", spent)
    assert swept_l2(Rule.SIGN, found.epsilon, model, batch) == pytest.approx(spent, rel=1e-4)


def test_what_cannot_be_reached_is_told() -> None:
    batch = random_batch(10)
    far = equal_epsilon(tiny_cnn(), batch, "sign", 1e3)
    assert far.found
    assert not far.reached
    most = torch.linalg.vector_norm(torch.maximum(batch.images, 1 - batch.images), dim=(1, 2, 3)).mean()
    assert far.l2 <= far.most <= float(most) * (1 + 1e-6)
    assert far.l2 == pytest.approx(far.most, rel=1e-5)
    assert swept_l2(Rule.SIGN, far.epsilon, tiny_cnn(), batch) == pytest.approx(far.most, rel=1e-4)


def test_nothing_is_spent_at_0_and_where_no_gradient_leads_anywhere() -> None:
    nothing = equal_epsilon(tiny_cnn(), random_batch(5), "raw", 0.0, 0)
    assert (nothing.epsilon, nothing.l2, nothing.reached) == (0.0, 0.0, True)
    flat = Linear()
    with torch.no_grad():
        flat.weight.zero_()
    still = equal_epsilon(flat, random_batch(5), "sign", 0.5)
    assert (still.epsilon, still.l2, still.most, still.reached) == (0.0, 0.0, 0.0, False)


def test_where_all_lead_out_of_the_picture_nothing_can_be_spent() -> None:
    batch = replace(random_batch(1), images=torch.ones(1, 3, 8, 8), labels=torch.tensor([0]), classes=("dark", "light"))
    falling = Linear(classes=2)
    with torch.no_grad():
        falling.weight[0] = -1.0
        falling.weight[1] = 1.0  # a brighter image is less of class 0, and it is as bright as can be
    stuck = equal_epsilon(falling, batch, "sign", 0.5)
    assert (stuck.epsilon, stuck.most, stuck.found, stuck.reached) == (0.0, 0.0, True, False)
    assert equal_epsilon(falling, batch, "sign", 0.5, -1).reached


@pytest.mark.parametrize("l2", [1e-30, 1e-9, 1e-7, 1e-5])
def test_less_than_float32_can_step_comes_to_an_end(l2: float) -> None:
    found = equal_epsilon(tiny_cnn(), random_batch(8), "sign", l2)
    assert found.found
    assert found.epsilon > 0


def test_images_that_give_no_number_are_left_out() -> None:
    class Moody(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.inner = tiny_cnn()

        def forward(self, images: torch.Tensor) -> torch.Tensor:
            logits = self.inner(images)
            return torch.where(images[:, :1, 0, 0] == 0, torch.nan, logits)

    batch = random_batch(12)
    batch.images[3, 0, 0, 0] = 0.0
    batch.images[4, 0, 0, 0] = 0.0
    rest = [n for n in range(12) if n not in (3, 4)]
    good = batch.part(rest)
    assert equal_epsilon(Moody(), batch, "raw", 0.3).epsilon == pytest.approx(
        equal_epsilon(Moody(), good, "raw", 0.3).epsilon, rel=1e-5
    )
    batch.images[:, 0, 0, 0] = 0.0
    with pytest.raises(BadValueError, match="^expected gradients, got NaN or infinity for each of the 12 images$"):
        equal_epsilon(Moody(), batch, "raw", 0.3)


def test_one_gradient_an_image_and_the_network_is_not_asked_again() -> None:
    model = tiny_cnn()
    with counted_calls(model) as calls:
        stages = list(stream_equal_epsilon(model, random_batch(40), "raw", 2.0, batch_size=10))
    assert calls["backward"] == 4
    assert calls["forward"] <= 4 + 2  # a look at whether the network gives the same twice, before it begins
    assert [stage.done for stage in stages[:4]] == [10, 20, 30, 40]
    assert all(isinstance(stage, EqualEpsilon) and not stage.found for stage in stages[:-1])
    assert stages[-1].reached
    assert len(stages) < 4 + 25, "the secant needs few steps"


def test_nonsense_is_refused() -> None:
    model, batch = tiny_cnn(), random_batch(2)
    for l2, side in ((-1.0, 1), (math.nan, 1), (math.inf, 1), (1.0, 0), (1.0, math.nan)):
        with pytest.raises(BadValueError, match="^expected an L2 distance of at least 0 and a side above or below 0"):
            equal_epsilon(model, batch, "sign", l2, side)
    with pytest.raises(BadValueError, match="^expected a batch size of at least 1, got 0$"):
        equal_epsilon(model, batch, "sign", 1.0, batch_size=0)
    with pytest.raises(UnknownNameError):
        equal_epsilon(model, batch, "signn", 1.0)
    with pytest.raises(UnknownNameError):
        equal_epsilon(model, batch, "sign", 1.0, labels="target:wolf")
