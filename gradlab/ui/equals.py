"""A point of a curve at another one's mean L2: its epsilon solved for, then the network asked at it, and both kept."""

from collections.abc import Generator, Iterator
from dataclasses import dataclass, replace

from torch import nn

from gradlab.experiments.equal import EqualEpsilon, stream_equal_epsilon
from gradlab.experiments.sweep import stream_sweep
from gradlab.types import Batch, LabelSource, Rule, SweepResult
from gradlab.ui import cached

_BATCH = {"cpu": 64}  # images a pass: a person can stop it between two of them
_BATCH_ELSEWHERE = 2_048


@dataclass(frozen=True)
class EqualKey:
    """What is looked for.

    Attributes:
        dataset: the data set's name.
        model: the network's.
        rule: whose point.
        limit: how many test images, drawn as those of the curves.
        labels: which label the loss is taken for.
        l2: the mean distance that the point is to have.
        side: 1 above 0, −1 below.
    """

    dataset: str
    model: str
    rule: Rule
    limit: int
    labels: LabelSource
    l2: float
    side: int


@dataclass(frozen=True, eq=False)
class Equalling:
    """How far that has come.

    Attributes:
        text: what is being done, in words.
        done: half of the images whose gradient is there, and half of those of which the network was asked.
        equal: the epsilon, once it is found.
        result: a sweep with this epsilon alone, over the images so far; None where the distance cannot be reached.
        complete: whether there is nothing left to do.
    """

    text: str
    done: int
    equal: EqualEpsilon
    result: SweepResult | None = None
    complete: bool = False


def finished_equal(key: EqualKey) -> Equalling | None:
    """What somebody has already waited for."""
    found: Equalling | None = cached.recall("equals", key)
    return found


def begin_equal(key: EqualKey) -> Iterator[Equalling]:
    """Begin to look for it; a batch at a time, as its stages are asked for."""
    # Loaded here and not in the generator: loading may show a spinner, where a rerun may end whatever is running.
    return _keeping(key, cached.model(key.model, key.dataset), cached.batch(key.dataset, key.limit))


def _keeping(key: EqualKey, network: nn.Module, images: Batch) -> Iterator[Equalling]:
    equal = yield from _solving(key, network, images)
    last = Equalling("done", key.limit, equal, complete=True)
    if equal.reached:
        for stage in _asking(key, network, images, equal):
            yield stage
            last = replace(stage, complete=True)
    cached.keep("equals", key, last)
    yield last


def _solving(key: EqualKey, network: nn.Module, images: Batch) -> Generator[Equalling, None, EqualEpsilon]:
    stream = stream_equal_epsilon(
        network, images, key.rule, key.l2, key.side, labels=key.labels, batch_size=_size(), lock=cached.device_lock()
    )
    for equal in stream:
        yield Equalling("taking the gradients, solving for epsilon", equal.done // 2, equal)
    return equal


def _asking(key: EqualKey, network: nn.Module, images: Batch, equal: EqualEpsilon) -> Iterator[Equalling]:
    stream = stream_sweep(
        network, images, (key.rule,), (equal.epsilon,), labels=key.labels, batch_size=_size(), compiled=False,
        lock=cached.device_lock(),
    )  # fmt: skip
    for result in stream:
        yield Equalling("asking the network at this epsilon", (key.limit + result.done) // 2, equal, result)


def _size() -> int:
    return _BATCH.get(cached.device().type, _BATCH_ELSEWHERE)
