"""One image looked at closely, against the same steps taken by hand."""

import math

import numpy as np
import pytest
import torch
from helpers import counted_calls, random_batch, tiny_cnn
from torch.nn.functional import cross_entropy

from gradlab.errors import BadValueError, UnknownNameError
from gradlab.experiments.explore import epsilon_for_l2, explore, stream_track, track
from gradlab.measures import available
from gradlab.steps.epsilon import default_grid
from gradlab.steps.gradient import loss_gradient
from gradlab.steps.line import line_through
from gradlab.steps.perturb import perturb, to_eight_bit
from gradlab.types import Rule


@pytest.mark.parametrize("rule", list(Rule))
@pytest.mark.parametrize("epsilon", [0.03, -0.03])
def test_it_is_the_steps_taken_by_hand(rule: Rule, epsilon: float) -> None:
    model, batch = tiny_cnn(), random_batch(1)
    seen = explore(model, batch, rule, epsilon, seed=4)
    moved = perturb(model, batch.images, batch.labels, epsilon, rule, seed=4, indices=batch.indices)
    for view, image in zip(
        (seen.clean, seen.perturbed, seen.rounded), (batch.images, moved, to_eight_bit(moved)), strict=True
    ):
        np.testing.assert_array_equal(view.image, image[0].numpy())
        probabilities = model(image)[0].softmax(0).detach().numpy()
        np.testing.assert_allclose(view.probabilities, probabilities, rtol=1e-4, atol=1e-6)
        assert view.prediction == int(probabilities.argmax())
        expected = {name: float(metric.function(batch.images, image)) for name, metric in available().items()}
        assert view.measures == pytest.approx(expected, rel=0, abs=0, nan_ok=True)  # no SSIM of 8x8 pixels
        assert view.changed == pytest.approx(float((image != batch.images).double().mean()))
    assert seen.perturbed.changed > 0


def test_the_loss_and_its_gradient() -> None:
    model, batch = tiny_cnn(), random_batch(1)
    seen = explore(model, batch, "sign", 0.1)
    assert seen.label == seen.used_label == int(batch.labels)
    loss = cross_entropy(model(batch.images), batch.labels).item()
    assert seen.loss == pytest.approx(loss, rel=1e-5)
    gradient = loss_gradient(model, batch.images, batch.labels)
    assert seen.gradient_l2 == pytest.approx(float(gradient.norm()), rel=1e-5)


def test_predicted_label_is_the_models_own() -> None:
    model, batch = tiny_cnn(), random_batch(1)
    said = int(model(batch.images).argmax())
    batch.labels[0] = (said + 1) % 3
    seen = explore(model, batch, "raw", 0.1, labels="predicted")
    assert (seen.label, seen.used_label) == ((said + 1) % 3, said)
    moved = perturb(model, batch.images, torch.tensor([said]), 0.1, "raw")
    np.testing.assert_array_equal(seen.perturbed.image, moved[0].numpy())


def test_nothing_happens_at_zero() -> None:
    seen = explore(tiny_cnn(), random_batch(1), "sign", 0)
    for view in (seen.clean, seen.perturbed, seen.rounded):
        assert view.changed == 0
        unchanged = dict.fromkeys(available(), 0.0) | {"psnr": math.inf, "ssim": math.nan}  # of 8x8 pixels
        if "lpips" in unchanged:
            unchanged["lpips"] = math.nan
        assert view.measures == pytest.approx(unchanged, rel=0, abs=0, nan_ok=True)
    np.testing.assert_allclose(seen.perturbed.probabilities, seen.clean.probabilities, rtol=1e-5)


def test_a_step_below_half_a_level_does_not_survive_rounding() -> None:
    seen = explore(tiny_cnn(), random_batch(1), "sign", 0.4 / 255)
    assert seen.perturbed.changed > 0.5
    assert seen.rounded.changed == 0


def test_one_backward_in_eval_mode_and_the_model_is_left_as_it_came() -> None:
    model = tiny_cnn()
    expected = explore(model, random_batch(1), "sign", 0.1)
    model.train()
    with counted_calls(model) as calls:
        seen = explore(model, random_batch(1), "sign", 0.1)
    np.testing.assert_array_equal(seen.perturbed.probabilities, expected.perturbed.probabilities)
    assert calls == {"forward": 2, "backward": 1}
    assert all(module.training for module in model.modules())
    assert all(p.grad is None for p in model.parameters())


