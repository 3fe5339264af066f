"""An infinite PSNR, an SSIM that there is none of, and zeros: no file, figure or sentence says nan or inf."""

import csv
import io
import json
import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import streamlit as st
from helpers import result, transferred
from hypothesis import Phase, given, settings
from hypothesis import strategies as some

from gradlab import report
from gradlab.cli.output import table
from gradlab.cli.paper import _claims_table, _combinations_table
from gradlab.experiments.stored import condensed
from gradlab.figures.compare import Side, compare_figure
from gradlab.figures.paper import fair_figure
from gradlab.figures.sweep import area_figure, sweep_figure
from gradlab.figures.transfer import transfer_figure
from gradlab.types import Curve, Rule, SweepResult
from gradlab.ui.views import facts

IMAGES = 4
BAD = re.compile(r"(?<![a-z])(nan|inf|infinity)(?![a-z])", re.IGNORECASE)
CALM = settings(max_examples=25, deadline=None, phases=(Phase.explicit, Phase.generate))  # figures take their time


SSIMS = ("none", "some", "nan")
MADE = some.tuples(some.integers(0, 2**32 - 1), some.sampled_from(SSIMS), some.booleans())  # what `made` takes


def drawn(rule: Rule, ssim: str, rounded: bool, chance: np.random.Generator) -> Curve:
    """A rule's curve; each image at each epsilon is moved or is not, and at 0 none is."""
    sizes = sorted(chance.choice([0.5, 1.0, 2.0, 30.0], chance.integers(1, 4), replace=False).tolist())
    grid = sorted({*sizes, *(-size for size in sizes), 0.0}) if chance.random() < 0.6 else sizes
    epsilons = np.array(grid) * (1 / 255 if rule.unit == "pixel" else 0.1)
    moved = (chance.random((len(grid), IMAGES)) < chance.choice([0.0, 0.5, 1.0])) & (epsilons != 0)[:, None]
    l2 = np.where(moved, np.abs(epsilons)[:, None], 0).astype(np.float32)
    with np.errstate(divide="ignore"):
        psnr = (20 * np.log10(10 / l2)).astype(np.float32)
    predictions = chance.integers(3, size=moved.shape).astype(np.int16)
    near = np.where(moved, np.float32(0.9), np.float32(1.0))
    return Curve(
        rule=rule, epsilons=epsilons, predictions=predictions,
        rounded=predictions[:, ::-1] if rounded else None,
        probability=np.where(moved, np.float32(0), np.float32(1)), l2=l2, linf=l2, psnr=psnr,
        clipped=np.zeros_like(l2), ssim={"none": None, "some": near, "nan": np.full_like(near, np.nan)}[ssim],
    )  # fmt: skip


def made(seed: int, ssim: str, whole: bool) -> SweepResult:
    chance = np.random.default_rng(seed)
    rounded = bool(seed % 2)
    found = result(*(drawn(rule, ssim, rounded, chance) for rule in (Rule.SIGN, Rule.RAW)))
    return condensed(found) if whole else found


def clean(text: str, what: str) -> None:
    assert not (hit := BAD.search(text)), f"{what}: …{text[max(0, hit.start() - 60) : hit.end() + 20]}…"


def clean_figure(figure: Any, what: str) -> None:
    """Neither a text nor a number that JSON does not have."""
    spec = figure.to_plotly_json()
    for trace in spec["data"]:
        for name in ("x", "y", "z"):
            values = np.array(trace.get(name, []), dtype=object).ravel().tolist()
            gaps = name == "y"  # where rounding is not defined a line is broken
            bad = [value for value in values if isinstance(value, float) and not np.isfinite(value)]
            assert all(gaps and np.isnan(value) for value in bad), (what, name)
        clean(json.dumps(trace.get("customdata"), default=str), what)
    for axis in (*figure.select_xaxes(), *figure.select_yaxes()):
        assert axis.range is None or np.isfinite(np.asarray(axis.range, float)).all(), what
    clean(json.dumps([str(note.text) for note in figure.layout.annotations]), what)


@CALM
@given(MADE)
def test_files(how: tuple[int, str, bool]) -> None:
    found = made(*how)
    clean(json.dumps(report.sweep_to_dict(found), allow_nan=False), "JSON")
    for text in (report.sweep_to_csv(found), report.areas_to_csv(found), report.flips_to_csv(found)):
        rows = list(csv.reader(io.StringIO(text)))
        assert not any(BAD.fullmatch(cell) for row in rows for cell in row)
    page = report.sweep_to_html(found, "")
    clean(page.split("<h2>The same again")[0].split("<h2>Where the numbers", 1)[1], "HTML")


@CALM
@given(MADE)
def test_the_paper_s_tables(how: tuple[int, str, bool]) -> None:
    found = made(*how)
    claims, networks = report.claims_to_dicts(found), report.combinations_to_dicts([found])
    clean(json.dumps([claims, networks], allow_nan=False), "JSON")
    clean(report.claims_markdown(found), "claims in Markdown")
    clean(report.networks_markdown([found], {"zoo": "Zoo"}, {}, {}), "networks in Markdown")
    clean(_claims_table(claims), "claims on the command line")
    clean(_combinations_table(networks), "networks on the command line")
    rows = [{**point, "rule": str(curve.rule)} for curve in found.curves for point in report.curve_points(found, curve)]
    clean(table(rows, ("rule", "epsilon", "accuracy", "l2", "psnr", "ssim")), "curves on the command line")


@CALM
@given(MADE)
def test_figures(how: tuple[int, str, bool]) -> None:
    found = made(*how)
    for axis in ("epsilon", "l2"):
        clean_figure(sweep_figure(found, axis), axis)
        a, b = (Side(name, found, curve) for name, curve in zip("AB", found.curves, strict=True))
        clean_figure(compare_figure((a, b), axis, (0, 0)), f"compared, {axis}")
    measured = ["l2", "linf", "psnr"] + (["ssim"] if found.curves[0].ssim is not None else [])
    for measure in measured:
        clean_figure(fair_figure(found, measure), measure)
    clean_figure(area_figure(found), "areas")


@CALM
@given(MADE)
def test_what_stands_below_a_point(how: tuple[int, str, bool]) -> None:
    found = made(*how)
    said: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(st, "caption", said.append)
        for one in found.curves:
            for k in range(len(one.epsilons)):
                facts.point_facts(found, one, k)
    assert said
    clean("\n".join(said), "facts")


@CALM
@given(some.integers(0, 2**32 - 1))
def test_a_transfer(seed: int) -> None:
    chance = np.random.default_rng(seed)
    l2 = chance.choice([0.0, 0.5, 3.0], (2, IMAGES)).astype(np.float32)
    with np.errstate(divide="ignore"):
        psnr = (20 * np.log10(10 / l2)).astype(np.float32)
    said = chance.integers(3, size=(2, 2, IMAGES)).astype(np.int32)
    found = replace(transferred(), l2=l2, linf=l2, psnr=psnr, clean_predictions=said[0], predictions=said)
    clean_figure(transfer_figure(found), "matrix")
    rows = list(csv.reader(io.StringIO(report.transfer_to_csv(found))))
    assert not any(BAD.fullmatch(cell) for row in rows for cell in row)
