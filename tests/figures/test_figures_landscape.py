"""The landscape's figures: the traces carry the numbers, in the units that the axes name."""

from dataclasses import replace
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest
from helpers import CLASSES, plane

from gradlab.figures.landscape import CLASS_COLOURS, OTHER_COLOUR, class_colours, loss_line_figure
from gradlab.figures.plane import loss_plane_figure
from gradlab.figures.style import enlarged
from gradlab.types import LossLine, Rule

GRID = np.arange(-2, 3) / 2 * 8 / 255
LINE = LossLine(
    rule=Rule.SIGN, label=0, epsilons=GRID, loss=np.array([3.0, 0.5, 1.0, 2.0, np.nan]),
    predictions=np.array([1, 0, 0, 2, -1], np.int16), slope=100.0,
)  # fmt: skip


def trace(figure: go.Figure, meta: object) -> Any:
    (found,) = [one for one in figure.data if one.meta == meta]
    return found


def marks(figure: go.Figure) -> dict[str, tuple[float, float]]:
    return {
        one.name: (one.x[0], one.y[0]) for one in figure.data if isinstance(one, go.Scatter) and one.mode == "markers"
    }


# Along the line


def test_the_curve_and_the_straight_line_carry_the_losses() -> None:
    figure = loss_line_figure(LINE, CLASSES, 0.0)
    curve, straight = trace(figure, "loss"), trace(figure, "straight")
    assert list(curve.y) == [3.0, 0.5, 1.0, 2.0, None]
    np.testing.assert_allclose(curve.x, [-8, -4, 0, 4, 8])
    np.testing.assert_allclose(straight.y, 1 + 100 * GRID)
    assert straight.line.dash == "dash"
    assert curve.line.color == Rule.SIGN.row.colour
    assert list(curve.customdata[3]) == ["+4/255", f"{1 + 100 * 4 / 255:.4g}", "cow"]
    low, high = figure.layout.yaxis.range
    assert low < 0
    assert 3 < high < 3.3, "of the loss, not of the straight line"


@pytest.mark.parametrize("rule", list(Rule))
def test_the_axis_is_linear_and_names_its_unit(rule: Rule) -> None:
    reach = 8.0 if rule.unit == "pixel" else 8 / 255
    line = loss_line_figure(replace(LINE, rule=rule), CLASSES, 0.0)
    for figure in (line, loss_plane_figure(plane(rule=rule), CLASSES, 0.0)):
        axes = list(figure.select_xaxes())
        assert [axis.type for axis in axes] == [None] * len(axes)
        assert rule.unit.row.title in axes[-1].title.text
    assert trace(line, "loss").x[-1] == pytest.approx(reach)
    assert line.layout.xaxis.range == line.layout.xaxis2.range == pytest.approx((-1.02 * reach, 1.02 * reach))


def test_what_is_marked_on_the_line() -> None:
    assert marks(loss_line_figure(LINE, CLASSES, 2 / 255)) == {
        "clean image: ant": (0.0, 1.0),
        "lowest, towards": (-4.0, 0.5),
        "chosen ε": (2.0, 1.5),
    }
    beyond = marks(loss_line_figure(LINE, CLASSES, -9 / 255))
    assert set(beyond) == {"clean image: ant", "lowest, towards"}
    rising = replace(LINE, loss=np.array([3.0, 2, 1, 2, 3]))
    assert set(marks(loss_line_figure(rising, CLASSES, 0.0))) == {"clean image: ant"}


def test_the_strip_has_a_bar_for_each_stretch_of_a_class() -> None:
    bars = [one for one in loss_line_figure(LINE, CLASSES, 0.0).data if isinstance(one, go.Bar)]
    assert [(bar.meta, bar.text) for bar in bars] == [(1, "bee"), (0, "ant"), (2, "cow"), (-1, "no number")]
    np.testing.assert_allclose([(bar.base, bar.base + bar.x[0]) for bar in bars], [(-10, -6), (-6, 2), (2, 6), (6, 10)])
    colours = class_colours(LINE.predictions)
    assert [bar.marker.color for bar in bars] == [colours[bar.meta] for bar in bars]
    assert "ε = −4/255 to 0<" in bars[1].hovertemplate


def test_a_short_stretch_is_named_under_the_pointer_only() -> None:
    said = np.zeros(101, np.int16)
    said[50] = 1
    long = replace(LINE, epsilons=np.arange(-50, 51) / 50, loss=np.ones(101), predictions=said)
    bars = [one for one in loss_line_figure(long, CLASSES, 0.0).data if isinstance(one, go.Bar)]
    assert [bar.text for bar in bars] == ["ant", "", "ant"]
    assert "bee" in bars[1].hovertemplate


