"""Things that can be found by a key, for all threads of a process."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager
from threading import Lock
from typing import Generic, TypeVar

from gradlab.errors import BadValueError

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")

_NAME = re.compile(r"[0-9A-Za-z][0-9A-Za-z_-]{0,63}")


class Registry(Generic[Key, Value]):
    """Who reads it, sees all of a change or nothing of it: each change makes a new mapping."""

    def __init__(self) -> None:
        self._lock = Lock()
        self.things: Mapping[Key, Value] = {}

    def register(self, key: Key, value: Value) -> None:
        """Make a thing known.

        Raises:
            BadValueError: when the key is taken.
        """
        with self._lock:
            if key in self.things:
                raise BadValueError(f"expected a key of its own, got {key!r}, which is taken")
            self.things = {**self.things, key: value}

    def forget(self, key: Key) -> None:
        """Make it unknown again; nothing happens where it is not known."""
        with self._lock:
            self.things = {other: value for other, value in self.things.items() if other != key}


@contextmanager
def while_known(thing: Value, register: Callable[[Value], None], forget: Callable[[], None]) -> Iterator[Value]:
    """Within a `with` block only, a thing is known."""
    register(thing)
    try:
        yield thing
    finally:
        forget()


def check_name(what: str, name: str) -> str:
    """A name that links, the command line and files can hold: letters, digits, - and _, at most 64.

    Raises:
        BadValueError: for any other.
    """
    if not _NAME.fullmatch(name):
        raise BadValueError(f"expected {what} of at most 64 letters, digits, - and _, got {name!r:.80}")
    return name
