"""The engine: what it costs, what it streams, and that it says what a plain loop over `perturb` says."""

import gc
import inspect
import math
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields, replace
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from helpers import CLASSES, CountedLock, counted_calls, random_batch, random_images, tiny_cnn
from torch import nn

import gradlab
from gradlab.errors import BadValueError, GradlabError, UnknownNameError
from gradlab.experiments.sweep import stream_sweep, sweep
from gradlab.measures import METRICS
from gradlab.steps.epsilon import default_grid
from gradlab.steps.gradient import loss_gradient
from gradlab.steps.perturb import direction, perturb, to_eight_bit
from gradlab.types import LabelSource, Precision, Rule, SweepResult

GRID = (-0.1, 0.0, 0.02, 0.1)


def arrays(result: SweepResult) -> dict[str, np.ndarray]:
    """Every array in a result, copied."""
    names = ("indices", "labels", "clean_predictions", "clean_probability", "zero_gradient")
    own = {name: getattr(result, name) for name in names}
    for curve in result.curves:
        columns = {f.name: getattr(curve, f.name) for f in fields(curve)}
        own |= {f"{curve.rule} {name}": a for name, a in columns.items() if isinstance(a, np.ndarray)}
    return {name: np.array(array, copy=True) for name, array in own.items()}


def assert_same(left: dict[str, np.ndarray], right: dict[str, np.ndarray]) -> None:
    assert left.keys() == right.keys()
    for name, array in left.items():
        np.testing.assert_array_equal(array, right[name], name)


# What it costs


@contextmanager
def images_asked_about(model: nn.Module) -> Iterator[list[int]]:
    """How many images go forward, pass by pass."""
    passes: list[int] = []
    handle = model.register_forward_hook(lambda module, inputs, output: passes.append(len(output)))
    try:
        yield passes
    finally:
        handle.remove()


@pytest.mark.parametrize("rules", [("sign",), ("sign", "raw", "l2"), tuple(Rule)])
@pytest.mark.parametrize("epsilons", [(0.1,), GRID, tuple(np.linspace(-1, 1, 11))])
def test_one_backward_a_batch(rules: tuple[str, ...], epsilons: tuple[float, ...]) -> None:
    """And each image forward once for the gradient, and once for each epsilon but 0 of each rule."""
    model = tiny_cnn()
    with counted_calls(model) as calls, images_asked_about(model) as passes:
        result = sweep(model, random_batch(5), rules, epsilons, batch_size=2)
    moving = sum(epsilon != 0 for epsilon in epsilons)
    assert calls["backward"] == result.backwards == 3
    assert sum(passes) == 5 * (1 + len(rules) * moving)


def test_epsilons_are_stacked_into_few_passes() -> None:
    model = tiny_cnn()
    with images_asked_about(model) as passes:
        sweep(model, random_batch(5), ("sign",), np.linspace(0.01, 1, 120).tolist(), precision="float32")
    assert passes[:3] == [5, 255, 255]
    assert sum(passes) == 5 * 121


def test_rounding_asks_again_only_about_what_it_changes() -> None:
    """An image of n/255 stays as it is, so that epsilon 0 needs no pass; one that goes back to it needs none either."""
    model, batch = tiny_cnn(), random_batch(5)
    for epsilons, asked in ((GRID, 3), ([0.0, 0.4 / 255], 0), ([0.0, 0.1, 0.4 / 255], 1)):
        with images_asked_about(model) as passes:
            result = sweep(model, batch, ("sign",), epsilons, eight_bit=True)
        assert sum(passes) == 5 * (1 + np.count_nonzero(epsilons) + asked)
        assert result.eight_bit


def test_rounding_makes_epsilon_zero_a_pass_of_its_own_where_images_are_no_bytes() -> None:
    model = tiny_cnn()
    batch = replace(random_batch(5), images=random_images(5))
    with images_asked_about(model) as passes:
        result = sweep(model, batch, ("sign",), GRID, eight_bit=True)
    assert sum(passes) == 5 * (1 + 2 * len(GRID) - 1)
    (curve,) = result.curves
    rounded = model(to_eight_bit(batch.images)).argmax(1).numpy()
    np.testing.assert_array_equal(curve.rounded[GRID.index(0.0)], rounded)


