"""Random results of every kind that a sentence must be true of: ties, all or none right, zeros, ∞ and NaN among them.

The choices that matter are drawn by hypothesis, which can make them smaller; the bulk comes from a seed that it draws.
Epsilons in pixel units are whole levels, so that rounding to 8 bit is defined.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st

from gradlab.experiments.stored import condensed
from gradlab.images.table import DATASETS
from gradlab.types import Curve, LabelSource, Rule, SweepResult, TransferResult

# For `@given`: the same examples each time, so that a test passes always or never.
checked = settings(
    max_examples=40, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)
# Where a figure is made of each example, which takes long: fewer, and not made smaller.
drawn = settings(checked, max_examples=12, phases=(Phase.explicit, Phase.generate))

CLASSES: dict[str, tuple[str, ...]] = {
    "zoo": ("ant", "bee", "cow"),
    **{name: DATASETS[name].classes for name in ("cifar10", "cifar100", "svhn")},
}
SIZES: dict[str, tuple[float, ...]] = {
    "pixel": tuple(n / 255 for n in (1, 2, 3, 4, 6, 8, 12, 16, 32, 64)),
    "gradient": (0.001, 0.003, 0.01, 0.1, 0.2, 0.3, 1.0, 3.0, 30.0),
    "l2": (0.02, 0.05, 0.1, 0.3, 0.5, 1.0, 2.0, 8.0),
}
Chance = np.random.Generator
SEEDS, COUNTS = st.integers(0, 2**32 - 1), (1, 2, 3, 7, 10, 19, 33, 40)


@st.composite
def sweeps(
    draw: st.DrawFn,
    rules: Sequence[Rule] | None = None,
    datasets: Sequence[str] = ("zoo", "cifar10", "cifar100"),
    sides: Sequence[tuple[int, ...]] = ((-1, 1), (-1, 1), (1,), (-1,)),
    labels: str | None = None,
) -> SweepResult:
    """A sweep of up to 40 images.

    Args:
        draw: hypothesis's.
        rules: which ones; None for some of all.
        datasets: names of `CLASSES`; `zoo` is no data set that gradlab knows.
        sides: on which sides of 0 the epsilons of a sweep may stand.
        labels: the label source; None for any.
    """
    chance = np.random.default_rng(draw(SEEDS))
    count, dataset = draw(st.sampled_from(COUNTS)), draw(st.sampled_from(datasets))
    some = draw(st.lists(st.sampled_from(list(Rule)), min_size=1, max_size=3, unique=True)) if rules is None else rules
    eight_bit, ssim, side = draw(st.booleans()), draw(st.booleans()), draw(st.sampled_from(sides))
    truth, clean = _clean(chance, count, len(CLASSES[dataset]), draw(st.sampled_from(OUTCOMES)))
    still = draw(st.sampled_from((0.0, 0.0, 0.3, 0.6, 1.0)))
    result = blank(chance, dataset, truth, clean, labels or draw(st.sampled_from(("true", "predicted", "target"))))
    result = replace(result, zero_gradient=chance.random(count) < still)
    odd = draw(st.sampled_from((0.0, 0.0, 0.2)))  # share of probabilities that are no number
    curves = tuple(_curve(chance, result, rule, side, eight_bit, ssim, odd) for rule in some)
    found = replace(result, curves=curves)
    return condensed(found) if draw(st.booleans()) else found


def predicted_beside(true: SweepResult, seed: int) -> SweepResult:
    """A sweep for the predicted labels over the same images, with the same rules."""
    chance = np.random.default_rng(seed)
    curves = tuple(_curve(chance, true, curve.rule, (-1, 1), False, False, 0.0) for curve in true.curves)
    return replace(true, curves=curves, label_source=LabelSource.PREDICTED)


@st.composite
def transfers(draw: st.DrawFn) -> TransferResult:
    """One to three networks and up to 40 images."""
    chance, count, models = np.random.default_rng(draw(SEEDS)), draw(st.sampled_from(COUNTS)), draw(st.integers(1, 3))
    rule, still = draw(st.sampled_from(list(Rule))), draw(st.sampled_from((0.0, 0.4, 1.0)))
    size = draw(st.sampled_from((0.0, *SIZES[rule.unit])))
    dataset = draw(st.sampled_from(("cifar10", "svhn")))
    classes = len(CLASSES[dataset])
    truth, _ = _clean(chance, count, classes, "chance")
    said = [[outcome(chance, truth, truth, classes) for _ in range(models)] for _ in range(models + 1)]
    if not size:
        said = [said[0]] * (models + 1)
    moved = np.where(chance.random((models, count)) < still, 0, size * (0.5 + chance.random((models, count))))
    source = blank(chance, dataset, truth, truth, draw(st.sampled_from(("true", "predicted", "target"))))
    return TransferResult(
        dataset=dataset, split="test", source="sample", classes=CLASSES[dataset],
        models=("ash", "oak", "resnet-9")[:models], indices=source.indices, labels=truth,
        clean_predictions=np.array(said[0], np.int32), predictions=np.array(said[1:], np.int32),
        **_sizes(moved), rule=rule, epsilon=size * draw(st.sampled_from((-1, 1))),
        label_source=source.label_source, failed=source.failed, planned=source.planned, draw_seed=7, seed=0,
        device="CPU (a test)", software="gradlab 0.1.0, torch 2.0.0", seconds=1.5, backwards=models,
    )  # fmt: skip


def outcome(chance: Chance, truth: np.ndarray, clean: np.ndarray, classes: int) -> np.ndarray:
    """What a network says after a step, (N,): one of the `OUTCOMES`, or what it said before, but of some."""
    kind = chance.choice([*OUTCOMES, *["as before", "a few flip", "mostly right", "chance"] * 2])
    few = np.where(chance.random(len(truth)) < 0.2, chance.integers(classes, size=len(truth)), clean)
    return {**_outcomes(chance, truth, classes), "as before": clean, "a few flip": few}[kind]


OUTCOMES = ("right", "wrong", "one class", "chance", "mostly right")


def _outcomes(chance: Chance, truth: np.ndarray, classes: int) -> dict[str, np.ndarray]:
    any_class = chance.integers(classes, size=len(truth))
    return {
        "right": truth.copy(), "wrong": (truth + 1) % classes, "one class": np.full(len(truth), any_class[0]),
        "chance": any_class, "mostly right": np.where(chance.random(len(truth)) < 0.8, truth, any_class),
    }  # fmt: skip


def _clean(chance: Chance, count: int, classes: int, kind: str) -> tuple[np.ndarray, np.ndarray]:
    """The true classes, and what the network says of the clean images."""
    truth = chance.integers(chance.integers(1, classes + 1), size=count)  # not always all classes
    return truth, _outcomes(chance, truth, classes)[kind]


def blank(chance: Chance, dataset: str, truth: np.ndarray, clean: np.ndarray, labels: str) -> SweepResult:
    """A sweep without curves."""
    count, failed = len(truth), int(chance.choice([0, 0, 1, 25]))
    places = chance.permutation(2_000)[: count + failed]
    classes = CLASSES[dataset]
    return SweepResult(
        dataset=dataset, split="test", source="sample", classes=classes, indices=np.sort(places[:count]), labels=truth,
        clean_predictions=clean, clean_probability=chance.random(count).astype(np.float32),
        zero_gradient=np.zeros(count, np.bool_), curves=(), failed=places[count:],
        planned=count + failed + int(chance.choice([0, 0, 7])), model="tiny", weights_sha256="abc",
        label_source=LabelSource.parse(f"target:{classes[1]}" if labels == "target" else labels), draw_seed=7, seed=3,
        batch_size=128, device="CPU (a test)", precision=str(chance.choice(["float32", "bfloat16"])),
        software="gradlab 0.1.0, torch 2.0.0", notices=(), seconds=1.23456, backwards=1,
    )  # fmt: skip


def _curve(
    chance: Chance, result: SweepResult, rule: Rule, sides: tuple[int, ...], eight_bit: bool, ssim: bool, odd: float
) -> Curve:
    sizes = chance.choice(SIZES[rule.unit], chance.integers(1, 5), replace=False)
    # Often the same sizes on both sides, and often 0.
    signed = [side * size for side in sides for size in sizes if chance.random() < 0.9] or [sides[0] * sizes[0]]
    epsilons = np.unique([*signed, *([0.0] if chance.random() < 0.6 else [])])
    says = _says(chance, result, rule)
    shape = len(epsilons), result.images
    moved = np.abs(epsilons)[:, None] * (0.5 + chance.random(shape)) * ~_stays(result, rule)
    moved = np.where(chance.random(shape) < chance.choice([0.0, 0.0, 0.6]), 0, moved)
    probability = np.where(chance.random(shape) < odd, np.nan, chance.random(shape))
    return Curve(
        rule=rule, epsilons=epsilons, predictions=np.array([says(e) for e in epsilons], np.int16),
        rounded=np.array([says(e) for e in epsilons], np.int16) if eight_bit else None,
        probability=probability.astype(np.float32), **_sizes(moved),
        clipped=(chance.random(shape) * (moved > 0)).astype(np.float32),
        ssim=np.exp(-moved).astype(np.float32) if ssim else None,
    )  # fmt: skip


def _says(chance: Chance, result: SweepResult, rule: Rule) -> Callable[[float], np.ndarray]:
    """What the network says at an epsilon: at 0, and of images that stay where they are, the same as before."""
    clean, stays = result.clean_predictions, _stays(result, rule)

    def says(epsilon: float) -> np.ndarray:
        after = outcome(chance, result.labels, clean, len(result.classes))
        return clean if not epsilon else np.where(stays, clean, after)

    return says


def _stays(result: SweepResult, rule: Rule) -> np.ndarray:
    """Which images no step of a rule moves."""
    return result.zero_gradient & (rule != Rule.RANDOM)


def _sizes(moved: np.ndarray) -> dict[str, Any]:
    """The measures of images that were moved by so much on the whole; from black to white is the most that there is."""
    change = np.minimum(moved, 1)
    with np.errstate(divide="ignore"):
        psnr = (-20 * np.log10(change)).astype(np.float32)
    return {"l2": (change * 3).astype(np.float32), "linf": np.sqrt(change).astype(np.float32), "psnr": psnr + 0.0}
