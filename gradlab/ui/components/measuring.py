"""A study while it is measured: a button that begins it, its progress, and buttons that halt it and give it up."""

from time import perf_counter

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from gradlab.experiments.baseline import Stage
from gradlab.ui import state, studies
from gradlab.ui.components.computing import stop_button
from gradlab.ui.running import Running
from gradlab.ui.studies import Studies


def measuring(dataset: str, model: str) -> Studies | None:
    """The finished study, if there is one; while one is on its way, this run of the page ends here.

    Any rerun, Stop among them, ends this run of the page and keeps what is done.
    """
    key = studies.study_key(dataset, model)
    running = state.running(key)
    # It stays where it is: a button that is no longer drawn is shown until the run of the page ends, minutes later.
    if st.button("Measure again", icon=":material/replay:", key="measure", disabled=running is not None):
        state.start(key, studies.begin_study(key))
        st.rerun()
    if running is None:
        return studies.finished_study(key)
    left, middle, right = st.columns([6, 1, 1], vertical_alignment="center")
    bar = left.progress(0.0, text="beginning")
    stop_button(running, middle)
    right.button("Give up", icon=":material/delete:", on_click=state.finish, width="stretch")
    if running.stopped:
        if running.result:
            _show_progress(bar, running.result, "")
        return studies.finished_study(key)
    _watch(bar, running)
    state.finish()
    st.rerun()


def _watch(bar: DeltaGenerator, running: Running[Stage]) -> None:
    """Show how far it has come, until it is done."""
    part, since, started = "", 0, 0.0
    while running.advance():
        stage = running.result
        if stage is None:
            continue
        if stage.text != part:
            part, since, started = stage.text, stage.done, perf_counter()
        _show_progress(bar, stage, _left(stage, stage.done - since, perf_counter() - started))


def _show_progress(bar: DeltaGenerator, stage: Stage, left: str) -> None:
    bar.progress(stage.done / stage.planned, text=f"{stage.text}: {stage.done:,} of {stage.planned:,} images{left}")


def _left(stage: Stage, done: int, seconds: float) -> str:
    """How long this part will take yet, as fast as it went so far; nothing in its first seconds."""
    if seconds < 3 or not done:
        return ""
    minutes = (stage.planned - stage.done) * seconds / done / 60
    return f", about {minutes:.0f} min left of this part" if minutes >= 1 else ", less than a minute left of this part"
