"""Figures for every eye: colours on both themes and without red or green, shapes, names at the ends; and in print."""

import json
from itertools import combinations

import numpy as np
import plotly.graph_objects as go
import pytest
from every_figure import figures
from helpers import curve, result

from gradlab.experiments.stored import load_baseline, selected
from gradlab.figures.ends import GLYPHS, spread
from gradlab.figures.printed import FONT, WIDTH, on_paper, print_spec
from gradlab.figures.style import NEUTRAL, enlarged
from gradlab.figures.sweep import sweep_figure
from gradlab.types import FloatArray, Rule

# The backgrounds of both themes, in .streamlit/config.toml, and of paper.
GROUNDS = {"light": "#fcfcff", "dark": "#10132a", "paper": "#ffffff"}
# Machado, Oliveira, Fernandes 2009 (https://doi.org/10.1109/TVCG.2009.113), full severity, on linear RGB.
SIMULATED = {
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "trichromacy": np.eye(3),
}
TO_XYZ = np.array([[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]])  # fmt: skip  # noqa: E501

SIGN = curve(Rule.SIGN, [-9 / 255, 0.0, 9 / 255], [[0, 1, 2, 0], [0, 1, 2, 1], [1, 2, 0, 0]])
EVERY = result(*(curve(rule, [-0.1, 0.1], [[0, 1, 2, 0], [1, 2, 0, 0]]) for rule in Rule))


def linear(colour: str) -> FloatArray:
    levels = np.array([int(colour[k : k + 2], 16) for k in (1, 3, 5)]) / 255
    return np.where(levels <= 0.04045, levels / 12.92, ((levels + 0.055) / 1.055) ** 2.4)


def contrast(one: str, other: str) -> float:
    """As WCAG 2.1 defines it."""
    low, high = sorted(float(TO_XYZ[1] @ linear(colour)) for colour in (one, other))
    return (high + 0.05) / (low + 0.05)


def seen(colour: str, eye: str) -> FloatArray:
    """CIE L*a*b* (1976) of a colour as an eye sees it."""
    xyz = TO_XYZ @ np.clip(np.asarray(SIMULATED[eye]) @ linear(colour), 0, 1) / [0.95047, 1, 1.08883]
    x, y, z = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("ground", GROUNDS)
def test_every_line_is_seen_on_every_background(ground: str) -> None:
    for colour in (NEUTRAL, *(rule.row.colour for rule in Rule)):
        assert contrast(colour, GROUNDS[ground]) >= 3, colour


@pytest.mark.parametrize(("eye", "apart"), [("trichromacy", 30), ("deuteranopia", 19), ("protanopia", 6)])
def test_rules_differ_in_colour_for_every_eye(eye: str, apart: float) -> None:
    for one, other in combinations(Rule, 2):
        distance = np.linalg.norm(seen(one.row.colour, eye) - seen(other.row.colour, eye))
        assert distance >= apart, (one, other, distance)


def test_rules_differ_in_the_shape_of_their_points_and_hardly_in_dash_alone() -> None:
    assert len({rule.row.symbol for rule in Rule}) == len(Rule)
    assert {rule.row.symbol for rule in Rule} <= set(GLYPHS)
    assert len({(rule.row.symbol, rule.row.dash) for rule in Rule}) == len(Rule)
    for trace in sweep_figure(EVERY, "l2").data:
        if trace.meta:
            assert trace.marker.symbol == Rule(trace.meta).row.symbol


def names(figure: go.Figure) -> list[go.layout.Annotation]:
    return [note for note in figure.layout.annotations if note.name]


@pytest.mark.parametrize("axis", ["epsilon", "l2"])
def test_each_line_is_named_at_its_end_and_there_is_no_legend(axis: str) -> None:
    figure = sweep_figure(EVERY, axis)
    assert not [trace for trace in figure.data if trace.showlegend is not False and not trace.fill]
    found = {note.name: note for note in names(figure)}
    assert set(found) == {rule.row.words for rule in Rule}
    for rule in Rule:
        note, line = found[rule.row.words], next(t for t in figure.data if t.meta == rule)
        assert note.xref == f"{line.xaxis} domain", "in its panel"
        assert rule.row.colour in note.text
        assert GLYPHS[rule.row.symbol] in note.text
    panels: dict[str, list[float]] = {}
    for note in found.values():
        panels.setdefault(note.yref, []).append(note.y)
    for heights in panels.values():
        assert all(abs(a - b) > 0.07 for a, b in combinations(heights, 2)), "none lies on another"
    assert figure.layout.margin.r > 40, "there is room for them"


@pytest.mark.parametrize("axis", ["epsilon", "l2"])
def test_names_grow_less_than_other_type_so_that_the_axis_keeps_its_ticks(axis: str) -> None:
    whole = selected(load_baseline("alexnet", "cifar10"), list(Rule), False)
    small, large = sweep_figure(whole, axis), enlarged(sweep_figure(whole, axis), 2)
    assert large.layout.margin.r == pytest.approx(1.4 * small.layout.margin.r)
    assert [note.font.size for note in names(large)] == pytest.approx([1.4 * note.font.size for note in names(small)])
    for across in large.select_xaxes():
        assert len(across.ticktext) >= 3
    for thin, bold in zip(small.data, large.data, strict=True):
        if thin.meta:
            assert bold.line.width == pytest.approx(1.6 * thin.line.width)
            assert bold.marker.size == pytest.approx(1.6 * thin.marker.size)


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ([0.5], [0.5]),
        ([0.0, 0.0], [0.0, 0.1]),
        ([1.0, 0.2, 1.0], [0.9, 0.2, 1.0]),
        ([0.02, 0.9, 0.0, 0.01], [0.2, 0.9, 0.0, 0.1]),
        ([], []),
    ],
)
def test_names_keep_their_order_and_do_not_overlap(wanted: list[float], expected: list[float]) -> None:
    assert spread(wanted, [0.1] * len(wanted)) == pytest.approx(expected)


def test_where_all_cannot_fit_the_lowest_still_stands_on_0() -> None:
    found = spread([0.5] * 5, [0.4] * 5)
    assert min(found) == 0
    assert np.diff(found) == pytest.approx([0.4] * 4)


# In print


def test_every_figure_is_printed_on_white_in_common_fonts_at_a_size_of_its_own() -> None:
    for name, figure in figures():
        before = json.loads(figure.to_json())
        printed = on_paper(figure)
        assert json.loads(figure.to_json()) == before, "the page's own is left as it is"
        layout = printed.layout
        assert (layout.paper_bgcolor, layout.plot_bgcolor, layout.template.layout.font.family) == (
            "white",
            "white",
            FONT,
        )
        assert layout.width in (720, WIDTH), name
        assert layout.height >= 420, name
        fonts = {family for path, family in strings(printed.to_plotly_json()) if path == "family"}
        assert fonts == {FONT}, name


def strings(value: object, key: str = "") -> list[tuple[str, str]]:
    """Each text in a nest of dicts and lists, with the key that it has."""
    if isinstance(value, dict):
        return [found for name, one in value.items() for found in strings(one, name)]
    if isinstance(value, list | tuple):
        return [found for one in value for found in strings(one, key)]
    return [(key, value)] if isinstance(value, str) else []


def test_what_a_page_is_given_to_print_with_is_small() -> None:
    """The page has the numbers already."""
    for name, figure in figures():
        spec = print_spec(figure)
        assert len(spec["data"]) == len(figure.data), name
        assert len(str(spec["data"])) < 12_000 + 700 * len(figure.data), name
        assert not {"x", "y", "z", "customdata"} & {key for trace in spec["data"] for key in trace}, name
