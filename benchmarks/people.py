"""How far the intervals of people's thresholds can be trusted: simulated observers, careful ones and others.

    python -m benchmarks.people                            # 300 observers or classes of each kind, some minutes
    python -m benchmarks.people --count 60 --trials 20

Each is asked adaptively, as people are, on one scale from 0.5/255 to 64/255, with one catch trial for eight others.
What is true of each is drawn anew: a threshold from 3/255 to 12/255 and a slope from 2 to 4, evenly (the threshold over
its logarithm). Of a class, thresholds are log-normal around 6/255 with a standard deviation of 0.35.
"""

import argparse
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from gradlab.seeing.psychometrics import fit, fit_people, simulate
from gradlab.statistics import wilson_interval
from gradlab.types import Answers, Design, Observer, PsychometricFit, Scale

SPAN = (0.5 / 255, 64 / 255)
MEDIAN, SPREAD, CLASS, GUESSERS = 6 / 255, 0.35, 10, 2
BATCH = 300  # tests that are simulated at once: a few hundred MB

Draw = Callable[[np.random.Generator], Observer]


@dataclass(frozen=True)
class Kind:
    """A kind of observers, or of classes.

    Attributes:
        title: what they do.
        bar: between which shares the true threshold must be covered.
        draw: one observer.
        people: how many to a class; 1: no class.
        guessers: how many of these guess in all trials.
    """

    title: str
    bar: tuple[float, float]
    draw: Draw
    people: int = 1
    guessers: int = 0


def careful(chance: np.random.Generator) -> Observer:
    """Somebody who lapses in up to 4 % of the trials."""
    threshold = 3 / 255 * 4 ** chance.random()
    return Observer(float(threshold), float(chance.uniform(2, 4)), float(chance.uniform(0, 0.04)))


def careless(chance: np.random.Generator) -> Observer:
    """Somebody who lapses in 20 %."""
    return replace(careful(chance), lapse=0.2)


def pupil(chance: np.random.Generator) -> Observer:
    """One of a class."""
    return replace(careful(chance), threshold=float(MEDIAN * np.exp(SPREAD * chance.standard_normal())))


def kinds(design: Design) -> tuple[Kind, ...]:
    """All kinds."""
    asked = design.trials + (design.trials // design.catch_every if design.catch_every else 0)

    def leaving(chance: np.random.Generator) -> Observer:
        return replace(careful(chance), attends=round(0.75 * asked))

    return (
        Kind("careful", (0.92, 0.99), careful),
        Kind("20 % lapses", (0.90, 0.98), careless),
        Kind("guesses in the last quarter", (0.90, 0.98), leaving),
        Kind(f"class of {CLASS}, careful", (0.92, 0.99), pupil, CLASS),
        Kind(f"class of {CLASS}, {GUESSERS} guess", (0.90, 0.98), pupil, CLASS, GUESSERS),
    )


def found(kind: Kind, design: Design, count: int, seed: int) -> Iterator[tuple[float, PsychometricFit]]:
    """The true threshold of each observer, or the median of each class, and the fit."""
    chance = np.random.default_rng(seed)
    name, batch = design.scales[0].name, max(BATCH // kind.people, 1)
    for first in range(0, count, batch):
        many = min(batch, count - first) * kind.people
        observers = [kind.draw(chance) for _ in range(many)]
        for n in range(many):
            if n % kind.people < kind.guessers:
                observers[n] = replace(observers[n], attends=0)
        rows = simulate(design, {name: observers}, many, seed + first * kind.people)
        tables = [Answers.of(row, name, design.guess) for row in rows]
        for n in range(0, many, kind.people):
            if kind.people == 1:
                yield observers[n].threshold, fit(tables[n], SPAN)
            else:
                yield MEDIAN, fit_people(tables[n : n + kind.people], SPAN)


def row(kind: Kind, fits: list[tuple[float, PsychometricFit]]) -> dict[str, str]:
    """What is told of a kind."""
    ends = [(true, fitted.threshold) for true, fitted in fits]
    covered = sum(one.low <= true <= one.high for true, one in ends)
    known = [(true, one) for true, one in ends if one.value is not None]
    low, high = wilson_interval(covered, len(ends))
    inside = kind.bar[0] <= covered / len(ends) <= kind.bar[1]
    return {
        "who": kind.title,
        "covered": f"{covered / len(ends):.1%} ({float(low):.1%} to {float(high):.1%})",
        "bar": f"{kind.bar[0]:.0%} to {kind.bar[1]:.0%}: {'met' if inside else 'MISSED'}",
        "width": f"×{np.exp(np.median([np.log(one.high / one.low) for _, one in known])):.2f}",
        "bias": f"×{np.exp(np.mean([np.log((one.value or 1) / true) for true, one in known])):.2f}",
        "only a bound": f"{1 - len(known) / len(ends):.0%}",
        "taken as guessing": f"{sum(fitted.guessers for _, fitted in fits) / (len(fits) * kind.people):.1%}",
    }


def main() -> None:
    """Measure all kinds and print a table."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--count", type=int, default=300, help="observers or classes of each kind")
    options.add_argument("--trials", type=int, default=40, help="of each test, without catch trials")
    options.add_argument("--seed", type=int, default=0)
    chosen = options.parse_args()
    design = Design((Scale.spaced("sign", *SPAN),), chosen.trials)
    for number, kind in enumerate(kinds(design)):
        start = time.perf_counter()
        told = row(kind, list(found(kind, design, chosen.count, chosen.seed + 100_000 * number)))
        if not number:
            print(" | ".join(told))
        print(" | ".join(told.values()), f"| {time.perf_counter() - start:.0f} s", flush=True)


if __name__ == "__main__":
    main()