def test_who_stops_asking_stops_the_work() -> None:
    model = tiny_cnn()
    with counted_calls(model) as calls, images_asked_about(model) as passes:
        stream = stream_sweep(model, random_batch(6), ("sign",), GRID, batch_size=2)
        assert calls["forward"] == 0
        next(stream)
        stream.close()
    assert (sum(passes), calls["backward"]) == (2 * (1 + 3), 1)


def test_a_stopped_sweep_frees_its_memory() -> None:
    stream = stream_sweep(tiny_cnn(), random_batch(6), ("sign",), GRID, batch_size=2)
    result = next(stream)
    store = weakref.ref(result.curves[0].psnr.base)
    assert store() is not None
    stream.close()
    del stream, result
    gc.collect()
    assert store() is None


# What it streams


def test_results_grow_batch_by_batch_and_stay_as_they_were() -> None:
    model, batch = tiny_cnn(), random_batch(5)
    seen = []
    for result in stream_sweep(model, batch, ("sign", "random"), GRID, batch_size=2):
        seen.append((result, arrays(result)))
        assert result.planned == 5
        assert result.complete == (result.images == 5)
        assert result.backwards == len(seen)
    assert [result.images for result, _ in seen] == [2, 4, 5]
    for result, copies in seen:
        assert_same(arrays(result), copies)
        part = {name: a if name.endswith("epsilons") else a[..., : result.images] for name, a in seen[-1][1].items()}
        assert_same(copies, part)
    seconds = [result.seconds for result, _ in seen]
    assert 0 < seconds[0] < seconds[1] < seconds[2]
    assert_same(seen[-1][1], arrays(sweep(model, batch, ("sign", "random"), GRID, batch_size=2)))


# What it says


def test_it_is_a_plain_loop_over_perturb() -> None:
    model, batch = tiny_cnn(), random_batch(12)
    result = sweep(model, batch, tuple(Rule), GRID, eight_bit=True, ssim=True, seed=3, batch_size=5)
    rows = torch.arange(12)
    clean = model(batch.images)
    np.testing.assert_array_equal(result.clean_predictions, clean.argmax(1).numpy())
    np.testing.assert_allclose(result.clean_probability, clean.softmax(1)[rows, batch.labels].detach(), atol=1e-6)
    for rule, curve in zip(Rule, result.curves, strict=True):
        assert curve.rule is rule
        assert tuple(curve.epsilons) == GRID
        assert curve.rounded is not None
        gradient = loss_gradient(model, batch.images, batch.labels)
        along = direction(gradient, rule, seed=3, indices=batch.indices)
        for k, epsilon in enumerate(GRID):
            moved = perturb(model, batch.images, batch.labels, epsilon, rule, seed=3, indices=batch.indices)
            logits = model(moved)
            np.testing.assert_array_equal(curve.predictions[k], logits.argmax(1).numpy())
            np.testing.assert_array_equal(curve.rounded[k], model(to_eight_bit(moved)).argmax(1).numpy())
            probability = logits.softmax(1)[rows, batch.labels].detach().numpy()
            np.testing.assert_allclose(curve.probability[k], probability, atol=1e-5)
            outside = ((batch.images + epsilon * along).clamp(0, 1) != batch.images + epsilon * along).flatten(1)
            np.testing.assert_allclose(curve.clipped[k], outside.float().mean(1), atol=1e-6)
            for name in ("l2", "linf", "psnr", "ssim"):
                expected = METRICS[name].function(batch.images, moved).numpy()
                np.testing.assert_allclose(getattr(curve, name)[k], expected, rtol=1e-4, atol=1e-6)
    sign = result.curve(Rule.SIGN)
    assert (sign.predictions[-1] != result.clean_predictions).any()
    assert (sign.clipped[-1] > 0).any()


def test_rounding_can_change_the_answer() -> None:
    """A step of less than half a level dies: what is left is the clean image."""
    model, batch = tiny_cnn(), random_batch(12)
    result = sweep(model, batch, ("sign",), [0.45 / 255, 0.2], eight_bit=True)
    (curve,) = result.curves
    assert curve.rounded is not None
    np.testing.assert_array_equal(curve.rounded[0], result.clean_predictions)
    assert result.correct_rounded(curve).tolist() == (curve.rounded == result.labels).sum(1).tolist()
    plain = sweep(model, batch, ("sign",), [0.1])
    assert plain.curves[0].rounded is None
    with pytest.raises(BadValueError, match="^expected a sweep with eight_bit=True, got one that did not round$"):
        plain.correct_rounded(plain.curves[0])


