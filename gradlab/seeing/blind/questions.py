"""The images of a test, where the rules take them, and the next question."""

import random
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace

import numpy as np
import torch
from jaxtyping import Float, UInt8
from torch import Tensor, nn

from gradlab.errors import BadValueError
from gradlab.measures import l2_distance, psnr, ssim
from gradlab.networks import ModelCard
from gradlab.seeing.psychometrics import next_trial, schedule
from gradlab.steps.epsilon import PIXEL_LEVELS
from gradlab.steps.gradient import exact_gradient
from gradlab.steps.inputs import wanted_labels
from gradlab.steps.perturb import direction, move, to_eight_bit
from gradlab.types import Answer, Batch, LabelSource, Protocol, Question, Rule


@dataclass(frozen=True, eq=False)
class Way:
    """Images and where one rule takes them, on the CPU.

    Attributes:
        rule: the rule.
        images: x, float32 (N, C, H, W) in [0, 1].
        along: ±d, the same shape: a step of a positive size goes where the test wants it.
    """

    rule: Rule
    images: Float[Tensor, "n c h w"]
    along: Float[Tensor, "n c h w"]

    def noise(self, size: float) -> Float[Tensor, " n"]:
        """The PSNR of each image in dB after a step of that size, rounded to 8 bit; never higher for a longer one."""
        return psnr(self.images, to_eight_bit(move(self.images, self.along, size)))

    def median(self, size: float) -> float:
        """The median of `noise` over the images, in dB."""
        return float(self.noise(size).median())

    def of(self, rows: Sequence[int]) -> "Way":
        """The same for some of the images."""
        return replace(self, images=self.images[rows], along=self.along[rows])


@dataclass(frozen=True, eq=False)
class Deck:
    """The images of a protocol, and where its rules take them: all that a question needs.

    Attributes:
        protocol: the test.
        ways: for each rule, the images in the order of `protocol.places`.
    """

    protocol: Protocol
    ways: dict[Rule, Way]


def prepare(
    protocol: Protocol,
    model: nn.Module,
    card: ModelCard,
    batch: Batch,
    *,
    lock: AbstractContextManager[object] | None = None,
) -> Deck:
    """Get ready to ask, with one backward pass for all questions.

    Args:
        protocol: the test.
        model: takes images in [0, 1], gives logits; its weights are those of `card`.
        card: of the model.
        batch: images among which are those of the protocol.
        lock: held while the model computes.

    Raises:
        BadValueError: for other weights than the protocol's, or a batch that lacks one of its images.
    """
    if card.sha256 != protocol.weights:
        raise BadValueError(
            f"expected the weights of {protocol.model} for {protocol.dataset} with the sha256 "
            f"{protocol.weights[:12]}…, with which the test was begun, got {card.sha256[:12]}…"
        )
    shown = batch.part(_rows(protocol, batch))
    with lock or nullcontext():
        along = directions(protocol.rules, model, shown, protocol.labels)
    return Deck(protocol, ways(protocol.descend, shown, along))


def ask(deck: Deck, seed: int, answers: Sequence[Answer]) -> Question | None:
    """The next question to a person; None when the test is done.

    Args:
        deck: the test.
        seed: the person's.
        answers: all that were given so far, in the order in which they were asked.

    Raises:
        BadValueError: for answers that are not of this test.
    """
    protocol = deck.protocol
    trial = next_trial(protocol.design, seed, answers)
    if trial is None:
        return None
    way = deck.ways[Rule(trial.scale)]
    row = dealt(len(way.images), len(schedule(protocol.design, seed)), seed)[trial.number]
    clean = way.images[row : row + 1]
    moved = to_eight_bit(move(clean, way.along[row : row + 1], trial.intensity))
    frames, right = arranged(_bytes(clean), _bytes(moved), protocol, random.Random(f"{seed}/side/{trial.number}"))
    return Question(
        trial=trial, place=protocol.places[row], epsilon=-trial.intensity if protocol.descend else trial.intensity,
        frames=frames, right=right,
        l2=float(l2_distance(clean, moved)), psnr=float(psnr(clean, moved)), ssim=float(ssim(clean, moved)),
    )  # fmt: skip


def dealt(images: int, trials: int, seed: int) -> list[int]:
    """Which image each trial shows: all of them once, in random order, before any comes again; none twice in a row."""
    chance, rows = random.Random(f"{seed}/images"), list[int]()
    while len(rows) < trials:
        order = shuffled(images, chance)
        if rows and order[0] == rows[-1]:
            order.append(order.pop(0))
        rows += order
    return rows[:trials]


def arranged(
    clean: UInt8[np.ndarray, "h w c"], moved: UInt8[np.ndarray, "h w c"], protocol: Protocol, chance: random.Random
) -> tuple[UInt8[np.ndarray, "f h w c"], int]:
    """The frames in the order in which they are shown, and the place of the right answer."""
    second = int(chance.random() < 0.5)  # whether it is the second one that is changed
    pair = [clean, moved] if second else [moved, clean]
    if protocol.method == "2ifc":
        return np.stack(pair), second
    same = int(chance.random() < 0.5)  # X is B, not A
    return np.stack([*pair, pair[same]]), same


def _bytes(image: Tensor) -> UInt8[np.ndarray, "h w c"]:
    found: UInt8[np.ndarray, "h w c"] = (image[0] * PIXEL_LEVELS).round().to(torch.uint8).permute(1, 2, 0).numpy()
    return np.ascontiguousarray(found)


def _rows(protocol: Protocol, batch: Batch) -> list[int]:
    row = {place: k for k, place in enumerate(batch.indices.tolist())}
    missing = [place for place in protocol.places if place not in row]
    if missing or batch.dataset != protocol.dataset:
        raise BadValueError(
            f"expected the images {protocol.places} of {protocol.dataset}, got a batch of {batch.dataset} "
            f"without {missing[:5]}"
        )
    return [row[place] for place in protocol.places]


def directions(
    rules: Sequence[Rule], model: nn.Module, batch: Batch, labels: LabelSource
) -> dict[Rule, Float[Tensor, "n c h w"]]:
    """The direction of each rule, on the CPU, made of one gradient."""
    gradient = exact_gradient(model, batch.images, wanted_labels(batch, labels))
    return {rule: direction(gradient, rule, indices=batch.indices).cpu() for rule in rules}


def ways(descend: bool, batch: Batch, along: Mapping[Rule, Float[Tensor, "n c h w"]]) -> dict[Rule, Way]:
    """Where each rule takes the images, up the loss or down it."""
    return {rule: Way(rule, batch.images.cpu(), -d if descend else d) for rule, d in along.items()}


def shuffled(count: int, chance: random.Random) -> list[int]:
    """0 to count − 1 in random order; `random()` alone is promised never to change with Python's version."""
    keys = [chance.random() for _ in range(count)]
    return sorted(range(count), key=keys.__getitem__)
