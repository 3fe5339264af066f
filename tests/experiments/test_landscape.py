"""The loss along a line and over a plane, against formulas: a linear model's loss is a softmax of straight lines."""

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from helpers import Linear, counted_calls, grey_images, random_batch, random_images, tiny_cnn
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from gradlab.errors import BadValueError, UnknownNameError
from gradlab.experiments.landscape import CELLS, POINTS, across_direction, loss_line, loss_plane, stream_loss_plane
from gradlab.steps.gradient import loss_gradient
from gradlab.steps.perturb import direction, step
from gradlab.types import Batch, Rule

each_rule = pytest.mark.parametrize("rule", list(Rule))


def grey_batch() -> Batch:
    """One float64 image that no step of the tests leads out of [0, 1]."""
    return replace(random_batch(1), images=grey_images(1, torch.float64))


def made_of(model: nn.Module, batch: Batch, rule: Rule) -> tuple[Tensor, Tensor]:
    """The gradient and the direction, by hand."""
    gradient = loss_gradient(model, batch.images, batch.labels)
    return gradient, direction(gradient, rule, indices=batch.indices)


def formula(model: Linear, batch: Batch, *ways: tuple[np.ndarray, Tensor]) -> tuple[np.ndarray, np.ndarray]:
    """Loss and class at image + Σ size · way, straight from W and b."""
    logits = model(batch.images)[0].detach().numpy()
    for sizes, way in ways:
        logits = logits + sizes[..., None] * (way.flatten() @ model.weight.T).detach().numpy()
    loss = np.log(np.exp(logits).sum(-1)) - logits[..., int(batch.labels)]
    return loss, logits.argmax(-1)


# Along the line


@each_rule
def test_a_linear_models_line_is_the_formula(rule: Rule) -> None:
    model, batch = Linear(), grey_batch()
    gradient, d = made_of(model, batch, rule)
    line = loss_line(model, batch, rule, 0.3 / float(d.abs().max()), points=21)
    loss, classes = formula(model, batch, (line.epsilons, d))
    np.testing.assert_allclose(line.loss, loss, rtol=1e-9, atol=1e-12)
    np.testing.assert_array_equal(line.predictions, classes)
    assert line.slope == pytest.approx(float((gradient * d).sum()), rel=1e-12)
    assert (line.rule, line.label) == (rule, int(batch.labels))


def test_the_straight_line_is_the_tangent() -> None:
    model, batch = Linear(), grey_batch()
    line = loss_line(model, batch, "l2", 1e-4, points=5)
    np.testing.assert_allclose(line.straight, line.loss, rtol=1e-6)
    far = loss_line(model, batch, "l2", 2.0, points=5)
    assert (far.loss > far.straight)[[0, 1, 3, 4]].all(), "the loss of a linear model is convex"
    assert far.straight[far.middle] == far.loss[far.middle]


def test_two_classes_follow_the_softplus_of_their_margin() -> None:
    model, batch = Linear(classes=2), replace(grey_batch(), labels=torch.tensor([1]), classes=("ant", "bee"))
    line = loss_line(model, batch, "l2", 0.4, points=9)
    ahead = (model.weight[0] - model.weight[1]).detach()
    first, second = model(batch.images)[0].tolist()
    margin = first - second + line.epsilons * float(ahead.norm())
    np.testing.assert_allclose(line.loss, np.logaddexp(0, margin), rtol=1e-9)
    np.testing.assert_array_equal(line.predictions, (margin < 0).astype(int))


def test_the_grid_is_even_and_has_0_in_its_middle() -> None:
    line = loss_line(tiny_cnn(), random_batch(1), "sign", 48 / 255)
    assert len(line.epsilons) == POINTS
    assert line.epsilons[line.middle] == 0.0
    assert line.epsilons[-1] == -line.epsilons[0] == 48 / 255
    np.testing.assert_allclose(np.diff(line.epsilons), 48 / 255 / 100)