def test_images_whose_gradient_is_zero_are_told() -> None:
    """Of an image that is black everywhere, this model sees nothing: a product with the image itself."""

    class Product(nn.Module):
        def forward(self, images: torch.Tensor) -> torch.Tensor:
            flat = images.flatten(1)
            return torch.stack([(flat**2).sum(1), flat[:, 0] ** 2], 1)

    batch = random_batch(3)
    batch = replace(batch, classes=CLASSES[:2])
    batch.images[1] = 0
    batch.labels[:] = 0
    result = sweep(Product(), batch, ("sign", "random"), [0.1])
    assert result.zero_gradient.tolist() == [False, True, False]
    sign, random = result.curves
    assert sign.psnr[0, 1] == math.inf
    assert random.l2[0, 1] > 0


def test_the_batch_size_does_not_matter() -> None:
    model, batch = tiny_cnn(), random_batch(7)
    one, all_at_once = (sweep(model, batch, tuple(Rule), GRID, batch_size=size) for size in (1, 100))
    for left, right in zip(one.curves, all_at_once.curves, strict=True):
        np.testing.assert_array_equal(left.predictions, right.predictions)
        np.testing.assert_allclose(left.l2, right.l2, rtol=1e-4, atol=1e-6)


def test_predicted_labels_are_those_of_the_model() -> None:
    model, batch = tiny_cnn(), random_batch(9)
    said = sweep(model, batch, ("sign", "raw"), GRID, labels="predicted")
    assert said.label_source == LabelSource.PREDICTED
    assert bool((said.clean_predictions != said.labels).any())
    np.testing.assert_array_equal(said.labels, batch.labels.numpy())
    told = sweep(model, type(batch)(**{**vars(batch), "labels": torch.tensor(said.clean_predictions)}), epsilons=GRID)
    for left, right in zip(said.curves, told.curves, strict=True):
        np.testing.assert_array_equal(left.predictions, right.predictions)


def test_a_target_is_one_class_for_all() -> None:
    model, batch = tiny_cnn(), random_batch(9)
    pulled = sweep(model, batch, ("sign",), GRID, labels="target:bee")
    assert str(pulled.label_source) == "target:bee"
    np.testing.assert_array_equal(pulled.labels, batch.labels.numpy())
    cows = type(batch)(**{**vars(batch), "labels": torch.ones_like(batch.labels)})
    told = sweep(model, cows, ("sign",), GRID)
    np.testing.assert_array_equal(pulled.curves[0].predictions, told.curves[0].predictions)
    # Down the loss of a class, more images are taken for it.
    far = sweep(model, batch, ("sign",), (-0.5, 0.5), labels="target:bee")
    down, up = (far.curves[0].predictions == CLASSES.index("bee")).sum(1)
    assert down > up
    with pytest.raises(UnknownNameError, match="^unknown target class 'dog': expected one of ant, bee, cow$"):
        sweep(model, batch, labels="target:dog")


def test_a_model_in_training_mode_is_evaluated_and_left_so() -> None:
    model, batch = tiny_cnn(), random_batch(4)
    expected = arrays(sweep(model, batch, ("sign",), GRID))
    model.train()
    assert_same(arrays(sweep(model, batch, ("sign",), GRID)), expected)
    assert all(module.training for module in model.modules())


def test_the_seed_is_that_of_the_random_rule() -> None:
    model, batch = tiny_cnn(), random_batch(12)
    runs = [sweep(model, batch, ("random",), (0.5,), seed=seed) for seed in (1, 1, 2)]
    first, again, other = (run.curves[0].predictions.tolist() for run in runs)
    assert first == again
    assert first != other
    assert [run.seed for run in runs] == [1, 1, 2]


# What it carries


