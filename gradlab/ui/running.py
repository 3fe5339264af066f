"""A sweep or a study on its way, kept from one run of the page to the next."""

from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass, field
from threading import Lock
from time import perf_counter
from typing import Generic, TypeVar

Result = TypeVar("Result")

A_WHILE = 0.4  # seconds between two looks at what a person did; drawing the curve more often costs more than it shows


@dataclass
class Running(Generic[Result]):
    """Where the next results come from, and what is done.

    Attributes:
        key: what is computed.
        stream: gives results, each with all that is done so far.
        result: the last of them.
        stopped: by a person, who may let it go on.
    """

    key: Hashable
    stream: Iterator[Result]
    result: Result | None = None
    stopped: bool = False
    _lock: Lock = field(default_factory=Lock)

    def advance(self, until: Callable[[Result], bool] | None = None) -> bool:
        """Compute for a while, a batch at least, but no further than to a result that is waited for.

        False when there is no more. A run of the page that was replaced by another may still be busy with it: the other
        waits for it here.
        """
        with self._lock:
            began = perf_counter()
            for result in self.stream:
                self.result = result
                if perf_counter() - began >= A_WHILE or (until and until(result)):
                    return True
        return False