@each_rule
def test_each_point_is_the_step_taken_by_hand_and_clipped(rule: Rule) -> None:
    model, batch = tiny_cnn(), random_batch(1)
    _, d = made_of(model, batch, rule)
    line = loss_line(model, batch, rule, 2.0, points=7, chunk=3)
    for epsilon, loss, said in zip(line.epsilons, line.loss, line.predictions, strict=True):
        logits = model(step(batch.images, d, float(epsilon))).detach()
        assert loss == pytest.approx(cross_entropy(logits, batch.labels).item(), rel=1e-4, abs=1e-6)
        assert said == logits.argmax()


def test_a_confident_networks_loss_is_not_rounded_to_0() -> None:
    model, batch = Linear(), replace(grey_batch(), labels=torch.tensor([0]))
    with torch.no_grad():
        model.weight.zero_()
        model.bias.copy_(torch.tensor([30.0, 0.0, 0.0]))
    line = loss_line(model.float(), replace(batch, images=grey_images(1)), "random", 0.1, points=3)
    assert line.loss == pytest.approx([2 * math.exp(-30)] * 3, rel=1e-2, abs=0)


def test_the_label_of_the_loss() -> None:
    model, batch = tiny_cnn(), random_batch(1)
    said = int(model(batch.images).argmax())
    batch.labels[0] = (said + 1) % 3
    line = loss_line(model, batch, "sign", 0.1, labels="predicted", points=3)
    assert (line.label, line.predictions[1]) == (said, said)
    assert loss_line(model, batch, "sign", 0.1, points=3).label == (said + 1) % 3
    target = loss_plane(model, batch, "sign", 0.1, labels="target:cow", cells=3)
    assert target.label == 2
    assert target.loss[1, 1] == pytest.approx(cross_entropy(model(batch.images), torch.tensor([2])).item(), rel=1e-5)


# Over the plane


@each_rule
def test_a_linear_models_plane_is_the_formula(rule: Rule) -> None:
    model, batch = Linear(), grey_batch()
    gradient, d = made_of(model, batch, rule)
    r = across_direction(d, 5, int(batch.indices))
    reach = 0.45 / float(d.abs().max() + r.abs().max())
    plane = loss_plane(model, batch, rule, reach, across=5, cells=9)
    etas, epsilons = np.meshgrid(plane.epsilons, plane.epsilons, indexing="ij")
    loss, classes = formula(model, batch, (epsilons, d), (etas, r))
    np.testing.assert_allclose(plane.loss, loss, rtol=1e-9, atol=1e-12)
    np.testing.assert_array_equal(plane.predictions, classes)
    assert plane.slope == pytest.approx(float((gradient * d).sum()), rel=1e-12)
    assert plane.slope_across == pytest.approx(float((gradient * r).sum()), rel=1e-9, abs=1e-12)
    assert (plane.rule, plane.label, plane.across) == (rule, int(batch.labels), 5)


def test_the_corners_are_those_taken_by_hand_and_clipped() -> None:
    model, batch = tiny_cnn(), random_batch(1)
    _, d = made_of(model, batch, Rule.SIGN)
    r = across_direction(d, 0, int(batch.indices))
    plane = loss_plane(model, batch, "sign", 0.6, cells=5)
    for row, eta in ((0, -0.6), (4, 0.6)):
        for column, epsilon in ((0, -0.6), (4, 0.6)):
            image = (batch.images + epsilon * d + eta * r).clamp(0, 1)
            expected = cross_entropy(model(image), batch.labels).item()
            assert plane.loss[row, column] == pytest.approx(expected, rel=1e-4, abs=1e-6), (row, column)


def test_the_row_without_r_is_the_line_and_its_middle_the_clean_image() -> None:
    model, batch = tiny_cnn(), random_batch(1)
    plane, line = loss_plane(model, batch, "raw", 0.5), loss_line(model, batch, "raw", 0.5)
    np.testing.assert_allclose(plane.epsilons, line.epsilons[::5], rtol=1e-15)
    np.testing.assert_allclose(plane.loss[plane.middle], line.loss[::5], rtol=1e-4)
    np.testing.assert_array_equal(plane.predictions[plane.middle], line.predictions[::5])
    clean = cross_entropy(model(batch.images), batch.labels).item()
    assert plane.loss[plane.middle, plane.middle] == pytest.approx(clean, rel=1e-5)