def test_what_is_known_of_the_batch_and_the_model_is_carried() -> None:
    model, batch = tiny_cnn(), random_batch(4)
    result = sweep(model, batch, ("sign",), GRID)
    assert (result.model, result.weights_sha256) == ("Sequential", "")
    assert (result.dataset, result.split, result.source, result.classes) == ("zoo", "test", "sample", CLASSES)
    assert result.indices.tolist() == batch.indices.tolist()
    assert result.labels.tolist() == batch.labels.tolist()
    assert (result.eight_bit, result.seed, result.label_source) == (False, 0, LabelSource.TRUE)
    assert (result.draw_seed, result.precision, result.notices) == (None, "float32", ())
    assert result.software == f"gradlab {gradlab.__version__}, torch {torch.__version__}"
    assert result.device.startswith("CPU (")
    model.card = SimpleNamespace(name="tiny", sha256="abc")
    named = sweep(model, batch, ("sign",), GRID, eight_bit=True)
    assert (named.model, named.weights_sha256, named.eight_bit) == ("tiny", "abc", True)


def test_a_model_without_parameters_will_do() -> None:
    result = sweep(nn.Sequential(nn.Flatten(), nn.AdaptiveAvgPool1d(3)), random_batch(2), ("l2",), GRID)
    assert result.images == 2


# The epsilons


def test_epsilons_are_sorted_and_each_once() -> None:
    result = sweep(tiny_cnn(), random_batch(2), ("sign", "l2"), [0.1, -0.1, 0.1, 0, -0.0, 0.05])
    for curve in result.curves:
        assert curve.epsilons.tolist() == [-0.1, 0.0, 0.05, 0.1]


def test_epsilons_of_each_rule_or_the_default() -> None:
    result = sweep(tiny_cnn(), random_batch(2), ("sign", "l2"), {Rule.L2: [0.5]})
    assert [tuple(curve.epsilons) for curve in result.curves] == [default_grid(Rule.SIGN), (0.5,)]
    unasked = sweep(tiny_cnn(), random_batch(1))
    assert [tuple(c.epsilons) for c in unasked.curves] == [default_grid(Rule.SIGN), default_grid(Rule.RAW)]


def test_ten_thousand_epsilons() -> None:
    grid = np.linspace(-1, 1, 10_001).tolist()
    result = sweep(tiny_cnn(), random_batch(1), ("sign",), grid)
    assert result.curves[0].epsilons.tolist() == grid
    assert result.curves[0].predictions.shape == (10_001, 1)


# What goes wrong on the way


class Moody(nn.Module):
    """NaN for images whose first value is above 0.9 of 1: some of them only once they are moved."""

    def __init__(self) -> None:
        super().__init__()
        self.inner = tiny_cnn()

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        bright = images[:, 0, 0, 0] > 0.9
        return self.inner(images).masked_fill(bright[:, None], math.nan)


def test_images_that_give_nan_are_left_out_and_named() -> None:
    batch = random_batch(8)
    batch.images[:, 0, 0, 0] = torch.tensor([0, 1, 0, 0.85, 0, 0, 0.95, 0])
    results = [*stream_sweep(Moody(), batch, ("random",), [-0.2, 0.2], batch_size=2, eight_bit=True)]
    # Image 3 is fine as it is; one of -0.2 and 0.2 makes it too bright.
    assert [(r.images, len(r.failed), r.done) for r in results] == [(1, 1, 2), (2, 2, 4), (4, 2, 6), (5, 3, 8)]
    result = results[-1]
    assert result.complete
    assert result.failed.tolist() == batch.indices[[1, 3, 6]].tolist()
    rest = [0, 2, 4, 5, 7]
    assert result.indices.tolist() == batch.indices[rest].tolist()
    good = type(batch)(**vars(batch) | {name: getattr(batch, name)[rest] for name in ("images", "labels", "indices")})
    clean = sweep(Moody(), good, ("random",), [-0.2, 0.2], eight_bit=True)
    np.testing.assert_array_equal(result.curves[0].predictions, clean.curves[0].predictions)
    assert not clean.failed.size


def test_nothing_but_nan_is_refused() -> None:
    batch = random_batch(3)
    batch.images[:, 0, 0, 0] = 1
    with pytest.raises(BadValueError, match="^expected logits, got NaN or infinity for each of the 3 images$"):
        sweep(Moody(), batch)


