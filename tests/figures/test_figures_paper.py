"""The paper's figures: the numbers of the sweep, more change to the right, nothing where nothing changed."""

from dataclasses import replace

import numpy as np
import plotly.graph_objects as go
import pytest
from helpers import curve, result
from scipy.stats import binomtest

from gradlab.errors import BadValueError
from gradlab.figures.paper import SCALES, SIDES, fair_figure, labels_figure
from gradlab.types import Curve, LabelSource, Rule

EPSILONS = [-0.2, -0.1, 0.0, 0.1, 0.2]
SAID = [[0, 1, 2, 0], [0, 1, 2, 1], [0, 1, 2, 1], [1, 1, 2, 1], [1, 1, 0, 1]]
ROUNDED = [[0, 1, 2, 1], [0, 1, 2, 1], [0, 1, 2, 1], [0, 1, 2, 1], [0, 2, 0, 1]]


def similar(made: Curve) -> Curve:
    """With an SSIM of one minus epsilon's size."""
    return replace(made, ssim=np.repeat(1 - np.abs(made.epsilons)[:, None], 4, axis=1).astype(np.float32))


ALL = result(*(similar(curve(rule, EPSILONS, SAID, ROUNDED)) for rule in Rule))
PLACES = {"l2": [0.2, 0.4], "linf": [0.1, 0.2], "psnr": [20.0, -20 * np.log10(0.2)], "ssim": [0.9, 0.8]}


def lines(figure: go.Figure) -> dict[tuple[str, str], go.Scatter]:
    """By rule and panel."""
    return {(trace.meta, trace.xaxis): trace for trace in figure.data if trace.meta}


def place(measure: str, values: list[float]) -> np.ndarray:
    if measure == "psnr":
        return -np.array(values)
    return np.log10(1 - np.array(values) if measure == "ssim" else values)


@pytest.mark.parametrize("measure", SCALES)
def test_each_rule_has_a_line_on_either_side_where_its_change_is(measure: str) -> None:
    found = lines(fair_figure(ALL, measure))
    assert len(found) == 2 * len(Rule)
    for (rule, panel), line in found.items():
        assert list(line.x) == pytest.approx(place(measure, PLACES[measure]).tolist(), abs=1e-6)
        assert np.all(np.diff(line.x) > 0), "more change is to the right"
        assert list(line.y) == ([0.5, 0.25] if panel == "x" else [0.75, 1.0])
        assert (line.line.color, line.line.dash) == (Rule(rule).row.colour, Rule(rule).row.dash)
        assert line.name == Rule(rule).row.words


@pytest.mark.parametrize("measure", SCALES)
def test_the_ticks_stand_where_their_values_do(measure: str) -> None:
    axis = fair_figure(ALL, measure).layout.xaxis
    values = [float(text) / (255 if measure == "linf" else 1) for text in axis.ticktext]
    assert list(axis.tickvals) == pytest.approx(place(measure, values).tolist(), abs=1e-9)
    assert np.all(np.diff(axis.tickvals) > 0)
    titles = {"l2": "mean L2", "linf": "mean L∞", "psnr": "median PSNR", "ssim": "mean SSIM"}
    assert axis.title.text.startswith(titles[measure])
    shown = [text for text, x in zip(axis.ticktext, axis.tickvals, strict=True) if axis.range[0] <= x <= axis.range[1]]
    assert len(set(shown)) == len(shown)


def test_where_nothing_changed_there_is_no_point() -> None:
    still = similar(curve(Rule.SIGN, [1e-9, 0.1], [[0, 1, 2, 1], [1, 1, 2, 1]]))
    still = replace(still, psnr=np.array([[np.inf] * 4, [20.0] * 4], np.float32), l2=still.l2 * [[0], [1]])
    for measure in SCALES:
        line = lines(fair_figure(result(still), measure))["sign", "x"]
        assert line.y[-1] == 0.5
        assert len(line.x) == (2 if measure == "linf" else 1)


