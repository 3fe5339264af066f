"""Figures: the traces carry the numbers, the pictures the exact pixels."""

import base64
from dataclasses import replace
from io import BytesIO

import numpy as np
import plotly.graph_objects as go
import pytest
from helpers import CLASSES, curve, result
from PIL import Image
from scipy.stats import binomtest

from gradlab.figures.classes import MOST, class_bar_figure, class_heat_figure, confusion_figure
from gradlab.figures.flips import flip_figure, flip_shares, flip_side_figure
from gradlab.figures.flows import flow_figure
from gradlab.figures.pixels import data_url, noise_picture, sheet_picture, signed_picture, to_picture
from gradlab.figures.signed import signed_axis, squeeze
from gradlab.figures.style import blank, enlarged, translucent
from gradlab.figures.sweep import area_figure, sweep_figure
from gradlab.steps.epsilon import default_grid
from gradlab.types import Rule, Unit

# Epsilons that stand at ∓1, 0 on their axes: nine times the width of the straight part.
SIGN = curve(Rule.SIGN, [-9 / 255, 0.0, 9 / 255], [[0, 1, 2, 0], [0, 1, 2, 1], [1, 2, 0, 0]])
RANDOM = curve(Rule.RANDOM, [-9 / 255, 9 / 255], [[0, 1, 2, 1], [0, 1, 2, 1]])
RAW = curve(Rule.RAW, [-0.09, 0.0, 0.09], [[0, 1, 2, 0], [0, 1, 2, 1], [1, 0, 0, 1]])
L2 = curve(Rule.L2, [-0.9, 0.9], [[0, 1, 2, 0], [1, 2, 0, 1]])
ALL = result(SIGN, RANDOM, RAW, L2)
ACCURACY = {"sign": [1.0, 0.75, 0.25], "random": [0.75, 0.75], "raw": [1.0, 0.75, 0.0], "l2": [1.0, 0.0]}


def is_open(trace: go.Scatter) -> bool:
    """Of the line after rounding to 8 bit."""
    return str(trace.marker.symbol).endswith("-open")


def lines(figure: go.Figure) -> dict[str, go.Scatter]:
    found = [trace for trace in figure.data if trace.fill is None and not is_open(trace)]
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
        assert line.line.color == line.marker.color == Rule(name).row.colour
        assert line.line.dash == Rule(name).row.dash
        assert line.name == Rule(name).row.words


def test_one_band_a_rule_between_the_ends_of_the_interval() -> None:
    found = bands(sweep_figure(ALL))
    assert set(found) == set(ACCURACY)
    for name, accuracies in ACCURACY.items():
        ends = [binomtest(round(4 * a), 4).proportion_ci(method="wilson") for a in accuracies]
        border = [end.high for end in ends] + [end.low for end in reversed(ends)]
        band, line = found[name], lines(sweep_figure(ALL))[name]
        assert list(band.y) == pytest.approx(border, abs=1e-12)
        assert list(band.x) == [*line.x, *reversed(line.x)]
        assert band.fillcolor == translucent(Rule(name).row.colour, 0.18)


def test_one_panel_a_unit() -> None:
    figure = sweep_figure(ALL)
    axes = {name: line.xaxis for name, line in lines(figure).items()}
    assert axes == {"sign": "x", "random": "x", "raw": "x2", "l2": "x3"}
    assert {name: band.xaxis for name, band in bands(figure).items()} == axes
    titles = [axis.title.text for axis in figure.select_xaxes()]
    assert all(Unit(unit).row.title in title for unit, title in zip(("pixel", "gradient", "l2"), titles, strict=True))
    assert len(list(sweep_figure(result(SIGN, RANDOM)).select_xaxes())) == 1


