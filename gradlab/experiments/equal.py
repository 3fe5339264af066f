"""Equal budgets over many images: the epsilon at which a rule changes them by a given L2 distance on average.

Between the epsilons of a grid there is none that fits. What a step costs is known without the network once the gradient
is: so the one epsilon that fits is solved for, to five digits, with one backward pass an image.
"""

import math
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

from gradlab.device import device_of
from gradlab.errors import BadValueError
from gradlab.experiments.work import PASS, Lock, Placed, chunks, last_of, pass_size
from gradlab.measures import l2_distance
from gradlab.steps.epsilon import LARGEST
from gradlab.steps.inputs import as_batch
from gradlab.steps.logits import check_repeatable
from gradlab.steps.perturb import move
from gradlab.steps.scaling import CLOSE, search_size
from gradlab.types import Batch, LabelSource, Rule


@dataclass(frozen=True)
class EqualEpsilon:
    """How far the search for an epsilon has come; the last one is what it found.

    Attributes:
        epsilon: signed, in the rule's unit: the one that was wanted; where the rule cannot reach that far, one from
            which on hardly anything moves any more.
        l2: the mean L2 distance over the images that it achieves, after clipping; NaN until all gradients are there.
        wanted: the distance that was wanted.
        most: the mean L2 distance that the rule can achieve with these images at all; NaN until it is known.
        done: of how many images the gradient is there.
        planned: of how many it is to be.
        found: whether the search has come to its end.
    """

    epsilon: float
    l2: float
    wanted: float
    most: float
    done: int
    planned: int
    found: bool = False

    @property
    def reached(self) -> bool:
        """Whether the epsilon achieves what was wanted."""
        return self.found and abs(self.l2 - self.wanted) <= 10 * CLOSE * self.wanted


def equal_epsilon(
    model: nn.Module, batch: Batch, rule: Rule | str, mean_l2: float, side: float = 1, **options: Any
) -> EqualEpsilon:
    """The one epsilon at which a rule changes these images by a mean L2 distance: `stream_equal_epsilon` to its end."""
    return last_of(stream_equal_epsilon(model, batch, rule, mean_l2, side, **options), "to be changed")


def stream_equal_epsilon(  # noqa: PLR0913 - what it is of, and with defaults how
    model: nn.Module, batch: Batch, rule: Rule | str, mean_l2: float, side: float = 1, *,
    labels: LabelSource | str = LabelSource.TRUE, seed: int = 0, batch_size: int | None = None,
    lock: Lock | None = None,
) -> Iterator[EqualEpsilon]:  # fmt: skip
    """Search for it, and tell after each step of the work how far that has come. Stop by not asking for more.

    The mean over the images of ‖clip(x + epsilon · d) − x‖₂ never falls as |epsilon| grows. Images whose gradient is
    no number are left out, as a sweep does; where the gradient is zero nothing moves, and that counts.

    Args:
        model: takes images in [0, 1], gives logits; where it is, the work is done, and a direction for each image kept.
        batch: the images; they are moved to the model's device.
        rule: the direction.
        mean_l2: the mean distance to achieve after clipping, in pixel units, at least 0.
        side: which sign the epsilon is to have; any number of that sign, not 0 unless `mean_l2` is.
        labels: the class whose loss is taken: `true`, `predicted` or `target:<class>`.
        seed: of the `random` rule.
        batch_size: images a pass; None chooses by the device.
        lock: held while the device computes, and let go between passes.

    Raises:
        BadValueError: for a distance below 0 or no number, a side that is 0 or no number, or a batch size below 1; or
            when no image has a gradient of numbers.
        UnknownNameError: for a rule, label source or target class that doesn't exist.
    """
    if not 0 <= mean_l2 < math.inf or math.isnan(side) or (mean_l2 and not side):
        raise BadValueError(f"expected an L2 distance of at least 0 and a side above or below 0, got {mean_l2}, {side}")
    device = device_of(model)
    placed = Placed.of(as_batch(batch), LabelSource.parse(labels), device)
    size = pass_size(batch_size, PASS, device, placed.batch.images.shape)
    check_repeatable(model, placed.images[:size])
    return _stream(
        _Ways(model, placed, Rule(rule), seed, lock or nullcontext()), size, mean_l2, math.copysign(1.0, side)
    )


def _stream(ways: "_Ways", size: int, wanted: float, side: float) -> Iterator[EqualEpsilon]:
    planned = len(ways.placed)
    for part in chunks(planned, size):
        ways.add(part)
        yield EqualEpsilon(0.0, math.nan, wanted, math.nan, part.stop, planned)
    if planned and not ways.count:
        raise BadValueError(f"expected gradients, got NaN or infinity for each of the {planned} images")
    if planned:
        # Where every value moves alike, each of them has arrived at its end by 1.
        last = 1.0 if ways.rule.row.alike else LARGEST
        most = ways.mean(side * last)
        for length, l2, found in search_size(lambda size: ways.mean(side * size), ways.slope, wanted, most, last):
            yield EqualEpsilon(side * length if length else 0.0, l2, wanted, most, planned, planned, found)


@dataclass(eq=False)
class _Ways:
    """The images and the direction that each takes, part by part, without those whose gradient is not a number."""

    model: nn.Module
    placed: Placed
    rule: Rule
    seed: int
    lock: Lock
    parts: list[tuple[slice, Tensor, Tensor]] = field(default_factory=list)
    count: int = 0
    length: float = 0.0

    def add(self, part: slice) -> None:
        """Take the gradients of some images."""
        with self.lock:
            gradient = self.placed.gradient(self.model, part)
            along, good = self.placed.line(gradient, self.rule, part, self.seed).steady.direction, gradient.finite
            self.parts.append((part, along, good))
            self.count += int(good.sum())
            self.length += float(torch.linalg.vector_norm(along.double(), dim=(1, 2, 3)).sum())

    @property
    def slope(self) -> float:
        """The mean distance for each epsilon, were nothing clipped."""
        return self.length / self.count

    @torch.inference_mode()
    def mean(self, epsilon: float) -> float:
        """The mean distance that a step achieves, after clipping: the very arithmetic of a sweep."""
        total = 0.0
        for part, along, good in self.parts:
            with self.lock:
                images = self.placed.images[part]
                total += float(l2_distance(images, move(images, along, epsilon))[good].double().sum())
        return total / self.count
