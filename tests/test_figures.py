"""Figures: the traces carry the numbers, the pictures the exact pixels."""

from dataclasses import replace

import numpy as np
import plotly.graph_objects as go
import pytest
from helpers import curve, result
from scipy.stats import binomtest

from gradlab.figures.explore import belief_figure
from gradlab.figures.pixels import noise_picture, signed_picture, to_picture
from gradlab.figures.style import RULE_COLOURS, RULE_DASHES, RULE_TITLES, UNIT_TITLES, translucent
from gradlab.figures.sweep import squeeze, sweep_figure
from gradlab.types import Exploration, Rule, View

# Epsilons that stand at ∓1, 0 on their axes: nine times the width of the straight part.
SIGN = curve(Rule.SIGN, [-9 / 255, 0.0, 9 / 255], [[0, 1, 2, 0], [0, 1, 2, 1], [1, 2, 0, 0]])
RANDOM = curve(Rule.RANDOM, [-9 / 255, 9 / 255], [[0, 1, 2, 1], [0, 1, 2, 1]])
RAW = curve(Rule.RAW, [-0.09, 0.0, 0.09], [[0, 1, 2, 0], [0, 1, 2, 1], [1, 0, 0, 1]])
L2 = curve(Rule.L2, [-0.9, 0.9], [[0, 1, 2, 0], [1, 2, 0, 1]])
ALL = result(SIGN, RANDOM, RAW, L2)
ACCURACY = {"sign": [1.0, 0.75, 0.25], "random": [0.75, 0.75], "raw": [1.0, 0.75, 0.0], "l2": [1.0, 0.0]}


def lines(figure: go.Figure) -> dict[str, go.Scatter]:
    found = [trace for trace in figure.data if trace.fill is None]
    assert len({trace.meta for trace in found}) == len(found)
    return {trace.meta: trace for trace in found}


def bands(figure: go.Figure) -> dict[str, go.Scatter]:
    return {trace.legendgroup: trace for trace in figure.data if trace.fill == "toself"}


# Accuracy over epsilon


def test_one_line_a_rule_with_its_accuracies_and_colour() -> None:
    figure = sweep_figure(ALL)
    found = lines(figure)
    assert set(found) == set(ACCURACY)
    assert len(figure.data) == 2 * len(found)
    for name, accuracies in ACCURACY.items():
        line = found[name]
        assert list(line.y) == accuracies
        assert list(line.x) == pytest.approx([-1, 0, 1] if len(accuracies) == 3 else [-1, 1])
        assert line.line.color == line.marker.color == RULE_COLOURS[Rule(name)]
        assert line.line.dash == RULE_DASHES[Rule(name)]
        assert line.name == RULE_TITLES[Rule(name)]


def test_one_band_a_rule_between_the_ends_of_the_interval() -> None:
    found = bands(sweep_figure(ALL))
    assert set(found) == set(ACCURACY)
    for name, accuracies in ACCURACY.items():
        ends = [binomtest(round(4 * a), 4).proportion_ci(method="wilson") for a in accuracies]
        border = [end.high for end in ends] + [end.low for end in reversed(ends)]
        band, line = found[name], lines(sweep_figure(ALL))[name]
        assert list(band.y) == pytest.approx(border, abs=1e-12)
        assert list(band.x) == [*line.x, *reversed(line.x)]
        assert band.fillcolor == translucent(RULE_COLOURS[Rule(name)], 0.18)


def test_one_panel_a_unit() -> None:
    figure = sweep_figure(ALL)
    axes = {name: line.xaxis for name, line in lines(figure).items()}
    assert axes == {"sign": "x", "random": "x", "raw": "x2", "l2": "x3"}
    assert {name: band.xaxis for name, band in bands(figure).items()} == axes
    titles = [axis.title.text for axis in figure.select_xaxes()]
    assert all(UNIT_TITLES[unit] in title for unit, title in zip(("pixel", "gradient", "l2"), titles, strict=True))
    assert len(list(sweep_figure(result(SIGN, RANDOM)).select_xaxes())) == 1


def test_the_ticks_say_where_they_stand() -> None:
    axis = sweep_figure(result(SIGN)).layout.xaxis
    assert axis.ticktext == ("−8", "−4", "−2", "−1", "0", "1", "2", "4", "8")
    assert list(axis.tickvals) == pytest.approx([s * np.log10(1 + n) for s, n in zip(
        [-1] * 4 + [1] * 5, [8, 4, 2, 1, 0, 1, 2, 4, 8], strict=True)])  # fmt: skip
    assert axis.range[0] < -1
    assert axis.range[1] > 1


def test_the_clean_accuracy_is_drawn_across() -> None:
    across = [shape for shape in sweep_figure(result(SIGN)).layout.shapes if shape.y0 == shape.y1]
    assert [shape.y0 for shape in across] == [0.75]


