"""Class spaces: which image set's classes a network tells apart, or that they are those of no image set."""

import hashlib
from collections.abc import Sequence
from typing import Any

from gradlab.errors import BadValueError
from gradlab.images.registry import image_set, image_sets, space_of

MOST_CLASSES = 100_000
_LONGEST_NAME = 200


def class_space(classes: str | Sequence[str]) -> tuple[str, tuple[str, ...]]:
    """The key of a class space, and the names of its classes.

    Args:
        classes: the key of an image set, whose classes are meant; or names. If these are the names of a known image
            set in its order, that one is meant, else they are a space of their own, whose key depends on them alone.

    Raises:
        UnknownNameError: for a key that no image set has.
        BadValueError: for fewer than 2 names, too many, or what is no name.
    """
    if isinstance(classes, str):
        return space_of(classes), image_set(classes).classes
    names = checked_names(classes)
    for known in image_sets():
        if known.classes == names:
            return known.space or known.key, names
    return f"classes-{hashlib.sha256(chr(0).join(names).encode()).hexdigest()[:8]}", names


def checked_names(classes: Any) -> tuple[str, ...]:
    """Names of classes, each one different: the second of two equal ones gets a number.

    Raises:
        BadValueError: for fewer than 2, more than 100,000, or what is no name.
    """
    if not isinstance(classes, list | tuple) or not 2 <= len(classes) <= MOST_CLASSES:
        came = f"{len(classes):,}" if isinstance(classes, list | tuple) else f"a {type(classes).__name__}"
        raise BadValueError(f"expected from 2 to {MOST_CLASSES:,} names of classes, got {came}")
    used: dict[str, int] = {}
    return tuple(_checked_name(name, used) for name in classes)


def _checked_name(name: object, used: dict[str, int]) -> str:
    if not isinstance(name, str) or not name.strip() or len(name) > _LONGEST_NAME or not name.isprintable():
        raise BadValueError(f"expected names of classes of 1 to {_LONGEST_NAME} printable characters, got {name!r:.80}")
    used[name] = used.get(name, 0) + 1
    return name if used[name] == 1 else f"{name} ({used[name]})"
