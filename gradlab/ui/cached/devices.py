"""Which device a session computes on, its lock, and what is kept for each device apart."""

from collections.abc import Callable
from functools import wraps
from typing import Any, ClassVar, ParamSpec, Protocol, TypeVar, runtime_checkable

import streamlit as st
import torch

from gradlab.device import describe_device, resolve_device
from gradlab.ui import state
from gradlab.ui.turns import Turns

Asked = ParamSpec("Asked")
Answer = TypeVar("Answer")


def device() -> torch.device:
    """The device that this session has chosen."""
    return resolve_device(state.get("device"))


def device_name(choice: str | None = None) -> str:
    """A device as a person would say it: the session's, unless another is named."""
    return describe_device(str(resolve_device(choice) if choice else device()))


def device_lock() -> Turns:
    """Whoever computes on this session's device holds this, for a chunk of work at a time."""
    return _lock(str(device()))


@st.cache_resource(show_spinner=False)
def _lock(device: str) -> Turns:
    return Turns()


@runtime_checkable
class Key(Protocol):
    """Of what is kept: a frozen dataclass, one for each kind of thing.

    Attributes:
        most: how many of its kind are kept.
    """

    most: ClassVar[int]

    def __hash__(self) -> int: ...


class Kept:
    """What somebody has waited for, and others then need not: the last few of each kind."""

    def __init__(self) -> None:
        self._things: dict[Key, Any] = {}

    def recall(self, key: Key) -> Any:
        """What was kept, or None where nothing was, or no longer is."""
        return self._things.get(key)

    def keep(self, key: Key, thing: Any) -> None:
        """Keep it for whoever asks for the same, in place of the oldest of its kind."""
        self._things[key] = thing
        alike = [one for one in list(self._things) if type(one) is type(key)]
        for one in alike[: max(0, len(alike) - key.most)]:
            self._things.pop(one, None)


def kept() -> Kept:
    """What is kept for this session's device."""
    return _kept(str(device()))


@st.cache_resource(show_spinner=False)
def _kept(device: str) -> Kept:
    return Kept()


def kept_by_device(
    max_entries: int, show_spinner: bool | str = False
) -> Callable[[Callable[Asked, Answer]], Callable[Asked, Answer]]:
    """As `st.cache_resource`, for each device apart."""

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
