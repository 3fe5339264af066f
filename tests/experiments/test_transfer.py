"""Transfer: what it costs, what it streams, and on linear networks the answer as a formula."""

import math
from dataclasses import fields

import numpy as np
import pytest
import torch
from helpers import CLASSES, SHAPE, CountedLock, Linear, counted_calls, grey_images, random_batch, tiny_cnn
from torch import Tensor, nn

from gradlab.errors import BadValueError, UnknownNameError
from gradlab.experiments.sweep import sweep
from gradlab.experiments.transfer import stream_transfer, transfer
from gradlab.measures import METRICS
from gradlab.steps.perturb import perturb
from gradlab.types import Batch, LabelSource, Rule, TransferResult

PIXELS = math.prod(SHAPE)


def linear(*rows: Tensor, bias: tuple[float, ...] | None = None) -> Linear:
    """logits = rows · x + bias, in float32."""
    model = Linear(len(rows)).float()
    with torch.no_grad():
        model.weight.copy_(torch.stack(rows))
        model.bias.copy_(torch.tensor(bias or (0.0,) * len(rows)))
    return model


def arrays(result: TransferResult) -> dict[str, np.ndarray]:
    columns = {field.name: getattr(result, field.name) for field in fields(result)}
    return {name: np.array(value) for name, value in columns.items() if isinstance(value, np.ndarray)}


# What it costs


@pytest.mark.parametrize("count", [1, 2, 3])
def test_one_backward_a_network_and_one_forward_a_pair_for_each_batch(count: int) -> None:
    models = {f"cnn {n}": tiny_cnn(n) for n in range(count)}
    counters = [counted_calls(model) for model in models.values()]
    calls = [counter.__enter__() for counter in counters]
    result = transfer(models, random_batch(5), "sign", 0.1, batch_size=2)
    for counter in counters:
        counter.__exit__(None, None, None)
    assert [one["backward"] for one in calls] == [3] * count
    assert [one["forward"] for one in calls] == [3 * (1 + count)] * count, "one of them is the gradient's own"
    assert result.backwards == 3 * count


def test_with_epsilon_0_nothing_is_asked_twice() -> None:
    model = tiny_cnn()
    with counted_calls(model) as calls:
        result = transfer({"a": model, "b": tiny_cnn(1)}, random_batch(5), "raw", 0)
    assert calls == {"forward": 1, "backward": 1}
    for row in result.predictions:
        np.testing.assert_array_equal(row, result.clean_predictions)
    assert np.isinf(result.psnr).all()
    assert result.level("psnr").tolist() == [math.inf, math.inf]


def test_who_stops_asking_stops_the_work() -> None:
    model = tiny_cnn()
    with counted_calls(model) as calls:
        stream = stream_transfer({"a": model}, random_batch(6), "sign", 0.1, batch_size=2)
        assert calls["forward"] == 0
        next(stream)
        stream.close()
    assert calls == {"forward": 2, "backward": 1}


def test_the_lock_is_held_for_every_pass_and_free_between_them() -> None:
    lock, models = CountedLock(), {"a": tiny_cnn(), "b": tiny_cnn(1)}
    held = []
    for model in models.values():
        model.register_forward_hook(lambda *_: held.append(lock.depth))
    for _ in stream_transfer(models, random_batch(5), "sign", 0.1, lock=lock):
        assert lock.depth == 0
    assert set(held) == {1}
    assert lock.turns == 2 + 4  # the gradients, the pairs


# What it streams


def test_results_grow_batch_by_batch_and_stay_as_they_were() -> None:
    models, batch = {"a": tiny_cnn(), "b": tiny_cnn(1)}, random_batch(5)
    seen = []
    for result in stream_transfer(models, batch, "l2", 0.7, batch_size=2):
        seen.append((result, arrays(result)))
        assert (result.planned, result.done) == (5, result.images)
        assert result.complete == (result.images == 5)
    assert [result.images for result, _ in seen] == [2, 4, 5]
    for result, copies in seen:
        for name, array in arrays(result).items():
            np.testing.assert_array_equal(array, copies[name], name)
            np.testing.assert_array_equal(array, seen[-1][1][name][..., : array.shape[-1]], name)
    at_once = transfer(models, batch, "l2", 0.7)
    np.testing.assert_array_equal(at_once.predictions, seen[-1][0].predictions)
    np.testing.assert_allclose(at_once.l2, seen[-1][0].l2, rtol=1e-5)


