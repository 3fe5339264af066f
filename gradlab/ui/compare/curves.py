"""Two curves over the same images, and two of their points compared image by image."""

from dataclasses import replace

import numpy as np
import streamlit as st

from gradlab import report
from gradlab.figures.compare import Side, compare_figure
from gradlab.figures.said import compare_said
from gradlab.figures.sweep import Axis
from gradlab.report.sampling import sampling_notes
from gradlab.types import LabelSource, Rule, SweepResult
from gradlab.ui import cached, state, words
from gradlab.ui.compare.picture import Contender
from gradlab.ui.components.chart import chart, redraw
from gradlab.ui.components.takeaway import code, shipped
from gradlab.ui.components.terms import of_counted, some_words
from gradlab.ui.jobs.compare import TogetherJob
from gradlab.ui.jobs.job import finished, watch
from gradlab.ui.jobs.sweep import SweepJob, beforehand
from gradlab.ui.views.facts import failures, images_text
from gradlab.ui.views.matched import matching
from gradlab.ui.views.pair import pair

Pair = tuple[Contender, Contender]


def ready(dataset: str, pair: Pair, labels: LabelSource) -> int | None:
    """On how many images both curves were measured beforehand; None where one was not."""
    found = [beforehand(dataset, one.model, _rules(pair), labels) for one in pair]
    counts = {result.images if result else None for result in found}
    return counts.pop() if len(counts) == 1 else None


def curves(dataset: str, both: Pair, limit: int, labels: LabelSource, axis: Axis, match: str) -> None:
    """The chart, what it rests on, and a point of each curve."""
    # One sweep for both rules of one network; one for each of two networks.
    models = dict.fromkeys(one.model for one in both)
    job = TogetherJob(tuple(SweepJob(dataset, model, _rules(both), limit, labels) for model in models))
    results = finished(job) or watch(
        job, lambda place, grown: redraw(place, compare_figure(_sides(both, grown), axis))
    )  # fmt: skip
    if results:
        _show(_sides(both, results), axis, match)


def _rules(both: Pair) -> tuple[Rule, ...]:
    """In the order of all rules, so that nobody waits for the same sweep twice."""
    return tuple(rule for rule in Rule if rule in {one.rule for one in both})


def _sides(both: Pair, results: tuple[SweepResult, ...]) -> tuple[Side, Side]:
    a, b = both
    return _side(a, b, results[0]), _side(b, a, results[-1])


def _side(one: Contender, other: Contender, result: SweepResult) -> Side:
    # What only one of the two may have measured would give their tables different columns.
    curve = replace(result.curve(one.rule), ssim=None, rounded=None)
    return Side(one.name(other), replace(result, curves=(curve,)), curve)


def _show(sides: tuple[Side, Side], axis: Axis, match: str) -> None:
    a, b = sides
    k = int(np.abs(a.curve.epsilons - state.epsilon(a.curve.rule)).argmin())
    found = matching(a, k, b, match)
    ringed = (k, found.k if found and not found.solved else None)
    chart(
        compare_figure(sides, axis, ringed, found.side if found and found.solved else None), "compared",
        said=compare_said(a, k, found.side if found else b, found.k if found else None),
        stem=f"{_stem(a, b)}-over-{axis}", data=lambda: report.sweep_to_csv(a.result, b.result),
    )  # fmt: skip
    st.caption(_facts(a, b))
    some_words(*of_counted(a.result.labelled), "interval", "paired difference")
    for side in (a, b) if a.result.model != b.result.model else (a,):
        if notes := sampling_notes(side.result):
            st.caption(f"{side.name}: {' '.join(notes)}")
    for notice in dict.fromkeys(n for side in sides for n in (*side.result.notices, *failures(side.result))):
        st.warning(words.plain(notice), icon=":material/info:")
    pair(a, k, b, match)
    place, epsilon = int(state.get("image")), state.epsilon(a.curve.rule)
    source = cached.load_one(a.result.dataset, place).source
    read, solved = (shipped(a.result), shipped(b.result)), found is not None and found.solved
    code(report.compare_code(a.result, b.result, place, epsilon, match, source, shipped=read, solved=solved))


def _facts(a: Side, b: Side) -> str:
    source = a.result.label_source
    units = dict.fromkeys(words.UNITS[side.curve.rule.unit] for side in (a, b))
    fewer = "" if a.result.images == b.result.images else f" ({b.name}: {b.result.images:,})"
    return (
        f"{images_text(a.result)}{fewer}; {words.BANDS}{_levels(a, b)}. ε in "
        f"{' and '.join(units)}. Rings mark the two points compared below.  \n{words.label_notes(source)}"
    )


def _levels(a: Side, b: Side) -> str:
    """What the level lines are."""
    if not a.result.labelled:
        return ""
    two = a.result.model != b.result.model
    clean = ", ".join(f"{side.name} {side.result.clean_accuracy:.1%}" for side in (a, b)[: 2 if two else 1])
    return f"; level lines: clean accuracy{f': {clean}' if two else f', {a.result.clean_accuracy:.1%}'}"


def _stem(a: Side, b: Side) -> str:
    one, other = (f"{side.result.model}-{side.curve.rule}" for side in (a, b))
    return f"gradlab-{a.result.dataset}-{one}-{other}-{a.result.images}"
