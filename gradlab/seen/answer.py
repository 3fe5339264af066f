"""From answers and a sweep to what is seen of each rule."""

from collections.abc import Callable, Sequence

import numpy as np

from gradlab.errors import BadValueError
from gradlab.psychometrics import curve, fit, fit_people
from gradlab.seen.dots import dots
from gradlab.seen.network import accuracy_at, network_of
from gradlab.types import (
    Accuracy,
    Answer,
    Answers,
    Design,
    Estimate,
    PsychometricFit,
    Rule,
    Scale,
    Seen,
    SeenNetwork,
    SweepResult,
)

MISSED, MISSED_SHARE = 2, 0.2  # of the catch trials: from both on, a person's attention is in doubt

Span = tuple[float, float]


def threshold_alone(answers: Answers, span: Span) -> Estimate:
    """One person's threshold."""
    return fit(answers, span).threshold


def see(
    design: Design,
    people: Sequence[Sequence[Answer]],
    sweep: SweepResult | None = None,
    descend: bool = False,
    alone: Callable[[Answers, Span], Estimate] = threshold_alone,
    guessers: bool = False,
) -> tuple[Seen, ...]:
    """What is seen of each rule, and what the network's accuracy is there.

    One person's answers are fitted by `fit`, those of several by `fit_people`: then the threshold is that of the median
    person. Who gave no answer to a rule, or to its catch trials only, does not count for it; nor does, of several, who
    was found to guess in all trials of it and all catch trials.

    Args:
        design: the test that all of them took; its scales are named after rules.
        people: the answers of each person, in the order in which they were given.
        sweep: of the network that the changes were made on, with these rules; None where there is none (yet).
        descend: whether the steps went down the loss.
        alone: gives a person's own threshold, such as `threshold_alone` with a memory.
        guessers: whether those who guess are counted too.

    Returns:
        For each scale of the design, in its order.

    Raises:
        BadValueError: for a scale that is not named after a rule, a sweep without an image or an epsilon on that side,
            and as `fit`.
        UnknownNameError: when the sweep lacks a rule.
    """
    return tuple(_see(scale, design.guess, people, sweep, descend, alone, guessers) for scale in design.scales)


def _see(
    scale: Scale,
    guess: float,
    people: Sequence[Sequence[Answer]],
    sweep: SweepResult | None,
    descend: bool,
    alone: Callable[[Answers, Span], Estimate],
    guessers: bool,
) -> Seen:
    rule, span = _rule(scale), (scale.levels[0], scale.levels[-1])
    everybody = [Answers.of(rows, scale.name, guess) for rows in people]
    tables = [answers for answers in everybody if not answers.catch.all()]
    several = len(tables) > 1
    found = fit_people(tables, span, guessers) if several else fit(tables[0] if tables else _none(guess), span)
    if several and not guessers:
        tables = [table for table, guesses in zip(tables, found.guessing, strict=True) if not guesses]
    network = None if sweep is None else network_of(sweep, rule, descend)
    at, low, high = (_accuracy(network, size) for size in _threshold(found))
    return Seen(
        rule=rule, descend=descend, fit=found, curve=curve(found), dots=dots(tables),
        persons=tuple(alone(answers, span) for answers in tables) if several else (found.threshold,) * len(tables),
        careless=sum(map(_careless, tables)), network=network, at=at, ends=(low, high),
    )  # fmt: skip


def _rule(scale: Scale) -> Rule:
    if scale.name not in list(Rule):
        raise BadValueError(f"expected a scale named after a rule, one of {', '.join(Rule)}, got {scale.name!r}")
    return Rule(scale.name)


def _none(guess: float) -> Answers:
    return Answers(np.empty(0), np.empty(0, np.bool_), np.empty(0, np.bool_), guess)


def _threshold(found: PsychometricFit) -> tuple[float | None, float | None, float | None]:
    """The threshold and the ends of its interval; None for what is not known."""
    threshold = found.threshold
    return threshold.value, threshold.low or None, threshold.high if np.isfinite(threshold.high) else None


def _accuracy(network: SeenNetwork | None, size: float | None) -> Accuracy | None:
    return None if network is None or size is None else accuracy_at(network, size)


def _careless(answers: Answers) -> bool:
    caught = int(answers.catch.sum())
    missed = caught - int((answers.correct & answers.catch).sum())
    return missed >= MISSED and missed >= MISSED_SHARE * caught
