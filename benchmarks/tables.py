"""Results as Markdown, as benchmarks/RESULTS.md keeps them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from benchmarks.agreement import Agreement


def markdown(head: Sequence[str], rows: Iterable[Sequence[str]], left: Sequence[int] = (0,)) -> str:
    """A table; `left` are the columns of words, the others are of numbers."""
    rule = ["---" if place in left else "--:" for place in range(len(head))]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (head, rule, *rows))


def agreement_table(agreements: Mapping[str, Agreement]) -> str:
    """Who agrees with gradlab.perturb and plain float32, and how far, where float32 has a gradient."""
    head = ["", "values compared", "largest difference", "others, sign in doubt", "images whose gradient is lost",
            "of them, moved elsewhere", "predictions", "that differ"]  # fmt: skip
    rows = []
    for name, found in agreements.items():
        counts = [f"{count:,}" for count in (found.unsure, found.lost, found.elsewhere)]
        images = [f"{found.values:,}", f"{found.largest:.1e}", *counts] if found.values else ["–"] * 5
        rows.append([name, *images, f"{found.predictions:,}", f"{found.differing:,}"])
    return markdown(head, rows)


def time_table(found: Sequence[Mapping[str, Any]]) -> str:
    """Medians, spreads, how many times as long as gradlab, and the bar: at least so many times as long."""
    head = ["", "ms", "from, to", "× gradlab", "from, to", "bar", "predictions that differ", "setting"]
    rows = []
    for one in found:
        ms, times = ([one[what][name] for name in ("median", "low", "high")] for what in ("time", "ratio"))
        rows.append(
            [
                one["name"],
                f"{1000 * ms[0]:.1f}",
                f"{1000 * ms[1]:.1f}, {1000 * ms[2]:.1f}",
                f"{times[0]:.2f}",
                f"{times[1]:.2f}, {times[2]:.2f}",
                "" if one["bar"] is None else f"{one['bar']:.2f} {'met' if times[0] >= one['bar'] else 'MISSED'}",
                f"{one['differing']:,}",
                one["setting"],
            ]
        )
    return markdown(head, rows, left=(0, 7))
