"""The tables of the README, made of the shipped results: what they say can then never drift away from these."""

from collections.abc import Iterable, Mapping, Sequence

from gradlab.paper import (
    LIMIT,
    Allocation,
    Direction,
    FairRow,
    Point,
    claim_rows,
    combination,
    fair_sentences,
    flipped,
    median_psnr_text,
    occasion,
    unseen_point,
)
from gradlab.report.gradients import gradients_table
from gradlab.report.sampling import clean_rest
from gradlab.statistics import PairedDifference
from gradlab.steps.epsilon import format_epsilon
from gradlab.types import FloatGradients, Rule, SweepResult

_CLAIMS = {
    "clean": "clean accuracy", "sign": "with the sign", "plain gradient": "without the sign",
    "negative": "error, against the gradient",
}  # fmt: skip
_NETWORKS = ("data set", "weights", "images", "clean", "without twins", "lowest, sign",
             f"lowest, plain gradient, images of {LIMIT:g} dB or more", "lowest error, ε < 0", "fitted")  # fmt: skip
_FAIR = ("data set", "weights", "at", "plain gradient", "sign, same L2", "difference", "sign, same L∞",
         "one length, same mean L2", "difference to plain gradient")  # fmt: skip


def claims_markdown(result: SweepResult, equal: SweepResult | None = None) -> str:
    """The abstract's figures beside those of the baseline of the paper's network, and what was fitted to them."""
    rows = [
        (
            _CLAIMS[row.claim.name], _percent(row.claim.figure), _measured(row.measured, row.interval),
            _where(row.point), _measured(row.measured_unseen, row.interval_unseen), str(row.verdict), row.claim.fitted,
        )
        for row in claim_rows(result, equal)
    ]  # fmt: skip
    head = ("", "abstract", "measured", "at", f"only images of {LIMIT:g} dB or more", "verdict", "fitted to the claim")
    return _table(head, rows, "l r r l r l l")


def networks_markdown(
    results: Iterable[SweepResult],
    titles: Mapping[str, str],
    equals: Mapping[tuple[str, str], SweepResult],
    fitted: Mapping[tuple[str, str], str],
) -> str:
    """One row a network: its lowest accuracies, and its lowest error against the gradient, with where they were found.

    Args:
        results: baselines for the true labels.
        titles: of the data sets, by name.
        equals: the parts at equal change, by the names of model and data set.
        fitted: likewise, which figures of a network were fitted to the test images.
    """
    rows = []
    for result in results:
        row, rest = combination(result, equals.get((result.model, result.dataset))), clean_rest(result)
        rows.append((
            titles[row.dataset], f"`{row.model}`", f"{row.images:,}", _percent(row.clean.accuracy),
            "–" if rest is None else _percent(rest), _found(row.sign), _found(row.raw_unseen),
            _found(row.negative, error=True), fitted.get((row.model, row.dataset), ""),
        ))  # fmt: skip
    return _table(_NETWORKS, rows, "l l r r r l l l l")


def fair_markdown(rows: Iterable[FairRow], titles: Mapping[str, str]) -> str:
    """One row a network: direction, at equal change on each image, and allocation, at equal mean L2."""
    cells = [(title, f"`{model}`", *rest) for model, title, *rest in fair_cells(rows, titles)]
    return _table(_FAIR, cells, "l l l r r r r r r")


def fair_cells(rows: Iterable[FairRow], titles: Mapping[str, str]) -> list[tuple[str, ...]]:
    """The same as cells: network, data set, epsilon of `raw`, then the accuracies and the paired differences."""
    return [
        (row.model, titles[row.dataset], f"ε = {format_epsilon(row.at.epsilon, Rule.RAW)}",
         *_directions(row.l2, row.linf), *_lengths(row.allocation))
        for row in rows
    ]  # fmt: skip


def sentences_markdown(result: SweepResult, equal: SweepResult) -> str:
    """Direction, allocation and what flips, of one network, as a list of sentences."""
    at = occasion(result)
    said = [] if at is None else [*fair_sentences(equal, at.epsilon), *unseen_sentences(equal, at.epsilon)]
    return "\n".join(f"- {sentence}" for sentence in said)


