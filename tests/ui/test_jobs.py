"""What runs long: it advances a while at a time, is stopped, goes on, and is kept."""

import time
from collections.abc import Iterator
from dataclasses import replace
from threading import Event, Thread

import pytest

from gradlab.ui.state import Progress, Running, running

STEPS = [Progress(f"{n} of 5", n / 5, n) for n in range(5)]


def test_it_advances_batch_by_batch_where_these_take_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "A_WHILE", 0.0)
    job = Running("key", iter(STEPS), Progress("beginning"))
    for expected in STEPS:
        assert job.advance()
        assert job.now is expected
    assert not job.advance()
    assert job.now is STEPS[-1]
    assert not job.advance(), "it has ended for good"


def test_short_batches_are_taken_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "A_WHILE", 0.05)

    def batches() -> Iterator[Progress[int]]:
        while True:
            time.sleep(0.002)
            yield STEPS[0]
            taken.append(1)

    taken: list[int] = []
    job = Running("key", batches(), Progress("beginning"))
    assert job.advance()
    assert 1 < len(taken) < 40


def test_a_result_that_is_waited_for_is_given_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "A_WHILE", 60.0)
    steps = [replace(step, at_once=step is STEPS[2]) for step in STEPS]
    job = Running("key", iter(steps), Progress("beginning"))
    assert job.advance()
    assert job.now is steps[2]
    assert not job.advance()
    assert job.now is steps[-1]


def test_two_runs_of_a_page_take_it_one_after_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """A generator that two threads ask at once raises `ValueError: generator already executing`."""
    monkeypatch.setattr(running, "A_WHILE", 0.0)
    inside, go_on = Event(), Event()

    def batches() -> Iterator[Progress[int]]:
        for one in STEPS[:2]:
            inside.set()
            assert go_on.wait(20)
            yield one

    job = Running("key", batches(), Progress("beginning"))
    first, second = Thread(target=job.advance), Thread(target=job.advance)
    first.start()
    assert inside.wait(20)
    second.start()
    second.join(0.1)
    assert second.is_alive()
    go_on.set()
    for thread in (first, second):
        thread.join(20)
    assert job.now is STEPS[1]
