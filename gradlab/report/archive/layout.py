"""What stands in a file: a result taken apart into arrays, and put together again.

Each array is an entry of its own, such as `labels` or `curves.0.l2`. Everything else stands in the entry `header`, the
bytes of a JSON object: {"format": "gradlab sweep", "version": 1, ..., "curves": [{"rule": "sign", "rounded": true}]}.
"""

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gradlab.errors import CorruptFileError
from gradlab.types import MEASURES, Curve, EqualTo, LabelSource, Rule, SweepResult
from gradlab.types.arrays import class_type

FORMAT, VERSION = "gradlab sweep", 1

Arrays = dict[str, NDArray[Any]]

MAYBE = ("images_sha256",)  # only of a result over somebody's own images
COUNTS = ("checked", "disagreed", "unchecked")  # files from before there was such a check have none of these

# Each field of `SweepResult` but `curves` and `labelled` (in the header where it is false), and each of `Curve` but
# `rule` and `equal_to`, is in one of these tables.
SCALARS: dict[str, type] = {
    **dict.fromkeys(("dataset", "split", "source", "model", "weights_sha256", "label_source", "device"), str),
    **dict.fromkeys(("precision", "software"), str),
    **dict.fromkeys(("planned", "draw_seed", "seed", "batch_size", "backwards"), int),
    "seconds": float,
    **dict.fromkeys(("classes", "notices"), tuple),
    **dict.fromkeys(COUNTS, int),
    "images_sha256": str,
}
ARRAYS: dict[str, type] = {
    **dict.fromkeys(("indices", "labels", "clean_predictions", "failed"), np.int64),
    "clean_probability": np.float32,
    "zero_gradient": np.bool_,
}
_CURVE_ARRAYS: dict[str, type] = {"epsilons": np.float64, **dict.fromkeys(MEASURES, np.float32)}
OPTIONAL = ("rounded", "ssim")  # not every sweep has these; the header says which it has
_CLASS_ARRAYS = ("labels", "clean_predictions", "predictions", "rounded")


def curve_arrays(classes: int) -> dict[str, type]:
    """The arrays of a curve and their types, of a network of so many classes."""
    return _CURVE_ARRAYS | dict.fromkeys(("predictions", "rounded"), class_type(classes))


class _Part(NamedTuple):
    """An array of a result, and what it should be."""

    name: str
    array: NDArray[Any]
    dtype: type
    shape: tuple[int, ...]


def _parts(result: SweepResult) -> Iterator[_Part]:
    images = (result.labels.size,)
    for name, dtype in ARRAYS.items():
        shape = (result.failed.size,) if name == "failed" else images
        yield _Part(name, getattr(result, name), dtype, shape)
    condensed = result.condensed
    for k, curve in enumerate(result.curves):
        points = (curve.epsilons.size,)
        for name, dtype in curve_arrays(len(result.classes)).items():
            if (array := getattr(curve, name)) is not None:
                # A condensed result has some measures as one number an epsilon, and may have others of each image.
                whole = condensed and name in MEASURES and array.shape[1:] != images
                width = () if name == "epsilons" else (1,) if whole else images
                yield _Part(f"curves.{k}.{name}", array, dtype, points + width)


def fault(result: SweepResult) -> str | None:
    """What is wrong with a result's arrays, in one line; None where they fit each other, and the tables above."""
    if not result.curves or not result.images:
        return f"expected at least one rule and one image, got {len(result.curves)} and {result.images}"
    for name, array, dtype, shape in _parts(result):
        field = name.split(".")[-1]
        if array.dtype != dtype or array.shape != shape:
            return f"{name}: expected {np.dtype(dtype)} {shape}, got {array.dtype} {array.shape}"
        if field in _CLASS_ARRAYS and array.size and not (array.min() >= 0 and array.max() < len(result.classes)):
            return f"{name}: expected classes from 0 to {len(result.classes) - 1}, got {array.min()} to {array.max()}"
        if field == "epsilons" and not (np.isfinite(array).all() and (np.diff(array) > 0).all()):
            return f"{name}: expected finite numbers that ascend, got {array.tolist()!r:.80}"
    if not (0 <= result.disagreed <= result.checked and result.unchecked >= 0):
        counts = ", ".join(f"{name} {getattr(result, name)}" for name in COUNTS)
        return f"expected counts of 0 or more, of the checked at most all disagreed, got {counts}"
    return None


