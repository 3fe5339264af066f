"""Rules at equal change: on each image every step is as long as that of the rule that sets it."""

import numpy as np
import pytest
import torch
from helpers import counted_calls, random_batch, tiny_cnn

from gradlab.errors import BadValueError, UnknownNameError
from gradlab.experiments.sweep import stream_sweep, sweep
from gradlab.report.archive import dumps, loads
from gradlab.steps.epsilon import default_grid
from gradlab.steps.gradient import loss_gradient
from gradlab.steps.perturb import direction
from gradlab.types import EqualTo, Rule

STEPS = (-3.3, -0.05, 0.0, 0.01, 0.2, 30.5)
BATCH = random_batch(7)


@pytest.mark.parametrize("measure", ["l2", "linf"])
@pytest.mark.parametrize("reference", [Rule.RAW, Rule.MAX])
def test_every_direction_that_can_changes_each_image_as_much(measure: str, reference: Rule) -> None:
    model = tiny_cnn()
    result = sweep(model, BATCH, list(Rule), STEPS, equal_to=f"{measure}:{reference}", batch_size=3)
    assert result.curves[0].rule == reference
    assert len(result.curves) == len(Rule)
    own = sweep(model, BATCH, [reference], STEPS, batch_size=3).curves[0]
    np.testing.assert_array_equal(result.curves[0].predictions, own.predictions)
    np.testing.assert_array_equal(result.curves[0].l2, own.l2)
    wanted = getattr(own, measure)
    for curve in result.curves[1:]:
        assert curve.equal_to == EqualTo(measure, reference)
        assert curve.steps_of == reference
        assert tuple(curve.epsilons) == STEPS
        found = getattr(curve, measure)
        if curve.rule != Rule.RANDOM:  # whose room is another
            assert found == pytest.approx(wanted, rel=1e-4, abs=1e-6), curve.rule
        assert (found <= wanted * (1 + 1e-4) + 1e-6).all()
        if measure == "l2":
            moved = np.isclose(found, wanted, rtol=1e-4) & (wanted > 0)
            assert curve.psnr[moved] == pytest.approx(own.psnr[moved], abs=1e-2)


def test_the_gradient_s_own_rules_are_one_step_at_equal_change() -> None:
    result = sweep(tiny_cnn(), BATCH, ("raw", "l2", "max"), STEPS, equal_to="l2")
    raw, *others = result.curves
    for curve in others:
        np.testing.assert_array_equal(curve.predictions, raw.predictions)
        assert curve.probability == pytest.approx(raw.probability, abs=1e-4)


def test_the_step_is_that_of_the_rule_scaled_on_each_image() -> None:
    model = tiny_cnn()
    result = sweep(model, BATCH, ("sign",), (0.2,), equal_to="l2")
    gradient = loss_gradient(model, BATCH.images, BATCH.labels)
    raw = (BATCH.images + 0.2 * gradient).clamp(0, 1)
    along = direction(gradient, "sign")
    for n, image in enumerate(BATCH.images):
        wanted = (raw[n] - image).norm()
        low, high = 0.0, 1.0
        for _ in range(60):  # by bisection, which knows nothing of how it is solved
            middle = (low + high) / 2
            short = ((image + middle * along[n]).clamp(0, 1) - image).norm() < wanted
            low, high = (middle, high) if short else (low, middle)
        moved = (image + low * along[n]).clamp(0, 1)
        with torch.no_grad():
            says = model(moved[None]).softmax(1)[0]
        assert result.curve(Rule.SIGN).predictions[0, n] == says.argmax()
        assert result.curve(Rule.SIGN).probability[0, n] == pytest.approx(float(says[BATCH.labels[n]]), abs=1e-4)


def test_rounding_and_no_second_gradient() -> None:
    model = tiny_cnn()
    with counted_calls(model) as calls:
        result = sweep(model, BATCH, ("sign", "random"), STEPS, equal_to="l2", eight_bit=True, ssim=True, batch_size=4)
    assert calls["backward"] == result.backwards == 2
    sign = result.curve(Rule.SIGN)
    assert sign.rounded is not None
    assert sign.ssim is not None
    # The smallest step of all moves no value by half a level.
    small = STEPS.index(0.01)
    still = sign.linf[small] < 0.49 / 255
    assert still.any()
    np.testing.assert_array_equal(sign.rounded[small][still], result.clean_predictions[still])


def test_without_epsilons_they_are_those_of_the_rule_that_sets_the_change() -> None:
    result = sweep(tiny_cnn(), BATCH, ("sign",), equal_to="linf")
    assert [tuple(curve.epsilons) for curve in result.curves] == [default_grid(Rule.RAW)] * 2


def test_it_comes_back_from_a_file() -> None:
    result = sweep(tiny_cnn(), BATCH, ("sign",), STEPS, equal_to="linf")
    again = loads(dumps(result))
    assert [curve.equal_to for curve in again.curves] == [None, EqualTo("linf", Rule.RAW)]
    assert dumps(again) == dumps(result)


def test_what_cannot_be_is_refused_at_once() -> None:
    with pytest.raises(UnknownNameError, match="measure of equal change 'ssim'"):
        stream_sweep(tiny_cnn(), BATCH, equal_to="ssim")
    with pytest.raises(UnknownNameError, match="'rwa'"):
        stream_sweep(tiny_cnn(), BATCH, equal_to="l2:rwa")
    with pytest.raises(BadValueError, match="one list of epsilons, those of raw, for all rules"):
        stream_sweep(tiny_cnn(), BATCH, epsilons={"sign": [0.1]}, equal_to="l2")
