"""How far answers in a faster precision can be believed: what a sweep asked again in float32, and what follows."""

from math import ceil
from typing import Any

from gradlab.statistics import clopper_pearson
from gradlab.types import SweepResult

ONE_SIDED = 0.05  # how often a bound may be too low


def spot_check_to_dict(result: SweepResult) -> dict[str, Any]:
    """The counts of `SweepResult`, and how many of the answers that rest on the faster precision alone may be wrong.

    `wrong_share_high` is the upper end of the share that is wrong of the answers that weren't in doubt: one-sided,
    95 %, after Clopper and Pearson (see `clopper_pearson`); None where none was checked. `wrong_high` is that share of
    `unchecked`. Of a part of a study, these are the numbers of the whole study.
    """
    high = _share_high(result)
    wrong = 0.0 if not result.unchecked else None if high is None else high * result.unchecked
    counts = {name: getattr(result, name) for name in ("checked", "disagreed", "unchecked")}
    return {**counts, "wrong_share_high": high, "wrong_high": wrong}


def spot_check_text(result: SweepResult) -> str:
    """The same in a sentence or two without a full stop; empty where nothing but float32 was ever asked."""
    high, of = _share_high(result), " of the whole study" if result.condensed else ""
    if high is None and not result.unchecked:
        return ""
    if high is None:
        return f"None of the other answers{of}, {result.unchecked:,} at most, was asked again as a check"
    wrong = f"{result.disagreed:,} {'was' if result.disagreed == 1 else 'were'}" if result.disagreed else "none was"
    found = (
        f"Of the answers{of} that were not in doubt, {result.checked:,}, chosen at random, were asked again in "
        f"float32: {wrong} wrong"
    )
    if not result.unchecked:
        return f"{found}, so all were measured in float32" if result.disagreed else found
    return (
        f"{found}. So, with 95 % confidence, at most {high * 100:.2g}% of the other {result.unchecked:,} are wrong: "
        f"{ceil(high * result.unchecked):,} answers"
    )


def _share_high(result: SweepResult) -> float | None:
    if not result.checked:
        return None
    return float(clopper_pearson(result.disagreed, result.checked, tail=ONE_SIDED)[1])
