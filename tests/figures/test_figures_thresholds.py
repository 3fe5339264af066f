"""The figure of what people see and what the network makes of it, and the same as rows and as code."""

import csv
import io
import json
import math
import runpy
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest
from observers import DESIGN, OBSERVERS, SIZES, found_at, sweep

import gradlab
from gradlab.errors import BadValueError
from gradlab.experiments.stored import load_baseline
from gradlab.figures.thresholds import seen_figure
from gradlab.images.load import load_batch
from gradlab.networks import load_model
from gradlab.report import answers_to_rows, rows_to_csv, seen_code, seen_to_csv, seen_to_dicts
from gradlab.seeing.psychometrics import simulate
from gradlab.seeing.thresholds import see, sentence, threshold_text
from gradlab.types import Observer, Rule, Seen, SeenAxis

PERSON = simulate(DESIGN, OBSERVERS, seed=5)[0]
PEOPLE = simulate(DESIGN, OBSERVERS, runs=6, seed=30)
ONE = see(DESIGN, [PERSON], sweep())
MANY = see(DESIGN, PEOPLE, sweep())


def traces(figure: go.Figure, rule: Rule, kind: str) -> list[Any]:
    return [trace for trace in figure.data if list(trace.meta) == [str(rule), kind]]


def test_each_unit_has_a_panel_and_each_rule_its_colour() -> None:
    figure = seen_figure(ONE)
    for rule, axis in ((Rule.SIGN, "x"), (Rule.RAW, "x2")):
        mine = [trace for trace in figure.data if trace.meta[0] == rule]
        assert {trace.xaxis for trace in mine} == {axis}
        (line,) = traces(figure, rule, "people")
        assert line.line.color == rule.row.colour
    assert figure.layout.xaxis.title.text.startswith("step size ε in n/255")
    assert figure.layout.xaxis2.title.text.startswith("step size ε × gradient")
    assert [trace.name for trace in figure.data if trace.showlegend is not False] == [
        "sign: network, all 400", "sign: person", "plain gradient: network, all 400", "plain gradient: person",
    ]  # fmt: skip


@pytest.mark.parametrize("axis", ["l2", "psnr", "ssim"])
def test_on_another_axis_the_rules_meet(axis: SeenAxis) -> None:
    figure = seen_figure(ONE, axis)
    assert {trace.xaxis for trace in figure.data} == {"x"}
    for seen in ONE:
        (line,) = traces(figure, seen.rule, "people")
        x = np.asarray(line.x, dtype=np.float64)
        assert bool((np.diff(x) > 0).all()), "what changes more stands further to the right"
        size = seen.curve.intensities / (1 if seen.rule == Rule.SIGN else 10)
        expected = {"l2": np.log10(20 * size), "psnr": 20 * np.log10(size), "ssim": np.log10(8 * size**2)}[axis]
        assert x == pytest.approx(expected)
        low, high = figure.layout.xaxis.range
        assert low < x[0] < x[-1] < high


def test_ticks_say_where_they_stand() -> None:
    def ticks(axis: SeenAxis) -> dict[str, float]:
        x = seen_figure(ONE, axis).layout.xaxis
        return dict(zip(x.ticktext, x.tickvals, strict=True))

    assert ticks("epsilon")["4"] == pytest.approx(math.log10(4 / 255))
    assert ticks("psnr")["40"] == -40
    assert ticks("ssim")["0.99"] == pytest.approx(-2)
    assert ticks("l2")["1"] == pytest.approx(0)


def test_the_curve_its_band_and_the_answers_are_those_of_the_fit() -> None:
    figure, (seen, _) = seen_figure(ONE), ONE
    (line,), (band,), (dots,) = (traces(figure, Rule.SIGN, kind) for kind in ("people", "band", "answers"))
    assert list(line.y) == seen.curve.middle.tolist()
    assert list(band.y) == [*seen.curve.high, *seen.curve.low[::-1]]
    assert sum(dots.marker.size) == 40
    assert dots.marker.sizemode == "area"
    assert np.asarray(dots.y) == pytest.approx(seen.dots.right / seen.dots.answered)
    enough = seen.dots.answered >= 5
    assert bool((np.asarray(dots.error_y.arrayminus)[~enough] == 0).all())
    assert np.asarray(dots.error_y.array)[enough] == pytest.approx((seen.dots.high - seen.dots.share)[enough])


