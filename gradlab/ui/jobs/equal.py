"""A point of a curve at another one's mean L2: its epsilon solved for, then the network asked at it, and both kept."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from torch import nn

from gradlab.experiments.equal import EqualEpsilon, stream_equal_epsilon
from gradlab.experiments.sweep import stream_sweep
from gradlab.experiments.work import so_many
from gradlab.images.registry import image_set
from gradlab.types import Batch, LabelSource, Rule, SweepResult
from gradlab.ui import cached
from gradlab.ui.jobs.sweep import progress
from gradlab.ui.state import Progress

_BATCH = {"cpu": 64}  # images a pass: a person can stop it between two of them
_BATCH_ELSEWHERE = 2_048


@dataclass(frozen=True, eq=False)
class Equalled:
    """What came out of it, or how far it has come.

    Attributes:
        doing: what is being done, in words.
        equal: the epsilon, once it is found.
        result: a sweep with this epsilon alone, over the images so far; None where the distance cannot be reached.
    """

    doing: str
    equal: EqualEpsilon
    result: SweepResult | None = None


@dataclass(frozen=True)
class EqualJob:
    """A point whose epsilon is looked for.

    Attributes:
        images: how many test images, drawn as those of the curves.
        l2: the mean distance that the point is to have.
        side: 1 above 0, −1 below.
    """

    dataset: str
    model: str
    rule: Rule
    images: int
    labels: LabelSource
    l2: float
    side: int

    most, nothing = 24, "the first images were done"

    def begin(self) -> Iterator[Progress[Equalled]]:
        """A batch at a time."""
        usual = _BATCH.get(cached.device().type, _BATCH_ELSEWHERE)
        size = so_many(usual, image_set(self.dataset).shape, cached.device())
        options = {"labels": self.labels, "batch_size": size, "lock": cached.device_lock()}
        return self._steps(cached.model(self.model, self.dataset), cached.batch(self.dataset, self.images), options)

    def _steps(self, network: nn.Module, images: Batch, options: dict[str, Any]) -> Iterator[Progress[Equalled]]:
        """Half of it are the gradients and the epsilon, half what the network says there."""
        for equal in stream_equal_epsilon(network, images, self.rule, self.l2, self.side, **options):
            found = Equalled("taking the gradients, solving for epsilon", equal)
            yield progress(equal.done // 2, self.images, found)
        stream = stream_sweep(network, images, (self.rule,), (equal.epsilon,), compiled=False, **options)
        for result in stream if equal.reached else ():
            found = Equalled("asking the network at this epsilon", equal, result)
            yield progress((self.images + result.done) // 2, self.images, found)
        yield progress(self.images, self.images, replace(found, doing="done"))
