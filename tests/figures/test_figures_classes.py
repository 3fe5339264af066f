"""Small panels a class, and flows from class to class: what is drawn is what was counted."""

from dataclasses import replace

import numpy as np
import plotly.graph_objects as go
import pytest
from helpers import CLASSES, curve, plane, result

from gradlab.figures.classes import class_bar_figure, class_heat_figure, confusion_figure
from gradlab.figures.flows import LARGEST, OTHERS, flow_figure, flows
from gradlab.figures.landscape import loss_line_figure
from gradlab.figures.panels import class_panels_figure
from gradlab.figures.plane import loss_plane_figure
from gradlab.figures.signed import squeeze
from gradlab.types import LossLine, Rule, SweepResult

SIGN = curve(Rule.SIGN, [-9 / 255, 0.0, 9 / 255], [[0, 1, 2, 0], [0, 1, 2, 1], [1, 2, 0, 0]])
RANDOM = curve(Rule.RANDOM, [-9 / 255, 9 / 255], [[0, 1, 2, 1], [0, 1, 2, 1]])
L2 = curve(Rule.L2, [-0.9, 0.9], [[0, 1, 2, 0], [1, 2, 0, 1]])


# Panels


def panel(figure: go.Figure, n: int, rule: str) -> go.Scatter:
    axis = "x" if n == 0 else f"x{n + 1}"
    (found,) = [trace for trace in figure.data if (trace.xaxis, trace.meta) == (axis, rule)]
    return found


def test_a_panel_a_class_and_in_it_a_line_a_rule() -> None:
    figure = class_panels_figure(result(SIGN, RANDOM), [0, 2])
    assert len(figure.data) == 4
    # ant: the images 0 and 3; cow: image 2
    assert panel(figure, 0, "sign").y == (1.0, 0.5, 0.5)
    assert panel(figure, 1, "sign").y == (1.0, 1.0, 0.0)
    assert panel(figure, 1, "random").y == (1.0, 1.0)
    for line in figure.data:
        assert line.line.color == Rule(line.meta).row.colour
        assert line.line.dash == Rule(line.meta).row.dash
    assert [trace.meta for trace in figure.data if trace.showlegend] == ["sign", "random"], "each once"
    assert [note.text.split(" ")[0] for note in figure.layout.annotations[:2]] == ["ant", "cow"]
    assert "(2)" in figure.layout.annotations[0].text, "two images"


def test_the_clean_accuracy_of_each_class_is_dotted() -> None:
    figure = class_panels_figure(result(SIGN), [0, 1, 2])
    dotted = {shape.yref: shape.y0 for shape in figure.layout.shapes if shape.line.dash == "dot"}
    assert dotted == {"y": 0.5, "y2": 1.0, "y3": 1.0}


def test_rules_of_one_unit_stand_at_their_epsilons() -> None:
    figure = class_panels_figure(result(SIGN, RANDOM), [0])
    assert list(panel(figure, 0, "sign").x) == pytest.approx(squeeze(SIGN.epsilons, "pixel"))
    assert "n/255" in figure.layout.annotations[-2].text
    assert figure.layout.xaxis.ticktext[0].startswith("−")
    assert "0" in figure.layout.xaxis.ticktext


def test_rules_of_several_units_are_stretched_to_the_same_width() -> None:
    figure = class_panels_figure(result(SIGN, L2), [1])
    assert list(panel(figure, 0, "sign").x) == pytest.approx([-1, 0, 1])
    assert list(panel(figure, 0, "l2").x) == pytest.approx([-1, 1])
    assert figure.layout.xaxis.ticktext == ("−", "0", "+")
    assert "its own unit" in figure.layout.annotations[-2].text


def test_at_equal_distance_all_rules_share_an_axis() -> None:
    figure = class_panels_figure(result(SIGN, L2), [1], "l2")
    # the helper's measures: L2 is twice epsilon
    assert list(panel(figure, 0, "l2").x) == pytest.approx(squeeze(np.array([-1.8, 1.8]), "l2"))
    assert list(panel(figure, 0, "sign").x) == pytest.approx(squeeze(np.array([-18, 0, 18]) / 255, "l2"), rel=1e-5)
    assert "achieved mean L2" in figure.layout.annotations[-2].text


def test_a_class_without_images_is_left_empty() -> None:
    figure = class_panels_figure(result(SIGN, labels=(0, 1, 1, 0)), [2])
    assert panel(figure, 0, "sign").y == (None, None, None)
    assert not [shape for shape in figure.layout.shapes if shape.line.dash == "dot"]


def test_twenty_panels_stand_in_rows_of_five() -> None:
    many = replace(result(SIGN), classes=(*CLASSES, *(f"class {n}" for n in range(3, 100))))
    figure = class_panels_figure(many, range(20))
    tops = {round(axis.domain[1], 6) for axis in figure.select_yaxes()}
    lefts = {round(axis.domain[0], 6) for axis in figure.select_xaxes()}
    assert (len(tops), len(lefts)) == (4, 5)
    assert figure.layout.height > class_panels_figure(many, range(5)).layout.height


# Flows