@pytest.mark.parametrize("chunk", [1, 7, 10_000])
def test_chunks_change_nothing(chunk: int) -> None:
    model, batch = Linear(), grey_batch()
    expected, plane = (loss_plane(model, batch, "sign", 0.2, cells=11, chunk=c) for c in (16, chunk))
    np.testing.assert_allclose(plane.loss, expected.loss, rtol=1e-12)
    np.testing.assert_array_equal(plane.predictions, expected.predictions)
    lines = [loss_line(model, batch, "sign", 0.2, points=11, chunk=c) for c in (4, chunk)]
    np.testing.assert_allclose(lines[1].loss, lines[0].loss, rtol=1e-12)


def test_it_comes_coarse_to_fine_and_no_cell_is_asked_about_twice() -> None:
    asked = 0

    def count(module: nn.Module, inputs: tuple[Tensor], output: Tensor) -> None:
        nonlocal asked
        asked += len(inputs[0])

    model = tiny_cnn()
    model.register_forward_hook(count)
    planes = list(stream_loss_plane(model, random_batch(1), "sign", 0.2, chunk=100_000))
    assert [plane.done for plane in planes] == [11**2, 21**2, CELLS**2]
    assert asked == 1 + CELLS**2, "one for the gradient"
    assert [plane.complete for plane in planes] == [False, False, True]
    for plane, stride in zip(planes, (4, 2, 1), strict=True):
        there = np.zeros((CELLS, CELLS), np.bool_)
        there[::stride, ::stride] = True
        np.testing.assert_array_equal(plane.computed, there)


def test_what_is_not_computed_is_nan_and_a_snapshot_stays_as_it_was() -> None:
    stream = stream_loss_plane(tiny_cnn(), random_batch(1), "sign", 0.2, cells=9, chunk=5)
    first = next(stream)
    before = first.loss.copy()
    last = list(stream)[-1]
    np.testing.assert_array_equal(first.loss, before)
    np.testing.assert_array_equal(np.isnan(first.loss), ~first.computed)
    np.testing.assert_array_equal(first.predictions < 0, ~first.computed)
    np.testing.assert_array_equal(first.loss[first.computed], last.loss[first.computed])
    assert first.done == 5
    assert first.computed[4, 4], "from the middle outwards"
    assert not np.isnan(last.loss).any()


def test_the_lock_is_held_while_the_model_runs_and_only_then() -> None:
    held: list[bool] = []

    class Lock:
        taken = False

        def __enter__(self) -> None:
            assert not self.taken
            self.taken = True

        def __exit__(self, *error: object) -> None:
            self.taken = False

    model, lock = tiny_cnn(), Lock()
    model.register_forward_hook(lambda *call: held.append(lock.taken))
    for _ in stream_loss_plane(model, random_batch(1), "sign", 0.1, cells=5, chunk=4, lock=lock):
        assert not lock.taken
    loss_line(model, random_batch(1), "sign", 0.1, points=5, chunk=2, lock=lock)
    assert not lock.taken
    assert held == [True] * (1 + 1 + 2 + 4 + 1 + 3)


def test_one_backward_in_eval_mode_and_the_model_is_left_as_it_came() -> None:
    model, batch = tiny_cnn(), random_batch(1)
    expected = loss_plane(model, batch, "sign", 0.1, cells=5)
    model.train()
    with counted_calls(model) as calls:
        plane = loss_plane(model, batch, "sign", 0.1, cells=5)
        loss_line(model, batch, "sign", 0.1, points=5)
    np.testing.assert_array_equal(plane.loss, expected.loss)
    assert calls["backward"] == 2
    assert all(module.training for module in model.modules())


# The random direction


@each_rule
def test_r_is_as_long_as_d_and_at_right_angles_to_it(rule: Rule) -> None:
    _, d = made_of(tiny_cnn(), random_batch(1), rule)
    r = across_direction(d, 3, 7)
    assert float(r.norm()) == pytest.approx(float(d.norm()), rel=1e-6)
    assert float((r * d).sum() / d.norm() ** 2) == pytest.approx(0, abs=1e-6)


