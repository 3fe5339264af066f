"""What is written on the figures of a sweep and what the pointer finds on them, against a count image by image."""

from collections import Counter
from itertools import pairwise
from statistics import fmean

import numpy as np
from helpers import curve as curve_of
from helpers import result as result_of
from hypothesis import example, given
from hypothesis import strategies as st
from random_results import SEEDS, SIZES, drawn, sweeps
from reading import COUNT, EPSILON, SHARE, count, epsilon_of, read, says
from scipy.stats import binomtest

from gradlab.figures.classes import MANY, class_bar_figure, class_heat_figure, confusion_figure
from gradlab.figures.flips import flip_figure, flip_side_figure
from gradlab.figures.flows import flow_figure, flows
from gradlab.figures.panels import class_panels_figure
from gradlab.figures.sweep import area_figure, sweep_figure
from gradlab.steps.epsilon import default_grid
from gradlab.types import Curve, Rule, SweepResult


def near(text: str, epsilon: float) -> bool:
    return abs(epsilon_of(text) - epsilon) <= 1e-3 * abs(epsilon)


def first(result: SweepResult, curve: Curve, image: int, side: int) -> float | None:
    """The first epsilon of a side, outward from 0, at which an image has another class than before."""
    for k in np.argsort(np.abs(curve.epsilons), kind="stable"):
        if np.sign(curve.epsilons[k]) == side and curve.predictions[k, image] != result.clean_predictions[image]:
            return float(curve.epsilons[k])
    return None


@drawn
@given(sweeps())
def test_the_points_of_the_curves(result: SweepResult) -> None:
    lines = [trace for trace in sweep_figure(result).data if trace.meta]
    after = " after 8 bit" if result.eight_bit else ""
    assert len(lines) == len(result.curves) * (2 if after else 1)
    for line in lines:
        curve = result.curve(Rule(line.meta))
        rows = curve.rounded if after and line.name.endswith(after) else curve.predictions
        assert rows is not None
        for k, (epsilon, interval, l2) in enumerate(line.customdata):
            right = sum(a == b for a, b in zip(rows[k].tolist(), result.labels.tolist(), strict=True))
            assert near(epsilon, curve.epsilons[k])
            assert line.y[k] == right / len(result.labels)
            low, high = read(rf"(?P<low>{SHARE}) to (?P<high>{SHARE})", interval).values()
            ends = binomtest(right, len(result.labels)).proportion_ci(method="wilson")
            assert says(low, ends.low)
            assert says(high, ends.high)
            assert says(l2, fmean(curve.l2[k].tolist()))


def all_flip(*counts: int) -> SweepResult:
    """So many images flip first at each epsilon, and none never: their shares sum to a little more than 1."""
    when, steps = np.repeat(np.arange(len(counts)), counts), np.arange(len(counts))
    clean = np.append(np.zeros(len(when) - 1, int), 1)
    rows = np.where(steps[:, None] >= when, 2, clean)
    return result_of(curve_of(Rule.L2, (steps + 1.0).tolist(), rows.tolist()), labels=(0,) * len(when))


@drawn
@example(all_flip(1, 0, 2, 3, 3, 1))
@given(sweeps())
def test_where_images_flip_first_and_how_many_never_do(result: SweepResult) -> None:
    figure = flip_figure(result)
    notes = iter([note.text for note in figure.layout.annotations if note.text.startswith("never")])
    for curve, bars in zip(result.curves, figure.data, strict=True):
        firsts = [first(result, curve, n, side) for n in range(result.images) for side in (-1, 1)]
        for epsilon, share, text in zip(curve.epsilons, bars.y, bars.customdata, strict=True):
            assert near(text, epsilon)
            assert share == firsts.count(epsilon) / result.images
        for side in (-1, 1):
            if (np.sign(curve.epsilons) == side).any():
                said = read(rf"never: (?P<share>{SHARE})", next(notes))
                flipped = sum(e is not None and np.sign(e) == side for e in firsts)
                assert says(said["share"], 1 - flipped / result.images)
    assert next(notes, None) is None, "no note where nothing was tried"


@drawn
@given(SEEDS, st.sampled_from(list(Rule)), st.sampled_from((-1, 1)), st.sampled_from((0, 1, 40)), st.booleans())
def test_how_many_images_of_a_gallery_flip_at_each_epsilon(
    seed: int, rule: Rule, side: int, images: int, complete: bool
) -> None:
    chance, grid = np.random.default_rng(seed), [e for e in default_grid(rule) if e * side > 0]
    flips = np.where(chance.random(images) < chance.random(), chance.choice(grid, images), np.nan)
    figure = flip_side_figure(flips, rule, side, side * max(SIZES[rule.unit]), complete)
    (bars,), (note,) = figure.data, figure.layout.annotations
    found = Counter(flips[~np.isnan(flips)].tolist())
    for height, text, (about, share) in zip(bars.y, bars.text, bars.customdata, strict=True):
        assert (height, says(share, height / max(1, images))) == (int(text), True)
        if about.startswith("no flip"):
            assert height == images - found.total()
            assert (about == "no flip") == complete
            continue
        epsilon = read(rf"first flip at (?P<epsilon>{EPSILON})", about)["epsilon"]
        assert height == sum(many for e, many in found.items() if near(epsilon, e))
    said = read(rf"(?P<when>never|not so far): (?P<share>{SHARE})", note.text)
    assert (said["when"] == "never") == complete
    assert says(said["share"], (images - found.total()) / max(1, images))


