"""What somebody has waited for, piece by piece, and what others then need not: the last few of each kind."""

from collections import OrderedDict
from collections.abc import Hashable, Iterator
from typing import Any, TypeVar

import streamlit as st

from gradlab.types import LossPlane, SweepResult, TransferResult
from gradlab.ui.cached.devices import device

# How many of each kind. The parts of galleries take up to 50 MB (`pool`), 6 MB (`steps`) and 16 kB (`flips`) each, a
# sweep of all rules 3 kB an image.
_KEPT = {
    "sweeps": 12,
    "planes": 24,
    "transfers": 12,
    "studies": 8,
    "pool": 2,
    "steps": 12,
    "flips": 64,
    "changes": 32,
    "seen": 8,
    "classes": 8,
    "equals": 24,
}
Streamed = TypeVar("Streamed", SweepResult, LossPlane, TransferResult)
Shelf = OrderedDict[Hashable, Any]


def recall(kind: str, key: Hashable) -> Any:
    """What was kept of this kind for this device, or None where nothing was, or no longer is."""
    return _shelf(str(device()), kind).get(key)


def keep(kind: str, key: Hashable, thing: Any) -> None:
    """Keep it for whoever asks for the same, in place of the oldest of its kind."""
    _put(_shelf(str(device()), kind), kind, key, thing)


def keeping(kind: str, key: Hashable, stream: Iterator[Streamed]) -> Iterator[Streamed]:
    """The same stream; its complete result is kept, for the device that it was begun on."""
    return _keeping(_shelf(str(device()), kind), kind, key, stream)


def _keeping(shelf: Shelf, kind: str, key: Hashable, stream: Iterator[Streamed]) -> Iterator[Streamed]:
    for result in stream:
        if result.complete:
            _put(shelf, kind, key, result)
        yield result


def _put(shelf: Shelf, kind: str, key: Hashable, thing: Any) -> None:
    shelf[key] = thing
    while len(shelf) > _KEPT[kind]:
        shelf.popitem(last=False)


@st.cache_resource(show_spinner=False)
def _shelf(device: str, kind: str) -> Shelf:
    return OrderedDict()
