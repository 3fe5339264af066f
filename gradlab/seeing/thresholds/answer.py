"""From answers and a sweep to what is seen of each rule: the fits, and the answers gathered to dots."""

from collections.abc import Callable, Sequence

import numpy as np

from gradlab.errors import BadValueError
from gradlab.seeing.psychometrics import curve, fit, fit_people
from gradlab.seeing.thresholds.network import accuracies, network_of
from gradlab.statistics import wilson_interval
from gradlab.types import (
    Answer,
    Answers,
    Design,
    Estimate,
    FloatArray,
    IntArray,
    Rule,
    Scale,
    Seen,
    SeenDots,
    SweepResult,
)

MISSED, MISSED_SHARE = 2, 0.2  # of the catch trials: from both on, a person's attention is in doubt
DOTS = 10  # at most; of more sizes, neighbours are put together
DRAWS = 2000  # of people, with replacement
SEED = 0  # the same people have the same interval, whenever it is looked at

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
    person. Somebody who answered nothing of a rule, or its catch trials only, does not count for it; nor, of several
    people, does one who was found to guess in all its trials and all catch trials.

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
    none = Answers(np.empty(0), np.empty(0, np.bool_), np.empty(0, np.bool_), guess)
    found = fit_people(tables, span, guessers) if several else fit((*tables, none)[0], span)
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


def _careless(answers: Answers) -> bool:
    caught = int(answers.catch.sum())
    missed = caught - int((answers.correct & answers.catch).sum())
    return missed >= MISSED and missed >= MISSED_SHARE * caught


def dots(tables: Sequence[Answers]) -> SeenDots:
    """All answers but those to catch trials, by size; of more than 10 sizes, neighbours are gathered at their mean.

    The mean is that of the logarithms, and each answer counts once.

    The 95 % interval of a single person's share is Wilson's. Of several it is a percentile bootstrap over people, since
    the answers of one hang together: Efron 1979, https://doi.org/10.1214/aos/1176344552, with whole people drawn, as
    for any clustered data (Field & Welsh 2007, https://doi.org/10.1111/j.1467-9868.2007.00593.x). It is never narrower
    than Wilson's of the same answers: where the few who answered are all right, or all alike, drawing them anew
    moves nothing.

    Args:
        tables: the answers of each person.
    """
    asked = [~answers.catch & (answers.intensity > 0) for answers in tables]
    sizes = np.concatenate([t.intensity[kept] for t, kept in zip(tables, asked, strict=True)] or [np.empty(0)])
    right = np.concatenate([t.correct[kept] for t, kept in zip(tables, asked, strict=True)] or [np.empty(0, bool)])
    person = np.repeat(np.arange(len(tables)), [int(kept.sum()) for kept in asked])
    place = _place(sizes)
    cells = len(tables), int(place.max(initial=0)) + 1
    each = np.bincount(person * cells[1] + place, minlength=cells[0] * cells[1]).reshape(cells)
    hits = np.bincount(person * cells[1] + place, right, cells[0] * cells[1]).reshape(cells).astype(np.int64)
    kept = each.sum(0) > 0
    answered, counts = each.sum(0)[kept], hits.sum(0)[kept]
    logs = np.bincount(place, np.log(sizes), cells[1])[kept] / answered
    low, high = _interval(hits[:, kept], each[:, kept])
    return SeenDots(np.exp(logs), counts, answered, low, high, over_people=len(tables) > 1)


def _place(sizes: FloatArray) -> IntArray:
    """In which dot each answer is counted."""
    levels, place = np.unique(sizes, return_inverse=True)
    if len(levels) > DOTS:
        width = np.log(levels[-1] / levels[0]) / DOTS
        place = np.minimum((np.log(sizes / levels[0]) / width).astype(np.int64), DOTS - 1)
    return place


def _interval(right: IntArray, answered: IntArray) -> tuple[FloatArray, FloatArray]:
    """Both ends for each dot, from the counts of each person: (P, D)."""
    pairs = zip(right.sum(0), answered.sum(0), strict=True)
    ends = [wilson_interval(int(count), int(many)) for count, many in pairs]
    low, high = np.array(ends, dtype=np.float64).reshape(-1, 2).T
    if len(right) < 2:
        return low, high
    people = np.random.default_rng(SEED).multinomial(len(right), np.full(len(right), 1 / len(right)), DRAWS)
    many = people @ answered
    share = (people @ right) / np.maximum(many, 1)
    for dot in range(len(low)):  # people who were never asked there say nothing about it
        first, last = np.quantile(share[many[:, dot] > 0, dot], (0.025, 0.975))
        low[dot], high[dot] = min(low[dot], first), max(high[dot], last)
    return low, high