def test_what_is_refused() -> None:
    model, one = tiny_cnn(), random_batch(1)
    for count in (0, 2):
        with pytest.raises(BadValueError, match=f"^expected one image, got {count}$"):
            explore(model, random_batch(count), "sign", 0.1)
    with pytest.raises(BadValueError, match="^epsilon nan: expected a finite number"):
        explore(model, one, "sign", math.nan)
    with pytest.raises(UnknownNameError, match="^unknown rule 'l3': expected one of sign, raw, l2, max, random$"):
        explore(model, one, "l3", 0.1)
    with pytest.raises(
        UnknownNameError, match="^unknown label source 'none': expected one of true, predicted, target:<class>$"
    ):
        explore(model, one, "sign", 0.1, labels="none")
    one.images[0, 0, 0, 0] = -1
    with pytest.raises(BadValueError, match=r"^expected images in \[0, 1\], got values from -1 to"):
        explore(model, one, "sign", 0.1)


@pytest.mark.parametrize("rule", list(Rule))
def test_a_track_is_the_same_steps(rule: Rule) -> None:
    model, batch = tiny_cnn(), random_batch(1)
    epsilons = [-0.1, 0.0, 0.02, 0.3]
    found = track(model, batch, rule, epsilons, labels="predicted", seed=4)
    assert found.label == int(batch.labels)
    assert found.epsilons.tolist() == epsilons
    for k, epsilon in enumerate(epsilons):
        seen = explore(model, batch, rule, epsilon, labels="predicted", seed=4)
        np.testing.assert_array_equal(found.image, seen.clean.image)
        moved = np.clip(found.image + np.float32(epsilon) * found.direction, 0, 1)
        np.testing.assert_allclose(moved, seen.perturbed.image, atol=1e-7)
        np.testing.assert_allclose(found.probabilities[k], seen.perturbed.probabilities, rtol=1e-4, atol=1e-6)
        np.testing.assert_allclose(found.rounded[k], seen.rounded.probabilities, rtol=1e-4, atol=1e-6)


def test_one_gradient_serves_a_track() -> None:
    model = tiny_cnn()
    with counted_calls(model) as calls:
        track(model, random_batch(1), "sign", [-0.1, 0.0, 0.1])
    assert calls == {"forward": 3, "backward": 1}


@pytest.mark.parametrize("rule", list(Rule))
def test_a_line_that_is_known_is_not_found_again(rule: Rule) -> None:
    model, batch = tiny_cnn(), random_batch(1)
    known = line_through(model, batch, rule, "predicted")
    for epsilon in (0.0, 0.07):
        expected = explore(model, batch, rule, epsilon, labels="predicted")
        with counted_calls(model) as calls:
            seen = explore(model, batch, rule, epsilon, labels="predicted", line=known)
        assert calls["backward"] == 0
        assert seen.loss == expected.loss
        for view, other in zip(
            (seen.clean, seen.perturbed, seen.rounded),
            (expected.clean, expected.perturbed, expected.rounded),
            strict=True,
        ):
            np.testing.assert_array_equal(view.image, other.image)
            np.testing.assert_array_equal(view.probabilities, other.probabilities)
            assert view.measures == pytest.approx(other.measures, rel=0, abs=0, nan_ok=True)
    *_, along = stream_track(model, batch, rule, labels="predicted", line=known)
    expected_track = track(model, batch, rule, labels="predicted")
    for name in ("image", "direction", "epsilons", "probabilities", "rounded"):
        np.testing.assert_array_equal(getattr(along, name), getattr(expected_track, name))


@pytest.mark.parametrize("epsilons", [[0.1, 0.2], [0.1, 0.0], [0.0, 0.0], []])
def test_a_track_goes_through_zero_upwards(epsilons: list[float]) -> None:
    with pytest.raises(BadValueError, match="ascend, 0 among them"):
        track(tiny_cnn(), random_batch(1), "sign", epsilons)