def test_what_is_known_is_carried() -> None:
    batch = random_batch(4)
    result = transfer({"a": tiny_cnn(), "b": tiny_cnn(1)}, batch, "random", -0.1, labels="target:bee", seed=3)
    assert (result.dataset, result.split, result.source, result.classes) == ("zoo", "test", "sample", CLASSES)
    assert (result.models, result.rule, result.epsilon, result.seed) == (("a", "b"), Rule.RANDOM, -0.1, 3)
    assert (str(result.label_source), result.draw_seed) == ("target:bee", None)
    np.testing.assert_array_equal(result.indices, batch.indices)
    np.testing.assert_array_equal(result.labels, batch.labels)
    assert result.device.startswith("CPU (")


# What it says


@pytest.mark.parametrize("rule", list(Rule))
@pytest.mark.parametrize("labels", ["true", "predicted", "target:cow"])
def test_it_is_a_plain_loop_over_perturb(rule: Rule, labels: str) -> None:
    """With `predicted`, the label is what the source predicts, whatever the target does."""
    models, batch = {"a": tiny_cnn(), "b": tiny_cnn(1), "c": tiny_cnn(2)}, random_batch(12)
    result = transfer(models, batch, rule, 0.3, labels=labels, seed=5, batch_size=5)
    for s, source in enumerate(models.values()):
        clean = source(batch.images).argmax(1)
        np.testing.assert_array_equal(result.clean_predictions[s], clean.numpy())
        used = {"true": batch.labels, "predicted": clean}.get(labels, torch.full_like(clean, CLASSES.index("cow")))
        moved = perturb(source, batch.images, used, 0.3, rule, seed=5, indices=batch.indices)
        for t, target in enumerate(models.values()):
            np.testing.assert_array_equal(result.predictions[s, t], target(moved).argmax(1).numpy())
            assert result.correct[s, t] == int((target(moved).argmax(1) == batch.labels).sum())
        for name in ("l2", "linf", "psnr"):
            expected = METRICS[name].function(batch.images, moved).numpy()
            np.testing.assert_allclose(getattr(result, name)[s], expected, rtol=1e-4)
            middle = np.median if name == "psnr" else np.mean
            assert result.level(name)[s] == pytest.approx(middle(expected), rel=1e-4)
    alone = [int((model(batch.images).argmax(1) == batch.labels).sum()) for model in models.values()]
    assert result.clean_correct.tolist() == alone
    assert len({tuple(row) for row in result.predictions.reshape(9, -1).tolist()}) > 2, "or the test shows nothing"


@pytest.mark.parametrize("labels", ["true", "predicted"])
@pytest.mark.parametrize("rule", list(Rule))
def test_the_diagonal_is_the_sweep(rule: Rule, labels: str) -> None:
    models, batch = {"a": tiny_cnn(), "b": tiny_cnn(1)}, random_batch(12)
    result = transfer(models, batch, rule, -0.2, labels=labels, seed=5)
    for n, model in enumerate(models.values()):
        alone = sweep(model, batch, (rule,), (-0.2,), labels=labels, seed=5)
        np.testing.assert_array_equal(result.predictions[n, n], alone.curves[0].predictions[0])
        np.testing.assert_array_equal(result.clean_predictions[n], alone.clean_predictions)
        assert result.level("l2")[n] == pytest.approx(float(alone.curves[0].level("l2")[0]), rel=1e-5)
        assert result.level("psnr")[n] == pytest.approx(float(alone.curves[0].level("psnr")[0]), rel=1e-5)


def test_between_networks_with_the_same_weights_it_is_the_diagonal() -> None:
    result = transfer({"one": tiny_cnn(), "again": tiny_cnn()}, random_batch(12), "sign", 0.1)
    assert result.correct.tolist() == [[result.correct[0, 0]] * 2] * 2
    assert result.correct[0, 0] < result.clean_correct[0]


def test_a_network_that_looks_elsewhere_is_not_harmed() -> None:
    """Weights on the first half of the values against weights on the second: orthogonal, to the last bit."""
    chance, batch = torch.Generator().manual_seed(0), random_batch(40)
    rows = torch.randn(len(CLASSES), PIXELS, generator=chance)
    first = torch.arange(PIXELS) < PIXELS // 2
    models = {"a": linear(*rows.where(first, 0.0)), "b": linear(*rows.where(~first, 0.0))}
    result = transfer(models, batch, "l2", 1.5)
    for n, other in ((0, 1), (1, 0)):
        np.testing.assert_array_equal(result.predictions[n, other], result.clean_predictions[other])
        assert result.correct[n, n] < result.clean_correct[n]


