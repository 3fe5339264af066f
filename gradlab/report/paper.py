"""The tables of the page *Paper* as plain values, for JSON and CSV: the claims, and one row for each network."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from gradlab.paper import (
    LIMIT,
    Allocation,
    Direction,
    FairRow,
    Point,
    best_descent,
    claim_rows,
    combination,
    halves,
)
from gradlab.report.sampling import clean_rest, interval_factor
from gradlab.report.table import finite, of_rule, picked
from gradlab.shipped import __version__
from gradlab.statistics import compare, paired_difference
from gradlab.steps.epsilon import format_epsilon
from gradlab.types import BoolArray, SweepResult

_POINTS = ("clean", "sign", "raw", "raw_unseen", "negative")


def claims_to_dicts(
    result: SweepResult, equal: SweepResult | None = None, limit: float = LIMIT
) -> list[dict[str, Any]]:
    """One dict a claim: what the abstract says, what was measured, and where on our curves.

    `claimed`, `measured` and its Wilson 95 % interval `low` to `high` are in the terms of `of`, accuracy or error, over
    the images that the epsilon was not chosen on, `point.images` of them; `fitted` says what was chosen with the claim
    in view. `unseen` and its interval count only images changed to `limit` dB or more as attacked. What was not found,
    and a PSNR of ∞ (JSON has no infinity), is None. The rest is that of `combinations_to_dicts`.

    Args:
        result: a baseline of the paper's network, for the true labels.
        equal: its part at equal change.
        limit: in dB.
    """
    about = _about(result)
    return [
        {
            **about,
            "claim": row.claim.name,
            "text": row.claim.text,
            "of": row.claim.of,
            "claimed": row.claim.figure,
            "measured": row.measured,
            **dict(zip(("low", "high"), row.interval or (None, None), strict=True)),
            "verdict": str(row.verdict),
            "fitted": row.claim.fitted,
            "point": point_to_dict(row.point),
            "limit": row.limit,
            "unseen": row.measured_unseen,
            **dict(zip(("unseen_low", "unseen_high"), row.interval_unseen or (None, None), strict=True)),
            "unseen_point": point_to_dict(row.unseen),
        }
        for row in claim_rows(result, equal, limit)
    ]


def combinations_to_dicts(
    results: Iterable[SweepResult],
    cards: Mapping[tuple[str, str], Mapping[str, str]] | None = None,
    equals: Mapping[tuple[str, str], SweepResult] | None = None,
    limit: float = LIMIT,
) -> list[dict[str, Any]]:
    """One dict a network: `gradlab.paper.Combination` as plain values, each of its points as `point_to_dict` has it.

    `clean_accuracy_without_twins` and `interval_factor` are those of `sampling`, None where they are not known.

    Args:
        results: baselines, one for each network.
        cards: by the names of model and data set, what the network's card says: `trained_on`, and what was `fitted`.
        equals: likewise, the parts at equal change.
        limit: in dB: an image that is changed to less counts as changed visibly.
    """
    rows = []
    for result in results:
        key = (result.model, result.dataset)
        row = combination(result, (equals or {}).get(key), limit)
        points = {name: point_to_dict(getattr(row, name)) for name in _POINTS}
        card = (cards or {}).get(key, {})
        about = {name: card.get(name) for name in ("trained_on", "fitted")}
        rows.append({**_about(result), **about, "limit": limit, **points})
    return rows


def fair_to_dicts(rows: Iterable[FairRow]) -> list[dict[str, Any]]:
    """One dict a network: the gradient against its sign at equal change on each image, and against one length for all.

    `l2` and `linf` (direction) and `allocation` have the accuracies of both, `difference` (of the gradient minus the
    other) with its 95 % interval `low` to `high`, and what may be said, `outcome`.
    """
    return [
        {
            "gradlab": __version__, "model": row.model, "dataset": row.dataset, "images": row.images,
            "point": point_to_dict(row.at),
            **{name: _compared(getattr(row, name), "change", "gradient", "sign", "random") for name in ("l2", "linf")},
            "allocation": _compared(row.allocation, "change", "length", "raw", "l2"),
        }
        for row in rows
    ]  # fmt: skip


def _compared(found: Direction | Allocation | None, *names: str) -> dict[str, Any]:
    comparison = found and found.comparison
    difference = picked(comparison and comparison.difference, "difference", "low", "high", "only_a", "only_b")
    return picked(found, *names) | difference | {"outcome": comparison and str(comparison.outcome)}


def point_to_dict(point: Point | None) -> dict[str, Any]:
    """A point of a curve; every value is None where there is none.

    `low` and `high` are the Wilson 95 % interval of the accuracy, `l2`, `linf` and `ssim` means over the images and
    `psnr` (dB) the median, which is None where it is ∞.
    """
    rule = of_rule(point.rule) if point and point.rule else dict.fromkeys(("rule", "unit"))
    names = ("epsilon", "images", "correct", "accuracy", "low", "high", "l2", "linf", "psnr", "ssim")
    return {**rule, **picked(point, *names), **({"psnr": finite(point.psnr)} if point else {})}


def _about(result: SweepResult) -> dict[str, Any]:
    factor = interval_factor(result)
    return {
        "gradlab": __version__,
        **picked(result, "model", "dataset", "split", "source", "images"),
        "labels": str(result.label_source),
        **picked(result, "weights_sha256", "device", "precision"),
        "clean_accuracy_without_twins": clean_rest(result),
        "interval_factor": None if factor is None else factor.pooled,
    }


def labels_paragraph(true: SweepResult, predicted: SweepResult) -> str:
    """What the negative direction does when it is told the answer, and when it is not, in measured numbers.

    Args:
        true: a sweep with the rules `sign` and `raw`, epsilons below 0 among them, for the true labels.
        predicted: the same over the same images, for the labels that the network predicts.
    """
    told, untold = best_descent(true), best_descent(predicted)
    if told is None or untold is None:
        return ""
    true, predicted = _reported(true), _reported(predicted)
    return (
        f"The kind of noise and ε were chosen on one half of the images; all counts are of the other, {true.images:,}. "
        f"With the **true** labels the step is told the answer: {_put_right(true, told)} With the **predicted** labels "
        f"it is told nothing but what the network believes already: {_put_right(predicted, untold)}"
    )


def _reported(result: SweepResult) -> SweepResult:
    """The images that nothing was chosen on."""
    return result.part(halves(result)[1])


def _put_right(result: SweepResult, best: Point) -> str:
    """Which images the best step puts right, which it leaves wrong, and which right ones it makes wrong."""
    before = result.clean_predictions == result.labels
    if best.rule is None or best.correct <= before.sum():
        return "no ε that was measured leaves fewer images wrong."
    after = _right_at(result, best)
    right, wrong, left = before.sum(), (~before).sum(), best.images - best.correct
    return (
        f"at best ({_where(best)}) it puts {(after & ~before).sum():,} of the {wrong:,} wrong images right and "
        f"{(before & ~after).sum():,} of the {right:,} right ones wrong; {(~before & ~after).sum():,} of the wrong "
        f"ones are still wrong. So {left:,} of {best.images:,} ({best.error:.2%}) are wrong after it, and {wrong:,} "
        f"({wrong / best.images:.2%}) were before."
    )


def _where(at: Point) -> str:
    if at.rule is None:
        return "clean"
    return f"{at.rule.row.words}, ε = {format_epsilon(at.epsilon, at.rule)}"


def labels_difference(true: SweepResult, predicted: SweepResult) -> str:
    """The negative direction told the answer against not told it, each at its best, on the same images: a sentence.

    Args:
        true: as for `labels_paragraph`.
        predicted: as for `labels_paragraph`; of other images there is nothing to say.
    """
    told, untold = best_descent(true), best_descent(predicted)
    if told is None or untold is None or not np.array_equal(true.indices, predicted.indices):
        return ""
    found = compare(paired_difference(_right_at(_reported(true), told), _right_at(_reported(predicted), untold)))
    said = found.words("true labels", "predicted labels")
    return f"On the same images, each at the ε that was best for the other half of them: {said}."


def _right_at(result: SweepResult, at: Point) -> BoolArray:
    """Which images are right at a point of a curve, or clean."""
    if at.rule is None:
        return np.asarray(result.clean_predictions == result.labels)
    curve = result.curve(at.rule)
    return np.asarray(curve.predictions[curve.epsilons.tolist().index(at.epsilon)] == result.labels)