def to_arrays(result: SweepResult) -> Arrays:
    """A result as named arrays, the header among them."""
    header: dict[str, Any] = {"format": FORMAT, "version": VERSION}
    for name, kind in SCALARS.items():
        value = getattr(result, name)
        if name in MAYBE and not value:
            continue
        header[name] = None if value is None else kind(value)  # as Python's own: JSON knows none of numpy's numbers
    header["curves"] = [
        {"rule": str(curve.rule), "rounded": curve.rounded is not None}
        | ({} if curve.ssim is None else {"ssim": True})
        | ({} if curve.equal_to is None else {"equal_to": str(curve.equal_to)})
        for curve in result.curves
    ]
    header |= {} if result.labelled else {"labelled": False}
    text = np.frombuffer(json.dumps(header).encode(), np.uint8)
    return {"header": text} | {part.name: part.array for part in _parts(result)}


def from_arrays(arrays: Arrays) -> SweepResult:
    """A result of named arrays; whether these fit each other, `fault` says.

    Raises:
        CorruptFileError: without a header of this format and version, or when something is missing.
        UnknownNameError: for a rule or label source that doesn't exist.
    """
    header = _header(arrays)
    old = not any(name in header for name in COUNTS)
    gone = {*(COUNTS if old else ()), *(name for name in MAYBE if name not in header)}
    known: dict[str, Any] = {name: _scalar(header, name) for name in SCALARS if name not in gone}
    known["labelled"] = header.get("labelled", True) is not False
    known["label_source"] = LabelSource.parse(known["label_source"])
    known |= {name: _array(arrays, name, dtype) for name, dtype in ARRAYS.items()}
    curves = tuple(_curves(arrays, header["curves"], len(known["classes"])))
    if old and known["precision"] != "float32":
        known["unchecked"] = sum(map(_moved, curves))
    return SweepResult(**known, curves=curves)


def _moved(curve: Curve) -> int:
    """How many answers are of perturbed images, before rounding or after it."""
    after = 0 if curve.rounded is None else int(curve.rounded.size)
    return int(curve.predictions[curve.epsilons != 0].size) + after


def _header(arrays: Arrays) -> dict[str, Any]:
    try:
        header: dict[str, Any] = json.loads(arrays["header"].tobytes())
        ours = header["format"] == FORMAT and type(header["version"]) is int
    except (KeyError, TypeError, ValueError, RecursionError):
        ours = False
    if not ours:
        raise CorruptFileError(f"expected a gradlab result, got another .npz file, with {', '.join(arrays)!r:.80}")
    if (version := header["version"]) != VERSION:
        age = "an older" if version < VERSION else "a newer"
        raise CorruptFileError(f"expected version {VERSION} of the format, got version {version}, of {age} gradlab")
    curves = header.get("curves")
    if not isinstance(curves, list) or not all(_is_curve(entry) for entry in curves):
        raise CorruptFileError(f"expected curves as a list of rules in the header, got {curves!r:.40}")
    return header


def _is_curve(entry: object) -> bool:
    if not isinstance(entry, dict) or not isinstance(entry.get("rule"), str):
        return False
    texts = isinstance(entry.get("equal_to", ""), str)
    return texts and isinstance(entry.get("rounded"), bool) and isinstance(entry.get("ssim", False), bool)


def _scalar(header: dict[str, Any], name: str) -> Any:
    kind, value = SCALARS[name], header.get(name)
    if kind is tuple and isinstance(value, list) and all(isinstance(item, str) for item in value):
        return tuple(value)
    if type(value) is kind or (name == "draw_seed" and value is None):
        return value
    raise CorruptFileError(f"expected {name} as {kind.__name__} in the header, got {value!r:.40}")


def _curves(arrays: Arrays, entries: list[dict[str, Any]], classes: int) -> Iterator[Curve]:
    for place, entry in enumerate(entries):
        known: dict[str, Any] = {
            name: _array(arrays, f"curves.{place}.{name}", dtype)
            for name, dtype in curve_arrays(classes).items()
            if name not in OPTIONAL or entry.get(name)
        }
        equal_to = EqualTo.parse(entry["equal_to"]) if "equal_to" in entry else None
        yield Curve(**{"rounded": None, **known}, rule=Rule(entry["rule"]), equal_to=equal_to)


def _array(arrays: Arrays, name: str, dtype: type) -> NDArray[Any]:
    if name not in arrays:
        raise CorruptFileError(f"expected an array {name}, got none")
    if arrays[name].dtype != dtype:
        raise CorruptFileError(f"{name}: expected {np.dtype(dtype)}, got {arrays[name].dtype}")
    return arrays[name]
