"""Measures of a change: their values as text, and what is known of when a change is seen."""

import math
from itertools import groupby

import streamlit as st

from gradlab.measures import METRICS, OPTIONAL, Citation, Metric
from gradlab.steps.epsilon import PIXEL_LEVELS
from gradlab.ui import words

NOTICED = "noticed from"  # the column's title
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


def has_threshold(name: str) -> bool:
    """Whether it is known from what value on people notice a change."""
    return not KNOWN[name].noticeable.startswith("none")


def noticed(name: str) -> str:
    """From what value on a change is usually noticed, with its source where there is one, as Markdown."""
    metric = KNOWN[name]
    return f"{metric.noticeable} {_link(metric.evidence)}" if has_threshold(name) else metric.noticeable


def about_measures(names: list[str]) -> None:
    """Folded away: what each measure is, its range, from when on people see a change, and a link to the test."""
    with st.expander("What these measures are, and from when on a change is noticed", icon=":material/visibility:"):
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
