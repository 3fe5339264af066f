"""A curve while it is computed: its progress, and a button that stops it or lets it go on."""

from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from gradlab.figures.sweep import Axis, sweep_figure
from gradlab.types import SweepResult
from gradlab.ui import cached, state
from gradlab.ui.components.chart import draw
from gradlab.ui.running import Running


def computing(key: cached.SweepKey, axis: Axis) -> SweepResult | None:
    """Draw the curve as it grows. Any rerun, Stop among them, ends this run of the page and keeps what is done."""
    running = state.running(key) or state.start(key, cached.begin_sweep(key))
    # Columns of fixed shares: in a row that fits its content the button would slip away from under the pointer.
    left, right = st.columns([6, 1], vertical_alignment="center")
    limit = key[3]
    progress = left.progress(0.0)
    _show_progress(progress, running, limit)
    stop_button(running, right)
    if running.stopped:
        if not running.result:
            st.info("Stopped before the first images were done.", icon=":material/stop_circle:")
        return running.result
    chart = st.empty()
    while running.advance():
        _show_progress(progress, running, limit)
        if running.result:
            draw(chart, sweep_figure(running.result, axis))
    state.finish()
    st.rerun()


def stop_button(running: Running[Any], place: DeltaGenerator) -> None:
    """Stop, or Go on; when it is pressed, the page runs anew."""
    title, icon = ("Go on", ":material/play_arrow:") if running.stopped else ("Stop", ":material/stop_circle:")
    # One key for both: a button that another takes the place of is shown beside it until the run of the page ends.
    if place.button(title, icon=icon, width="stretch", key="halt"):
        running.stopped = not running.stopped
        st.rerun()


def _show_progress(bar: DeltaGenerator, running: Running[SweepResult], limit: int) -> None:
    done = running.result.done if running.result else 0
    bar.progress(done / limit, text=f"{done} of {limit} images")
