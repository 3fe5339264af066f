"""What the text of a link means: each function returns the value that is meant, or raises a `GradlabError`."""

import re
from collections.abc import Callable, Iterable

from gradlab.errors import BadValueError, UnknownNameError
from gradlab.types import Rule


def one_of(kind: str, choices: Iterable[str]) -> Callable[[str], str]:
    """Reads one of some names; `kind` is what they are names of."""
    known = list(choices)

    def read(text: str) -> str:
        if text not in known:
            raise UnknownNameError(kind, text, known)
        return text

    return read


def number_of(kind: str, choices: Iterable[int]) -> Callable[[str], int]:
    """Reads one of some numbers; `kind` is what they are."""
    read = one_of(kind, map(str, choices))
    return lambda text: int(read(text))


def number(what: str, first: int = 0, end: int = 10**9) -> Callable[[str], int]:
    """Reads a number from `first` on, below `end`; `what` says what is expected."""

    def read(text: str) -> int:
        # Of very many digits, `int` makes an error of its own.
        if not (text.isdecimal() and len(text) <= 9 and first <= int(text) < end):
            raise BadValueError(f"expected {what}, got {text!r}")
        return int(text)

    return read


def switch(text: str) -> bool:
    """`1` for on, `0` for off."""
    return one_of("switch", ("0", "1"))(text) == "1"


def switch_text(value: object) -> str:
    """What `switch` reads."""
    return "1" if value else "0"


def person(text: str) -> str:
    """The key of a person who takes a test; whether there is one, the database knows."""
    if not re.fullmatch(r"[0-9A-Za-z_-]{8,80}", text):
        raise BadValueError("expected the key of a test that was begun, letters and digits, got something else")
    return text


def study(text: str) -> str:
    """A study's code, however it was typed; whether there is one, the database knows."""
    code = "".join(text.split()).upper()
    if not re.fullmatch(r"[0-9A-Z]{3,16}", code):
        raise BadValueError(f"expected a study's code, such as 4KWHC, got {text!r:.40}")
    return code


def rules(text: str) -> list[Rule]:
    """Rules, separated by commas, each once; none in an empty text."""
    return list(dict.fromkeys(Rule(name) for name in text.split(",") if name))


def decibels(text: str) -> float:
    """A PSNR in dB."""
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 < value < 200:  # NaN is neither
        raise BadValueError(f"expected a PSNR in dB, such as 34.3, got {text!r:.40}")
    return value
