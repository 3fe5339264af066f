"""By how much one step changes some of a sweep's images: made part by part, and each part kept."""

from collections.abc import Iterator
from dataclasses import dataclass

from torch import nn

from gradlab.experiments.pool import stream_changes
from gradlab.images.load import Source, load_batch
from gradlab.types import Batch, Changes, LabelSource, Rule
from gradlab.ui import cached
from gradlab.ui.pools import pooled


@dataclass(frozen=True)
class ChangesKey:
    """What is measured.

    Attributes:
        dataset: the data set's name.
        model: the weights' name.
        labels: which label the loss is taken for.
        rule: the direction.
        epsilon: the signed step.
        places: of the images, in the test split.
        source: where the images come from.
    """

    dataset: str
    model: str
    labels: LabelSource
    rule: Rule
    epsilon: float
    places: tuple[int, ...]
    source: Source

    @property
    def of_pool(self) -> tuple[object, ...]:
        """What the gradients depend on."""
        return "changes", self.dataset, self.model, self.labels, self.places, self.source


@dataclass(frozen=True, eq=False)
class Measuring:
    """How far it has come.

    Attributes:
        text: what has been done, in words.
        share: of the present part, from 0 to 1.
        changes: of the images measured so far.
    """

    text: str
    share: float
    changes: Changes | None = None


def finished_changes(key: ChangesKey) -> Changes | None:
    """All of them, if somebody has already waited for them."""
    found: Changes | None = cached.recall("changes", key)
    return found


def begin_changes(key: ChangesKey) -> Iterator[Measuring]:
    """Begin to measure; a chunk at a time, as it is asked for."""
    batch = load_batch(key.dataset, indices=list(key.places), source=key.source)
    return _measured(cached.model(key.model, key.dataset), batch, key)


def _measured(network: nn.Module, batch: Batch, key: ChangesKey) -> Iterator[Measuring]:
    pool = yield from pooled(network, batch, key.labels, key.of_pool, Measuring)
    for changes in stream_changes(pool, key.rule, key.epsilon, lock=cached.device_lock()):
        yield Measuring(f"measured: {len(changes)} of {len(batch)} images", len(changes) / len(batch), changes)
    cached.keep("changes", key, changes)