@pytest.mark.parametrize("epsilon", [-0.6, 0.25, 0.6, 1.2])
@pytest.mark.parametrize("cosine", [-1.0, -0.4, 0.0, 0.3, 0.8, 1.0])
def test_between_linear_networks_the_cosine_of_their_weights_is_transferred(epsilon: float, cosine: float) -> None:
    """Class 1 where w · (x − ½) > 0. Along w / ‖w‖, x gets nearer to the border of v by epsilon · cosine."""
    even = torch.full((PIXELS,), PIXELS**-0.5)
    odd = even * (1 - 2 * (torch.arange(PIXELS) % 2))  # as long, and orthogonal to it
    w, v = even, cosine * even + (1 - cosine**2) ** 0.5 * odd
    distances = torch.linspace(-1.013, 1.017, 30)  # to the border of v; nothing is clipped, and nothing hits the border
    images = grey_images(30) + (distances[:, None] * v).reshape(30, *SHAPE)
    batch = Batch(images, (distances > 0).long(), torch.arange(30), CLASSES[:2], "zoo", "test", "sample")
    models = {"w": linear(0 * w, 3 * w, bias=(1.5 * float(w.sum()), 0.0)),
              "v": linear(0 * v, 5 * v, bias=(2.5 * float(v.sum()), 0.0))}  # fmt: skip
    result = transfer(models, batch, "l2", epsilon)
    assert result.clean_correct[1] == 30
    right = result.predictions[0, 1] == result.labels
    assert right.tolist() == (distances.abs() > epsilon * cosine).tolist()
    assert result.level("l2") == pytest.approx([abs(epsilon)] * 2, rel=1e-4)


# What goes wrong on the way


class Moody(nn.Module):
    """NaN for images whose first value is above 0.9."""

    def forward(self, images: Tensor) -> Tensor:
        return images.flatten(1)[:, :3].masked_fill((images[:, 0, 0, 0] > 0.9)[:, None], math.nan)


def test_images_that_any_network_gives_nan_for_are_left_out_and_named() -> None:
    batch = random_batch(6)
    batch.images[:, 0, 0, 0] = torch.tensor([0, 1, 0, 0.85, 0.5, 0.95])
    batch.labels[:] = 2
    # Image 3 is fine as it is; climbing away from class 2 makes its first value too bright.
    models = {"fine": tiny_cnn(), "moody": Moody()}
    results = [*stream_transfer(models, batch, "sign", 0.2, batch_size=2)]
    assert [(r.images, len(r.failed)) for r in results] == [(1, 1), (2, 2), (3, 3)]
    assert results[-1].complete
    assert results[-1].failed.tolist() == batch.indices[[1, 3, 5]].tolist()
    assert results[-1].indices.tolist() == batch.indices[[0, 2, 4]].tolist()
    batch.images[:, 0, 0, 0] = 1
    with pytest.raises(BadValueError, match="^expected logits, got NaN or infinity for each of the 6 images$"):
        transfer(models, batch, "sign", 0.2)


def test_a_size_that_there_is_not() -> None:
    with pytest.raises(BadValueError, match="^expected one of l2, linf, psnr, got 'ssim'$"):
        transfer({"a": tiny_cnn()}, random_batch(1), "sign", 0.1).level("ssim")


@pytest.mark.parametrize(
    ("models", "options", "message"),
    [
        ((), {}, "^expected one or more models on one device, got no model$"),
        (("a",), {"epsilon": math.nan}, "^epsilon nan: expected a finite number"),
        (("a",), {"batch_size": 0}, "^expected a batch size of at least 1, got 0$"),
    ],
)
def test_nonsense_is_refused(models: tuple[str, ...], options: dict[str, float], message: str) -> None:
    with pytest.raises(BadValueError, match=message):
        stream_transfer({name: tiny_cnn() for name in models}, random_batch(2), "sign", **{"epsilon": 0.1} | options)


def test_models_on_several_devices_are_refused() -> None:
    models = {"here": tiny_cnn(), "nowhere": tiny_cnn().to("meta")}
    with pytest.raises(BadValueError, match="^expected one or more models on one device, got cpu, meta$"):
        stream_transfer(models, random_batch(2), "sign", 0.1)


def test_unknown_names_and_no_images_are_refused() -> None:
    with pytest.raises(UnknownNameError, match="^unknown rule 'fgsm'"):
        transfer({"a": tiny_cnn()}, random_batch(1), "fgsm", 0.1)
    with pytest.raises(UnknownNameError, match="^unknown target class 'dog'"):
        transfer({"a": tiny_cnn()}, random_batch(1), "sign", 0.1, labels=LabelSource.parse("target:dog"))
    with pytest.raises(BadValueError, match="^expected at least one image to transfer, got none$"):
        transfer({"a": tiny_cnn()}, random_batch(0), "sign", 0.1)
