"""Damaged files, thousands of them: what comes of each, how long the longest takes, and how much memory goes."""

import argparse
import resource
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

SECONDS = 2.0  # that one may take


@dataclass
class Findings:
    """What came of the files.

    Attributes:
        outcomes: how many were read, and how many refused in which words.
        faults: seeds whose file gave anything else, or took too long.
        slowest: seconds, and the seed.
        grown: how much memory the process took at most, beyond what it had, in MB.
    """

    outcomes: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    slowest: tuple[float, int] = (0.0, -1)
    grown: float = 0.0


def fuzz_with(damaged: Callable[[int], Any], outcome: Callable[[Any], str], seeds: range) -> Findings:
    """Read the damaged file of each seed.

    Args:
        damaged: makes it of a seed.
        outcome: reads it and says in a few words what it came to; with `fault` among them where nothing like that may
            come.
        seeds: of the files.
    """
    found, before = Findings(), _peak()
    for seed in seeds:
        file = damaged(seed)
        start = time.perf_counter()
        said = outcome(file)
        took = time.perf_counter() - start
        found.slowest = max(found.slowest, (took, seed))
        found.outcomes[said] += 1
        if "fault" in said or took > SECONDS:
            found.faults.append(f"seed {seed}: {said}, {took:.2f} s")
    found.grown = _peak() - before
    return found


def main(fuzz: Callable[[range], Findings], megabytes: float, about: str | None) -> None:
    """Print what came of how many files; exit code 1 where one was a fault, or memory grew by more than `megabytes`."""
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    asked = parser.parse_args()
    found = fuzz(range(asked.first, asked.first + asked.files))
    for said, count in found.outcomes.most_common():
        print(f"{count:6,}  {said}")
    print(f"slowest: {found.slowest[0]:.2f} s (seed {found.slowest[1]})")
    print(f"memory grew by {found.grown:.0f} MB at most; faults: {len(found.faults)}")
    print("\n".join(found.faults[:20]))
    raise SystemExit(bool(found.faults) or found.grown > megabytes)


def _peak() -> float:
    """The most memory that the process has had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