def test_the_ticks_say_where_they_stand() -> None:
    axis = sweep_figure(result(SIGN)).layout.xaxis
    assert axis.ticktext == ("−8", "−4", "−1", "0", "1", "4", "8"), "as many as stand apart beside the line's name"
    assert list(axis.tickvals) == pytest.approx([s * np.log10(1 + n) for s, n in zip(
        [-1] * 3 + [1] * 4, [8, 4, 1, 0, 1, 4, 8], strict=True)])  # fmt: skip
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


def test_what_8_bit_leave_is_a_thinner_line_with_open_markers() -> None:
    rounded = curve(Rule.SIGN, [-9 / 255, 9 / 255], [[0, 1, 2, 0], [1, 2, 0, 0]], rounded=[[0, 1, 2, 1], [0, 1, 0, 1]])
    figure = sweep_figure(result(rounded, replace(L2, rounded=L2.predictions)))
    found = [trace for trace in figure.data if is_open(trace)]
    assert [trace.marker.symbol for trace in found] == ["circle-open", "triangle-up-open", "circle-open"]
    assert [trace.meta for trace in found] == ["sign", "l2", None], "a line a rule, and one entry of the legend"
    assert [bool(trace.showlegend) for trace in found[:2]] == [False, False]
    thin, thick = found[0], lines(figure)["sign"]
    assert list(thin.y) == [0.75, 0.5]
    assert list(thick.y) == [1.0, 0.25]
    assert list(thin.x) == list(thick.x)
    assert thin.line.width < thick.line.width
    assert thin.line.color == thin.marker.line.color == Rule.SIGN.row.colour
    assert found[1].xaxis == "x2"
    assert found[0].customdata[0][1] == "30.1% to 95.4%", "its own interval"


def test_without_rounding_there_is_one_line_a_rule() -> None:
    assert not [trace for trace in sweep_figure(ALL).data if is_open(trace)]


@pytest.mark.parametrize("rule", list(Rule))
def test_ticks_stand_apart_even_on_a_phone(rule: Rule) -> None:
    axis = signed_axis(rule.unit, default_grid(rule)[-1])
    where, low, high = axis["tickvals"], *axis["range"]
    pixels = (where - low) / (high - low) * 270
    widths = np.array([6 * len(text) for text in axis["ticktext"]])  # 12 pixels high, as Streamlit sets it
    assert bool((np.diff(pixels) > (widths[1:] + widths[:-1]) / 2).all())


@pytest.mark.parametrize("unit", list(Unit))
def test_the_title_of_an_axis_fits_a_phone(unit: Unit) -> None:
    title = signed_axis(unit, 1.0)["title_text"]
    assert title.startswith("← towards")
    assert title.endswith("away →")
    assert 7 * len(title) < 310  # 14 pixels high, in a frame of 390


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
    assert len({rule.row.colour for rule in Rule}) == len({rule.row.words for rule in Rule}) == len(Rule)
    assert translucent("#D55E00", 0.5) == "rgba(213,94,0,0.5)"


# Class by class


def test_the_heat_map_has_each_class_at_each_epsilon_and_a_frame_around_the_chosen_one() -> None:
    figure = class_heat_figure(ALL, SIGN, 2)
    heat = figure.data[0]
    assert list(heat.y) == ["ant", "bee", "cow"]
    # ant: the images 0 and 3
    assert np.array(heat.z, float).tolist() == [[1.0, 0.5, 0.5], [1.0, 1.0, 0.0], [1.0, 1.0, 0.0]]
    assert (heat.zmin, heat.zmax) == (0, 1)
    frame = figure.layout.shapes[0]
    assert (frame.x0, frame.x1) == (1.5, 2.5)
    assert heat.text[0][0] == "−9/255, 2 images"


def test_a_class_without_images_is_left_empty() -> None:
    few = result(SIGN, labels=(0, 1, 1, 0))
    assert list(class_heat_figure(few, SIGN, 0).data[0].z[2]) == [None] * 3
    bars = class_bar_figure(few, SIGN, 0).data
    assert [bar.x[2] for bar in bars] == [None, None]
    assert bars[0].text[2] == "no images"
    assert blank(np.array([np.nan, 0.5])) == [None, 0.5]


