"""What the page *Compare* asks the backend for: sweeps in step with each other, and transfers."""

from collections.abc import Iterator, Sequence
from itertools import zip_longest

from gradlab.experiments.transfer import stream_transfer
from gradlab.types import LabelSource, Rule, SweepResult, TransferResult
from gradlab.ui import cached
from gradlab.ui.cached import SweepKey

# data set, networks, rule, epsilon, number of images, label source
TransferKey = tuple[str, tuple[str, ...], Rule, float, int, LabelSource]


def finished_sweeps(keys: Sequence[SweepKey]) -> tuple[SweepResult, ...] | None:
    """All of the sweeps, if each was measured beforehand or somebody has waited for it."""
    found = [cached.finished_sweep(key) for key in keys]
    finished = tuple(result for result in found if result is not None)
    return finished if len(finished) == len(keys) else None


def begin_sweeps(keys: Sequence[SweepKey]) -> Iterator[tuple[SweepResult, ...]]:
    """Begin those that are not finished, a batch of each in turn: what is done of them is of the same images."""
    streams = []
    for key in keys:
        done = cached.finished_sweep(key)
        streams.append(iter([done]) if done else cached.begin_sweep(key))
    return _together(streams)


def _together(streams: Sequence[Iterator[SweepResult]]) -> Iterator[tuple[SweepResult, ...]]:
    """The last result of each."""
    last: tuple[SweepResult, ...] = ()
    for results in zip_longest(*streams):
        last = tuple(new or last[n] for n, new in enumerate(results))
        yield last


def finished_transfer(key: TransferKey) -> TransferResult | None:
    """A transfer that somebody has already waited for."""
    found: TransferResult | None = cached.recall("transfers", key)
    return found


def begin_transfer(key: TransferKey) -> Iterator[TransferResult]:
    """Begin a transfer; a batch at a time, as its results are asked for."""
    dataset, names, rule, epsilon, limit, labels = key
    networks = {name: cached.model(name, dataset) for name in names}
    stream = stream_transfer(
        networks, cached.batch(dataset, limit), rule, epsilon, labels=labels, lock=cached.device_lock()
    )
    return cached.keeping("transfers", key, stream)