def links(figure: go.Figure) -> dict[tuple[str, str], int]:
    (diagram,) = figure.data
    names, link = diagram.node.label, diagram.link
    return {
        (names[a], names[b]): value for a, b, value in zip(link.source, link.target, link.value, strict=True)
    }  # fmt: skip


def test_flows_are_what_was_counted() -> None:
    figure = flow_figure(result(SIGN), SIGN, 2)
    # before: 0 1 2 1, after: 1 2 0 0
    assert links(figure) == {("ant", "bee"): 1, ("bee", "cow"): 1, ("cow", "ant"): 1, ("bee", "ant"): 1}
    assert flows(result(SIGN), SIGN, 2).images == 4
    sides = figure.data[0].node.customdata
    assert (sides.count("before"), sides.count("after")) == (3, 3), "a class stands on both sides"


def test_what_did_not_change_is_grey_and_the_rest_has_the_colour_of_the_class_it_leaves() -> None:
    figure = flow_figure(result(SIGN), SIGN, 0)  # the last image goes from bee to ant
    diagram = figure.data[0]
    names = diagram.node.label
    for a, b, colour in zip(diagram.link.source, diagram.link.target, diagram.link.color, strict=True):
        muted = colour.startswith("rgba(138,138,138")
        assert muted == (names[a] == names[b])
    assert len({diagram.node.color[n] for n in range(3)}) == 3


def test_classes_stand_in_their_order_on_both_sides() -> None:
    diagram = flow_figure(result(SIGN), SIGN, 2).data[0]
    for side, x in (("before", 0.001), ("after", 0.999)):
        rows = [n for n, where in enumerate(diagram.node.customdata) if where == side]
        assert [diagram.node.label[n] for n in rows] == list(CLASSES)
        assert [diagram.node.x[n] for n in rows] == [x] * 3
        heights = [diagram.node.y[n] for n in rows]
        assert heights == sorted(heights)
        assert 0 < heights[0] < heights[-1] < 1


def hundred() -> SweepResult:
    """100 classes of 100 images each: class n sends n images to the next class, n to the one after, and the rest stay.

    Those of class 99 go to the classes 0 and 1.
    """
    before = np.arange(100).repeat(100)
    place = np.tile(np.arange(100), 100)
    moved = np.where(place < before // 2, before + 1, np.where(place < before // 2 * 2, before + 2, before)) % 100
    step = curve(Rule.SIGN, [0.1], [moved.tolist()])
    names = tuple(f"class {n}" for n in range(100))
    whole = result(step, labels=tuple(before.tolist()))
    return replace(whole, classes=names, clean_predictions=before)


def test_of_a_hundred_classes_the_largest_changes_and_what_else_leaves_their_classes() -> None:
    many = hundred()
    drawn = flows(many, many.curves[0], 0)
    sources = sorted({before for before, _, _ in drawn.links})
    assert sources == list(range(90, 100)), "two equal flows from each of the ten classes that send most"
    assert len([1 for before, after, _ in drawn.links if before != after and after >= 0]) == LARGEST
    assert not [1 for _, after, _ in drawn.links if after < 0], "nothing else leaves them"
    assert drawn.images == 1000, "no image of theirs is lost"


def test_what_is_no_large_flow_goes_to_the_others() -> None:
    many = hundred()
    # One image of class 99 that stayed now goes far away: too small a flow to stand alone.
    predictions = many.curves[0].predictions.copy()
    predictions[0, -1] = 50
    step = replace(many.curves[0], predictions=predictions)
    figure = flow_figure(replace(many, curves=(step,)), step, 0)
    assert links(figure)["class 99", OTHERS] == 1
    assert figure.data[0].node.label[-1] == OTHERS
    drawn = flows(replace(many, curves=(step,)), step, 0)
    assert drawn.images == 1000


def test_where_nothing_moves_there_is_nothing_to_draw_of_a_hundred_classes() -> None:
    many = hundred()
    still = curve(Rule.SIGN, [0.0], [many.clean_predictions.tolist()])
    assert flows(replace(many, curves=(still,)), still, 0).links == ()
    assert len(flow_figure(replace(many, curves=(still,)), still, 0).data) == 1


def test_names_of_classes_are_drawn_as_they_are_written() -> None:
    """Plotly takes HTML in a text for what it is, links included."""
    names = ("<b>ant</b>", '<a href="x">bee</a>', "cow & <i>calf")
    one = replace(result(curve(Rule.SIGN, [-0.1, 0.1], [[0, 1, 2, 0], [1, 2, 0, 0]])), classes=names)
    epsilons = np.linspace(-0.1, 0.1, 9)
    line = LossLine(Rule.SIGN, 0, epsilons, epsilons**2, np.repeat([0, 1, 2], 3), slope=1.0)
    for figure in (
        *(draw(one, one.curves[0], 1) for draw in (class_heat_figure, class_bar_figure, confusion_figure, flow_figure)),
        class_panels_figure(one, [0, 1, 2]), loss_line_figure(line, names, 0.0), loss_plane_figure(plane(25), names, 0),
    ):  # fmt: skip
        drawn = repr(figure.to_dict())
        assert "&lt;b&gt;ant&lt;/b&gt;" in drawn, "it is there"
        assert not any(tag in drawn for tag in ("<b>ant", "<a href", "<i>calf"))
