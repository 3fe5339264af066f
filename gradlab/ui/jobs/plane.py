"""The plane around an image, cell by cell."""

from collections.abc import Iterator
from dataclasses import dataclass

from gradlab.experiments.landscape import stream_loss_plane
from gradlab.types import LabelSource, LossPlane, Rule
from gradlab.ui import cached
from gradlab.ui.state import Progress


@dataclass(frozen=True)
class PlaneJob:
    """The loss over the plane of a direction and a random one.

    Attributes:
        image: its place in the test split.
        reach: how far the axes go, in the rule's unit.
        across: the seed of the random direction.
    """

    dataset: str
    model: str
    image: int
    rule: Rule
    reach: float
    labels: LabelSource
    across: int

    most, nothing = 24, "the first cells were done"

    def begin(self) -> Iterator[Progress[LossPlane]]:
        """A chunk of cells at a time, the whole plane coarsely first."""
        one, network = cached.load_one(self.dataset, self.image), cached.model(self.model, self.dataset)
        stream = stream_loss_plane(
            network, one, self.rule, self.reach, labels=self.labels, across=self.across, lock=cached.device_lock()
        )
        return (
            Progress(f"{plane.done:,} of {plane.loss.size:,} cells", plane.done / plane.loss.size, plane)
            for plane in stream
        )
