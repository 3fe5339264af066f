"""Reading numbers out of sentences again, to hold them against a count of one's own."""

import re
from decimal import Decimal

from gradlab.types import SweepResult

COUNT = r"[\d,]+"
IMAGES = r"(?:(?<=\b1 )test image|(?<!\b1 )test images)"  # after a count
SHARE = r"[\d.]+[ \u00a0]?%"
NUMBER = r"−?[\d.]+(?:e[+\-−]?\d+)?"
EPSILON = r"[+−]?[\d.]+(?:e-?\d+)?(?:/255)?"


def read(pattern: str, text: str) -> dict[str, str]:
    """The parts of a sentence that the pattern names; the whole sentence is of that shape, or this fails."""
    found = re.fullmatch(pattern, text, re.DOTALL)
    assert found, f"expected a sentence of the shape\n{pattern}\ngot\n{text}"
    return {name: part for name, part in found.groupdict().items() if part is not None}


def count(text: str) -> int:
    """A count as it is written: `1,234`."""
    return int(text.replace(",", ""))


def says(text: str, value: float) -> bool:
    """Whether a written number is that value, to the last digit that is written: `12.3%`, `0.05`, `−1.2e-05`."""
    plain = text.replace("−", "-").rstrip("%\u00a0 ")
    written, true = Decimal(plain), Decimal(value) * (100 if text.endswith("%") else 1)
    unit = Decimal(1).scaleb(int(written.as_tuple().exponent))
    return abs(written - true) <= unit * Decimal("0.5000001")


def epsilon_of(text: str) -> float:
    """A signed epsilon as it is written: `−8/255`, `+0.1`, `0`."""
    size, _, of = text.replace("−", "-").partition("/")
    return float(size) / float(of or 1)


def apart(result: SweepResult) -> tuple[list[int], list[int]]:
    """The places of the images to choose on, and of those to report on: every other block, by place in the split."""
    order = sorted(range(result.images), key=lambda n: int(result.indices[n]))
    block = max(1, min(100, result.images // 10))
    halves: tuple[list[int], list[int]] = ([], [])
    for rank, n in enumerate(order):
        halves[rank // block % 2].append(n)
    return halves
