"""Figures that compare: the matrix of a transfer, and two curves on one chart."""

import csv
import io
from dataclasses import replace

import numpy as np
import pytest
from helpers import curve, result, transferred
from scipy.stats import binomtest

from gradlab.figures.compare import DASHES, SYMBOLS, Side, compare_figure
from gradlab.figures.transfer import transfer_figure
from gradlab.report import transfer_to_csv
from gradlab.statistics import against_own, difference_text, paired_difference_of_counts
from gradlab.types import Rule

SIGN = curve(Rule.SIGN, [-9 / 255, 0.0, 9 / 255], [[0, 1, 2, 0], [0, 1, 2, 1], [1, 2, 0, 0]])
RANDOM = curve(Rule.RANDOM, [-9 / 255, 9 / 255], [[0, 1, 2, 1], [0, 1, 2, 1]])
RAW = curve(Rule.RAW, [-0.09, 0.0, 0.09], [[0, 1, 2, 0], [0, 1, 2, 1], [1, 0, 0, 1]])
ALL = result(SIGN, RANDOM, RAW)
OTHER = replace(result(SIGN, RAW), model="other", clean_predictions=np.array([0, 1, 0, 1]))


# The matrix


def test_the_matrix_is_of_accuracies_with_the_clean_ones_first() -> None:
    (heat,) = transfer_figure(transferred()).data
    np.testing.assert_allclose(heat.z, [[1, 0.75], [0, 0.5], [0.75, 0.25]])
    assert list(heat.x) == ["ash", "oak"]
    assert list(heat.y) == ["clean", "ash", "oak"]
    assert (heat.zmin, heat.zmax) == (0, 1), "one colour means the same in every matrix"
    written = {
        (note.y, note.x): (note.text, note.font.color) for note in transfer_figure(transferred()).layout.annotations
    }
    assert written[0, 0] == ("100.0%", "black")
    assert written[2, 1] == ("25.0%", "white"), "on a dark ground"
    assert len(written) == 6


def test_a_cell_says_what_it_rests_on() -> None:
    figure = transfer_figure(transferred())
    low, high = binomtest(2, 4).proportion_ci(method="wilson")
    note = figure.data[0].customdata[1][1]
    assert "made on ash" in note
    assert "tested on oak" in note
    assert f"50.00% ({low:.1%} to {high:.1%})" in note
    assert "2 of 4 images right" in note
    difference = difference_text(paired_difference_of_counts(2, 0, 4)).replace(" (95", "<br>(95")
    assert f"minus ash: {difference}" in note
    assert "minus" not in figure.data[0].customdata[1][0], "ash itself"
    assert "minus" not in figure.data[0].customdata[0][1], "clean images were made on no network"
    assert "mean L2 0.75, mean L∞ 47.8/255, median PSNR 30.0 dB" in note
    assert "L2" not in figure.data[0].customdata[0][1], "nothing was done to the clean images"
    assert list(figure.layout.yaxis.ticktext) == ["clean", "ash<br>L2 0.75", "oak<br>L2 0.25"]
    still = replace(transferred(), psnr=np.full((2, 4), np.inf, np.float32))
    assert "median PSNR ∞ (half or more unchanged)" in transfer_figure(still).data[0].customdata[1][0]
    still = replace(still, l2=np.zeros((2, 4), np.float32))
    assert "median PSNR ∞ (identical)" in transfer_figure(still).data[0].customdata[1][0]


def test_the_diagonal_is_framed() -> None:
    frames = [(s.x0, s.x1, s.y0, s.y1) for s in transfer_figure(transferred()).layout.shapes]
    assert frames == [(-0.5, 0.5, 0.5, 1.5), (0.5, 1.5, 1.5, 2.5)]


def test_the_matrix_as_csv() -> None:
    rows = list(csv.DictReader(io.StringIO(transfer_to_csv(transferred()))))
    assert [(row["made_on"], row["tested_on"], row["correct"]) for row in rows] == [
        ("", "ash", "4"), ("", "oak", "3"), ("ash", "ash", "0"), ("ash", "oak", "2"), ("oak", "ash", "3"),
        ("oak", "oak", "1"),
    ]  # fmt: skip
    assert [row["l2"] for row in rows] == ["", "", "0.75", "0.75", "0.25", "0.25"]
    assert [float(row["epsilon"]) for row in rows] == [0, 0, 0.1, 0.1, 0.1, 0.1]
    own = against_own(transferred(), 0, 1)
    assert (own.only_a, own.only_b, own.images) == (2, 0, 4)
    assert [float(rows[3][name]) for name in ("minus_own", "minus_own_low", "minus_own_high")] == [
        own.difference, own.low, own.high,
    ]  # fmt: skip
    assert rows[0]["minus_own"] == ""
    assert float(rows[2]["minus_own"]) == 0, "the network itself"
    low, high = binomtest(3, 4).proportion_ci(method="wilson")
    assert (float(rows[4]["low"]), float(rows[4]["high"])) == pytest.approx((low, high))
    assert (rows[0]["rule"], rows[0]["unit"], rows[0]["labels"], rows[0]["images"]) == ("sign", "pixel", "true", "4")


