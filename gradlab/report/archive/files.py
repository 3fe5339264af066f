"""Results to and from bytes and files; what stands in them, `gradlab.report.archive.layout` knows."""

import io
import os
import zipfile
from pathlib import Path

import numpy as np

from gradlab.errors import BadValueError, CorruptFileError, GradlabError, MissingFileError
from gradlab.report.archive.layout import Arrays, fault, from_arrays, to_arrays
from gradlab.shipped import write_whole
from gradlab.types import SweepResult

SUFFIX = ".npz"


def save_result(result: SweepResult, path: str | os.PathLike[str]) -> None:
    """Write a result to a file, whole or not at all; a file that is there is replaced.

    Args:
        result: of a sweep, complete or not.
        path: its name ends in `.npz`.

    Raises:
        BadValueError: for another ending, or a result whose arrays don't fit each other.
        MissingFileError: when there is no folder to write into.
    """
    place = Path(path)
    if place.suffix.lower() != SUFFIX:
        raise BadValueError(f"expected a name that ends in {SUFFIX}, got {place}")
    if not place.parent.is_dir():
        raise MissingFileError(f"expected a folder that exists, got {place.parent}")
    write_whole(place, dumps(result))


def load_result(path: str | os.PathLike[str]) -> SweepResult:
    """Read what `save_result` wrote: the same result, to the last bit.

    Raises:
        MissingFileError: when there is no such file.
        CorruptFileError: for a file that is truncated, of another version, or none of ours.
    """
    place = Path(path)
    if not place.is_file():
        raise MissingFileError(f"expected a file with a result, got none at {place}")
    return loads(place.read_bytes(), str(place))


def dumps(result: SweepResult) -> bytes:
    """A result as the content of a file, for a download; equal results give equal bytes.

    Raises:
        BadValueError: for a result whose arrays don't fit each other.
    """
    if problem := fault(result):
        raise BadValueError(problem)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as entries:
        for name, array in to_arrays(result).items():
            with entries.open(f"{name}.npy", "w") as entry:  # so opened, it carries no time of day
                np.lib.format.write_array(entry, array, allow_pickle=False)
    return file.getvalue()


def loads(content: bytes, name: str = "the file") -> SweepResult:
    """Read what `dumps` made, such as an upload.

    Args:
        content: of a file.
        name: of the file, for the message.

    Raises:
        CorruptFileError: for content that is truncated, of another version, or none of ours.
    """
    try:
        result = from_arrays(_unpack(content))
    except GradlabError as error:
        raise CorruptFileError(f"{name}: {error}") from error
    if problem := fault(result):
        raise CorruptFileError(f"{name}: {problem}")
    return result


def _unpack(content: bytes) -> Arrays:
    """All arrays of an .npz; each entry is read to its end, where its checksum is compared."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as entries:
            files = {name.removesuffix(".npy"): io.BytesIO(entries.read(name)) for name in entries.namelist()}
        return {name: np.lib.format.read_array(file, allow_pickle=False) for name, file in files.items()}
    except Exception as error:  # broken bytes make zipfile, zlib and numpy raise a dozen kinds between them
        reason = " ".join(str(error).split()) or type(error).__name__
        raise CorruptFileError(f"expected a gradlab result, got a damaged file or none of ours: {reason}") from error
