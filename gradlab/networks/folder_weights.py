"""The `model.safetensors` of a network in timm's Hub layout: its header is compared before anything is built of it."""

import json
import math
import os
import struct
from collections.abc import Iterable, Mapping
from io import BufferedIOBase
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from gradlab.errors import CorruptFileError

WEIGHTS = "model.safetensors"
_LARGEST_HEADER = 10_000_000  # bytes; of the largest networks of timm some 200,000
_MOST_DIMENSIONS = 8
_LENGTH = 8  # bytes at the beginning, which say how long the header is
_FLOATS = {"F64": torch.float64, "F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16}
_WHOLES = {
    "I64": torch.int64, "I32": torch.int32, "I16": torch.int16, "I8": torch.int8, "U8": torch.uint8, "BOOL": torch.bool,
}  # fmt: skip
_KINDS = _FLOATS | _WHOLES
_COUNTER = ".num_batches_tracked"  # of batch norm in training: plays no part in what a network says


class Entry(NamedTuple):
    """What a header says of a tensor."""

    kind: str
    shape: tuple[int, ...]
    place: int  # of its first byte in the file

    @property
    def size(self) -> int:
        """How many bytes it has."""
        return math.prod(self.shape) * _KINDS[self.kind].itemsize


def read_header(file: BufferedIOBase) -> dict[str, Entry]:
    """What tensors a safetensors file has, by name, from its header alone.

    Raises:
        CorruptFileError: for a file that is no safetensors file, or whose header contradicts its size. Each tensor has
            bytes of its own, so that no small file makes a large network.
    """
    whole = file.seek(0, os.SEEK_END)
    file.seek(0)
    if whole <= _LENGTH:
        raise _broken(f"got {whole} bytes")
    (length,) = struct.unpack("<Q", file.read(_LENGTH))
    if length > min(_LARGEST_HEADER, whole - _LENGTH):
        raise _broken(f"got a header of {length:,} bytes in a file of {whole:,}")
    begin = _LENGTH + length
    found = {name: _entry(name, said, begin, whole) for name, said in _said(file.read(length)).items()}
    last = begin
    for entry in sorted(found.values(), key=lambda one: (one.place, one.size)):
        if entry.place != last:
            raise _broken("got tensors that overlap or leave gaps")
        last += entry.size
    if last != whole:
        raise _broken(f"got tensors up to the byte {last:,} of {whole:,}")
    return found


def _said(content: bytes) -> dict[str, object]:
    try:
        header = json.loads(content.decode("utf-8"))
    except (ValueError, RecursionError):
        raise _broken("got a header that is no JSON") from None
    if not isinstance(header, dict):
        raise _broken("got a header that is no JSON object")
    return {name: said for name, said in header.items() if name != "__metadata__"}


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


def read_tensor(file: BufferedIOBase, name: str, entry: Entry, kind: torch.dtype) -> Tensor:
    """One tensor of a file whose header was compared; nothing else of it is in memory then.

    Args:
        file: as `read_header` has read it.
        name: for the message.
        entry: what the header says of it.
        kind: what its numbers are to be.

    Raises:
        CorruptFileError: for weights that are NaN or infinite, or a file that has become shorter.
    """
    content = np.empty(entry.size, np.uint8)
    file.seek(entry.place)
    if file.readinto(content.data) != entry.size:
        raise _broken(f"got one that ends within {_short(name)}")
    value = torch.from_numpy(content).view(_KINDS[entry.kind]).reshape(entry.shape)
    if not bool(value.isfinite().all()):
        raise CorruptFileError(f"{WEIGHTS}: expected finite numbers, got NaN or infinity in {_short(name)}")
    return value.to(kind)


def _broken(came: str) -> CorruptFileError:
    return CorruptFileError(f"{WEIGHTS}: expected a safetensors file, {came}")


def _entry(name: str, said: object, begin: int, whole: int) -> Entry:
    """One tensor's, if it makes sense in a file of so many bytes, whose header ends at `begin`."""
    given = said if isinstance(said, dict) else {}
    kind, shape, places = given.get("dtype"), _wholes(given.get("shape")), _wholes(given.get("data_offsets"))
    if not isinstance(kind, str) or kind not in _KINDS or shape is None or places is None or len(places) != 2:
        raise _broken(f"got no type, shape and place of {_short(name)}")
    found = Entry(kind, shape, begin + places[0])
    if found.size != places[1] - places[0] or begin + places[1] > whole:
        raise _broken(
            f"got {_short(name)} with {shape} {kind} at the bytes {places[0]:,} to {places[1]:,} of {whole - begin:,}"
        )
    return found


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
