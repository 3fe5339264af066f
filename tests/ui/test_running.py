"""A sweep that is kept between runs of the page."""

import time
from collections.abc import Iterator
from threading import Event, Thread

import pytest
from helpers import curve, result

from gradlab.types import Rule, SweepResult
from gradlab.ui import running
from gradlab.ui.running import Running

RESULTS = [result(curve(Rule.SIGN, [0.1], [[0, 1, 2, 0]]), planned=4 + n) for n in range(5)]


def test_it_advances_batch_by_batch_where_these_take_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "A_WHILE", 0.0)
    sweep = Running("key", iter(RESULTS))
    for expected in RESULTS:
        assert sweep.advance()
        assert sweep.result is expected
    assert not sweep.advance()
    assert sweep.result is RESULTS[-1]
    assert not sweep.advance(), "it has ended for good"


def test_short_batches_are_taken_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "A_WHILE", 0.05)

    def batches() -> Iterator[SweepResult]:
        while True:
            time.sleep(0.002)
            yield RESULTS[0]
            taken.append(1)

    taken: list[int] = []
    sweep = Running("key", batches())
    assert sweep.advance()
    assert 1 < len(taken) < 40


def test_a_result_that_is_waited_for_is_given_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "A_WHILE", 60.0)
    sweep = Running("key", iter(RESULTS))
    assert sweep.advance(lambda result: result is RESULTS[2])
    assert sweep.result is RESULTS[2]
    assert not sweep.advance()
    assert sweep.result is RESULTS[-1]


def test_two_runs_of_a_page_take_it_one_after_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """A generator that two threads ask at once raises `ValueError: generator already executing`."""
    monkeypatch.setattr(running, "A_WHILE", 0.0)
    inside, go_on = Event(), Event()

    def batches() -> Iterator[SweepResult]:
        for one in RESULTS[:2]:
            inside.set()
            assert go_on.wait(20)
            yield one

    sweep = Running("key", batches())
    first, second = Thread(target=sweep.advance), Thread(target=sweep.advance)
    first.start()
    assert inside.wait(20)
    second.start()
    second.join(0.1)
    assert second.is_alive()
    go_on.set()
    for thread in (first, second):
        thread.join(20)
    assert sweep.result is RESULTS[1]
