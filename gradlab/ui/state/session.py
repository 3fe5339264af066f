"""What this session keeps besides the choices: what it has begun to compute, one thing at a time, and notices."""

from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass, field
from threading import Lock
from time import perf_counter
from typing import Any, Generic, TypeVar

import streamlit as st

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


@dataclass
class Running(Generic[Result]):
    """Where the next results come from, and what is done.

    Attributes:
        job: what is computed.
        steps: give results, each with all that is done so far.
        now: the last of them.
        stopped: by a person, who may let it go on.
    """

    job: Hashable
    steps: Iterator[Progress[Result]]
    now: Progress[Result] = field(default_factory=Progress)
    stopped: bool = False
    _lock: Lock = field(default_factory=Lock)

    def advance(self) -> bool:
        """Compute for a while, a step at least, but no further than to a result that is waited for.

        False when there is no more. A run of the page that was replaced by another may still be busy with it: the other
        waits for it here.
        """
        with self._lock:
            began = perf_counter()
            for step in self.steps:
                self.now = step
                if step.at_once or perf_counter() - began >= A_WHILE:
                    return True
        return False


def under_way(job: Hashable) -> Running[Any] | None:
    """What this session has begun and not finished, if it is this job; a rerun of the page goes on with it."""
    found: Running[Any] | None = st.session_state.get("running")
    return found if found and found.job == job else None


def start(running: Running[Result]) -> Running[Result]:
    """Remember what begins, in place of an earlier one."""
    st.session_state["running"] = running
    return running


def finish() -> None:
    """Forget what has come to its end, or is given up."""
    st.session_state.pop("running", None)


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
