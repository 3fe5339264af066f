"""What this session keeps besides the choices: what it has begun to compute, one thing at a time, and notices."""

from collections.abc import Callable, Hashable, Iterator
from typing import Any, TypeVar

import streamlit as st

from gradlab.ui.running import Result, Running

Made = TypeVar("Made")


def running(key: Hashable) -> Running[Any] | None:
    """What this session has begun and not finished, if it is this. A rerun of the page goes on and loses nothing."""
    found: Running[Any] | None = st.session_state.get("running")
    return found if found and found.key == key else None


def start(key: Hashable, stream: Iterator[Result]) -> Running[Result]:
    """Remember what begins, in place of an earlier one."""
    begun = Running(key, stream)
    st.session_state["running"] = begun
    return begun


def once(key: Hashable, make: Callable[[], Made]) -> Made:
    """What was made in this session under a key: by the first call, if that came to its end.

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


def finish() -> None:
    """Forget what has come to its end, or is given up."""
    st.session_state.pop("running", None)


def notice(name: str) -> str | None:
    """What was wrong with a choice; kept until the control that it was meant for says it, once."""
    return _kept().pop(name, None)


def put_notice(name: str, message: str) -> None:
    """Keep a message for the control `name`."""
    _kept()[name] = message


def _kept() -> dict[str, str]:
    found: dict[str, str] = st.session_state.setdefault("notices", {})
    return found