def test_bars_of_each_class_before_and_at_the_point() -> None:
    clean, perturbed = class_bar_figure(ALL, SIGN, 2).data
    assert list(clean.x) == [0.5, 1.0, 1.0]
    assert list(perturbed.x) == [0.5, 0.0, 0.0]
    assert clean.text == ("50%", "100%", "100%")


def test_digits_are_names_of_classes() -> None:
    digits = replace(ALL, classes=("0", "1", "2"))
    for figure in (class_heat_figure(digits, SIGN, 2), class_bar_figure(digits, SIGN, 2)):
        assert figure.layout.yaxis.type == "category"
    both = confusion_figure(digits, SIGN, 2).layout
    assert (both.xaxis.type, both.yaxis.type, both.xaxis.tickangle) == ("category", "category", 0)


def test_confusion_is_from_what_the_network_said_before_to_what_it_says_now() -> None:
    heat = confusion_figure(ALL, SIGN, 2).data[0]
    # before: 0 1 2 1, after: 1 2 0 0
    assert np.array(heat.customdata).tolist() == [[0, 1, 0], [1, 0, 1], [1, 0, 0]]
    assert np.array(heat.z).tolist() == [[0, 1, 0], [0.5, 0, 0.5], [1, 0, 0]]
    assert np.array(heat.text).tolist() == [["", "1", ""], ["1", "", "1"], ["1", "", ""]]
    assert list(heat.x) == list(heat.y) == ["ant", "bee", "cow"]


HUNDRED = replace(ALL, classes=(*CLASSES, *(f"class {n}" for n in range(3, 100))))


def test_a_hundred_classes_have_no_numbers_in_their_cells_and_few_names_beside_them() -> None:
    every = [*range(99), 98, 99]
    step = curve(Rule.SIGN, [-0.1, 0.0, 0.1], [every] * 3)
    many = replace(result(step, labels=tuple(every)), classes=HUNDRED.classes)
    figure = confusion_figure(many, step, 2)
    assert figure.data[0].texttemplate is None
    assert (figure.layout.xaxis.dtick, figure.layout.yaxis.dtick) == (10, 5)
    heat = class_heat_figure(many, step, 2)
    assert heat.layout.yaxis.dtick == 5
    assert figure.data[0].ygap == heat.data[0].ygap == 0, "no lines between cells of a few pixels"
    assert max(figure.layout.height, heat.layout.height) < 900
    assert class_heat_figure(ALL, SIGN, 2).layout.yaxis.dtick == 1


def test_of_a_hundred_classes_bars_show_those_that_change_most() -> None:
    labels, clean = (0, 0, 1, 1, 2, 2, 3), np.array([0, 0, 1, 1, 2, 5, 3])
    # ant loses one of two, bee both, cow gains one; class 3 stays as it is
    step = curve(Rule.SIGN, [0.1], [[0, 9, 9, 9, 2, 2, 3]])
    many = replace(result(step, labels=labels), classes=HUNDRED.classes, clean_predictions=clean)
    before, after = class_bar_figure(many, step, 0).data
    assert before.y == after.y == ("bee", "ant", "cow", "class 3"), "and none that has no image"
    assert before.x == (1.0, 1.0, 0.5, 1.0)
    assert after.x == (0.0, 0.5, 1.0, 1.0)


