"""What is kept for all sessions, and what for one alone: whatever is of a visitor's own pictures."""

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import streamlit as st

from gradlab.images.own import MOST, is_own

Asked = ParamSpec("Asked")
Answer = TypeVar("Answer")

_SHARE = 8  # of what is kept for all, one visitor keeps at most one part in so many
_ALONE: list[Any] = []  # each function's entries of the session that asks


def kept_for_all(
    max_entries: int, show_spinner: bool | str = False
) -> Callable[[Callable[Asked, Answer]], Callable[Asked, Answer]]:
    """Like `st.cache_resource`; but what is of a visitor's own pictures is kept for that session, and goes with it."""

    def decorate(function: Callable[Asked, Answer]) -> Callable[Asked, Answer]:
        everyone = st.cache_resource(max_entries=max_entries, show_spinner=show_spinner)(function)
        most = max(1, min(max_entries // _SHARE, MOST))
        alone = st.cache_resource(max_entries=most, show_spinner=show_spinner, scope="session")(function)
        _ALONE.append(alone)

        @wraps(function)
        def asked(*arguments: Asked.args, **named: Asked.kwargs) -> Answer:
            given = (*arguments, *named.values())
            # A data set by its key, or something that names one, as a test of a person does.
            own = any(is_own(getattr(one, "dataset", one)) for one in given)
            return (alone if own else everyone)(*arguments, **named)

        asked.clear = everyone.clear  # type: ignore[attr-defined]
        return asked

    return decorate


def forget_alone() -> None:
    """Forget what is kept of this session's own pictures."""
    for kept in _ALONE:
        kept.clear()
