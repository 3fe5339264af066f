"""The engine: what it costs, what it streams, and that it says what a plain loop over `perturb` says."""

import inspect
import math
from dataclasses import fields
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from helpers import CLASSES, counted_calls, random_batch, tiny_cnn
from torch import nn

import gradlab
from gradlab.epsilon import default_grid
from gradlab.errors import BadValueError, UnknownNameError
from gradlab.perceptibility import METRICS
from gradlab.perturb import perturb, to_eight_bit
from gradlab.sweep import stream_sweep, sweep
from gradlab.types import LabelSource, Rule, SweepResult

GRID = (-0.1, 0.0, 0.02, 0.1)


def arrays(result: SweepResult) -> dict[str, np.ndarray]:
    """Every array in a result, copied."""
    own = {name: getattr(result, name) for name in ("indices", "labels", "clean_predictions")}
    for curve in result.curves:
        own |= {f"{curve.rule} {f.name}": getattr(curve, f.name) for f in fields(curve) if f.name != "rule"}
    return {name: np.array(array, copy=True) for name, array in own.items()}


def assert_same(left: dict[str, np.ndarray], right: dict[str, np.ndarray]) -> None:
    assert left.keys() == right.keys()
    for name, array in left.items():
        np.testing.assert_array_equal(array, right[name], name)


# What it costs


@pytest.mark.parametrize("rules", [("sign",), ("sign", "raw", "l2"), tuple(Rule)])
@pytest.mark.parametrize("epsilons", [(0.1,), GRID, tuple(np.linspace(-1, 1, 11))])
def test_one_backward_a_batch(rules: tuple[str, ...], epsilons: tuple[float, ...]) -> None:
    model = tiny_cnn()
    with counted_calls(model) as calls:
        result = sweep(model, random_batch(5), rules, epsilons, batch_size=2)
    moving = sum(epsilon != 0 for epsilon in epsilons)
    assert calls == {"forward": 3 * (1 + len(rules) * moving), "backward": 3}
    assert result.backwards == 3


def test_rounding_makes_epsilon_zero_a_pass_of_its_own() -> None:
    model = tiny_cnn()
    with counted_calls(model) as calls:
        sweep(model, random_batch(5), ("sign",), GRID, batch_size=5, eight_bit=True)
    assert calls == {"forward": 1 + len(GRID), "backward": 1}


def test_who_stops_asking_stops_the_work() -> None:
    model = tiny_cnn()
    with counted_calls(model) as calls:
        stream = stream_sweep(model, random_batch(6), ("sign",), GRID, batch_size=2)
        assert calls["forward"] == 0
        next(stream)
        stream.close()
    assert calls == {"forward": 1 + 3, "backward": 1}


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


@pytest.mark.parametrize("eight_bit", [False, True])
def test_it_is_a_plain_loop_over_perturb(eight_bit: bool) -> None:
    model, batch = tiny_cnn(), random_batch(12)
    result = sweep(model, batch, tuple(Rule), GRID, eight_bit=eight_bit, seed=3, batch_size=5)
    clean = model(batch.images).argmax(1)
    np.testing.assert_array_equal(result.clean_predictions, clean.numpy())
    for rule, curve in zip(Rule, result.curves, strict=True):
        assert curve.rule is rule
        assert tuple(curve.epsilons) == GRID
        for k, epsilon in enumerate(GRID):
            moved = perturb(model, batch.images, batch.labels, epsilon, rule, seed=3, indices=batch.indices)
            moved = to_eight_bit(moved) if eight_bit else moved
            np.testing.assert_array_equal(curve.predictions[k], model(moved).argmax(1).numpy())
            for name, metric in METRICS.items():
                expected = metric.function(batch.images, moved).numpy()
                np.testing.assert_allclose(getattr(curve, name)[k], expected, rtol=1e-4, atol=1e-6)
    changed = result.curve(Rule.SIGN).predictions[-1] != result.clean_predictions
    assert changed.any()


def test_the_batch_size_does_not_matter() -> None:
    model, batch = tiny_cnn(), random_batch(7)
    one, all_at_once = (sweep(model, batch, tuple(Rule), GRID, batch_size=size) for size in (1, 100))
    for left, right in zip(one.curves, all_at_once.curves, strict=True):
        np.testing.assert_array_equal(left.predictions, right.predictions)
        np.testing.assert_allclose(left.l2, right.l2, rtol=1e-4, atol=1e-6)


def test_predicted_labels_are_those_of_the_model() -> None:
    model, batch = tiny_cnn(), random_batch(9)
    said = sweep(model, batch, ("sign", "raw"), GRID, labels="predicted")
    assert said.label_source is LabelSource.PREDICTED
    assert bool((said.clean_predictions != said.labels).any())
    np.testing.assert_array_equal(said.labels, batch.labels.numpy())
    told = sweep(model, type(batch)(**{**vars(batch), "labels": torch.tensor(said.clean_predictions)}), epsilons=GRID)
    for left, right in zip(said.curves, told.curves, strict=True):
        np.testing.assert_array_equal(left.predictions, right.predictions)


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
    with pytest.raises(UnknownNameError, match="^unknown label source 'guess': expected one of true, predicted$"):
        sweep(tiny_cnn(), random_batch(1), labels="guess")


def test_sweep_takes_what_stream_sweep_takes() -> None:
    first = list(inspect.signature(inspect.unwrap(stream_sweep)).parameters)[:4]
    assert list(inspect.signature(inspect.unwrap(sweep)).parameters)[:4] == first