def test_the_threshold_is_a_bar_at_three_of_four_and_leads_to_the_network() -> None:
    seen = found_at(4 / 255, 2 / 255, 8 / 255)
    figure = seen_figure([seen])
    (bar,), (ring,) = traces(figure, Rule.SIGN, "threshold"), traces(figure, Rule.SIGN, "at")
    assert 255 * 10 ** np.asarray(bar.x, dtype=np.float64) == pytest.approx([2, 4, 8])
    assert set(bar.y) == {0.75}
    assert list(bar.marker.symbol) == ["line-ns-open", "diamond", "line-ns-open"]
    assert "4/255 (2 to 8/255)" in bar.hovertemplate
    assert (ring.x[-1], ring.y[-1]) == (bar.x[1], 0.4)
    _, line = traces(figure, Rule.SIGN, "network")
    assert 10 ** np.asarray(line.x) == pytest.approx(SIZES)
    assert list(line.y) == pytest.approx([0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1])
    assert 0.8 in [shape.y0 for shape in figure.layout.shapes], "the clean accuracy"


@pytest.mark.parametrize(
    ("low", "high", "symbols", "text"),
    [
        (0, 2 / 255, ["triangle-left", "line-ns-open"], "smaller than 2/255"),
        (2 / 255, math.inf, ["line-ns-open", "triangle-right"], "larger than 2/255"),
        (0, 0.5 / 255, ["triangle-left"], "smaller than 0.5/255"),
    ],
)
def test_an_open_end_is_an_arrow(low: float, high: float, symbols: list[str], text: str) -> None:
    seen = found_at(None, low, high)
    (bar,) = traces(seen_figure([seen]), Rule.SIGN, "threshold")
    assert list(bar.marker.symbol) == symbols
    assert threshold_text(seen) == text
    assert not traces(seen_figure([seen]), Rule.SIGN, "at")


def test_what_is_not_known_is_not_drawn() -> None:
    unknown = found_at(None, 0, math.inf)
    assert threshold_text(unknown) == "not known"
    assert not traces(seen_figure([unknown]), Rule.SIGN, "threshold")
    empty = see(DESIGN, [], sweep())
    assert {trace.meta[1] for trace in seen_figure(empty).data} == {"network"}
    alone = see(DESIGN, [PERSON])
    assert {trace.meta[1] for trace in seen_figure(alone).data} == {"people", "band", "answers", "threshold"}
    with pytest.raises(BadValueError, match="measured l2, got none"):
        seen_figure(alone, "l2")


def test_several_people_are_marked_one_by_one() -> None:
    figure = seen_figure(MANY, "l2")
    heights = []
    for seen in MANY:
        (marks,) = traces(figure, seen.rule, "persons")
        assert len(marks.x) == sum(person.value is not None for person in seen.persons)
        heights.append(marks.y[0])
    assert figure.layout.yaxis.range[0] < heights[1] < heights[0] < 0
    assert not traces(seen_figure(ONE), Rule.SIGN, "persons")


def test_beyond_the_sweep_nothing_is_drawn_on_an_axis_that_it_measures() -> None:
    short = sweep()
    curves = tuple(replace(c, epsilons=c.epsilons / 4) for c in short.curves)  # its largest is now 8/255
    figure = seen_figure(see(DESIGN, [PERSON], replace(short, curves=curves)), "l2")
    (line,) = traces(figure, Rule.SIGN, "people")
    assert bool(np.isfinite(np.asarray(line.x, dtype=np.float64)).all())
    assert len(line.x) < 101
    assert np.isfinite(figure.layout.xaxis.range).all()


def test_down_the_loss_epsilon_is_negative() -> None:
    found = see(DESIGN, [PERSON], sweep(), descend=True)
    figure = seen_figure(found)
    assert figure.layout.xaxis.title.text.startswith("minus step size ε")
    (line,) = traces(figure, Rule.SIGN, "people")
    assert line.customdata[0][0] == "ε = −0.5/255"
    assert {row["epsilon"][0] for row in rows(seen_to_csv(found)) if row["epsilon"]} == {"-"}


# As rows


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_the_numbers_of_the_figure_are_rows() -> None:
    found = rows(seen_to_csv(MANY))
    kinds = [(row["rule"], row["kind"]) for row in found]
    assert kinds.count(("sign", "people")) == kinds.count(("raw", "people")) == 101
    assert kinds.count(("sign", "network")) == 7
    assert kinds.count(("sign", "person")) == 6
    assert sum(int(row["count"]) for row in found if row["kind"] == "answers") == 2 * 6 * 40
    network = next(row for row in found if row["kind"] == "network")
    assert [float(network[name]) for name in ("epsilon", "l2", "share", "count")] == pytest.approx(
        [0.25 / 255, 5 / 255, 0.7, 400]
    )
    (threshold,) = (row for row in found if (row["rule"], row["kind"]) == ("sign", "threshold"))
    expected = MANY[0].fit.threshold
    assert [float(threshold[name]) for name in ("epsilon", "epsilon_low", "epsilon_high")] == [
        expected.value, expected.low, expected.high,
    ]  # fmt: skip


def test_an_open_end_is_left_empty() -> None:
    (row,) = (row for row in rows(seen_to_csv([found_at(None, 0, 2 / 255)])) if row["kind"] == "threshold")
    assert (row["epsilon"], row["epsilon_low"], row["l2"]) == ("", "", "")
    assert float(row["epsilon_high"]) == 2 / 255


