"""What this session keeps besides the choices: what it has begun to compute, one thing at a time, and notices."""

from collections.abc import Callable, Generator, Hashable, Iterator
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any, Generic, TypeVar

import streamlit as st

from gradlab.errors import GradlabError
from gradlab.types.turns import Turns

Made = TypeVar("Made")
Result = TypeVar("Result")

A_WHILE = 0.4  # seconds between two looks at what a person did; drawing the curve more often costs more than it shows


@dataclass(frozen=True, eq=False)
class Progress(Generic[Result]):
    """How far something has come.

    Attributes:
        text: what has been done, in words.
        share: of the present part, from 0 to 1.
        result: all that is done so far; None while there is nothing to show.
        left: how long it will take yet, in words; said only while it goes on.
        at_once: whether this result is waited for, so that it is shown without another look at the clock.
    """

    text: str = "beginning"
    share: float = 0.0
    result: Result | None = None
    left: str = ""
    at_once: bool = False


@dataclass(eq=False)
class Work(Generic[Result]):
    """What is computed: where the next results come from, and what is done. Tabs that want the same share it.

    Attributes:
        steps: give results, each with all that is done so far.
        now: the last of them.
        broken: an error ended it, so that what is done is not all.
    """

    steps: Iterator[Progress[Result]]
    now: Progress[Result] = field(default_factory=Progress)
    broken: bool = False
    _turns: Turns = field(default_factory=Turns)

    def advance(self) -> bool:
        """Compute for a while, a step at least, but no further than to a result that is waited for.

        False when there is no more. Another tab, or a run of the page that was replaced by this one, may be busy with
        it: this one waits for its turn here.

        Raises:
            GradlabError: when an error has ended it, which only the one heard whose turn it was.
        """
        with self._turns:
            if self.broken:
                raise GradlabError("What this page waited for ended with an error in another tab: try again")
            began = perf_counter()
            try:
                for step in self.steps:
                    self.now = step
                    if step.at_once or perf_counter() - began >= A_WHILE:
                        return True
            except BaseException:
                self.broken = True
                raise
        return False

    def end(self) -> None:
        """Let go of all that it is computed with, wherever this is still held; nothing more comes of it."""
        with self._turns:
            self.broken = True
            if isinstance(self.steps, Generator):
                self.steps.close()


@dataclass
class Running(Generic[Result]):
    """What this session waits for.

    Attributes:
        job: what is computed.
        work: how far it has come.
        stopped: by the person here, who may let it go on.
    """

    job: Hashable
    work: Work[Result]
    stopped: bool = False


def under_way(job: Hashable) -> Running[Any] | None:
    """What this session has begun and not finished, if it is this job; a rerun of the page goes on with it."""
    found: Running[Any] | None = st.session_state.get("running")
    return found if found and found.job == job and (found.stopped or not found.work.broken) else None


def start(running: Running[Result]) -> Running[Result]:
    """Remember what begins, in place of an earlier one."""
    st.session_state["running"] = running
    return running


def finish() -> None:
    """Forget what has come to its end, or is given up."""
    st.session_state.pop("running", None)


def checks() -> dict[Hashable, Running[Any]]:
    """The checks of networks that this session has begun, by their job: they run in a dialog, beside the page."""
    found: dict[Hashable, Running[Any]] = st.session_state.setdefault("checks", {})
    return found


def covered() -> bool:
    """Whether a dialog lies over the page. What runs long there waits: Streamlit hears a dialog between runs only."""
    return bool(st.session_state.get("networking") or st.session_state.get("bringing"))


def once(key: Hashable, make: Callable[[], Made]) -> Made:
    """What was made in this session under a key, by the first call that came to its end.

    Of two presses in a row both runs are under way at once, and the first one is stopped wherever it next touches the
    session: what it did before that must not be done again.
    """
    kept: dict[Hashable, Any]
    kept, lock = st.session_state["once"]
    with lock:
        if key not in kept:
            kept[key] = make()
        made: Made = kept[key]
        return made


def once_more(key: Hashable) -> None:
    """Let it be made again."""
    st.session_state["once"][0].pop(key, None)


def notice(name: str) -> str | None:
    """What was wrong with a choice; kept until the control that it was meant for says it, once."""
    return _kept().pop(name, None)


def put_notice(name: str, message: str) -> None:
    """Keep a message for the control `name`."""
    _kept()[name] = message


def _kept() -> dict[str, str]:
    found: dict[str, str] = st.session_state.setdefault("notices", {})
    return found