@drawn
@given(sweeps())
def test_the_accuracy_of_each_class(result: SweepResult) -> None:
    curve, k = result.curves[0], len(result.curves[0].epsilons) - 1
    names, labels = np.array(result.classes), result.labels.tolist()

    def share(row: np.ndarray, n: int) -> float | None:
        own = [said == n for said, label in zip(row.tolist(), labels, strict=True) if label == n]
        return fmean(own) if own else None

    (heat,) = class_heat_figure(result, curve, k).data
    with_images = [n for n in range(len(names)) if len(names) <= MANY or n in labels]
    assert list(heat.y) == [names[n] for n in with_images]
    for row, n in enumerate(with_images):
        for j, text in enumerate(heat.text[row]):
            said = read(rf"(?P<epsilon>{EPSILON}), (?P<images>{COUNT}) images", text)
            assert near(said["epsilon"], curve.epsilons[j])
            assert count(said["images"]) == labels.count(n)
            assert heat.z[row][j] == share(curve.predictions[j], n)
    for bars, row in zip(
        class_bar_figure(result, curve, k).data, (result.clean_predictions, curve.predictions[k]), strict=True
    ):
        for name, value, text in zip(bars.y, bars.x, bars.text, strict=True):
            own = share(row, result.classes.index(name))
            assert value == own
            assert text == "no images" if own is None else says(text, own)


@drawn
@given(sweeps(), st.booleans())
def test_the_panels_of_classes(result: SweepResult, spent: bool) -> None:
    shown = list(range(min(7, len(result.classes))))
    figure = class_panels_figure(result, shown, "l2" if spent else "epsilon")
    titles = [note.text for note in figure.layout.annotations if "opacity" in note.text]
    for n, title in zip(shown, titles, strict=True):
        said = read(rf"(?P<name>.+) <span[^>]*>\((?P<members>{COUNT})\)</span>", title)
        assert (said["name"], count(said["members"])) == (result.classes[n], result.labels.tolist().count(n))
    for line in figure.data:
        curve = result.curve(Rule(line.meta))
        n = result.classes.index(read(r"<b>(?P<name>.+)</b>, .*", line.hovertemplate)["name"])
        for k, (value, epsilon) in enumerate(zip(line.y, line.customdata, strict=True)):
            own = [
                int(said) == n for said, label in zip(curve.predictions[k], result.labels, strict=True) if label == n
            ]
            assert value == (fmean(own) if own else None)
            assert near(epsilon, curve.epsilons[k])


@drawn
@given(sweeps())
def test_what_turned_into_what(result: SweepResult) -> None:
    curve, k = result.curves[0], len(result.curves[0].epsilons) - 1
    moves = Counter(zip(result.clean_predictions.tolist(), curve.predictions[k].tolist(), strict=True))
    (heat,) = confusion_figure(result, curve, k).data
    occur = sorted({n for move in moves for n in move}) if len(result.classes) > MANY else range(len(result.classes))
    assert list(heat.y) == list(heat.x) == [result.classes[n] for n in occur]
    for row, before in enumerate(occur):
        whole = sum(many for (a, _), many in moves.items() if a == before)
        for column, after in enumerate(occur):
            many = heat.customdata[row][column]
            assert many == moves[before, after]
            assert heat.text[row][column] == (str(many) if many else "")
            assert heat.z[row][column] == (many / whole if whole else 0)
    drawn_flows = flows(result, curve, k)
    for before, after, many in drawn_flows.links:
        told = [
            moves[before, b]
            for b in range(len(result.classes))
            if b != before and (before, b) not in named(drawn_flows.links)
        ]
        assert many == (moves[before, after] if after >= 0 else sum(told))
    if drawn_flows.links:
        (sankey,) = flow_figure(result, curve, k).data
        assert sum(sankey.link.value) == drawn_flows.images


def named(links: tuple[tuple[int, int, int], ...]) -> set[tuple[int, int]]:
    return {(before, after) for before, after, _ in links}


@drawn
@given(sweeps(rules=(Rule.RAW,)))
def test_the_mean_accuracy_over_epsilon(result: SweepResult) -> None:
    """Trapezoids, one by one."""
    (curve,) = result.curves
    figure = area_figure(result)
    for bars, side in zip(figure.data, (1, -1), strict=True):
        points = sorted([
            (abs(e), right / result.images)
            for e, right in zip(curve.epsilons.tolist(), result.correct(curve).tolist(), strict=True) if e * side > 0
        ])  # fmt: skip
        zero = [right for e, right in zip(curve.epsilons, result.correct(curve), strict=True) if e == 0]
        outward = [(0.0, (zero[0] if zero else result.clean_correct) / result.images), *points]
        if not points:
            assert (bars.x[0], bars.text[0]) == (None, "")
            continue
        area = sum((b[0] - a[0]) * (a[1] + b[1]) / 2 for a, b in pairwise(outward)) / points[-1][0]
        assert says(bars.text[0], round(area, 12))
        assert abs(bars.x[0] - area) < 1e-9
        assert near(bars.customdata[0], side * points[-1][0])