def test_of_a_large_image_a_track_is_there_soon_and_gets_finer(monkeypatch: pytest.MonkeyPatch) -> None:
    model, batch = tiny_cnn(), random_batch(1)
    whole = track(model, batch, "sign")
    monkeypatch.setattr("gradlab.experiments.explore._AT_ONCE", 8 * batch.images.numel())
    asked: list[int] = []
    model.register_forward_pre_hook(lambda _, given: asked.append(len(given[0])))
    first, *later = stream_track(model, batch, "sign")
    assert max(asked) == 8, "no more images at once than there is room for"
    usual = default_grid(Rule.SIGN)
    assert first.epsilons.tolist() == [usual[k] for k in (0, 4, 9, 13, 17, 22, 26)], "from end to end, with 0"
    counts = [len(one.epsilons) for one in (first, *later)]
    assert counts == [7, 15, 23, 31, 39, 43]
    for one in (first, *later):
        assert set(one.epsilons.tolist()) <= set(whole.epsilons.tolist())
        among = np.isin(whole.epsilons, one.epsilons)
        np.testing.assert_allclose(one.probabilities, whole.probabilities[among], rtol=1e-4, atol=1e-6)
        np.testing.assert_allclose(one.rounded, whole.rounded[among], rtol=1e-4, atol=1e-6)
    given = stream_track(model, batch, "sign", [n / 255 for n in range(-9, 10)])
    assert [len(one.epsilons) for one in given] == [19], "what was asked for is there from the beginning"


# The step of a given length


@pytest.mark.parametrize("rule", list(Rule))
@pytest.mark.parametrize("l2", [0.0, 0.01, 0.5, 2.0, 5.0])
@pytest.mark.parametrize("labels", ["true", "predicted", "target:bee"])
def test_the_step_of_a_given_length_achieves_it_after_clipping(rule: Rule, l2: float, labels: str) -> None:
    """On random pixels, of which many reach 0 or 1 on the way to 2: the image is 14 values of L2 wide."""
    model, batch = tiny_cnn(), random_batch(1)
    for epsilon, side in zip(epsilon_for_l2(model, batch, rule, l2, labels=labels, seed=4), (1, -1), strict=True):
        seen = explore(model, batch, rule, epsilon, labels=labels, seed=4)
        assert seen.perturbed.measures["l2"] == pytest.approx(l2, rel=1e-4)
        assert math.copysign(1, epsilon) == side or epsilon == 0


def test_without_clipping_it_is_the_distance_over_the_directions_length() -> None:
    model, batch = tiny_cnn(), random_batch(1)
    batch.images.fill_(0.5)
    pixels = batch.images.numel()
    assert epsilon_for_l2(model, batch, "l2", 0.3) == pytest.approx((0.3, -0.3))
    assert epsilon_for_l2(model, batch, "random", 0.3) == pytest.approx((0.3 / pixels**0.5, -0.3 / pixels**0.5))
    gradient = float(loss_gradient(model, batch.images, batch.labels).norm())
    assert epsilon_for_l2(model, batch, "raw", 0.3)[0] == pytest.approx(0.3 / gradient)


def test_a_length_out_of_reach_takes_the_last_epsilon_that_moves_anything() -> None:
    model, batch = tiny_cnn(), random_batch(1)
    batch.images.fill_(0.75)
    pixels = batch.images.numel()
    up, down = epsilon_for_l2(model, batch, "random", 1_000)
    assert (up, down) == pytest.approx((0.75, -0.75))
    furthest = explore(model, batch, "random", up).perturbed.measures["l2"]
    assert furthest == pytest.approx(explore(model, batch, "random", 1.0).perturbed.measures["l2"])
    assert 0.25 * pixels**0.5 < furthest < 0.75 * pixels**0.5
    with torch.no_grad():
        model[4].weight.zero_()
    assert epsilon_for_l2(model, batch, "sign", 0.3) == (0, 0), "there is no gradient"


def test_a_length_below_0_is_refused() -> None:
    with pytest.raises(BadValueError, match="^expected an L2 distance of at least 0, got -1$"):
        epsilon_for_l2(tiny_cnn(), random_batch(1), "sign", -1)
    with pytest.raises(BadValueError, match="^expected one image, got 2$"):
        epsilon_for_l2(tiny_cnn(), random_batch(2), "sign", 1)
