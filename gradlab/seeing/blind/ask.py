"""The next question of a test."""

import random
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import UInt8
from torch import Tensor, nn

from gradlab.errors import BadValueError
from gradlab.measures import l2_distance, psnr, ssim
from gradlab.networks import ModelCard
from gradlab.seeing.blind.protocol import Way, directions, part, shuffled, ways
from gradlab.seeing.psychometrics import next_trial, schedule
from gradlab.steps.epsilon import PIXEL_LEVELS
from gradlab.steps.perturb import move, to_eight_bit
from gradlab.types import Answer, Batch, Protocol, Question, Rule


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
    shown = part(batch, _rows(protocol, batch))
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
