"""What is computed while a person waits: it is drawn as it grows, with a button that stops it or lets it go on."""

from collections.abc import Callable, Hashable, Iterator
from typing import Any, TypeVar

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from gradlab.figures.sweep import Axis, sweep_figure
from gradlab.types import SweepResult
from gradlab.ui import cached, state
from gradlab.ui.components.chart import redraw
from gradlab.ui.running import Running

Result = TypeVar("Result")


def computing(key: cached.SweepKey, axis: Axis) -> SweepResult | None:
    """A sweep on its way: draw the curve as it grows."""
    return watching(
        key, lambda: cached.begin_sweep(key), lambda result: result.done, key[3],
        lambda place, result: redraw(place, sweep_figure(result, axis)),
    )  # fmt: skip


def watching(
    key: Hashable,
    begin: Callable[[], Iterator[Result]],
    done: Callable[[Result], int],
    planned: int,
    show: Callable[[DeltaGenerator, Result], object],
) -> Result | None:
    """Watch something grow. Any rerun, Stop among them, ends this run of the page and keeps what is done.

    Args:
        key: what is computed.
        begin: begins it, where this session has not yet.
        done: on how many images a result rests.
        planned: on how many it will.
        show: draws a result into a place, which the next one replaces.

    Returns:
        What is done, once it was stopped; None where that is nothing. Whatever came to its end is kept by whoever
        began it, and the page runs anew.
    """
    running: Running[Result] = state.running(key) or state.start(key, begin())
    # Columns of fixed shares: in a row that fits its content the button would slip away from under the pointer.
    left, right = st.columns([6, 1], vertical_alignment="center")
    bar = left.progress(0.0)

    def progress() -> None:
        count = 0 if running.result is None else done(running.result)
        bar.progress(count / planned, text=f"{count} of {planned} images")

    progress()
    stop_button(running, right)
    if running.stopped:
        if running.result is None:
            st.info("Stopped before the first images were done.", icon=":material/stop_circle:")
        return running.result
    place = st.empty()
    while running.advance():
        progress()
        if running.result is not None:
            show(place, running.result)
    state.finish()
    st.rerun()


def stop_button(running: Running[Any], place: DeltaGenerator) -> None:
    """Stop, or Go on; when it is pressed, the page runs anew."""
    title, icon = ("Go on", ":material/play_arrow:") if running.stopped else ("Stop", ":material/stop_circle:")
    # One key for both: a button that another takes the place of is shown beside it until the run of the page ends.
    if place.button(title, icon=icon, width="stretch", key="halt"):
        running.stopped = not running.stopped
        st.rerun()
