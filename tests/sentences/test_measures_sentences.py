"""The table of measures of a step and what is said of it, value by value."""

import math
from decimal import Decimal
from unittest import mock

import numpy as np
from hypothesis import given
from overhearing import shown
from random_results import SEEDS, checked, sweeps
from reading import COUNT, EPSILON, count, epsilon_of, read

from gradlab.measures import METRICS
from gradlab.types import Changes, FloatArray, SweepResult
from gradlab.ui.jobs.gallery import ChangesJob, Images
from gradlab.ui.views import measures
from gradlab.ui.views.measures import _table

ELSEWHERE = {"about_measures": lambda names: None, "table_files": lambda *given: None}  # what needs a page


def values_of(chance: np.random.Generator, name: str, images: int) -> FloatArray:
    """Of some images nothing changed, and of those that are too small there is no SSIM."""
    values = chance.random(images)
    if name == "psnr":
        values = np.where(chance.random(images) < chance.choice([0, 0.3, 1]), np.inf, 60 * values)
    if name == "ssim" and chance.random() < 0.3:
        values = np.full(images, np.nan)
    return values.astype(np.float32)


def meant(text: str) -> tuple[float, float]:
    """The values that are written so: from, and to."""
    if text == "∞ (identical)":
        return math.inf, math.inf
    number = Decimal(text.split(" ", maxsplit=1)[0].removesuffix("/255").rstrip("%"))
    half = Decimal(1).scaleb(int(number.as_tuple().exponent)) * Decimal("0.500001")
    part = 0.01 if text.endswith("%") else 1 / 255 if text.endswith("/255") else 1.0
    return float(number - half) * part, float(number + half) * part


def check_form(columns: dict[str, FloatArray], medians: list[str], ends: list[str] | None) -> None:
    for n, name in enumerate(METRICS):
        values = sorted(columns[name].tolist())
        if any(map(math.isnan, values)):
            assert medians[n] == "–"
            continue
        low, high = meant(medians[n])
        assert low <= values[(len(values) - 1) // 2] <= high, "as many are not above it as are not below"
        if ends:
            first, last = (meant(text) for text in ends[n].split(" to "))
            assert 10 * sum(first[0] <= value <= last[1] for value in values) >= 9 * len(values)


@checked
@given(sweeps(datasets=("cifar10",)), SEEDS)
def test_the_table_of_measures(result: SweepResult, seed: int) -> None:
    chance, curve = np.random.default_rng(seed), result.curves[0]
    images, epsilon = int(chance.integers(1, result.images + 1)), float(chance.choice(curve.epsilons))
    found = Changes(*({name: values_of(chance, name, images) for name in METRICS} for _ in range(2)))
    places = tuple(result.indices[:images].tolist())
    key = ChangesJob(Images(result.dataset, result.model, result.label_source, places), curve.rule, epsilon)
    with mock.patch.multiple(measures, **ELSEWHERE):
        table, caption, _ = shown(_table, found, result, key)
    check_form(found.computed, table["median"], table["9 of 10 images"])
    check_form(found.rounded, table["median, as saved (8 bit)"], None)
    over = read(
        rf"For .+ at ε = (?P<epsilon>{EPSILON}), over (?:all (?P<all>{COUNT})|(?P<some>{COUNT}) of the "
        rf"(?P<of>{COUNT})) images .*stores it\. (?P<step>.*)",
        caption,
    )
    assert abs(epsilon_of(over["epsilon"]) - epsilon) <= 1e-3 * abs(epsilon)
    assert count(over.get("all") or over["of"]) == result.images
    assert count(over.get("all") or over["some"]) == images
    assert (over["step"] == "ε is 0: nothing happens to the images.") == (epsilon == 0)