def test_colours_are_given_outwards_and_run_out_into_grey() -> None:
    colours = class_colours(np.array([8, 6, 4, 2, 0, 1, 3, 5, 7], np.int16))
    assert [colours[k] for k in (0, 2, 1, 4, 3, 6)] == list(CLASS_COLOURS), "of two as far from 0, the left one first"
    assert {colours[k] for k in (5, 8, 7, -1)} == {OTHER_COLOUR}


# Over the plane


def heat(figure: go.Figure) -> go.Heatmap:
    (found,) = [one for one in figure.data if isinstance(one, go.Heatmap)]
    return found


def test_the_map_carries_the_losses() -> None:
    shown = heat(loss_plane_figure(plane(), CLASSES, 0.0))
    np.testing.assert_array_equal(np.array(shown.z, float), plane().loss)
    np.testing.assert_allclose(shown.x, np.arange(-4, 5))
    np.testing.assert_allclose(shown.y, np.arange(-4, 5))
    assert [list(row) for row in shown.text] == [[CLASSES[k] for k in row] for row in plane().predictions]
    assert shown.hovertemplate.startswith("ε %{x:+.4~g}/255, η %{y:+.4~g}/255<br>")
    other = heat(loss_plane_figure(plane(rule=Rule.L2), CLASSES, 0.0))
    assert other.hovertemplate.startswith("ε %{x:+.4~g}, η %{y:+.4~g}<br>")


def test_both_axes_have_one_scale() -> None:
    figure = loss_plane_figure(plane(), CLASSES, 0.0)
    assert figure.layout.yaxis.scaleanchor == "x"
    assert figure.layout.xaxis.range == figure.layout.yaxis.range == (-4.5, 4.5)


def test_borders_run_between_cells_of_different_classes() -> None:
    borders = [one for one in loss_plane_figure(plane(), CLASSES, 0.0).data if one.meta == "border"]
    assert [one.line.color for one in borders] == ["black", "white"], "seen on dark and on light"
    x, y = (np.asarray(values, float).reshape(-1, 3)[:, :2] for values in (borders[0].x, borders[0].y))
    ends = {(tuple(a), tuple(b)) for a, b in zip(x.tolist(), y.tolist(), strict=True)}
    middle = {((0.5, 0.5), (k - 0.5, k + 0.5)) for k in range(-4, 5)}
    corner = {((-3.5, -3.5), (-4.5, -3.5)), ((-4.5, -3.5), (-3.5, -3.5))}
    assert ends == middle | corner


def test_classes_are_named_where_there_is_room_off_the_axis() -> None:
    figure = loss_plane_figure(plane(41), CLASSES, 0.0)
    notes = {note.text: (note.x, note.y) for note in figure.layout.annotations}
    assert set(notes) == {"ant", "bee"}, "one cell is no room for a cow"
    assert notes["ant"][0] < 0 < notes["bee"][0]
    assert all(abs(y) >= 2 for _, y in notes.values())


def test_until_a_cell_is_computed_the_nearest_stands_for_it() -> None:
    whole = plane()
    computed = np.zeros((9, 9), np.bool_)
    computed[::4, ::4] = True
    part = replace(
        whole, loss=np.where(computed, whole.loss, np.nan), computed=computed,
        predictions=np.where(computed, whole.predictions, -1).astype(np.int16),
    )  # fmt: skip
    shown = np.array(heat(loss_plane_figure(part, CLASSES, 0.0)).z, float)
    assert set(shown.ravel()) == set(whole.loss[::4, ::4].ravel())
    assert shown[1, 1] == whole.loss[0, 0]


def test_what_is_marked_on_the_map() -> None:
    assert marks(loss_plane_figure(plane(), CLASSES, -3 / 255)) == {
        "clean image: ant": (0.0, 0.0), "chosen ε": (pytest.approx(-3.0), 0.0),
    }  # fmt: skip
    assert set(marks(loss_plane_figure(plane(), CLASSES, 5 / 255))) == {"clean image: ant"}


def test_what_is_no_number_leaves_a_gap() -> None:
    loss, said = plane().loss.copy(), plane().predictions.copy()
    loss[2, 3], said[2, 3] = np.nan, -1
    shown = heat(loss_plane_figure(plane(loss=loss, predictions=said), CLASSES, 0.0))
    assert shown.z[2][3] is None
    assert shown.text[2][3] == "no number"
    nothing = replace(LINE, loss=np.full(5, np.nan), predictions=np.full(5, -1, np.int16))
    assert list(trace(loss_line_figure(nothing, CLASSES, 0.01), "loss").y) == [None] * 5


def test_they_can_be_enlarged_for_a_projector() -> None:
    for figure in (loss_line_figure(LINE, CLASSES, 0.01), loss_plane_figure(plane(41), CLASSES, 0.01)):
        before = figure.layout.height
        assert enlarged(figure, 2).layout.height > before