def test_r_is_seeded_by_the_seed_and_the_image() -> None:
    d = random_images(1, 9) - 0.5
    again, seeded, placed = (across_direction(d, *which) for which in ((0, 0), (1, 0), (0, 1)))
    torch.testing.assert_close(across_direction(d, 0, 0), again, rtol=0, atol=0)
    assert not torch.allclose(seeded, again)
    assert not torch.allclose(placed, again)


def test_r_is_other_noise_than_that_of_the_rule_random() -> None:
    d = direction(torch.ones(1, 3, 32, 32), Rule.RANDOM)
    r = across_direction(d, 0)
    assert float((r * d).mean()) == pytest.approx(0, abs=1e-6)
    assert float(r.abs().max()) < 1.1, "±1 but for a few percent"
    assert float(r.abs().min()) > 0.9


def test_r_of_a_tiny_gradient_is_as_tiny_and_of_none_is_none() -> None:
    tiny = torch.full((1, 3, 8, 8), 1e-25)
    assert float(across_direction(tiny, 0).abs().mean()) == pytest.approx(1e-25, rel=0.05)
    assert across_direction(torch.zeros(1, 3, 8, 8), 0).eq(0).all()
    for value in (1.0, 0.3):
        single = torch.full((1, 1, 1, 1), value)
        assert across_direction(single, 0).eq(0).all(), "one value leaves no other direction"


# What goes wrong


class Broken(nn.Module):
    """NaN as soon as the first value has moved up."""

    def forward(self, images: Tensor) -> Tensor:
        logits = images.flatten(1)[:, :3] * 1.0
        return torch.where(images[:, :1, 0, 0] > 0.55, torch.nan, logits)


def test_what_is_no_number_is_told_from_what_is_not_computed() -> None:
    line = loss_line(Broken(), replace(grey_batch(), images=grey_images(1)), "random", 0.1, points=5)
    wrong = np.isnan(line.loss)
    assert wrong.sum() == 1
    np.testing.assert_array_equal(line.predictions < 0, wrong)
    plane = loss_plane(Broken(), replace(grey_batch(), images=grey_images(1)), "random", 0.1, cells=5)
    assert plane.complete
    assert np.isnan(plane.loss).any()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"reach": 0.0}, "^expected a reach above 0, got 0"),
        ({"reach": -0.1}, "^expected a reach above 0, got -0.1$"),
        ({"reach": math.nan}, "^epsilon nan: expected a finite number"),
        ({"reach": math.inf}, "^epsilon inf: expected a finite number"),
        ({"size": 4}, "^expected an odd number of points, 3 or more, got 4$"),
        ({"size": 1}, "^expected an odd number of points, 3 or more, got 1$"),
        ({"chunk": 0}, "^expected a chunk of at least 1 image, got 0$"),
    ],
)
def test_what_is_refused(options: dict[str, Any], message: str) -> None:
    size, given = options.get("size", 3), {"reach": 0.1, **options}
    given.pop("size", None)
    for run, name in ((loss_line, "points"), (stream_loss_plane, "cells")):
        with pytest.raises(BadValueError, match=message):
            run(tiny_cnn(), random_batch(1), "sign", **given, **{name: size})  # type: ignore[operator]


def test_what_else_is_refused() -> None:
    model, one = tiny_cnn(), random_batch(1)
    for run in (loss_line, stream_loss_plane):
        with pytest.raises(BadValueError, match="^expected one image, got 2$"):
            run(model, random_batch(2), "sign", 0.1)
        with pytest.raises(UnknownNameError, match="^unknown rule 'l3'"):
            run(model, one, "l3", 0.1)
        with pytest.raises(UnknownNameError, match="^unknown target class 'dog'"):
            run(model, one, "sign", 0.1, labels="target:dog")
    with pytest.raises(BadValueError, match="^expected the seed of the random direction to be 0 or more, got -1$"):
        stream_loss_plane(model, one, "sign", 0.1, across=-1)
