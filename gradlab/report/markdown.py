"""The tables of the README, made of the shipped results: what they say can then never drift away from these."""

import math
from collections.abc import Iterable, Mapping, Sequence

from gradlab.epsilon import format_epsilon
from gradlab.paper import Point, claim_rows, combination, median_psnr_text
from gradlab.report.gradients import gradients_table
from gradlab.types import FloatGradients, SweepResult

_CLAIMS = {
    "clean": "clean accuracy", "sign": "with the sign", "no sign": "without the sign",
    "negative": "error, against the gradient",
}  # fmt: skip
_NETWORKS = ("data set", "weights", "images", "clean", "lowest under `sign`", "`raw`, PSNR of 40 dB or more",
             "lowest error, ε < 0")  # fmt: skip


def claims_markdown(result: SweepResult) -> str:
    """The abstract's figures beside those of the study of the paper's network."""
    rows = [
        (
            _CLAIMS[row.claim.name],
            _percent(row.claim.figure),
            "–" if row.measured is None or not row.interval else (
                f"{_percent(row.measured)} ({row.interval[0] * 100:.2f} to {row.interval[1] * 100:.2f})"
            ),
            _where(row.point),
        )
        for row in claim_rows(result)
    ]  # fmt: skip
    return _table(("", "abstract", "measured", "at"), rows, "l r r l")


def networks_markdown(results: Iterable[SweepResult], titles: Mapping[str, str]) -> str:
    """One row a network: its lowest accuracies, and its lowest error against the gradient, with where they were found.

    Args:
        results: studies for the true labels.
        titles: of the data sets, by name.
    """
    found = [combination(result) for result in results]
    rows = [
        (
            titles[row.dataset], f"`{row.model}`", f"{row.images:,}", _percent(row.clean.accuracy), _found(row.sign),
            _found(row.raw_clean_looking), _found(row.negative, error=True),
        )
        for row in found
    ]  # fmt: skip
    return _table(_NETWORKS, rows, "l l r r l l l")


def gradients_markdown(rows: Iterable[FloatGradients], titles: Mapping[str, str]) -> str:
    """What float32 makes of the networks' gradients, as `gradients_table` has it."""
    cells = [entry | {"network": f"`{entry['network']}`"} for entry in gradients_table(rows, titles)]
    return _table(tuple(cells[0]), [tuple(entry.values()) for entry in cells], "l l" + " r" * (len(cells[0]) - 2))


def _table(head: Sequence[str], rows: Iterable[Sequence[str]], sides: str) -> str:
    rule = ["--:" if side == "r" else "---" for side in sides.split()]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (head, rule, *rows))


def _percent(share: float) -> str:
    return f"{share:.2%}".replace("%", " %")


def _found(point: Point | None, error: bool = False) -> str:
    if point is None or point.rule is None:
        return "–"
    share = _percent(point.error if error else point.accuracy)
    step = f"`{point.rule}` {format_epsilon(point.epsilon, point.rule)}"
    return f"{share} ({step}, {median_psnr_text(point.psnr, point.l2)})"


def _where(point: Point | None) -> str:
    if point is None or point.rule is None:
        return ""
    ssim = "" if point.ssim is None else f", SSIM {point.ssim:.3f}"
    return (
        f"`{point.rule}`, ε = {format_epsilon(point.epsilon, point.rule)}; median PSNR "
        f"{median_psnr_text(point.psnr, point.l2)}, mean L2 {point.l2:.2f}{ssim}"
    )