def test_of_a_thousand_classes_those_are_drawn_that_occur() -> None:
    names = tuple(f"a name that is rather long {n}" for n in range(1000))
    step = curve(Rule.SIGN, [0.0, 0.1], [[7, 7, 500, 999], [7, 3, 500, 20]])
    few = replace(result(step, labels=(7, 7, 500, 999)), classes=names, clean_predictions=np.array([7, 7, 500, 999]))
    figure = confusion_figure(few, step, 1)
    (squares,) = figure.data
    assert list(squares.y) == list(squares.x) == [names[n] for n in (3, 7, 20, 500, 999)]
    assert squares.customdata.sum() == few.images, "no image is left out"
    assert squares.texttemplate == "%{text}"
    assert figure.layout.height == confusion_figure(replace(few, classes=names), step, 1).layout.height < 500
    assert all(len(text) <= 18 for text in (*figure.layout.xaxis.ticktext, *figure.layout.yaxis.ticktext))
    heat = class_heat_figure(few, step, 1)
    assert list(heat.data[0].y) == [names[n] for n in (7, 500, 999)]
    np.testing.assert_array_equal(heat.data[0].z, [[1, 0.5], [1, 1], [1, 0]])
    assert len(flow_figure(few, step, 1).data[0].link.value) == 4, "those that stay, too"


def test_of_very_many_classes_that_occur_those_are_drawn_that_change_most() -> None:
    before = np.arange(1000)
    after = before.copy()
    after[990:] = 5
    step = curve(Rule.SIGN, [0.1], [after.tolist()])
    many = replace(
        result(step, labels=tuple(before.tolist())), classes=tuple(map(str, before)), clean_predictions=before
    )  # fmt: skip
    drawn = confusion_figure(many, step, 0).data[0]
    assert len(drawn.y) == MOST
    assert {"5", *map(str, range(990, 1000))} <= set(drawn.y)
    heat = class_heat_figure(many, step, 0).data[0]
    assert len(heat.y) == MOST
    assert set(map(str, range(990, 1000))) <= set(heat.y)


def test_without_labels_a_figure_speaks_of_the_class_that_is_kept() -> None:
    kept = replace(ALL, labelled=False, labels=ALL.clean_predictions)
    figure = sweep_figure(kept)
    assert figure.layout.yaxis.title.text == "share that keeps its class"
    shown = [
        *(line.hovertemplate for line in lines(figure).values()),
        class_heat_figure(kept, SIGN, 2).data[0].hovertemplate,
        area_figure(kept).layout.xaxis.title.text, class_bar_figure(kept, SIGN, 2).layout.xaxis.title.text,
    ]  # fmt: skip
    assert all("share that keeps its class" in text and "accuracy" not in text for text in shown), shown


def test_flips_are_counted_where_an_image_changes_first() -> None:
    steps = curve(
        Rule.SIGN, [-2 / 255, -1 / 255, 0, 1 / 255, 2 / 255],
        [[0, 1, 2, 0], [0, 1, 0, 1], [0, 1, 2, 1], [0, 2, 1, 1], [1, 1, 0, 1]],
    )  # fmt: skip
    one = result(steps)
    # clean: 0 1 2 1; descending, image 2 flips at −1 (and back at −2), image 3 at −2; climbing, 1 and 2 at +1, 0 at +2
    assert flip_shares(one, steps).tolist() == [0.25, 0.25, 0, 0.5, 0.25]
    figure = flip_figure(one)
    assert list(figure.data[0].y) == [0.25, 0.25, 0, 0.5, 0.25]
    assert list(figure.data[0].x) == pytest.approx(squeeze(steps.epsilons, "pixel"))
    notes = [note.text for note in figure.layout.annotations]
    assert notes == ["<b>sign</b>", "never: 50.0%", "never: 25.0%"]
    widths, gaps = figure.data[0].width, np.diff(figure.data[0].x)
    assert bool(((widths[1:] + widths[:-1]) / 2 <= gaps).all()), "bars overlap"


