"""Which steps of which images it is tried on how a model may be asked: at random, and from all over the set.

Where only the first images are tried, a network may err by more on those that come later.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Int64
from torch import Tensor

from gradlab.types import Rule

STEPS_EACH = 3  # of an image: its gradient costs as much as about three forward passes

Step = tuple[Rule, int]  # and the place of its epsilon among those of the rule


@dataclass(frozen=True, eq=False)
class Trial:
    """M images, and C steps of them.

    Attributes:
        images: int64 (M,), ascending: one from each of M equal parts of the set.
        whose: int64 (C,), the image of each step, as a place among the M; each has as many as any other, or one more.
        steps: C steps in the order in which they were given: one from each of C equal parts of them.
    """

    images: Int64[Tensor, " m"]
    whose: Int64[Tensor, " c"]
    steps: tuple[Step, ...]

    def of(self, start: int, stop: int) -> Iterator[tuple[Rule, Tensor, Tensor]]:
        """The steps of the images from one place to another: rule by rule the epsilons' places, and the images'."""
        here = (self.whose >= start) & (self.whose < stop)
        for rule in dict.fromkeys(rule for rule, _ in self.steps):
            mine = here & torch.tensor([of == rule for of, _ in self.steps])
            if mine.any():
                yield rule, torch.tensor([k for _, k in self.steps])[mine], self.whose[mine] - start


def draw_trial(images: int, steps: Sequence[Step], count: int, seed: int) -> Trial:
    """Draw `count` steps of images.

    Args:
        images: how many there are.
        steps: which there are of each.
        count: at least 1, at most as many as all steps of all images.
        seed: of the draw.
    """
    chance = torch.Generator().manual_seed(seed)
    distinct = min(images, -(-count // min(STEPS_EACH, len(steps))))
    chosen, which = _spread(images, distinct, chance), _spread(len(steps), count, chance)
    whose = torch.randperm(count, generator=chance) % distinct
    return Trial(chosen, whose, tuple(steps[k] for k in which.tolist()))


def _spread(over: int, count: int, chance: torch.Generator) -> Tensor:
    """A place from each of `count` parts of range(over), as equal as can be, ascending."""
    edges = torch.arange(count + 1) * over // count
    width = edges.diff().clamp(min=1)  # 0 where there are more parts than places
    return edges[:-1] + (torch.rand(count, generator=chance) * width).long().minimum(width - 1)
