"""What a test may show: images on which the steps are of usual size, and sizes from "surely unseen" to "surely seen".

Both are measured. One epsilon of `raw` changes the images of a well-trained network very differently: of AlexNet on
CIFAR-10, where the median is at 22 dB, a tenth of them is at 6 dB and a quarter above 45 dB. Most of what a person then
says depends on which image came. So those images are shown on which the step changes about as much as on the median
one, whose PSNR is also what our curves give. Nobody asks whether the network is right on an image, but how large a
gradient is goes with how sure the network is: of the 48 images for `sign` and `raw` (seed 0, true labels) six of the
nine shipped networks are right on all, AlexNet for CIFAR-100 on 13. So the accuracy that belongs to what a person says
is that on these images, and not that on all: see `gradlab.seeing.thresholds`.

Of 512 images 35 to 178 come within 4 dB of the median one under `raw` (the nine shipped networks, seed 0; for seven of
them 35 to 50), and 48 are shown: mostly nearly all of these, or the nearest, with some beyond.
`Protocol.alike` says how many there were.

Measured on 100 simulated people who see three in four changes of 34 dB, 40 trials of `raw`, AlexNet: with such images
93 tests (CIFAR-10) and 96 (SVHN) gave a threshold, and 98 and 96 of the 95 % intervals covered the true one; with
images drawn from all, 39 and 34 gave one, and 64 and 54 covered it.
"""

import random
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Literal, NoReturn, cast

import numpy as np
import torch
from torch import Tensor, nn

from gradlab.errors import BadValueError
from gradlab.images.registry import space_of
from gradlab.networks import ModelCard
from gradlab.seeing.blind.questions import Way, directions, shuffled, ways
from gradlab.steps.epsilon import LARGEST, PIXEL_LEVELS
from gradlab.types import USUAL, Batch, LabelSource, Method, Protocol, Rule, Scale, is_photograph

POOL, SHOWN = 512, 48  # images that are looked at, and of these at most so many are shown
# The same of photographs, each of which has fifty times the pixels. Few are shown, so that they are changed alike.
PHOTOGRAPHS, FEW = 48, 6
# The median PSNR in dB, after rounding to 8 bit: of the lowest level, where images are compared with each other, of the
# highest level, and of catch trials.
FAINT, MIDDLE, PLAIN, CATCH = 52.0, 37.0, 22.0, 14.0
LEVELS = 32
CATCH_EVERY = 8
CHUNK, FEWER = 64, 8  # gradients at a time; of photographs
_HALVINGS = 30


@dataclass(frozen=True)
class Wish:
    """What the person who opens a test chooses; the rest of its protocol is measured.

    Attributes:
        rules: what is tested, each once.
        labels: whose loss the gradient is taken of.
        descend: whether the step goes down the loss.
        method: `2ifc` or `abx`, see `Protocol`.
        trials: how many each rule has, without catch trials.
        width: how wide an image is shown, in CSS pixels.
        smooth: whether it is enlarged smoothly.
        seconds: how long the images of a trial are shown; None: until the answer.
    """

    rules: tuple[Rule, ...] = (Rule.SIGN, Rule.RAW)
    labels: LabelSource = LabelSource.TRUE
    descend: bool = False
    method: Method = "2ifc"
    trials: int = 40
    width: int = 256
    smooth: bool = False
    seconds: float | None = None


@dataclass(frozen=True)
class Drawing:
    """How far the drawing has come.

    Attributes:
        done: images whose gradient is known; or rules whose step sizes are found.
        planned: how many there will be.
        protocol: what came out of it, with the last of these.
        doing: which of both, in words.
    """

    done: int
    planned: int
    protocol: Protocol | None = None
    doing: Literal["gradients", "step sizes"] = "gradients"


def draw_protocol(
    model: nn.Module, card: ModelCard, batch: Batch, wish: Wish | None = None, *, seed: int = 0
) -> Protocol:
    """Fix a test.

    Args:
        model: takes images in [0, 1], gives logits; its weights are those of `card`.
        card: of the model.
        batch: images to draw from, of the data set that the card names.
        wish: what is chosen; by default, all of its defaults.
        seed: decides which images are drawn.

    Raises:
        BadValueError: without a rule, for one that comes twice, for images of another data set, and where the steps of
            a rule do not change half of the images by so much that anybody sees it.
        UnknownNameError: for a target class that doesn't exist.
    """
    *_, last = stream_protocol(model, card, batch, wish or Wish(), seed=seed)
    return cast(Protocol, last.protocol)


