"""Times in one process: each contender's best setting is found in the warm-up, then all take turns."""

import gc
import time
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from statistics import median
from typing import NamedTuple

import torch

from benchmarks.contenders import Contender
from benchmarks.task import Predictions, Run, Setting, Task, not_shown
from gradlab.steps.float32 import plain_float32

TRIAL = 3


@dataclass(frozen=True, eq=False)
class Ready:
    """A contender with the setting that was fastest in the warm-up.

    Attributes:
        contender: who.
        setting: how.
        run: what is timed.
        trials: seconds of each setting that was tried, by its description; of the first TRIAL epsilons, maybe.
        preparing: seconds that this setting took before it ran as it does from then on: for what is made once, and for
            what its first run found out, such as a compiled network.
    """

    contender: Contender
    setting: Setting
    run: Run
    trials: Mapping[str, float]
    preparing: float = 0.0


@dataclass(frozen=True, eq=False)
class Timed:
    """What was measured of a contender.

    Attributes:
        seconds: of each round.
        predictions: of the last round, (K, N).
    """

    seconds: list[float]
    predictions: Predictions


@dataclass(frozen=True)
class Spread:
    """A median, and the least and the greatest of what it is the median of."""

    median: float
    low: float
    high: float


def warmed_up(task: Task, contender: Contender) -> Ready:
    """Try each setting twice, and take the one whose better time is least.

    Who takes one epsilon after the other is tried with TRIAL of them, and prepared anew for all.
    """
    trial = task if contender.whole else replace(task, epsilons=task.epsilons[:TRIAL])
    tried = {setting: _tried(trial, contender, setting) for setting in dict.fromkeys(contender.settings(task))}
    best = min(tried, key=lambda setting: tried[setting].seconds)
    run = tried[best].run if contender.whole else contender.prepare(task, best)
    trials = {str(setting): one.seconds for setting, one in tried.items()}
    return Ready(contender, best, run, trials, tried[best].preparing)


class _Tried(NamedTuple):
    """A setting that was run twice: its better time, and how long what had to come before took."""

    run: Run
    seconds: float
    preparing: float


def _tried(task: Task, contender: Contender, setting: Setting) -> _Tried:
    started = time.perf_counter()
    run = contender.prepare(task, setting)
    prepared = time.perf_counter() - started
    first, second = (timed(run, task.device, contender.plain).seconds[0] for _ in range(2))
    return _Tried(run, min(first, second), prepared + max(0.0, first - second))


def timed(run: Run, device: torch.device, plain: bool = True) -> Timed:
    """One run, from a clean slate; `plain`: in float32 as it is written."""
    gc.collect()
    with plain_float32(device) if plain else nullcontext():
        _wait(device)
        started = time.perf_counter()
        said = run(not_shown)
        _wait(device)
    return Timed([time.perf_counter() - started], said)


def take_turns(ready: Sequence[Ready], repeats: int, device: torch.device) -> dict[str, Timed]:
    """By name; each round starts with another one, so that nobody always follows the same."""
    for one in ready:  # some were prepared anew for their best setting
        timed(one.run, device, one.contender.plain)
    measured: dict[str, list[Timed]] = {one.contender.name: [] for one in ready}
    for turn in range(repeats):
        first = turn % len(ready)
        for one in (*ready[first:], *ready[:first]):
            measured[one.contender.name].append(timed(one.run, device, one.contender.plain))
    return {name: Timed([t.seconds[0] for t in all_], all_[-1].predictions) for name, all_ in measured.items()}


def spread(values: Sequence[float]) -> Spread:
    """Of at least one value."""
    return Spread(median(values), min(values), max(values))


def ratios(seconds: Sequence[float], ours: Sequence[float]) -> Spread:
    """How many times as long as ours, round by round: what slows a round down slows both."""
    return spread([theirs / own for theirs, own in zip(seconds, ours, strict=True)])


def _wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)
