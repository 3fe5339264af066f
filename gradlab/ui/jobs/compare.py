"""What the page *Compare* waits for: sweeps in step with each other, and transfers."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import ClassVar, TypeVar

from gradlab.experiments.transfer import stream_transfer
from gradlab.types import LabelSource, Rule, SweepResult, TransferResult
from gradlab.ui import cached
from gradlab.ui.jobs.job import begun
from gradlab.ui.jobs.sweep import SweepJob, counted
from gradlab.ui.state import Progress

Last = TypeVar("Last")


@dataclass(frozen=True)
class TogetherJob:
    """Sweeps over the same images, each kept by itself."""

    sweeps: tuple[SweepJob, ...]

    most: ClassVar[int] = 0
    nothing: ClassVar[str] = SweepJob.nothing

    @property
    def beginning(self) -> str:
        """No image yet."""
        return self.sweeps[0].beginning

    def finished(self) -> tuple[SweepResult, ...] | None:
        """All of the sweeps, if each was measured beforehand or somebody has waited for it."""
        found = [sweep.finished() for sweep in self.sweeps]
        finished = tuple(result for result in found if result is not None)
        return finished if len(finished) == len(found) else None

    def begin(self) -> Iterator[Progress[tuple[SweepResult, ...]]]:
        """Those that are not finished, a batch of each in turn: what is done of them is of the same images."""
        streams: list[Iterator[SweepResult | None]] = []
        for sweep in self.sweeps:
            done = sweep.finished()
            streams.append(iter([done]) if done else (step.result for step in begun(sweep)))
        images = self.sweeps[0].images
        return (
            Progress(counted(done, images), done / images, results)
            for results in _together(streams)
            for done in [min(result.done for result in results)]
        )


def _together(streams: Sequence[Iterator[Last | None]]) -> Iterator[tuple[Last, ...]]:
    """The last result of each."""
    last: tuple[Last | None, ...] = ()
    for results in zip_longest(*streams):
        last = tuple(new or last[n] for n, new in enumerate(results))
        yield tuple(one for one in last if one is not None)


@dataclass(frozen=True)
class TransferJob:
    """Images perturbed on each of some networks, and tested on all of them.

    Attributes:
        dataset: the data set's name.
        models: the weights' names.
        rule: the direction.
        epsilon: the signed step.
        images: how many test images.
        labels: which label the loss is taken for.
    """

    dataset: str
    models: tuple[str, ...]
    rule: Rule
    epsilon: float
    images: int
    labels: LabelSource

    most: ClassVar[int] = 12
    nothing: ClassVar[str] = SweepJob.nothing

    @property
    def beginning(self) -> str:
        """No image yet."""
        return counted(0, self.images)

    def finished(self) -> TransferResult | None:
        """The kept one."""
        found: TransferResult | None = cached.kept().recall(self)
        return found

    def begin(self) -> Iterator[Progress[TransferResult]]:
        """A batch at a time."""
        networks = {name: cached.model(name, self.dataset) for name in self.models}
        stream = stream_transfer(
            networks, cached.batch(self.dataset, self.images), self.rule, self.epsilon, labels=self.labels,
            lock=cached.device_lock(),
        )  # fmt: skip
        return (Progress(counted(found.done, self.images), found.done / self.images, found) for found in stream)
