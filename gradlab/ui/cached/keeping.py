"""What is kept for all sessions, and what for one alone: whatever is of a visitor's own things."""

import re
from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import streamlit as st

from gradlab.images.own import MOST

Asked = ParamSpec("Asked")
Answer = TypeVar("Answer")

_SHARE = 8  # of what is kept for all, one visitor keeps at most one part in so many
# Own pictures, an own network, the classes of one.
_OWN = re.compile(r"(own|classes)-[0-9a-f]{16}")
_ALONE: list[Any] = []  # each function's entries of the session that asks


def keeper(function: Callable[..., Any], max_entries: int, show_spinner: bool | str = False) -> Callable[..., Any]:
    """Keep what a function answers; what is returned tells, of some arguments, who does: all sessions, or this one."""
    everyone = st.cache_resource(max_entries=max_entries, show_spinner=show_spinner)(function)
    most = max(1, min(max_entries // _SHARE, MOST))
    alone = st.cache_resource(max_entries=most, show_spinner=show_spinner, scope="session")(function)
    _ALONE.append(alone)

    def of(*given: Any) -> Any:
        # A network or data set by its key, or something that names one, as a test of a person does.
        names = (getattr(one, "dataset", one) for one in given)
        return alone if any(isinstance(name, str) and _OWN.fullmatch(name) for name in names) else everyone

    return of


def kept_for_all(
    max_entries: int, show_spinner: bool | str = False
) -> Callable[[Callable[Asked, Answer]], Callable[Asked, Answer]]:
    """Like `st.cache_resource`; but what is of a visitor's own things is kept for that session, and goes with it."""

    def decorate(function: Callable[Asked, Answer]) -> Callable[Asked, Answer]:
        of = keeper(function, max_entries, show_spinner)

        @wraps(function)
        def asked(*arguments: Asked.args, **named: Asked.kwargs) -> Answer:
            answer: Answer = of(*arguments, *named.values())(*arguments, **named)
            return answer

        asked.clear = of().clear  # type: ignore[attr-defined]
        return asked

    return decorate


def forget_alone() -> None:
    """Forget what is kept of this session's own things."""
    for kept in _ALONE:
        kept.clear()