def stream_protocol(
    model: nn.Module,
    card: ModelCard,
    batch: Batch,
    wish: Wish,
    *,
    seed: int,
    lock: AbstractContextManager[object] | None = None,
) -> Iterator[Drawing]:
    """As `draw_protocol`, telling after each chunk of images how far it has come; `lock` is held while it computes."""
    _check(wish, card, batch)
    large = is_photograph(batch.images.shape)
    looked, most, size = (PHOTOGRAPHS, FEW, FEWER) if large else (POOL, SHOWN, CHUNK)
    pool = batch.part(shuffled(len(batch), random.Random(f"{seed}/pool"))[:looked])
    chunks: list[dict[Rule, Tensor]] = []
    for start in range(0, len(pool), size):
        with lock or nullcontext():
            some = pool.part(slice(start, start + size))
            chunks.append(directions(wish.rules, model, some, wish.labels))
        yield Drawing(min(start + size, len(pool)), len(pool))
    taken = ways(wish.descend, pool, {rule: torch.cat([chunk[rule] for chunk in chunks]) for rule in wish.rules})
    shown, alike = usual(list(taken.values()), most)
    scales: list[Scale] = []
    for way in taken.values():
        yield Drawing(len(scales), len(taken), doing="step sizes")
        scales.append(measured(way.of(shown)))
    protocol = Protocol(
        dataset=batch.dataset, model=card.name, weights=card.sha256, labels=wish.labels, descend=wish.descend,
        scales=tuple(scales), method=wish.method, trials=wish.trials,
        catch_every=CATCH_EVERY, places=tuple(pool.indices[shown].tolist()), width=wish.width, smooth=wish.smooth,
        seconds=wish.seconds, looked=len(pool), alike=alike,
    )  # fmt: skip
    yield Drawing(len(pool), len(pool), protocol)


def usual(taken: Sequence[Way], most: int = SHOWN) -> tuple[list[int], int]:
    """Which images are shown: those that every rule changes about as much as it changes the median one.

    Of these the first ones, which are drawn at random; where they are too few, those that come nearest, which are no
    random draw.

    Args:
        taken: where each rule takes the images.
        most: how many are shown, where there are so many.

    Returns:
        Their rows, and how many images there are that are changed about as much, within `USUAL`.
    """
    apart = torch.stack([(way.noise(reaching(way, MIDDLE)) - MIDDLE).abs() for way in taken]).amax(0)
    near = [k for k, far in enumerate(apart.tolist()) if far <= USUAL]
    rows = near[:most] if len(near) >= most else apart.argsort(stable=True)[:most].tolist()
    return rows, len(near)


def measured(way: Way) -> Scale:
    """What sizes of a rule's step are asked, in its own unit."""
    high, catch = reaching(way, PLAIN), reaching(way, CATCH)
    if not way.rule.row.alike:
        return Scale.spaced(str(way.rule), reaching(way, FAINT), high, LEVELS, catch)
    # Where every value moves by epsilon, rounding makes whole what lies between whole levels, and nothing of what is
    # below 1/255.
    most = round(high * PIXEL_LEVELS)
    whole = np.unique(np.geomspace(1, most, LEVELS).round()) if most > LEVELS else np.arange(1, most + 1)
    return Scale(str(way.rule), tuple((whole / PIXEL_LEVELS).tolist()), catch)


def reaching(way: Way, target: float) -> float:
    """The size of step at which the median PSNR has come down to `target` dB.

    Raises:
        BadValueError: where no step does it: then most gradients are 0.
    """
    if way.rule.row.alike:
        levels = range(1, PIXEL_LEVELS + 1)
        first = bisect_left(levels, True, key=lambda level: way.median(level / PIXEL_LEVELS) <= target)
        return levels[first] / PIXEL_LEVELS if first < len(levels) else _never(way, target)
    low = high = 1e-3
    while way.median(low) <= target:
        low /= 10
    while way.median(high) > target:
        if high >= LARGEST:
            _never(way, target)
        high = min(high * 10, LARGEST)
    return _halved(lambda size: way.median(size) <= target, max(low, high / 10), high)


def _halved(enough: Callable[[float], bool], low: float, high: float) -> float:
    """The smallest size that is enough, to some nine digits."""
    for _ in range(_HALVINGS):
        middle = float(np.sqrt(low) * np.sqrt(high))
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high


def _never(way: Way, target: float) -> NoReturn:
    left = way.median(1.0 if way.rule.row.alike else LARGEST)
    raise BadValueError(
        f"expected a step of the rule {str(way.rule)!r} that changes half of the images to a PSNR of {target:g} dB; "
        f"the longest one leaves the median at {left:.3g} dB, for most gradients are 0: choose another rule, label or "
        "network"
    )


def _check(wish: Wish, card: ModelCard, batch: Batch) -> None:
    names = [str(rule) for rule in wish.rules]
    if not names or len(set(names)) < len(names):
        raise BadValueError(f"expected rules, each once, got {names}")
    if space_of(batch.dataset) != card.dataset or len(batch) < 2:
        raise BadValueError(f"expected two or more images of {card.dataset}, got {len(batch)} of {batch.dataset}")
