"""A few at a time, the rest in the order in which they came."""

from collections import deque
from threading import Event, Lock


class Turns:
    """First come, first served: of forty who write at once nobody waits for seconds.

    SQLite lets writers in one by one in no order at all, and Python's own locks let a thread that has just left in
    again before those that wait.

    Args:
        places: how many may be in at once.
    """

    def __init__(self, places: int) -> None:
        self._guard = Lock()
        self._free = places
        self._waiting: deque[Event] = deque()

    def take(self, patience: float) -> bool:
        """Wait for a turn, at most so many seconds; whether it came. Whoever got one has to `leave`."""
        with self._guard:
            if self._free:
                self._free -= 1
                return True
            mine = Event()
            self._waiting.append(mine)
        if mine.wait(patience):
            return True
        with self._guard:
            if mine.is_set():  # it came just now
                return True
            self._waiting.remove(mine)
            return False

    def leave(self) -> None:
        """Hand the turn on."""
        with self._guard:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._free += 1
