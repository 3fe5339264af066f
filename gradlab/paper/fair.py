"""Sign against plain gradient, fairly: two questions, each with everything else held equal.

*Direction*: does the sign of the gradient point to a worse place than the gradient? On each image both steps are as
long. *Allocation*: what does it do that `raw` spends most on a few images? The same direction, at the same mean L2,
with one length for all images. Compared at equal mean L2 alone, sign and gradient differ in both at once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from gradlab.errors import BadValueError
from gradlab.paper.aims import AIMS, CLAIM_AIMS
from gradlab.paper.claims import PAPER_MODEL
from gradlab.paper.points import Point
from gradlab.statistics.comparison import Comparison, Outcome, compare
from gradlab.statistics.paired import paired_difference
from gradlab.steps.epsilon import PIXEL_LEVELS, format_epsilon
from gradlab.types import BoolArray, Curve, EqualTo, Rule, SweepResult

SAME = 0.005  # mean changes that differ by no more than this share count as equal


@dataclass(frozen=True)
class Direction:
    """The gradient against its sign where both change each image by as much.

    Attributes:
        measure: `l2` (and so PSNR) or `linf`, what is equal on each image.
        epsilon: of `raw`, which sets the change.
        change: its mean over the images.
        comparison: of the gradient with its sign.
        gradient: the accuracy that the gradient leaves.
        sign: that its sign leaves.
        random: that random signs leave at the same change; None where that was not measured.
        short: the mean change of those that cannot change every image by so much.
    """

    measure: str
    epsilon: float
    change: float
    comparison: Comparison
    gradient: float
    sign: float
    random: float | None
    short: Mapping[Rule, float]


@dataclass(frozen=True)
class Allocation:
    """The gradient as it is against the gradient at one length for all images, at the same mean L2.

    Attributes:
        epsilon: of `raw`.
        length: of `l2`.
        change: the mean L2 of both.
        comparison: of `raw` with `l2`.
        raw: the accuracy that `raw` leaves.
        l2: that `l2` leaves.
    """

    epsilon: float
    length: float
    change: float
    comparison: Comparison
    raw: float
    l2: float


@dataclass(frozen=True)
class FairRow:
    """Both questions, of one network.

    Attributes:
        model: the weights' name.
        dataset: the data set's name.
        images: how many.
        at: the point of `raw` at which they are asked.
        l2: direction, at equal L2 on each image.
        linf: direction, at equal L∞ on each image.
        allocation: one length for all.
    """

    model: str
    dataset: str
    images: int
    at: Point
    l2: Direction | None
    linf: Direction | None
    allocation: Allocation | None


def direction_at(equal: SweepResult, epsilon: float, measure: str = "l2", rounded: bool = False) -> Direction | None:
    """The gradient against its sign at one epsilon of `raw`; None where that was not measured.

    Args:
        equal: the part of a baseline at equal change, or a sweep with `equal_to`.
        epsilon: of `raw`.
        measure: `l2` or `linf`.
        rounded: after rounding to 8 bit; the change is that before rounding.
    """
    raw, sign = _curve(equal, Rule.RAW), _curve(equal, Rule.SIGN, measure)
    if raw is None or sign is None:
        return None
    k, j = _place(raw, epsilon), _place(sign, epsilon)
    if k is None or j is None:
        return None
    first, second = _right(equal, raw, k, rounded), _right(equal, sign, j, rounded)
    change, random = float(raw.level(measure)[k]), _curve(equal, Rule.RANDOM, measure)
    at = None if random is None else _place(random, epsilon)
    noise = None if random is None or at is None else float(_right(equal, random, at, rounded).mean())
    pairs = ((sign, j), (random, at))
    spent = {curve.rule: float(curve.level(measure)[n]) for curve, n in pairs if curve and n is not None}
    short = {rule: mean for rule, mean in spent.items() if mean < (1 - SAME) * change}
    judged = compare(paired_difference(first, second))
    return Direction(measure, epsilon, change, judged, float(first.mean()), float(second.mean()), noise, short)


def allocation_at(equal: SweepResult, epsilon: float) -> Allocation | None:
    """`raw` at one epsilon against `l2` at the same mean L2; None where that was not measured."""
    raw, length = _curve(equal, Rule.RAW), _curve(equal, Rule.L2)
    k = None if raw is None else _place(raw, epsilon)
    if raw is None or length is None or k is None:
        return None
    spent, wanted = length.level("l2"), float(raw.level("l2")[k])
    near = np.where(np.sign(length.epsilons) == np.sign(epsilon), np.abs(spent - wanted), np.inf)
    j = int(near.argmin())
    if not near[j] <= SAME * wanted:
        return None
    first, second = _right(equal, raw, k), _right(equal, length, j)
    judged = compare(paired_difference(first, second))
    return Allocation(epsilon, float(length.epsilons[j]), wanted, judged, float(first.mean()), float(second.mean()))


def direction_part(equal: SweepResult, measure: str) -> SweepResult:
    """The gradient and what was scaled to its change on each image: curves that may be drawn beside each other."""
    wanted = (None, EqualTo.parse(measure))
    kept = [one for one in equal.curves if one.equal_to in wanted and (one.equal_to or one.rule == Rule.RAW)]
    return replace(equal, curves=tuple(kept))


def allocation_part(equal: SweepResult) -> SweepResult:
    """The gradient as it is, and at one length for all images."""
    return replace(equal, curves=tuple(one for one in equal.curves if not one.equal_to))


def fair_row(result: SweepResult, equal: SweepResult | None) -> FairRow | None:
    """Both questions at the largest epsilon of `raw` that changes half of the images to 40 dB or more.

    Args:
        result: the baseline of a network.
        equal: its part at equal change.
    """
    at = AIMS[2].find(result)
    if at is None or equal is None:
        return None
    l2, linf = (direction_at(equal, at.epsilon, measure) for measure in ("l2", "linf"))
    return FairRow(result.model, result.dataset, result.images, at, l2, linf, allocation_at(equal, at.epsilon))


def occasion(result: SweepResult) -> Point | None:
    """Where the rules of a network are compared: where `raw` does what the abstract claims, or else as `fair_row`."""
    claimed = CLAIM_AIMS[0].find(result) if (result.model, result.dataset) == PAPER_MODEL else None
    return claimed or AIMS[2].find(result)


def fair_sentences(equal: SweepResult, epsilon: float) -> list[str]:
    """What the numbers say at one epsilon of `raw`: direction at equal L2, at equal L∞, and allocation; plain text."""
    directions = [direction_at(equal, epsilon, measure) for measure in ("l2", "linf")]
    allocation = allocation_at(equal, epsilon)
    said = [direction_sentence(one) for one in directions if one]
    return said + ([allocation_sentence(allocation)] if allocation else [])


def fair_summary(rows: Sequence[FairRow]) -> str:
    """What all networks together say: on how many of them which leaves fewer images right, and by how much."""
    l2, linf, length = ([getattr(row, name) for row in rows] for name in ("l2", "linf", "allocation"))
    named = (
        ("At equal L2 on each image", "the sign", l2),
        ("At equal L∞ on each image", "the sign", linf),
        ("At equal mean L2", "one length for all images", length),
    )
    told = [(where, other, [one.comparison for one in found if one]) for where, other, found in named]
    return " ".join(_counted(where, other, found) for where, other, found in told if found)


def _counted(where: str, other: str, found: Sequence[Comparison]) -> str:
    fewer, more = ([one for one in found if one.outcome == outcome] for outcome in (Outcome.B, Outcome.A))
    told = [(word, some) for word, some in (("fewer", fewer), ("more", more)) if some]
    parts = []
    for n, (word, some) in enumerate(told):
        than = "" if n else f" images right than {other}"
        of = "" if n else f" of {len(found)} networks"
        parts.append(f"{word}{than} on {len(some)}{of} ({_range(some)})")
    rest = len(found) - len(fewer) - len(more)
    if rest:
        parts.append(f"on {rest} of {len(found)} as many within the margin, or it cannot be told")
    verb = "the plain gradient leaves " if told else "it is "
    return f"{where} {verb}{', and '.join(parts)}."


def _range(found: Sequence[Comparison]) -> str:
    """By how many points, from the least to the most."""
    sizes = sorted(abs(one.difference.difference) * 100 for one in found)
    return f"by {sizes[0]:.1f} points" if len(sizes) == 1 else f"by {sizes[0]:.1f} to {sizes[-1]:.1f} points"


_MEASURES = {"l2": "L2, and so the same PSNR,", "linf": "L∞"}
_RAW, _SIGN, _LENGTH = "the plain gradient", "the sign", "one length for all"


def direction_sentence(found: Direction) -> str:
    """The answer in words, with its figures."""
    mean = f"{found.change:.3g}" if found.measure == "l2" else f"{found.change * PIXEL_LEVELS:.3g}/{PIXEL_LEVELS}"
    noise = "" if found.random is None else f", random signs {found.random:.2%}"
    short = "".join(
        f" ({_NAMES[rule]} cannot change every image by so much: the mean is {change:.3g}.)"
        for rule, change in found.short.items()
    )
    return (
        f"Direction: at the same {_MEASURES[found.measure]} on each image (mean {mean}), the plain gradient at ε = "
        f"{format_epsilon(found.epsilon, Rule.RAW)} leaves {found.gradient:.2%} right, the sign "
        f"{found.sign:.2%}{noise}. {_sentence(found.comparison, _RAW, _SIGN)}{short}"
    )


def allocation_sentence(found: Allocation) -> str:
    """The answer in words, with its figures."""
    return (
        f"Allocation: the same direction at the same mean L2 ({found.change:.3g}), but with one length for all images "
        f"(L2, ε = {format_epsilon(found.length, Rule.L2)}) instead of the plain gradient's own: {found.l2:.2%} "
        f"instead of {found.raw:.2%} right. {_sentence(found.comparison, _RAW, _LENGTH)}"
    )


_NAMES = {Rule.SIGN: "the sign", Rule.RANDOM: "random signs"}


def _sentence(comparison: Comparison, a: str, b: str) -> str:
    said = comparison.words(a, b)
    return f"{said[0].upper()}{said[1:]}."


def _curve(equal: SweepResult, rule: Rule, measure: str = "") -> Curve | None:
    """A curve of raw's own steps, or of steps that were scaled to these."""
    wanted = EqualTo.parse(measure) if measure else None
    return next((curve for curve in equal.curves if (curve.rule, curve.equal_to) == (rule, wanted)), None)


def _place(curve: Curve, epsilon: float) -> int | None:
    return next((k for k, known in enumerate(curve.epsilons.tolist()) if known == epsilon), None)


def _right(result: SweepResult, curve: Curve, k: int, rounded: bool = False) -> BoolArray:
    said = curve.rounded if rounded else curve.predictions
    if said is None:
        raise BadValueError("expected a sweep with eight_bit=True, got one that did not round")
    return np.asarray(said[k] == result.labels)
