"""Rows of plain values as CSV."""

import csv
import io
import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from gradlab.types import Curve, Provenance, Rule


def rows_to_csv(rows: Sequence[Mapping[str, Any]]) -> str:
    """A header, then a line for each row: numbers written in full, None left empty.

    Args:
        rows: what a row lacks of the others' keys is left empty; a value that is a mapping itself becomes a column for
            each of its own keys, such as `sign_epsilon`.
    """
    flat = [flattened(row) for row in rows]
    file = io.StringIO()
    columns = dict.fromkeys(name for row in flat for name in row)
    writer = csv.DictWriter(file, list(columns), lineterminator="\n")
    writer.writeheader()
    writer.writerows(flat)
    return file.getvalue()


def flattened(row: Mapping[str, Any]) -> dict[str, Any]:
    """The row without mappings in it, each of their keys after the name of its mapping."""
    flat: dict[str, Any] = {}
    for name, value in row.items():
        flat |= {f"{name}_{key}": v for key, v in value.items()} if isinstance(value, Mapping) else {name: value}
    return flat


def picked(thing: object, *names: str) -> dict[str, Any]:
    """Some attributes by their names; all of them None where there is no such thing."""
    return {name: None if thing is None else getattr(thing, name) for name in names}


def of_rule(rule: Rule) -> dict[str, str]:
    """The columns that say which rule a row is of, and in which unit its epsilon is."""
    return {"rule": str(rule), "unit": str(rule.unit)}


def of_curve(curve: Curve) -> dict[str, str]:
    """The same of a curve; `equal_to` says whose change its steps were scaled to on each image, where they were."""
    scaled = {} if curve.equal_to is None else {"equal_to": str(curve.equal_to)}
    return {"rule": str(curve.rule), "unit": str(curve.steps_of.unit), **scaled}


def of_origin(provenance: Provenance | None) -> dict[str, Any]:
    """The columns that say of which images and which network a row is: none for what nobody knows.

    `image` is there for a single one, `images_sha256` for somebody's own.
    """
    about = picked(provenance, "dataset", "split", "index", "model", "weights_sha256", "images_sha256")
    renamed = {"image" if name == "index" else name: value for name, value in about.items()}
    return {name: value for name, value in renamed.items() if value not in (None, "")}


def finite(value: float | np.floating[Any]) -> float | None:
    """A number as Python's own, None where it is NaN or infinite: JSON has neither, and CSV leaves it empty."""
    return float(value) if math.isfinite(value) else None
