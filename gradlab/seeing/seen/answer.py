"""From answers and a sweep to what is seen of each rule."""

from collections.abc import Callable, Sequence

import numpy as np

from gradlab.errors import BadValueError
from gradlab.seeing.psychometrics import curve, fit, fit_people
from gradlab.seeing.seen.dots import dots
from gradlab.seeing.seen.network import accuracies, network_of
from gradlab.types import (
    Answer,
    Answers,
    Design,
    Estimate,
    Rule,
    Scale,
    Seen,
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
    *,
    shown: SweepResult | None = None,
    guessers: bool = False,
) -> tuple[Seen, ...]:
    """What is seen of each rule, and what the network's accuracy is there: on the images shown, and on all.

    People are shown images on which the steps are of usual size, and what they see holds for these. A network's
    accuracy on all images at the same epsilon may be far from that on those: the two are kept apart.

    One person's answers are fitted by `fit`, those of several by `fit_people`: then the threshold is that of the median
    person. Who gave no answer to a rule, or to its catch trials only, does not count for it; nor does, of several, who
    was found to guess in all trials of it and all catch trials.

    Args:
        design: the test that all of them took; its scales are named after rules.
        people: the answers of each person, in the order in which they were given.
        sweep: of the network that the changes were made on, with these rules, on whatever images; None where there is
            none (yet).
        descend: whether the steps went down the loss.
        alone: gives a person's own threshold, such as `threshold_alone` with a memory.
        shown: a sweep of the same network on the very images that people were shown (`Protocol.places`), best at the
            sizes that were asked (`Protocol.epsilons`); None where there is none.
        guessers: whether those who guess are counted too.

    Returns:
        For each scale of the design, in its order.

    Raises:
        BadValueError: for a scale that is not named after a rule, a sweep without an image or an epsilon on that side,
            and as `fit`.
        UnknownNameError: when the sweep lacks a rule.
    """
    return tuple(_see(scale, design.guess, people, (sweep, shown), descend, alone, guessers) for scale in design.scales)


def _see(
    scale: Scale,
    guess: float,
    people: Sequence[Sequence[Answer]],
    sweeps: tuple[SweepResult | None, SweepResult | None],
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
    network, shown = (None if sweep is None else network_of(sweep, rule, descend) for sweep in sweeps)
    at, ends = accuracies(network, found.threshold)
    shown_at, shown_ends = accuracies(shown, found.threshold)
    return Seen(
        rule=rule, descend=descend, fit=found, curve=curve(found), dots=dots(tables),
        persons=tuple(alone(answers, span) for answers in tables) if several else (found.threshold,) * len(tables),
        careless=sum(map(_careless, tables)), network=network, at=at, ends=ends,
        shown=shown, shown_at=shown_at, shown_ends=shown_ends,
    )  # fmt: skip


def _rule(scale: Scale) -> Rule:
    if scale.name not in list(Rule):
        raise BadValueError(f"expected a scale named after a rule, one of {', '.join(Rule)}, got {scale.name!r}")
    return Rule(scale.name)


def _none(guess: float) -> Answers:
    return Answers(np.empty(0), np.empty(0, np.bool_), np.empty(0, np.bool_), guess)


def _careless(answers: Answers) -> bool:
    caught = int(answers.catch.sum())
    missed = caught - int((answers.correct & answers.catch).sum())
    return missed >= MISSED and missed >= MISSED_SHARE * caught