def test_at_equal_distance_all_rules_share_a_panel() -> None:
    uneven = replace(SIGN, l2=np.array([[0, 0, 1.8, 1.8], [0] * 4, [0.9] * 4], np.float32))
    figure = sweep_figure(result(uneven, RAW), axis="l2")
    found = lines(figure)
    assert {line.xaxis for line in found.values()} == {"x"}
    assert list(found["sign"].x) == pytest.approx([-1, 0, 1])
    assert list(found["raw"].x) == pytest.approx([-np.log10(1 + 1.8), 0, np.log10(1 + 1.8)])
    assert len(list(figure.select_xaxes())) == 1
    assert "L2" in figure.layout.xaxis.title.text


def test_a_sweep_of_nothing_but_zero_can_be_drawn() -> None:
    still = result(curve(Rule.SIGN, [0.0], [[0, 1, 2, 1]]))
    for axis in ("epsilon", "l2"):
        assert list(lines(sweep_figure(still, axis))["sign"].x) == [0]


def test_squeeze_mirrors_and_keeps_order() -> None:
    values = np.array([-3.0, -0.1, 0.0, 0.1, 3.0])
    where = squeeze(values, "l2")
    assert where.tolist() == (-where[::-1]).tolist()
    assert bool((np.diff(where) > 0).all())


def test_each_rule_has_a_colour_of_its_own() -> None:
    assert set(RULE_COLOURS) == set(RULE_DASHES) == set(RULE_TITLES) == set(Rule)
    assert len(set(RULE_COLOURS.values())) == len(Rule)
    assert translucent("#D55E00", 0.5) == "rgba(213,94,0,0.5)"


# What the network believes


def seen(before: list[float], after: list[float], label: int) -> Exploration:
    clean, perturbed = (View(np.zeros((3, 2, 2)), np.array(p), {}, 0.0) for p in (before, after))
    return Exploration(label, label, 1.0, 1.0, clean, perturbed, perturbed)


def test_beliefs_are_ordered_and_the_true_class_is_marked() -> None:
    figure = belief_figure(seen([0.6, 0.3, 0.1], [0.05, 0.2, 0.75], 0), ("ant", "bee", "cow"))
    assert [bar.name for bar in figure.data] == ["clean", "perturbed"]
    clean, perturbed = figure.data
    assert clean.y == perturbed.y == ("cow", "ant ✓", "bee")
    assert clean.x == (0.1, 0.6, 0.3)
    assert perturbed.x == (0.75, 0.05, 0.2)
    assert clean.text == ("10.0%", "60.0%", "30.0%")


def test_beliefs_show_the_top_of_both_and_always_the_truth() -> None:
    figure = belief_figure(seen([0.9, 0.06, 0.03, 0.01, 0], [0.02, 0.03, 0.95, 0, 0], 4), tuple("abcde"), top=1)
    assert figure.data[0].y == ("c", "a", "e ✓")
    assert figure.data[1].x == (0.95, 0.02, 0.0)


# Pixels


def pixels(picture: object) -> np.ndarray:
    return np.asarray(picture)


def test_a_picture_is_the_image_enlarged_with_hard_edges() -> None:
    image = np.random.default_rng(0).random((3, 5, 4)).astype(np.float32)
    levels = np.rint(image * 255).astype(np.uint8).transpose(1, 2, 0)
    for scale in (1, 3, 16):
        expected = levels.repeat(scale, 0).repeat(scale, 1)
        np.testing.assert_array_equal(pixels(to_picture(image, scale)), expected)


def test_a_grey_image_makes_a_grey_picture() -> None:
    picture = to_picture(np.array([[[0.0, 0.5], [1.0, 2.0]]]), 1)
    assert picture.mode == "L"
    assert pixels(picture).tolist() == [[0, 128], [255, 255]]


def test_noise_is_about_middle_grey() -> None:
    delta = np.array([[[0.0, 0.1, -0.1, 0.02, 9.0]]])
    assert pixels(noise_picture(delta, 10, 1)).tolist() == [[128, 255, 0, 153, 255]]
    assert pixels(noise_picture(np.zeros((3, 1, 1)), 50, 2)).tolist() == [[[128] * 3] * 2] * 2


def test_signed_colours_are_full_at_one_over_gain() -> None:
    delta = np.array([[[-1.0, -0.1, -0.05, 0.0, 0.05, 0.1, 1.0]]])
    blue, neutral, red = [33, 102, 172], [247, 247, 247], [178, 24, 43]
    half_blue, half_red = [140, 174, 210], [212, 136, 145]
    shown = pixels(signed_picture(delta, 10, 1)).tolist()
    assert shown == [[blue, blue, half_blue, neutral, half_red, red, red]]


def test_signed_colours_are_of_the_mean_over_the_channels() -> None:
    delta = np.array([-0.3, 0.3, 0.3]).reshape(3, 1, 1)
    assert pixels(signed_picture(delta, 10, 2)).tolist() == [[[178, 24, 43]] * 2] * 2
    assert pixels(signed_picture(delta * [[[0.0]]], 10, 1)).tolist() == [[[247] * 3]]