class Small(nn.Module):
    """Has no memory for more than so many images at once."""

    def __init__(self, room: int) -> None:
        super().__init__()
        self.inner, self.room = tiny_cnn(), room

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        if len(images) > self.room:
            raise torch.OutOfMemoryError("out of memory")
        return self.inner(images)


def test_out_of_memory_halves_the_batch_and_goes_on() -> None:
    batch = random_batch(9)
    result = sweep(Small(80), batch, ("sign",), GRID, batch_size=8)
    assert result.images == 9
    assert [notice.split(";")[0] for notice in result.notices] == ["Memory ran out"] * len(result.notices)
    assert not result.notices
    tight = sweep(Small(3), batch, ("sign",), GRID, batch_size=8)
    assert tight.notices[-1] == "Memory ran out; it went on with 1 images a batch."
    np.testing.assert_array_equal(tight.curves[0].predictions, result.curves[0].predictions)
    with pytest.raises(GradlabError, match="^there is not enough memory for a single image on CPU"):
        sweep(Small(0), batch)


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_the_lock_is_free_between_chunks(precision: Precision) -> None:
    lock, model = CountedLock(), tiny_cnn()
    held = []
    handle = model.register_forward_hook(lambda *_: held.append(lock.depth))
    grid = np.linspace(0.01, 1, 120).tolist()
    for _ in stream_sweep(model, random_batch(10), ("sign",), grid, lock=lock, precision=precision):
        assert lock.depth == 0
    handle.remove()
    assert set(held) == {1}
    # The gradient; 120 epsilons of 10 images, 25 epsilons a chunk; in bfloat16 what is asked again, a chunk or two.
    assert lock.turns - (1 + 5) in ({0} if precision == "float32" else {1, 2})


# What is refused


@pytest.mark.parametrize(
    ("rules", "options", "message"),
    [
        ((), {}, "^expected one or more rules, each once, got none$"),
        (("sign", "raw", "sign"), {}, "^expected one or more rules, each once, got sign, raw, sign$"),
        (("sign",), {"epsilons": []}, "^expected at least one epsilon for the rule sign, got none$"),
        (("sign", "raw"), {"epsilons": {Rule.RAW: ()}}, "^expected at least one epsilon for the rule raw, got none$"),
        (("sign",), {"epsilons": [0.1, math.nan]}, "^epsilon nan: expected a finite number"),
        (("sign",), {"batch_size": 0}, "^expected a batch size of at least 1, got 0$"),
        (("sign",), {"batch_size": -5}, "^expected a batch size of at least 1, got -5$"),
    ],
)
def test_nonsense_is_refused(rules: tuple[str, ...], options: dict[str, object], message: str) -> None:
    with pytest.raises(BadValueError, match=message):
        sweep(tiny_cnn(), random_batch(2), rules, **options)


def test_no_images_are_refused() -> None:
    with pytest.raises(BadValueError, match="^expected at least one image to sweep over, got none$"):
        sweep(tiny_cnn(), random_batch(0))


def test_images_that_are_no_pixels_are_refused() -> None:
    batch = random_batch(2)
    batch.images[0, 0, 0, 0] = 2
    with pytest.raises(BadValueError, match=r"^expected images in \[0, 1\], got values from"):
        sweep(tiny_cnn(), batch)


def test_labels_beyond_the_models_classes_are_refused() -> None:
    batch = random_batch(2)
    batch.labels[1] = 3
    with pytest.raises(BadValueError, match="^expected labels from 0 to 2, got"):
        sweep(tiny_cnn(), batch)


def test_unknown_names_are_refused() -> None:
    with pytest.raises(UnknownNameError, match="^unknown rule 'fgsm': expected one of sign, raw, l2, max, random$"):
        gradlab.sweep(tiny_cnn(), random_batch(1), ("fgsm",))
    with pytest.raises(
        UnknownNameError, match="^unknown label source 'guess': expected one of true, predicted, target"
    ):
        sweep(tiny_cnn(), random_batch(1), labels="guess")


def test_sweep_takes_what_stream_sweep_takes() -> None:
    first = list(inspect.signature(inspect.unwrap(stream_sweep)).parameters)[:4]
    assert list(inspect.signature(inspect.unwrap(sweep)).parameters)[:4] == first
