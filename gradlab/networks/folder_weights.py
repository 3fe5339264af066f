"""The `model.safetensors` of a network in timm's Hub layout: its header is compared before anything is built of it."""

import json
import math
import struct
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from safetensors import SafetensorError
from safetensors.torch import load
from torch import Tensor

from gradlab.errors import CorruptFileError

WEIGHTS = "model.safetensors"
_LARGEST_HEADER = 10_000_000  # bytes; of the largest networks of timm some 200,000
_MOST_DIMENSIONS = 8
_LENGTH = 8  # bytes at the beginning, which say how long the header is
_FLOATS = {"F64": 8, "F32": 4, "F16": 2, "BF16": 2}
_WHOLES = {"I64": 8, "I32": 4, "I16": 2, "I8": 1, "U8": 1, "BOOL": 1}
_COUNTER = ".num_batches_tracked"  # of batch norm in training: plays no part in what a network says


class Entry(NamedTuple):
    """What a header says of a tensor."""

    kind: str
    shape: tuple[int, ...]


def read_header(content: bytes) -> dict[str, Entry]:
    """What tensors a safetensors file has, by name, from its header alone.

    Raises:
        CorruptFileError: for a file that is no safetensors file, or whose header contradicts its size.
    """
    if len(content) <= _LENGTH:
        raise _broken(f"got {len(content)} bytes")
    (length,) = struct.unpack("<Q", content[:_LENGTH])
    if length > min(_LARGEST_HEADER, len(content) - _LENGTH):
        raise _broken(f"got a header of {length:,} bytes in a file of {len(content):,}")
    try:
        header = json.loads(content[_LENGTH : _LENGTH + length].decode("utf-8"))
    except (ValueError, RecursionError):
        raise _broken("got a header that is no JSON") from None
    if not isinstance(header, dict):
        raise _broken("got a header that is no JSON object")
    body = len(content) - _LENGTH - length
    return {name: _entry(name, said, body) for name, said in header.items() if name != "__metadata__"}


def check_tensors(found: Mapping[str, Entry], wanted: Mapping[str, Tensor], architecture: str) -> None:
    """The file has the tensors of an architecture, with their shapes and kinds, and no others.

    Args:
        found: as `read_header` gives them.
        wanted: the architecture's; tensors without values (on the meta device) do.
        architecture: its name, for the message.

    Raises:
        CorruptFileError: says which are missing, too many or of another shape.
    """
    missing = [name for name in wanted if name not in found and not name.endswith(_COUNTER)]
    more = [name for name in found if name not in wanted]
    other = [
        f"{_short(name)} {found[name].shape} {found[name].kind} in place of {tuple(value.shape)} {_kind(value)}"
        for name, value in wanted.items()
        if name in found and not _fits(found[name], value)
    ]
    parts = [*_told("missing", map(_short, missing)), *_told("too many", map(_short, more)), *_told("unlike", other)]
    if parts:
        raise CorruptFileError(
            f"{WEIGHTS}: expected the {len(wanted)} tensors of {architecture}, got {len(found)}, {'; '.join(parts)}"
        )


def read_tensors(content: bytes) -> dict[str, Tensor]:
    """All tensors of a file whose header was compared.

    Raises:
        CorruptFileError: for a file that can't be read, or weights that are NaN or infinite.
    """
    try:
        state = load(content)
    except (SafetensorError, ValueError, KeyError) as error:
        raise _broken(f"got something else: {' '.join(str(error).split()):.120}") from None
    bad = [name for name, value in state.items() if not bool(value.isfinite().all())]
    if bad:
        raise CorruptFileError(f"{WEIGHTS}: expected finite weights, got NaN or infinity in {_few(map(_short, bad))}")
    return state


def _broken(came: str) -> CorruptFileError:
    return CorruptFileError(f"{WEIGHTS}: expected a safetensors file, {came}")


def _entry(name: str, said: object, body: int) -> Entry:
    """One tensor's, if it makes sense in a file with so many bytes after the header."""
    kinds, given = _FLOATS | _WHOLES, said if isinstance(said, dict) else {}
    kind, shape, places = given.get("dtype"), _wholes(given.get("shape")), _wholes(given.get("data_offsets"))
    if not isinstance(kind, str) or kind not in kinds or shape is None or places is None or len(places) != 2:
        raise _broken(f"got no type, shape and place of {_short(name)}")
    begin, end = places
    if not 0 <= begin <= end <= body or math.prod(shape) * kinds[kind] != end - begin:
        raise _broken(f"got {_short(name)} with {shape} {kind} at the bytes {begin:,} to {end:,} of {body:,}")
    return Entry(kind, shape)


def _wholes(values: object) -> tuple[int, ...] | None:
    """A few whole numbers, none of them absurd; None for anything else."""
    if not isinstance(values, list) or len(values) > _MOST_DIMENSIONS:
        return None
    return tuple(values) if all(type(value) is int and 0 <= value < 2**40 for value in values) else None


def _fits(entry: Entry, value: Tensor) -> bool:
    kinds = _FLOATS if value.is_floating_point() else _WHOLES
    return entry.kind in kinds and entry.shape == tuple(value.shape)


def _kind(value: Tensor) -> str:
    return "F32" if value.is_floating_point() else str(value.dtype).removeprefix("torch.")


def _told(what: str, names: Iterable[str]) -> list[str]:
    found = list(names)
    return [f"{len(found)} {what}: {_few(found)}"] if found else []


def _few(names: Iterable[str]) -> str:
    found = list(names)
    return ", ".join(found[:3]) + (", …" if len(found) > 3 else "")


def _short(name: str) -> str:
    return repr(name) if len(name) <= 60 else f"{name[:60]!r}…"
