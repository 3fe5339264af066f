"""What is kept for all sessions, and what for one alone: whatever is of a visitor's own pictures."""

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import streamlit as st

from gradlab.images.own import is_own

Asked = ParamSpec("Asked")
Answer = TypeVar("Answer")

_MOST_ALONE = 16  # entries of one visitor, of each kind
_ALONE: list[Any] = []  # each function's entries of the session that asks


def keeper(
    function: Callable[..., Answer], max_entries: int, show_spinner: bool | str = False
) -> Callable[..., Callable[..., Answer]]:
    """Keep what a function answers; what is returned tells, of some arguments, who does: all sessions, or this one."""
    everyone = st.cache_resource(max_entries=max_entries, show_spinner=show_spinner)(function)
    most = min(max_entries, _MOST_ALONE)
    alone = st.cache_resource(max_entries=most, show_spinner=show_spinner, scope="session")(function)
    _ALONE.append(alone)

    def of(*given: Any) -> Callable[..., Answer]:
        # A data set by its key, or something that names one, as a test of a person does.
        return alone if any(is_own(getattr(one, "dataset", one)) for one in given) else everyone

    return of


def kept_for_all(
    max_entries: int, show_spinner: bool | str = False
) -> Callable[[Callable[Asked, Answer]], Callable[Asked, Answer]]:
    """Like `st.cache_resource`; but what is of a visitor's own pictures is kept for that session, and goes with it."""

    def decorate(function: Callable[Asked, Answer]) -> Callable[Asked, Answer]:
        of = keeper(function, max_entries, show_spinner)

        @wraps(function)
        def asked(*arguments: Asked.args, **named: Asked.kwargs) -> Answer:
            return of(*arguments, *named.values())(*arguments, **named)

        return asked

    return decorate


def forget_alone() -> None:
    """Forget what is kept of this session's own pictures."""
    for kept in _ALONE:
        kept.clear()