def unseen_sentences(equal: SweepResult, epsilon: float, limit: float = LIMIT) -> list[str]:
    """How many of the images that `raw` flips at an epsilon it changes visibly, and what is left if these don't count.

    Args:
        equal: the part of a baseline at equal change, with the PSNR of each image.
        epsilon: of `raw`.
        limit: in dB.
    """
    raw = equal.curve(Rule.RAW)
    places = [k for k, known in enumerate(raw.epsilons.tolist()) if known == epsilon]
    if not places:
        return []
    turned, left = flipped(equal, raw, places[0], limit), unseen_point(equal, raw, places[0], limit)
    if not turned.images or turned.psnr is None:
        return [f"The plain gradient at ε = {format_epsilon(epsilon, Rule.RAW)} turns no image from right to wrong."]
    ssim = f", of their SSIM {_quantiles(turned.ssim, '.2f')}" if turned.ssim else ""
    return [
        f"Image by image: the plain gradient at ε = {format_epsilon(epsilon, Rule.RAW)} turns {turned.images:,} images "
        f"from right to wrong. It changes {turned.seen:,} of these ({turned.seen / turned.images:.0%}) to less than "
        f"{limit:g} dB (5th percentile, median and 95th of their PSNR: {_quantiles(turned.psnr, '.1f')} dB{ssim}). If "
        f"only images of {limit:g} dB or more count as attacked, {left.accuracy:.2%} are right ({left.low:.2%} to "
        f"{left.high:.2%})."
    ]


def gradients_markdown(rows: Iterable[FloatGradients], titles: Mapping[str, str]) -> str:
    """What float32 makes of the networks' gradients, as `gradients_table` has it."""
    cells = [entry | {"network": f"`{entry['network']}`"} for entry in gradients_table(rows, titles)]
    return _table(tuple(cells[0]), [tuple(entry.values()) for entry in cells], "l l" + " r" * (len(cells[0]) - 2))


def _table(head: Sequence[str], rows: Iterable[Sequence[str]], sides: str) -> str:
    rule = ["--:" if side == "r" else "---" for side in sides.split()]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (head, rule, *rows))


def _directions(l2: Direction | None, linf: Direction | None) -> tuple[str, ...]:
    known = ("–", "–", "–") if l2 is None else (
        _percent(l2.gradient), _percent(l2.sign), _points(l2.comparison.difference)
    )  # fmt: skip
    return (*known, "–" if linf is None else _percent(linf.sign))


def _lengths(found: Allocation | None) -> tuple[str, str]:
    return ("–", "–") if found is None else (_percent(found.l2), _points(found.comparison.difference))


def _points(found: PairedDifference) -> str:
    """A paired difference in percentage points, with its interval."""
    value, low, high = (f"{100 * share:+.2f}".replace("-", "−") for share in (found.difference, found.low, found.high))
    return f"{value} ({low} to {high})"


def _quantiles(values: tuple[float, float, float] | None, form: str) -> str:
    return ", ".join("∞" if value == float("inf") else f"{value:{form}}" for value in values or ())


def _percent(share: float) -> str:
    return f"{share:.2%}".replace("%", " %")


def _measured(share: float | None, interval: tuple[float, float] | None) -> str:
    if share is None or interval is None:
        return "–"
    return f"{_percent(share)} ({interval[0] * 100:.2f} to {interval[1] * 100:.2f})"


def _found(point: Point | None, error: bool = False) -> str:
    if point is None or point.rule is None:
        return "–"
    share = _percent(point.error if error else point.accuracy)
    step = f"{point.rule.row.words} {format_epsilon(point.epsilon, point.rule)}"
    return f"{share} ({step}, {median_psnr_text(point.psnr, point.l2)})"


def _where(point: Point | None) -> str:
    if point is None or point.rule is None:
        return ""
    ssim = "" if point.ssim is None else f", SSIM {point.ssim:.3f}"
    return (
        f"{point.rule.row.words}, ε = {format_epsilon(point.epsilon, point.rule)}; median PSNR "
        f"{median_psnr_text(point.psnr, point.l2)}, mean L2 {point.l2:.2f}{ssim}"
    )