def test_the_thresholds_are_plain_values() -> None:
    first, _ = json.loads(json.dumps(seen_to_dicts(ONE), allow_nan=False))
    assert first["sentence"] == sentence(ONE[0])
    assert first["threshold"]["epsilon"] == ONE[0].fit.threshold.value
    assert first["all_l2"] == pytest.approx(20 * ONE[0].fit.threshold.value)  # type: ignore[operator]
    assert ONE[0].at is not None
    assert (first["all_images"], first["all_accuracy"]["share"]) == (400, ONE[0].at.share)
    assert len(first["all_accuracy"]["between"]) == 2
    assert first["shown_images"] is first["shown_l2"] is first["shown_accuracy"]["share"] is None
    unknown: list[Seen] = [found_at(None, 0, math.inf), *see(DESIGN, [])]
    for row in json.loads(json.dumps(seen_to_dicts(unknown), allow_nan=False)):
        assert row["threshold"] == {"finding": "unknown", "epsilon": None, "low": None, "high": None}
        assert row["all_accuracy"]["share"] is None


# As code


def printed(code: str, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> str:
    (folder / "script.py").write_text(code, encoding="utf-8")
    (folder / "answers.csv").write_text(rows_to_csv(answers_to_rows(PEOPLE)), encoding="utf-8")
    monkeypatch.chdir(folder)
    runpy.run_path("script.py")
    return capsys.readouterr().out


def test_the_code_prints_what_the_page_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shipped = load_baseline("alexnet", "cifar10")
    said = printed(seen_code(DESIGN, shipped, True, "answers.csv"), tmp_path, monkeypatch, capsys)
    found = see(DESIGN, PEOPLE, shipped, descend=True)
    assert said.splitlines()[0] == sentence(found[0], you=False)
    assert said.endswith(seen_to_csv(found) + "\n")
    said = printed(seen_code(DESIGN, None, False, "answers.csv"), tmp_path, monkeypatch, capsys)
    assert said.endswith(seen_to_csv(see(DESIGN, PEOPLE)) + "\n")


def test_the_code_asks_the_network_about_the_images_shown_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    places = load_batch("cifar10", limit=8, source="sample").indices[:6].tolist()
    batch = load_batch("cifar10", indices=places, source="sample")
    epsilons = {Rule.SIGN: DESIGN.scales[0].levels[::8], Rule.RAW: DESIGN.scales[1].levels[::8]}
    network = load_model("alexnet", "cifar10", device="cpu")
    shown = gradlab.sweep(network, batch, list(epsilons), epsilons, eight_bit=True, ssim=True)
    shipped = load_baseline("alexnet", "cifar10")
    for everything in (shipped, None):
        said = printed(seen_code(DESIGN, everything, False, "answers.csv", shown=shown), tmp_path, monkeypatch, capsys)
        found = see(DESIGN, PEOPLE, everything, shown=shown)
        assert "of the 6 images shown (" in sentence(found[0])
        assert said.splitlines()[0] == sentence(found[0], you=False)
        assert said.endswith(seen_to_csv(found) + "\n")


def test_a_sweep_that_was_measured_is_measured_again() -> None:
    code = seen_code(DESIGN, replace(sweep(), draw_seed=3, model='a", b)\nimport os #'), False, 'b"\nimport os')
    compile(code, "code", "exec")
    assert "\nimport os" not in code
    assert 'gradlab.sweep(model, batch, ["sign", "raw"], labels="true", eight_bit=True, ssim=True, seed=0)' in code


def test_an_observer_that_sees_all_is_drawn_too() -> None:
    sharp = {"sign": Observer(0.01 / 255), "raw": Observer(1e-4)}
    found = see(DESIGN, simulate(DESIGN, sharp, seed=3), sweep())
    for axis in ("epsilon", "l2", "psnr", "ssim"):
        assert seen_figure(found, axis).data


@pytest.mark.parametrize(("axis", "value"), [("psnr", np.inf), ("l2", 0.0), ("ssim", np.nan), ("ssim", 1.0)])
def test_where_the_sweep_says_nothing_of_a_change_nothing_is_drawn_and_no_nan_is_said(
    axis: SeenAxis, value: float
) -> None:
    still = tuple(
        replace(one, network=replace(one.network, levels={**one.network.levels, axis: np.full(
            len(one.network.sizes), value)}))
        for one in ONE
        if one.network is not None
    )  # fmt: skip
    figure = seen_figure(still, axis)
    assert np.isfinite(figure.layout.xaxis.range).all()
    said = json.dumps([[trace.customdata for trace in figure.data], seen_to_dicts(still)], default=str)
    assert "nan" not in said.lower()
    assert "inf" not in said.lower()
    assert not any(cell in {"nan", "inf"} for row in csv.reader(io.StringIO(seen_to_csv(still))) for cell in row)
