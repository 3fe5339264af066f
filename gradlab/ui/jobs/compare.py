"""What the page *Compare* waits for: sweeps in step with each other, and transfers."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import TypeVar

from gradlab.experiments.transfer import stream_transfer
from gradlab.types import LabelSource, Rule, SweepResult, TransferResult
from gradlab.ui import cached
from gradlab.ui.jobs.job import begun, finished
from gradlab.ui.jobs.sweep import SweepJob, progress
from gradlab.ui.state import Progress

Step = TypeVar("Step")


@dataclass(frozen=True)
class TogetherJob:
    """Sweeps over the same images, each kept by itself."""

    sweeps: tuple[SweepJob, ...]

    most, nothing = 0, SweepJob.nothing

    def known(self) -> tuple[SweepResult, ...] | None:
        """All of the sweeps, if each is finished."""
        found = tuple(result for sweep in self.sweeps if (result := finished(sweep)))
        return found if len(found) == len(self.sweeps) else None

    def begin(self) -> Iterator[Progress[tuple[SweepResult, ...]]]:
        """Those that are not finished, a batch of each in turn: what is done of them is of the same images."""
        done = [(sweep, finished(sweep)) for sweep in self.sweeps]
        streams = [iter([Progress(share=1.0, result=found)]) if found else begun(sweep) for sweep, found in done]
        return map(_slowest, _together(streams))


def _slowest(steps: tuple[Progress[SweepResult], ...]) -> Progress[tuple[SweepResult, ...]]:
    last = min(steps, key=lambda step: step.share)
    return Progress(last.text, last.share, tuple(step.result for step in steps if step.result))


def _together(streams: Sequence[Iterator[Step]]) -> Iterator[tuple[Step, ...]]:
    """The last step of each."""
    last: tuple[Step, ...] = ()
    for steps in zip_longest(*streams):
        last = tuple(new or last[n] for n, new in enumerate(steps))
        yield last


@dataclass(frozen=True)
class TransferJob:
    """Images perturbed on each of some networks, and tested on all of them.

    Attributes:
        models: the weights' names.
        epsilon: the signed step.
        images: how many test images.
    """

    dataset: str
    models: tuple[str, ...]
    rule: Rule
    epsilon: float
    images: int
    labels: LabelSource

    most, nothing = 12, SweepJob.nothing

    def begin(self) -> Iterator[Progress[TransferResult]]:
        """A batch at a time."""
        networks = {name: cached.model(name, self.dataset) for name in self.models}
        stream = stream_transfer(
            networks, cached.batch(self.dataset, self.images), self.rule, self.epsilon, labels=self.labels,
            lock=cached.device_lock(),
        )  # fmt: skip
        return (progress(found.done, self.images, found) for found in stream)
