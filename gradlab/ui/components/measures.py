"""Measures of a change: their values as text, and what is known of when a change is seen."""

import math
from collections.abc import Sequence
from itertools import groupby

import streamlit as st

from gradlab.measures import METRICS, OPTIONAL, Citation, Metric
from gradlab.steps.epsilon import PIXEL_LEVELS
from gradlab.ui import words

KNOWN: dict[str, Metric] = METRICS | OPTIONAL


def written(name: str, value: float) -> str:
    """A measure's value with its unit; in levels of 8 bit where it is the change of a single value."""
    metric = KNOWN[name]
    if math.isnan(value):
        return "–"
    if math.isinf(value):
        return "∞ (identical)"
    if name == "linf":
        return f"{value * PIXEL_LEVELS:.3g}/{PIXEL_LEVELS}"
    return f"{value:{metric.form}} {metric.unit}".rstrip()


def noticed_note(names: Sequence[str]) -> str:
    """From what value on people usually notice a change, for those measures where that is known: Markdown."""
    known = [(KNOWN[name].title, KNOWN[name].noticeable.removeprefix("none known; "), KNOWN[name]) for name in names]
    told = [
        f"{title}: {text}" + ("" if metric.noticeable.startswith("none") else f" {_link(metric.evidence)}")
        for title, text, metric in known
        if text != "none known"
    ]
    rest = "For the other measures" if told else "For these measures"
    return ". ".join(["When do people notice a change?", *told, f"{rest} no limit is known."]).replace("?. ", "? ")


def about_measures(names: list[str]) -> None:
    """Folded away: what each measure is, its range, when people see a change, and a link to the test."""
    with st.expander("What these measures are, and when people notice a change", icon=":material/visibility:"):
        st.markdown(words.MEASURES_HELP)
        for _, group in groupby((KNOWN[name] for name in names), lambda metric: metric.known):
            metrics = list(group)
            bullets = "\n".join(f"- {_sentences(metric)}" for metric in metrics)
            st.markdown(f"{bullets}\n\n*{metrics[0].known}* {_link(metrics[0].evidence)}.")
        if "lpips" not in names:
            st.caption(words.LPIPS_ABSENT)
        title = "See it? Test which changes you see yourself"
        st.page_link("gradlab/ui/pages/see.py", label=title, icon=":material/visibility:")


def _sentences(metric: Metric) -> str:
    about = metric.about[0].lower() + metric.about[1:]
    return f"**{metric.title}**: {about} {_link(metric.source)}. From {metric.range}; {metric.closer} is closer."


def _link(source: Citation) -> str:
    return f"([{source.title}]({source.url}))"
