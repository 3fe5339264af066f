"""Weights that their authors offer as a pickle only: the one place that reads such a file.

A pickle can hold code. Two things stand against it: nothing is read of a file whose sha256 is not the one expected, and
of what is read, `weights_only` makes tensors and nothing else.
"""

import hashlib
import string
from io import BufferedReader
from pathlib import Path

import torch
from torch import Tensor

from gradlab.errors import BadValueError, CorruptFileError, MissingFileError

LEAST = 8  # hexadecimal digits of a sha256: what torchvision's file names carry


def read_state(path: Path, sha256: str) -> dict[str, Tensor]:
    """The tensors of a file that `torch.save` wrote, in its old format or its new one, by name, on the CPU.

    Args:
        path: a state dict: names and tensors, nothing else.
        sha256: of the whole file, hexadecimal; its first eight digits or more do.

    Returns:
        Tensors that share nothing with the file and need no gradient.

    Raises:
        BadValueError: for a `sha256` of fewer than eight digits, or that is none.
        MissingFileError: when there is no such file.
        CorruptFileError: when its sha256 is another, before anything is read of it; or when it is no state dict.
    """
    if not LEAST <= len(sha256) <= 64 or not set(sha256) <= set(string.hexdigits.lower()):
        raise BadValueError(f"expected a sha256 of {LEAST} to 64 hexadecimal digits, got {sha256!r:.80}")
    try:
        with path.open("rb") as file:  # opened once: what is read is what was checked
            check_sha256(file, sha256, str(path))
            return _tensors(file, path)
    except FileNotFoundError:
        raise MissingFileError(f"{path} is missing: expected weights with sha256 {sha256[:12]}…") from None


def check_sha256(file: BufferedReader, expected: str, name: str) -> str:
    """The sha256 of a whole file, which is at its beginning again afterwards.

    Raises:
        CorruptFileError: when it does not begin with what is expected.
    """
    came = hashlib.file_digest(file, "sha256").hexdigest()
    if not came.startswith(expected):
        raise CorruptFileError(f"{name}: expected sha256 {expected[:12]}…, got {came[:12]}…")
    file.seek(0)
    return came


def _tensors(file: BufferedReader, path: Path) -> dict[str, Tensor]:
    try:
        found = torch.load(file, map_location="cpu", weights_only=True)  # noqa: TID251 - checked; offered in no other way
    except Exception as error:  # noqa: BLE001, RUF100 - it depends on the damage what is raised
        reason = " ".join(str(error).split())
        raise CorruptFileError(f"expected weights in {path}, got a file that cannot be read: {reason:.80}") from None
    if not isinstance(found, dict) or not all(isinstance(n, str) and isinstance(t, Tensor) for n, t in found.items()):
        raise CorruptFileError(f"expected tensors by name in {path}, got {type(found).__name__} of something else")
    return {name: tensor.detach() for name, tensor in found.items()}
