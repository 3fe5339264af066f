"""What an epsilon is measured in: one row a unit, with all that figures and words need to know of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


@dataclass(frozen=True)
class UnitRow:
    """All that is known of a unit.

    Attributes:
        words: what it is, in brackets.
        phrase: the same after an epsilon: *ε in pixel units*.
        title: of an axis of epsilons.
        levels: an epsilon of 1 is written as n/levels; 1: as a plain number.
        straight: within ± this an axis is straight, beyond it logarithmic.
        ticks: sizes to mark on such an axis, from 0 on; as many as stand side by side on a phone.
        far: in place of those, where the axis reaches further; none: the same.
        last: no larger size is worth looking at: a change of 1 leaves [0, 1], and so does a million times all but the
            smallest gradient.
    """

    words: str
    phrase: str
    title: str
    straight: float
    ticks: tuple[float, ...]
    last: float
    levels: int = 1
    far: tuple[float, ...] = ()


class OneRowEach(StrEnum):
    """Names, each with a row that has all that is known of it.

    Attributes:
        row: what is known of it; each enum has a kind of row of its own.
    """

    row: Any

    def __new__(cls, name: str, *row: Any) -> OneRowEach:
        """A member is its name, by which `Unit("pixel")` finds it: for mypy's sake the row may be lacking there."""
        member = str.__new__(cls, name)
        member._value_ = name
        (member.row,) = row
        return member


class Unit(OneRowEach):
    """Unit: what an epsilon is measured in; one row each, and in no other place anything about one.

    Attributes:
        row: what is known of it.
    """

    row: UnitRow

    PIXEL = "pixel", UnitRow(
        words="pixel units, n/255", phrase="in pixel units", title="step size ε in n/255", levels=255, straight=1 / 255,
        ticks=tuple(n / 255 for n in (0, 1, 2, 4, 8, 16, 32, 64)), far=tuple(n / 255 for n in (0, 2, 8, 32, 128)),
        last=1.0,
    )  # fmt: skip
    GRADIENT = "gradient", UnitRow(
        words="times the gradient", phrase="times the gradient", title="step size ε × gradient", straight=0.01,
        ticks=(0, 0.1, 1, 10, 100), last=1e6,
    )  # fmt: skip
    L2 = "l2", UnitRow(
        words="L2 distance", phrase="as an L2 distance", title="step size ε in L2", straight=0.1,
        ticks=(0, 0.2, 1, 3, 10, 30), last=100.0,
    )  # fmt: skip

    def shown(self, epsilon: float) -> float:
        """An epsilon as the number that is written: n of n/255, where a unit is written so."""
        return epsilon * self.row.levels

    @property
    def over(self) -> str:
        """What is written behind that number: `/255`, or nothing."""
        return f"/{self.row.levels}" if self.row.levels > 1 else ""