# Two curves


def test_a_solved_point_between_the_points_of_the_grid_is_ringed() -> None:
    point = curve(Rule.RAW, [0.05], [[1, 0, 2, 1]])
    solved = Side("B", result(point), point)
    figure = compare_figure((Side("A", ALL, SIGN), Side("B", ALL, RAW)), "epsilon", (2, None), solved)
    (ring,) = [trace for trace in figure.data if trace.marker.symbol == "diamond-open"]
    assert ring.y[0] == 0.25
    assert ring.yaxis == "y2", "in the panel of its unit"
    line = next(trace for trace in figure.data if trace.meta == "B")
    assert line.x[1] < ring.x[0] < line.x[2]


def test_two_networks_with_one_rule_are_told_apart_by_their_line() -> None:
    figure = compare_figure((Side("A: tiny", ALL, SIGN), Side("B: other", OTHER, OTHER.curves[0])))
    first, second = (trace for trace in figure.data if trace.meta)
    assert (first.meta, second.meta) == ("A: tiny", "B: other")
    assert first.line.color == second.line.color == Rule.SIGN.row.colour
    assert (first.line.dash, second.line.dash) == DASHES
    assert (first.marker.symbol, second.marker.symbol) == SYMBOLS
    assert first.name == "A: tiny, sign"
    assert "A: tiny" in first.hovertemplate
    assert list(first.y) == list(second.y) == [1.0, 0.75, 0.25]
    assert sorted(s.y0 for s in figure.layout.shapes if s.y0 == s.y1) == [0.5, 0.75], "each has its clean accuracy"


def test_two_rules_of_one_network_have_one_clean_accuracy() -> None:
    figure = compare_figure((Side("A", ALL, SIGN), Side("B", ALL, RANDOM)))
    assert [s.y0 for s in figure.layout.shapes if s.y0 == s.y1] == [0.75]
    assert {trace.xaxis for trace in figure.data} == {"x"}


def test_two_units_have_two_panels_but_at_the_distance_one() -> None:
    sides = Side("A", ALL, SIGN), Side("B", ALL, RAW)
    assert {trace.xaxis for trace in compare_figure(sides).data} == {"x", "x2"}
    together = compare_figure(sides, "l2")
    assert {trace.xaxis for trace in together.data} == {"x"}
    assert "achieved mean L2" in together.layout.xaxis.title.text
    line = next(trace for trace in together.data if trace.meta == "B")
    assert line.x[0] < 0 < line.x[-1]
    assert line.x[-1] == pytest.approx(np.log10(1 + 0.18 / 0.1), rel=1e-5)


@pytest.mark.parametrize("axis", ["epsilon", "l2"])
def test_the_points_that_are_compared_are_ringed(axis: str) -> None:
    figure = compare_figure((Side("A", ALL, SIGN), Side("B", ALL, RANDOM)), axis, (2, 0))
    lines = [trace for trace in figure.data if trace.meta]
    rings = [trace for trace in figure.data if str(trace.marker.symbol).endswith("-open")]
    for line, ring, k in zip(lines, rings, (2, 0), strict=True):
        assert (ring.x[0], ring.y[0]) == (line.x[k], line.y[k])
        assert ring.marker.color == line.line.color
    assert len(compare_figure((Side("A", ALL, SIGN), Side("B", ALL, RANDOM)), axis, (2, None)).data) == 5


def test_what_was_rounded_is_not_drawn() -> None:
    both = curve(Rule.SIGN, [-0.1, 0.1], [[0, 1, 2, 0], [0, 1, 2, 1]], rounded=[[0, 1, 2, 0], [0, 1, 2, 1]])
    assert len(compare_figure((Side("A", result(both), both), Side("B", ALL, RANDOM))).data) == 4
