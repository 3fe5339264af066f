"""What bounds a bar that was missed: how far the bare floor gets, and on what gradlab spends more than the floor."""

from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks.breakdown import Operations
from benchmarks.contenders import FLOOR, OURS
from benchmarks.timing import ratios

LARGEST = 4  # operations that are named


def missed(rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The rows whose bar was missed."""
    return [row for row in rows if row["bar"] is not None and row["ratio"]["median"] < row["bar"]]


def explanation(rows: Sequence[Mapping[str, Any]], times: Mapping[str, Operations]) -> str:
    """A line for each missed bar, and one on what gradlab does besides the floor; nothing where all are met.

    Args:
        rows: those of the table of times, the floor's among them.
        times: the operations of gradlab and of the floor.
    """
    lines = [_line(row, rows) for row in missed(rows)]
    return "\n".join([*lines, _besides(times)]) if lines else ""


def _line(row: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> str:
    said = f"missed: {row['name']} {row['ratio']['median']:.2f} of {row['bar']:.2f}"
    if row["name"].startswith(FLOOR.name):
        return said
    (floor,) = (one for one in rows if one["name"] == FLOOR.name)
    times = ratios(row["seconds"], floor["seconds"]).median
    end = ", below the bar itself" if times < row["bar"] else ""
    return f"{said}; the bare floor itself is {times:.2f} times as fast{end}"


def _besides(times: Mapping[str, Operations]) -> str:
    own, floor = times[OURS.name], times[FLOOR.name]
    more = {name: own.get(name, 0.0) - floor.get(name, 0.0) for name in {*own, *floor}}
    most = sorted(more, key=lambda name: -abs(more[name]))[:LARGEST]
    named = ", ".join(f"{name} {more[name]:+.1f}" for name in most)
    return (
        f"profiled: gradlab's operations take {sum(own.values()):.1f} ms, the floor's {sum(floor.values()):.1f} ms;"
        f" the largest differences: {named}"
    )
