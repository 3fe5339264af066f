"""A lock that is handed on in the order of asking, so that a long piece of work lets the others in between.

It stands here since both the pages, which share a device, and the database, whose writers take turns, need it.
"""

from collections import deque
from threading import Event, Lock
from time import monotonic
from types import TracebackType

_HEARD_WITHIN = 0.1  # seconds after which a thread that waits hears an exception that was sent to it


class Turns:
    """A lock for many threads, `with turns: ...`; or room for a few at a time.

    First come, first served. Python's own lock goes to the quickest: a thread that gives it back and asks
    again at once, as a sweep does between two chunks of its work, gets it again, and the others wait until it is done.

    Args:
        places: how many may be in at once.
    """

    def __init__(self, places: int = 1) -> None:
        self._guard = Lock()
        self._free = places
        self._waiting: deque[Event] = deque()

    def __enter__(self) -> None:
        self.take()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.leave()

    @property
    def waiting(self) -> int:
        """How many threads wait for their turn."""
        return len(self._waiting)

    def take(self, patience: float = float("inf")) -> bool:
        """Wait for a turn, at most so many seconds; whether it came. Whoever got one has to `leave`."""
        with self._guard:
            if self._free:
                self._free -= 1
                return True
            called = Event()
            self._waiting.append(called)
        until = monotonic() + patience
        try:
            # Not one long wait: a thread that is stopped by an exception would hear of it when its turn comes.
            while not called.wait(min(_HEARD_WITHIN, max(0.0, until - monotonic()))):
                if monotonic() >= until:
                    return not self._withdraws(called)
        except BaseException:
            if not self._withdraws(called):
                self.leave()
            raise
        return True

    def leave(self) -> None:
        """Hand the turn on to the next in the queue: nobody can overtake."""
        with self._guard:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._free += 1

    def _withdraws(self, called: Event) -> bool:
        """Out of the queue; False when the turn had just come."""
        with self._guard:
            if not called.is_set():
                self._waiting.remove(called)
            return not called.is_set()
