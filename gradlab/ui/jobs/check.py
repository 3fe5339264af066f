"""The check of a network, thing by thing; it is watched in a dialog, beside what the page waits for."""

from collections.abc import Iterator
from dataclasses import dataclass

from gradlab.images.own import is_own
from gradlab.networks.check import NAMES, Check, stream_checks
from gradlab.types.turns import Turns
from gradlab.ui import cached
from gradlab.ui.state import Progress

Found = tuple[Check, ...]

_IMAGES = 256


@dataclass(frozen=True)
class CheckJob:
    """What fits of a network, and what does not.

    Attributes:
        dataset: the data set whose images it is tried on.
        model: the weights' name.
        weights: their checksum.
    """

    dataset: str
    model: str
    weights: str

    nothing = ""

    @property
    def most(self) -> int | None:
        """What is of a visitor's own things is kept in that session, and nowhere else."""
        return None if is_own(self.model) or is_own(self.dataset) else 64

    def begin(self) -> Iterator[Progress[Found]]:
        """A thing at a time; the last step says that it was all."""
        images = cached.sample(self.dataset)
        stream = stream_checks(cached.model(self.model, self.dataset), images.part(range(min(_IMAGES, len(images)))))
        return _steps(stream, cached.device_lock())


def _steps(stream: Iterator[Check], lock: Turns) -> Iterator[Progress[Found]]:
    found: Found = ()
    while True:
        with lock:
            one = next(stream, None)
        if one is None:
            break
        found = (*found, one)
        yield Progress(_told(found), len(found) / (len(NAMES) + 1), found)
    yield Progress(_told(found), 1.0, found)


def _told(found: Found) -> str:
    return f"{len(found)} of {len(NAMES)} things are checked"
