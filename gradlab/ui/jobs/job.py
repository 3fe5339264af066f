"""One thing that runs long: it is drawn as it grows, with a button that stops it or lets it go on, and kept."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar, runtime_checkable

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from gradlab.ui import cached, state
from gradlab.ui.state import Progress, Running, Work

Result = TypeVar("Result")

_UNFINISHED = 4  # on each device; each holds its images there, some 120 MB for 10,000 of CIFAR-10


@runtime_checkable
class Job(Protocol[Result]):
    """What is computed: a frozen dataclass, so that whoever asks for the same finds what somebody has waited for.

    Attributes:
        nothing: what was still to come when it is stopped with nothing to show; if empty, nothing is said.
    """

    nothing: str

    @property
    def most(self) -> int | None:
        """How many results of this kind are kept; 0 where they are kept piece by piece or not at all.

        None where each session computes its own.
        """

    def __hash__(self) -> int: ...

    def begin(self) -> Iterator[Progress[Result]]:
        """Begin it; a step at a time, as they are asked for.

        What it needs of the session and of the cache is taken here and not between the steps: loading may show a
        spinner, where a rerun may end whatever is running, and a generator that was ended cannot go on.
        """


@runtime_checkable
class KnownJob(Job[Result], Protocol[Result]):
    """A job whose result may be known though nobody has waited for it: it was measured beforehand, or in parts."""

    def known(self) -> Result | None:
        """All of it, if that is so."""


@dataclass(frozen=True)
class _Unfinished:
    job: Job[Any]


def finished(job: Job[Result]) -> Result | None:
    """All of it, if it is known or somebody has already waited for it."""
    kept: Result | None = cached.kept().get(job)
    return (job.known() if isinstance(job, KnownJob) else None) or kept


def begun(job: Job[Result]) -> Iterator[Progress[Result]]:
    """Begin it; what comes last is kept, for the device that it was begun on."""
    return _keeping(job, job.begin(), cached.kept())


def _keeping(job: Job[Result], steps: Iterator[Progress[Result]], kept: cached.Kept) -> Iterator[Progress[Result]]:
    step = None
    for step in steps:
        yield step
    if step and step.result is not None and job.most is not None:
        cached.keep(kept, job, step.result, job.most)
    kept.pop(_Unfinished(job), None)


def start(job: Job[Result]) -> Running[Result]:
    """Wait for it in this session, in place of what else was under way.

    What another tab has begun of it, or this one before it was loaded anew, goes on; else it is begun.
    """
    kept, key = cached.kept(), _Unfinished(job)
    work: Work[Result] | None = None if job.most is None else kept.get(key)
    if work is None or work.broken:
        work = Work(begun(job))
        if job.most is not None:
            cached.keep(kept, key, work, _UNFINISHED)
    return state.start(Running(job, work))


def watch(
    job: Job[Result],
    show: Callable[[DeltaGenerator, Result], object] | None = None,
    *,
    width: int = 6,
    anew: bool = True,
    give_up: bool = False,
) -> Result | None:
    """Watch something grow. Any rerun, Stop among them, ends this run of the page and keeps what is done.

    While a dialog lies over the page, it waits: it goes on when the dialog is closed.

    Args:
        job: what is computed; begun, where this session has not yet.
        show: draws a result into a place, which the next one replaces.
        width: of the bar, in widths of a button.
        anew: whether the page runs anew when it has come to its end. That takes away the notices of this run, a moment
            after they came; without, what was drawn meanwhile makes room for the result.
        give_up: whether there is a button that forgets it.

    Returns:
        What is done, once it was stopped or has come to its end; None where that is nothing.
    """
    running: Running[Result] = state.under_way(job) or start(job)
    above, place = st.empty(), st.empty()
    with above.container():
        # Columns of fixed shares: in a row that fits its content the button would slip away from under the pointer.
        left, middle, *right = st.columns([width, 1, 1] if give_up else [width, 1], vertical_alignment="center")
        bar = left.progress(0.0)
        _show_progress(bar, running)
        _stop_button(running, middle)
        if right:
            right[0].button("Give up", icon=":material/delete:", on_click=state.finish, width="stretch")
    if running.stopped:
        if job.nothing and running.work.now.result is None:
            st.info(f"Stopped before {job.nothing}.", icon=":material/stop_circle:")
        return running.work.now.result
    if state.covered():
        return running.work.now.result
    while running.work.advance():
        _show_progress(bar, running)
        if show and running.work.now.result is not None:
            show(place, running.work.now.result)
    state.finish()
    if anew:
        st.rerun()
    above.empty()
    place.empty()
    return running.work.now.result


def _show_progress(bar: DeltaGenerator, running: Running[Any]) -> None:
    now = running.work.now
    bar.progress(now.share, text=now.text if running.stopped else now.text + now.left)


def _stop_button(running: Running[Any], place: DeltaGenerator) -> None:
    """Stop, or Go on; when it is pressed, the page runs anew."""
    title, icon = ("Go on", ":material/play_arrow:") if running.stopped else ("Stop", ":material/stop_circle:")
    # One key for both: a button that another takes the place of is shown beside it until the run of the page ends.
    if place.button(title, icon=icon, width="stretch", key="halt"):
        running.stopped = not running.stopped
        st.rerun()