def test_after_rounding_the_rounded_accuracies_are_drawn() -> None:
    drawn = lines(fair_figure(ALL, "psnr", rounded=True))
    assert list(drawn["raw", "x"].y) == [0.75, 0.25]
    assert np.isnan(drawn["sign", "x"].y[0]), "a gap: 0.1 is 25.5/255"
    assert drawn["sign", "x"].y[1] == 0.25
    for line in drawn["raw", "x"], drawn["sign", "x"]:
        assert list(line.x) == pytest.approx(place("psnr", PLACES["psnr"]).tolist())
    bands = [t for t in fair_figure(ALL, "psnr", rounded=True).data if t.fill == "toself" and t.legendgroup == "sign"]
    assert all(np.isfinite(np.asarray(band.y, np.float64)).all() for band in bands)
    with pytest.raises(BadValueError, match="eight_bit"):
        fair_figure(result(curve(Rule.SIGN, EPSILONS, SAID)), "l2", rounded=True)
    with pytest.raises(BadValueError, match="ssim"):
        fair_figure(result(curve(Rule.SIGN, EPSILONS, SAID)), "ssim")


def test_a_band_is_the_wilson_interval_and_the_dotted_line_the_clean_accuracy() -> None:
    figure = fair_figure(ALL, "l2")
    bands = {trace.legendgroup: trace for trace in figure.data if trace.fill == "toself" and trace.xaxis == "x"}
    high, low = (
        [getattr(binomtest(k, 4).proportion_ci(method="wilson"), end) for k in (2, 1)] for end in ("high", "low")
    )
    assert list(bands["raw"].y) == pytest.approx([*high, *reversed(low)])
    across = [shape for shape in figure.layout.shapes if shape.y0 == shape.y1]
    assert [(shape.y0, shape.yref) for shape in across] == [(0.75, "y"), (0.75, "y2")]


def test_a_point_says_what_it_is() -> None:
    notes = {m: lines(fair_figure(ALL, m))["sign", "x2"].customdata[0] for m in SCALES}
    assert {tuple(note[:2]) for note in notes.values()} == {("−25.5/255", "30.1% to 95.4%")}
    assert {m: note[2] for m, note in notes.items()} == {
        "l2": "mean L2 0.2", "linf": "mean L∞ 25.5/255", "psnr": "median PSNR 20.0 dB", "ssim": "mean SSIM 0.9",
    }  # fmt: skip


def test_the_panels_have_titles_and_the_lines_names_at_their_ends() -> None:
    figure = fair_figure(ALL, "ssim")
    notes = [note for note in figure.layout.annotations if not note.name]
    assert [note.text for note in notes] == [f"<b>{title}</b>" for title in SIDES.values()]
    names = [(note.name, note.xref) for note in figure.layout.annotations if note.name]
    assert names == [(rule.row.words, ref) for ref in ("x domain", "x2 domain") for rule in Rule]
    assert not [trace.name for trace in figure.data if trace.showlegend], "no legend beside that"


def test_told_and_untold_labels_side_by_side() -> None:
    untold = result(*(curve(rule, [-0.1, -0.05, 0.0], [[0, 1, 2, 1]] * 3) for rule in (Rule.SIGN, Rule.RAW)))
    figure = labels_figure(ALL, replace(untold, label_source=LabelSource.PREDICTED))
    found = [(trace.meta, trace.name, list(trace.y)) for trace in figure.data if trace.meta]
    assert found == [
        ("sign", "true labels", [0.75, 1.0]), ("sign", "predicted labels", [0.75, 0.75]),
        ("raw", "true labels", [0.75, 1.0]), ("raw", "predicted labels", [0.75, 0.75]),
    ]  # fmt: skip
    (told, quiet) = [trace for trace in figure.data if trace.meta == "raw"]
    assert list(told.x) == pytest.approx(np.log10([0.1, 0.2]))
    assert list(quiet.x) == pytest.approx(np.log10([0.05, 0.1]))
    assert told.line.dash != quiet.line.dash
    assert [trace.name for trace in figure.data if trace.showlegend is not False] == ["true labels", "predicted labels"]
