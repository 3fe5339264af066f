"""What the `config.json` of a network in timm's Hub layout says, read as plain data and checked."""

import json
from dataclasses import dataclass
from typing import Any, NoReturn

from gradlab.errors import BadValueError, CorruptFileError
from gradlab.images.spaces import MOST_CLASSES, checked_names
from gradlab.networks.brought import LARGEST, SMALLEST, numbers

CONFIG = "config.json"
LARGEST_CONFIG = 1_000_000  # bytes


@dataclass(frozen=True)
class Plan:
    """What is to be built.

    Attributes:
        architecture: its name in timm, or `torchvision/` and its name there.
        classes: K, how many logits it gives.
        names: of the classes; empty where the file names none.
        mean: of each channel.
        std: of each channel.
        size: height and width of its images, in pixels.
        channels: 1 or 3.
        pooling: how it sums up an image, where the file says it.
    """

    architecture: str
    classes: int
    names: tuple[str, ...]
    mean: tuple[float, ...]
    std: tuple[float, ...]
    size: int
    channels: int
    pooling: str = ""


def read_plan(content: bytes) -> Plan:
    """The plan in the bytes of a `config.json`.

    Raises:
        CorruptFileError: for what is no JSON object of at most 1 MB.
        BadValueError: for a value that is missing or makes no sense; each says which.
    """
    config = _object(content)
    trained = config.get("pretrained_cfg")
    if not isinstance(trained, dict):
        raise _wrong("pretrained_cfg", "an object with mean, std and input_size", trained)
    if config.get("model_args") or trained.get("model_args"):
        raise BadValueError(f"{CONFIG}: expected an architecture as its library builds it, got model_args besides")
    channels, size = _size(trained.get("input_size"))
    classes = _whole(config, "num_classes", 2, MOST_CLASSES)
    return Plan(
        _text(config, "architecture"), classes, _names(config, trained, classes),
        _three(trained, "mean", channels), _three(trained, "std", channels, 1e-4), size, channels,
        _text(config, "global_pool", needed=False),
    )  # fmt: skip


def _object(content: bytes) -> dict[str, Any]:
    if len(content) > LARGEST_CONFIG:
        raise CorruptFileError(f"{CONFIG}: expected at most {LARGEST_CONFIG:,} bytes, got {len(content):,}")
    try:
        config = json.loads(content.decode("utf-8"), parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        reason = " ".join(str(error).split())
        raise CorruptFileError(f"{CONFIG}: expected JSON, got something else: {reason:.120}") from None
    if not isinstance(config, dict):
        raise CorruptFileError(f"{CONFIG}: expected a JSON object, got a {type(config).__name__}")
    return config


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number of JSON's")


def _wrong(key: str, expected: str, came: object) -> BadValueError:
    got = "none" if came is None else f"{came!r:.60}"
    return BadValueError(f"{CONFIG}: expected {expected} as {key}, got {got}")


def _text(config: dict[str, Any], key: str, needed: bool = True) -> str:
    value = config.get(key)
    if value is None and not needed:
        return ""
    if not isinstance(value, str) or not 0 < len(value) <= 100:
        raise _wrong(key, "a name", value)
    return value


def _whole(config: dict[str, Any], key: str, least: int, most: int) -> int:
    value = config.get(key)
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise _wrong(key, f"a whole number from {least} to {most:,}", value)
    return value


def _size(value: object) -> tuple[int, int]:
    """Channels and side of the images."""
    whole = isinstance(value, list) and len(value) == 3 and all(type(number) is int for number in value)
    if not isinstance(value, list) or not whole or value[0] not in (1, 3) or value[1] != value[2]:
        raise _wrong("input_size", "[channels, height, width], with 1 or 3 channels and square", value)
    if not SMALLEST <= value[1] <= LARGEST:
        raise _wrong("input_size", f"a size of {SMALLEST} to {LARGEST:,} pixels", value)
    return value[0], value[1]


def _three(trained: dict[str, Any], key: str, channels: int, above: float = -1e4) -> tuple[float, ...]:
    try:
        return tuple(numbers(key, trained.get(key), channels, above))
    except BadValueError as error:
        raise BadValueError(f"{CONFIG}: {error}") from None


def _names(config: dict[str, Any], trained: dict[str, Any], classes: int) -> tuple[str, ...]:
    """The names of the classes, where the file has some: timm writes them beside the rest or into pretrained_cfg."""
    found = config.get("label_names") or trained.get("label_names")
    if not found:
        return ()
    try:
        names = checked_names(found)
    except BadValueError as error:
        raise BadValueError(f"{CONFIG}: {error}, as label_names") from None
    if len(names) != classes:
        raise _wrong("label_names", f"{classes:,} names, one for each class,", f"{len(names):,}")
    return names
