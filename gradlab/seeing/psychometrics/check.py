"""What is refused, and in which words."""

import math

import numpy as np

from gradlab.errors import BadValueError
from gradlab.seeing.psychometrics.grid import TARGET
from gradlab.types import Answers, Design, Observer, Scale


def check_guess(guess: float) -> None:
    """A guess rate must leave room for the threshold."""
    if not 0 < guess < TARGET:
        raise BadValueError(f"expected a guess rate above 0 and below {TARGET}, got {guess}")


def check_answers(answers: Answers) -> None:
    """Columns of one length, intensities that are numbers."""
    shapes = {answers.intensity.shape, answers.correct.shape, answers.catch.shape}
    if len(shapes) > 1 or answers.intensity.ndim != 1:
        raise BadValueError(f"expected three columns of one length, got the shapes {sorted(shapes)}")
    if answers.number is not None and answers.number.shape not in shapes:
        raise BadValueError(f"expected a number for each of {len(answers)} answers, got {answers.number.shape}")
    if bad := [x for x in answers.intensity.tolist() if not (math.isfinite(x) and x >= 0)]:
        raise BadValueError(f"expected intensities of at least 0, got {bad[0]}")
    check_guess(answers.guess)


def check_span(span: tuple[float, float]) -> None:
    """Two ends, in order."""
    if not (0 < span[0] <= span[1] and math.isfinite(span[1])):
        raise BadValueError(f"expected a lowest and a highest intensity, above 0 and in this order, got {span}")


def check_design(design: Design) -> None:
    """A test that can be given."""
    names = [scale.name for scale in design.scales]
    if not names or len(set(names)) < len(names):
        raise BadValueError(f"expected scales of different names, at least one, got {names}")
    if design.trials < 1:
        raise BadValueError(f"expected at least 1 trial for each scale, got {design.trials}")
    if design.catch_every < 0:
        raise BadValueError(f"expected a catch trial for every so many others, 0 for none, got {design.catch_every}")
    check_guess(design.guess)
    for scale in design.scales:
        _check_scale(scale)


def _check_scale(scale: Scale) -> None:
    levels = np.array(scale.levels, dtype=np.float64)
    ascend = len(levels) > 1 and np.isfinite(levels).all() and levels[0] > 0 and (np.diff(levels) > 0).all()
    if not ascend:
        raise BadValueError(
            f"expected levels of {scale.name!r} that ascend from above 0, at least two, got {scale.levels}"
        )
    if not (math.isfinite(scale.catch) and scale.catch >= levels[-1]):
        raise BadValueError(
            f"expected a catch intensity of {scale.name!r} of at least its highest level {levels[-1]:g}, "
            f"got {scale.catch}"
        )


def check_observer(observer: Observer) -> None:
    """One that has a threshold."""
    if not (math.isfinite(observer.threshold) and observer.threshold > 0 and observer.slope > 0):
        raise BadValueError(f"expected a threshold and a slope above 0, got {observer.threshold} and {observer.slope}")
    if not 0 <= observer.lapse < 1 - TARGET:
        raise BadValueError(f"expected a lapse rate of at least 0 and below {1 - TARGET}, got {observer.lapse}")
    if not observer.attends >= 0:
        raise BadValueError(f"expected an observer who attends to at least 0 trials, got {observer.attends}")
