"""What a test of seeing is made of: what is asked, what was answered, and what the answers tell.

Numpy only, so that figures, reports and pages never need torch; `gradlab.seeing.psychometrics` computes them.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from gradlab.types.arrays import BoolArray, FloatArray, IntArray

Finding = Literal["found", "below", "above", "unknown"]


@dataclass(frozen=True)
class Scale:
    """The intensities that may be asked of one thing that is tested: of the rule `sign`, say.

    Attributes:
        name: what is tested.
        levels: ascending, above 0; in the unit of the axis (epsilon, L2, ...).
        catch: an intensity that anybody sees, at least the highest level.
    """

    name: str
    levels: tuple[float, ...]
    catch: float

    @classmethod
    def spaced(cls, name: str, low: float, high: float, points: int = 32, catch: float | None = None) -> Scale:
        """Levels from low to high, each larger than the one before by the same factor.

        Args:
            name: what is tested.
            low: the lowest intensity, above 0. A threshold is best some four times above it.
            high: the highest intensity.
            points: how many, at least 2.
            catch: an intensity that anybody sees; `high` where none is given.
        """
        levels = np.geomspace(low, high, points)
        levels[0], levels[-1] = low, high
        return cls(name, tuple(levels.tolist()), high if catch is None else catch)


@dataclass(frozen=True)
class Design:
    """One person's test: what is asked, how often, and how often for nothing but attention.

    Attributes:
        scales: what is tested, side by side, in one random order.
        trials: how many trials each scale has, without catch trials.
        guess: how often a person who sees nothing is right: 0.5 for two intervals (2IFC) and for ABX.
        catch_every: one catch trial for so many others; 0 for none.
    """

    scales: tuple[Scale, ...]
    trials: int = 40
    guess: float = 0.5
    catch_every: int = 8


@dataclass(frozen=True)
class Trial:
    """What to ask.

    Attributes:
        number: its place in the test, from 0.
        scale: the name of the scale.
        intensity: in the unit of the scale; of a catch trial, the scale's `catch`.
        catch: whether anybody would see it.
    """

    number: int
    scale: str
    intensity: float
    catch: bool


@dataclass(frozen=True)
class Answer:
    """What was asked, and whether the person was right.

    Attributes:
        scale: the name of the scale.
        intensity: as it was asked, at least 0.
        correct: whether the answer was right.
        catch: whether it was a catch trial.
    """

    scale: str
    intensity: float
    correct: bool
    catch: bool = False


@dataclass(frozen=True, eq=False)
class Answers:
    """A table of answers to trials on one scale, in any order.

    Attributes:
        intensity: float64 (N,), at least 0, in the unit of the axis.
        correct: bool (N,).
        catch: bool (N,), the trials that anybody would see; their intensity counts for nothing.
        guess: how often a person who sees nothing is right, in (0, 0.75): 0.5 for 2IFC and ABX.
        number: int64 (N,), at which place of the test each was given; a later one is larger. None where that is not
            known: then nobody is suspected of having stopped attending midway.
    """

    intensity: FloatArray
    correct: BoolArray
    catch: BoolArray
    guess: float = 0.5
    number: IntArray | None = None

    def __len__(self) -> int:
        return len(self.intensity)

    @classmethod
    def of(cls, rows: Iterable[Answer], scale: str, guess: float = 0.5) -> Answers:
        """The answers of one person that tell something of a scale: its own, and the catch trials of every scale.

        Args:
            rows: in the order in which they were given.
            scale: its name.
            guess: how often a person who sees nothing is right.
        """
        kept = [(number, row) for number, row in enumerate(rows) if row.catch or row.scale == scale]
        return cls(
            np.array([row.intensity for _, row in kept], dtype=np.float64),
            np.array([row.correct for _, row in kept], dtype=bool),
            np.array([row.catch for _, row in kept], dtype=bool),
            guess,
            np.array([number for number, _ in kept], dtype=np.int64),
        )


@dataclass(frozen=True)
class Estimate:
    """A number and its 95 % interval.

    Attributes:
        value: None where the answers only bound it.
        low: the lower end; 0 where the answers set none.
        high: the upper end; ∞ where the answers set none.
    """

    value: float | None
    low: float
    high: float

    @property
    def finding(self) -> Finding:
        """`found`; `below` or `above` where only an upper or a lower end is known; `unknown` where neither is."""
        if self.value is not None:
            return "found"
        if self.low > 0:
            return "above"
        return "below" if math.isfinite(self.high) else "unknown"


@dataclass(frozen=True, eq=False)
class PsychometricFit:
    """What a table of answers tells of a person, or the answers of many people of the median one.

    Attributes:
        threshold: the intensity at which 75 % of the answers are right, lapses included.
        slope: of the Weibull function, no unit.
        lapse: how often a person errs on what anybody sees, from 0 to 1; of many people the mean of theirs.
        guess: how often a person who sees nothing is right.
        people: how many people it rests on.
        spread: by which factor people's thresholds differ, one standard deviation; None for a single person.
        trials: how many answers it rests on, without catch trials.
        right: how many of these were right.
        catches: how many catch trials were answered.
        catches_right: how many of these were right.
        span: the lowest and the highest intensity between which a threshold is believed.
        thresholds: float64 (M,), with `slopes`, `lapses` and `weights`: what is believed after the answers.
        slopes: float64 (M,).
        lapses: float64 (M,).
        weights: float64 (M,), above 0; their sum is 1.
        guessing: of each person who answered, whether they were found to guess in all trials.
        left_out: how many people it does not rest on, since they were found to guess.
    """

    threshold: Estimate
    slope: Estimate
    lapse: Estimate
    guess: float
    people: int
    spread: Estimate | None
    trials: int
    right: int
    catches: int
    catches_right: int
    span: tuple[float, float]
    thresholds: FloatArray
    slopes: FloatArray
    lapses: FloatArray
    weights: FloatArray
    guessing: tuple[bool, ...] = ()
    left_out: int = 0

    @property
    def guessers(self) -> int:
        """How many of the people who answered were found to guess in all trials, left out or not."""
        return sum(self.guessing)


@dataclass(frozen=True, eq=False)
class PsychometricCurve:
    """The share of right answers over the intensity, with its pointwise 95 % band.

    It is 75 % exactly where the fit's threshold is, and the band's edges are 75 % at the ends of its interval.

    Attributes:
        intensities: float64 (K,).
        middle: float64 (K,), in [0, 1]: the median of what is believed.
        low: float64 (K,), the band's lower edge.
        high: float64 (K,), the band's upper edge.
    """

    intensities: FloatArray
    middle: FloatArray
    low: FloatArray
    high: FloatArray


@dataclass(frozen=True)
class Observer:
    """A simulated person, of known threshold, slope and lapse rate: to plan a study, and to test one.

    Attributes:
        threshold: the intensity at which 75 % of the answers are right, lapses included; above 0.
        slope: of the Weibull function, above 0; 2 to 4 is usual.
        lapse: how often the observer errs on what anybody sees, from 0 to below 0.25.
        attends: to how many trials, catch trials among them, before the observer guesses in all that follow; 0: guesses
            throughout.
    """

    threshold: float
    slope: float = 3.0
    lapse: float = 0.02
    attends: float = math.inf
