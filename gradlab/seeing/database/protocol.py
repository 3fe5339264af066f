"""A protocol as JSON, and back: the same to the last bit, since Python writes floats so that they come back."""

import json
from dataclasses import asdict
from typing import Any

from gradlab.errors import BadValueError, DatabaseError, GradlabError
from gradlab.types import LabelSource, Protocol, Scale

VERSION = 2
_READ = (1, VERSION)  # of the first, `looked` and `alike` are not known


def to_json(protocol: Protocol) -> str:
    """A JSON object: the version, then each field under its name.

    Raises:
        BadValueError: for numbers that are NaN or infinite.
    """
    content = {"version": VERSION} | asdict(protocol) | {"labels": str(protocol.labels)}
    try:
        return json.dumps(content, allow_nan=False)
    except ValueError:
        raise BadValueError("expected a protocol of finite numbers, got NaN or an infinite one") from None


def from_json(text: str, code: str) -> Protocol:
    """Read what `to_json` wrote.

    Args:
        text: the JSON.
        code: of the study, for the message.

    Raises:
        DatabaseError: for another version, or what is no protocol.
    """
    try:
        content: dict[str, Any] = json.loads(text)
        version = content.pop("version")
        if version in _READ:
            return _protocol(content)
    except (AttributeError, KeyError, TypeError, ValueError, GradlabError):
        raise DatabaseError(f"study {code}: expected a protocol, got {text!r:.40}; delete the study") from None
    age = "a newer" if isinstance(version, int) and version > VERSION else "another"
    got = f"got {version!r:.20}, of {age} gradlab"
    raise DatabaseError(f"study {code}: expected version {VERSION} of the protocol, {got}; update gradlab")


def _protocol(content: dict[str, Any]) -> Protocol:
    scales = tuple(Scale(**scale | {"levels": tuple(scale["levels"])}) for scale in content["scales"])
    labels = LabelSource.parse(content["labels"])
    return Protocol(**content | {"scales": scales, "labels": labels, "places": tuple(content["places"])})
