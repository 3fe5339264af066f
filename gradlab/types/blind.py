"""A blind test of whether people see a change: what is fixed for all who take it, what one is shown, what one answers.

A study here is a test of seeing and all the answers to it; one person alone is a study of one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

import numpy as np
from jaxtyping import UInt8

from gradlab.types.choices import LabelSource
from gradlab.types.psychometrics import Answer, Design, Scale, Trial
from gradlab.types.rules import Rule

Method = Literal["2ifc", "abx"]

USUAL = 4.0  # dB: an image whose PSNR is so near to the median's is changed about as much


@dataclass(frozen=True)
class Protocol:
    """All that decides what is shown; it never changes once a study is open.

    Attributes:
        dataset: its name; images are drawn from its test split.
        model: the card's name.
        weights: sha256 of the weights, hexadecimal: with others, the change would be another one.
        labels: whose loss the gradient is taken of.
        descend: whether the step goes down the loss (epsilon below 0) instead of up.
        scales: one for each rule, in the rule's own unit and named after the rule: what sizes may be asked.
        method: `2ifc`, which of two images is the changed one; `abx`, which of A and B the image X is.
        trials: how many trials each rule has, without catch trials.
        catch_every: one catch trial for so many others; 0 for none.
        places: places in the test split of the images that may be shown; only one image is shown in a trial.
        width: how wide an image is shown, in CSS pixels.
        smooth: whether it is enlarged smoothly; otherwise with hard pixels.
        seconds: how long the images of a trial are shown; None: until the person answers.
        looked: how many images those of `places` were chosen from; None in an older protocol, where it was
            not kept.
        alike: how many of these every rule changes about as much as the median one, within `USUAL`. At least as many as
            there are places: those are a random draw of them. Fewer: the places are the nearest ones, no random draw.
            None as `looked`.
    """

    dataset: str
    model: str
    weights: str
    labels: LabelSource
    descend: bool
    scales: tuple[Scale, ...]
    method: Method
    trials: int
    catch_every: int
    places: tuple[int, ...]
    width: int
    smooth: bool
    seconds: float | None
    looked: int | None = None
    alike: int | None = None

    @property
    def rules(self) -> tuple[Rule, ...]:
        """What is tested, side by side."""
        return tuple(Rule(scale.name) for scale in self.scales)

    @property
    def design(self) -> Design:
        """The same test, as `gradlab.seeing.psychometrics` wants it."""
        return Design(self.scales, self.trials, guess=0.5, catch_every=self.catch_every)

    @property
    def epsilons(self) -> dict[Rule, tuple[float, ...]]:
        """Each size that may be asked, without catch trials, as a signed epsilon: what a sweep of each rule takes."""
        sign = -1 if self.descend else 1
        return {Rule(scale.name): tuple(sign * level for level in scale.levels) for scale in self.scales}


@dataclass(frozen=True)
class SeeingStudy:
    """A test that people can take.

    Attributes:
        code: by which they join, in capital letters and digits.
        protocol: what is fixed.
        opened: when, in UTC.
        closed: when, in UTC; None while it is open.
        solo: whether it is one person's own test, which nobody else can join.
        owner: at random, hard to guess: whoever has it may close, export and delete the study. Known only to the person
            who opened it: empty where the study was read by its code, and for a solo one.
        wall: likewise, for a projector: whoever has it sees the study, and can do nothing to it. Empty as `owner` is,
            but for who has this key.
    """

    code: str
    protocol: Protocol
    opened: datetime
    closed: datetime | None = None
    solo: bool = False
    owner: str = field(default="", compare=False, repr=False)
    wall: str = field(default="", compare=False, repr=False)


@dataclass(frozen=True)
class Participant:
    """A person, of whom only the answers are known.

    Attributes:
        key: at random, hard to guess: whoever has it goes on with the test.
        code: of the study.
        seed: decides images, order and sides; recorded, and never sent to the person's browser.
    """

    key: str
    code: str
    seed: int


@dataclass(frozen=True, eq=False)
class Question:
    """One trial, ready to be shown.

    Attributes:
        trial: what is asked: number, rule, size, whether anybody would see it.
        place: of the image in the test split.
        epsilon: signed, in the rule's unit: what was done to the changed image, before rounding.
        frames: uint8 (F, H, W, C), in the order in which they are shown: first and second, or A, B and X.
        right: the place of the right answer, 0 or 1: which frame is changed; with ABX, which of A and B is X.
        l2: Euclidean distance between clean and changed image, on [0, 1], as they are shown (8-bit).
        psnr: of the changed image in dB, likewise; ∞ where nothing changed.
        ssim: likewise, at most 1.
    """

    trial: Trial
    place: int
    epsilon: float
    frames: UInt8[np.ndarray, "f h w c"]
    right: int
    l2: float
    psnr: float
    ssim: float


@dataclass(frozen=True)
class Response:
    """What a person answered to a question, and all of the question that is kept.

    Attributes:
        number: of the trial, from 0.
        rule: what changed the image.
        intensity: the size of the step, at least 0, in the rule's unit.
        catch: whether it was a catch trial.
        place: of the image in the test split.
        epsilon: signed.
        right: the place of the right answer, 0 or 1.
        chosen: the place that the person chose, 0 or 1.
        seconds: from when the images could be seen to the answer, as the person's browser says.
        l2: as in `Question`.
        psnr: as in `Question`; None where nothing changed.
        ssim: as in `Question`.
    """

    number: int
    rule: Rule
    intensity: float
    catch: bool
    place: int
    epsilon: float
    right: int
    chosen: int
    seconds: float
    l2: float
    psnr: float | None
    ssim: float

    @property
    def correct(self) -> bool:
        """Whether the person was right."""
        return self.chosen == self.right

    @property
    def answer(self) -> Answer:
        """The same, as `gradlab.seeing.psychometrics` wants it."""
        return Answer(str(self.rule), self.intensity, self.correct, self.catch)

    @classmethod
    def to(cls, question: Question, chosen: int, seconds: float) -> Response:
        """The answer to a question."""
        trial, psnr = question.trial, question.psnr
        return cls(
            number=trial.number, rule=Rule(trial.scale), intensity=trial.intensity, catch=trial.catch,
            place=question.place, epsilon=question.epsilon, right=question.right, chosen=chosen, seconds=seconds,
            l2=question.l2, psnr=psnr if np.isfinite(psnr) else None, ssim=question.ssim,
        )  # fmt: skip
