"""Whether answers that nobody doubts can be believed: some of them, chosen at random, are asked again in float32.

`steps.evaluate` doubts an answer where the errors of a trial could have changed it. Nothing says that a network errs
nowhere by more than on the trial. So a random share of the answers that are left is asked again: where float32 never
disagrees, that bounds how many of the others may be wrong; where it does once, the rest is no longer believed either.
"""

from typing import NamedTuple

import torch
from torch import Tensor

SHARE = 0.01  # of the answers that aren't in doubt
LEAST = 300  # of them: where all are right, at most about 1 % of the others are wrong, with 95 % confidence


class Tally(NamedTuple):
    """Answers of a first asking that were not in doubt: of one image at one step, before or after rounding.

    Attributes:
        checked: were asked again in float32, chosen at random.
        disagreed: of these, where float32 said something else.
        unchecked: all others.
    """

    checked: int = 0
    disagreed: int = 0
    unchecked: int = 0

    def plus(self, other: "Tally") -> "Tally":
        """The sum of both."""
        return Tally(*(mine + theirs for mine, theirs in zip(self, other, strict=True)))


def share_of(work: int) -> float:
    """The share of so many answers that is asked again."""
    return max(SHARE, min(1.0, LEAST / max(1, work)))


def drawn(among: Tensor, share: float, chance: torch.Generator) -> Tensor:
    """Each of `among`, bool of any shape, with the probability `share`; the same on every device."""
    return among & (torch.rand(among.shape, generator=chance) < share).to(among.device)
