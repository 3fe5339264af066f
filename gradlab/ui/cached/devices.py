"""Which device a session computes on, its lock, and what is kept for each device."""

from collections.abc import Callable, Hashable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import streamlit as st
import torch

from gradlab.device import describe_device, resolve_device
from gradlab.types.turns import Turns
from gradlab.ui import state

Asked = ParamSpec("Asked")
Answer = TypeVar("Answer")
Kept = dict[Hashable, Any]


def device() -> torch.device:
    """The device that this session has chosen."""
    return resolve_device(state.get("device"))


def device_name(choice: str | None = None) -> str:
    """A device's name for people: the session's, unless another is chosen."""
    return describe_device(str(resolve_device(choice) if choice else device()))


def device_lock() -> Turns:
    """The lock to hold while computing on this session's device, for a chunk of work at a time."""
    return _lock(str(device()))


@st.cache_resource(show_spinner=False)
def _lock(device: str) -> Turns:
    return Turns()


def kept() -> Kept:
    """What was computed on this session's device, so that nobody waits for it again."""
    return _kept(str(device()))


@st.cache_resource(show_spinner=False)
def _kept(device: str) -> Kept:
    return {}


def keep(there: Kept, key: Hashable, thing: Any, most: int) -> None:
    """Keep it for whoever asks for the same: the last `most` of a kind, which is the type of the key."""
    there[key] = thing
    alike = [one for one in list(there) if type(one) is type(key)]
    for one in alike[: max(0, len(alike) - most)]:
        there.pop(one, None)


def kept_by_device(
    max_entries: int, show_spinner: bool | str = False
) -> Callable[[Callable[Asked, Answer]], Callable[Asked, Answer]]:
    """Like `st.cache_resource`, but for each device separately."""

    def decorate(function: Callable[Asked, Answer]) -> Callable[Asked, Answer]:
        def computed(device: str, *arguments: Any, **named: Any) -> Answer:
            return function(*arguments, **named)

        # Streamlit tells caches apart by these names.
        computed.__module__, computed.__qualname__ = function.__module__, function.__qualname__
        kept = st.cache_resource(max_entries=max_entries, show_spinner=show_spinner)(computed)

        @wraps(function)
        def asked(*arguments: Asked.args, **named: Asked.kwargs) -> Answer:
            return kept(str(device()), *arguments, **named)

        return asked

    return decorate
