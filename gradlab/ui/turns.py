"""A lock that is handed on in the order of asking, so that whoever computes long lets the others in between."""

from collections import deque
from threading import Event, Lock
from types import TracebackType

_HEARD_WITHIN = 0.1  # seconds after which a thread that waits hears an exception that was sent to it


class Turns:
    """A lock for many threads: `with turns: ...`.

    Who asks first gets it first. Python's own lock goes to whoever is quickest: a thread that gives it back and asks
    again at once, as a sweep does between two chunks of its work, gets it again, and the others wait until it is done.
    """

    def __init__(self) -> None:
        self._guard = Lock()
        self._taken = False
        self._waiting: deque[Event] = deque()

    def __enter__(self) -> None:
        with self._guard:
            if not self._taken:
                self._taken = True
                return
            called = Event()
            self._waiting.append(called)
        try:
            # Not one long wait: a thread that is stopped by an exception would hear of it when its turn comes.
            while not called.wait(_HEARD_WITHIN):
                pass
        except BaseException:
            self._leave(called)
            raise

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        with self._guard:
            self._hand_on()

    @property
    def waiting(self) -> int:
        """How many threads wait for their turn."""
        return len(self._waiting)

    def _leave(self, called: Event) -> None:
        """Out of the queue; or, when the turn had just come, on to the next."""
        with self._guard:
            if called.is_set():
                self._hand_on()
            else:
                self._waiting.remove(called)

    def _hand_on(self) -> None:
        # It stays taken on its way to the next in the queue: nobody who comes in between can overtake.
        if self._waiting:
            self._waiting.popleft().set()
        else:
            self._taken = False