def test_the_flips_of_one_side_are_counted_outward_and_those_that_never_flip_last() -> None:
    flips = np.array([-2 / 255, np.nan, -0.25 / 255, -2 / 255, -64 / 255])
    figure = flip_side_figure(flips, Rule.SIGN, -1, -2 / 255)
    (bars,) = figure.data
    assert bars.x == ("−0.25", "−1", "−2", "−3", "−4", "−6", "−8", "−12", "−16", "−24", "−32", "−48", "−64", " ")
    assert bars.y == (1, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1)
    full = [colour == Rule.SIGN.row.colour for colour in bars.marker.color]
    assert full == [True] * 3 + [False] * 11, "those up to the chosen epsilon"
    assert bars.customdata[2] == ["first flip at −2/255", "40.0%"]
    assert bars.customdata[-1][0] == "no flip"
    assert [note.text for note in figure.layout.annotations] == ["never: 20.0%"]
    assert bars.offset[-1] > bars.offset[-2], "what never flips stands apart"
    climbing = flip_side_figure(np.abs(flips) * 255, Rule.L2, 1, 0.1).data[0]
    assert (climbing.x[0], sum(climbing.y[:-1])) == ("0.02", 2)
    older = flip_side_figure(np.array([-0.5 / 255, -2 / 255, np.nan]), Rule.SIGN, -1, -2 / 255).data[0]
    assert (older.x[:3], older.y[:3]) == (("−0.5", "−1", "−2"), (1, 0, 1)), "of a baseline that began there"


def test_each_rule_has_its_own_histogram() -> None:
    figure = flip_figure(ALL)
    panels = {bar.meta: bar.xaxis for bar in figure.data}
    assert panels == {"sign": "x", "random": "x2", "raw": "x3", "l2": "x4"}
    assert [bar.marker.color for bar in figure.data] == [Rule(bar.meta).row.colour for bar in figure.data]


def test_areas_are_mean_accuracies_on_either_side() -> None:
    one_sided = curve(Rule.MAX, [4 / 255, 8 / 255], [[0, 1, 2, 0], [0, 1, 0, 1]])
    climbing, descending = area_figure(result(SIGN, RAW, one_sided)).data
    # sign: from 0.75 to 0.25 climbing, from 0.75 to 1 descending; max: 0.75 (the clean accuracy, standing in), 1, 0.5
    assert list(climbing.x) == pytest.approx([0.5, 0.375, (0.875 + 0.75) / 2])
    assert list(descending.x)[:2] == pytest.approx([0.875, 0.875])
    assert descending.x[2] is None
    assert climbing.y == descending.y == tuple(rule.row.words for rule in (Rule.SIGN, Rule.RAW, Rule.MAX))
    assert climbing.customdata == ("+9/255", "+0.09", "+8/255")


# What the network believes


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


@pytest.mark.parametrize("channels", [1, 3])
def test_a_sheet_holds_each_image_in_its_cell(channels: int) -> None:
    images = np.random.default_rng(0).integers(0, 256, (5, channels, 3, 4), np.uint8)
    sheet = pixels(sheet_picture(images, 2)).reshape(9, 8, channels)
    for n, image in enumerate(images):
        top, left = n // 2 * 3, n % 2 * 4
        np.testing.assert_array_equal(sheet[top : top + 3, left : left + 4], image.transpose(1, 2, 0))
    assert not sheet[6:, 4:].any(), "nothing after the last"


def test_a_picture_stands_in_its_own_address() -> None:
    picture = to_picture(np.random.default_rng(0).random((3, 5, 4)), 1)
    head, _, body = data_url(picture).partition(",")
    assert head == "data:image/png;base64"
    np.testing.assert_array_equal(pixels(Image.open(BytesIO(base64.b64decode(body)))), pixels(picture))


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


def test_a_figure_for_a_projector_has_all_its_type_enlarged() -> None:
    plain, large = flip_figure(ALL), enlarged(flip_figure(ALL), 2)
    assert large.layout.font.size == 2 * plain.layout.font.size
    assert large.layout.height == 2 * plain.layout.height
    assert large.layout.xaxis.tickfont.size == large.layout.yaxis2.tickfont.size == 24
    assert [note.font.size for note in large.layout.annotations] == [
        2 * note.font.size for note in plain.layout.annotations
    ]
    heat = enlarged(class_heat_figure(ALL, SIGN, 0), 2)
    assert heat.data[0].colorbar.tickfont.size == 2 * class_heat_figure(ALL, SIGN, 0).data[0].colorbar.tickfont.size
