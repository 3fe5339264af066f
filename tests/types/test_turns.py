"""The fair lock: in the order of asking, never lost, and who gave up is not waited for."""

import ctypes
import time
from collections.abc import Callable
from itertools import pairwise
from threading import Event, Thread

import pytest

from gradlab.types.turns import Turns

PATIENCE = 3600.0  # seconds: longer than any test may take


def wait_until(true: Callable[[], bool]) -> None:
    """However long that takes: what waits in vain is ended by the limit for every test."""
    while not true():
        time.sleep(0.001)


def begun(*tasks: Callable[[], None]) -> list[Thread]:
    threads = [Thread(target=task, daemon=True) for task in tasks]
    for thread in threads:
        thread.start()
    return threads


def ended(threads: list[Thread]) -> None:
    for thread in threads:
        thread.join()


def test_it_is_free_again_after_use_and_after_an_error() -> None:
    turns = Turns()
    for _ in range(2):
        with pytest.raises(RuntimeError, match="inside"), turns:
            raise RuntimeError("inside")
    with turns:
        assert turns.waiting == 0


def test_only_one_is_in_it_at_a_time() -> None:
    turns, inside, most = Turns(), [0], [0]

    def work() -> None:
        for _ in range(200):
            with turns:
                inside[0] += 1
                most[0] = max(most[0], inside[0])
                time.sleep(0)
                inside[0] -= 1

    ended(begun(*[work] * 8))
    assert (most[0], inside[0], turns.waiting) == (1, 0, 0)


def test_it_is_given_in_the_order_of_asking() -> None:
    turns, order = Turns(), list[int]()

    def take(name: int) -> Callable[[], None]:
        def work() -> None:
            with turns:
                order.append(name)

        return work

    threads = []
    with turns:
        for name in range(6):
            threads += begun(take(name))
            wait_until(lambda due=name + 1: turns.waiting == due)
        assert order == []
    ended(threads)
    assert order == [0, 1, 2, 3, 4, 5]


def test_two_who_ask_again_and_again_alternate() -> None:
    """A plain lock fails this: who gives it back and asks again at once has it again."""
    turns, order, times = Turns(), list[str](), 50

    def chunks(name: str, other: str) -> Callable[[], None]:
        def work() -> None:
            for _ in range(times):
                with turns:
                    order.append(name)
                    wait_until(lambda: turns.waiting == 1 or order.count(other) == times)

        return work

    with turns:
        threads = begun(chunks("a", "b"), chunks("b", "a"))
        wait_until(lambda: turns.waiting == 2)
    ended(threads)
    assert sorted(order) == ["a"] * times + ["b"] * times
    assert all(one != other for one, other in pairwise(order))


def test_one_who_is_stopped_while_waiting_leaves_the_queue() -> None:
    turns, reached = Turns(), list[str]()

    class Stopped(BaseException):
        pass

    def doomed() -> None:
        try:
            with turns:
                reached.append("doomed")
        except Stopped:
            reached.append("stopped")

    def patient() -> None:
        with turns:
            reached.append("patient")

    with turns:
        first = begun(doomed)
        wait_until(lambda: turns.waiting == 1)
        second = begun(patient)
        wait_until(lambda: turns.waiting == 2)
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(first[0].ident or 0), ctypes.py_object(Stopped))
        ended(first)
        assert (reached, turns.waiting) == (["stopped"], 1)
    ended(second)
    assert reached == ["stopped", "patient"]
    with turns:
        pass


def test_one_who_is_stopped_just_as_the_turn_comes_hands_it_on(monkeypatch: pytest.MonkeyPatch) -> None:
    turns = Turns()

    class Stubborn(Event):
        """Its waiter is called, and stopped before it has noticed."""

        def wait(self, timeout: float | None = None) -> bool:
            turns.__exit__(None, None, None)
            assert self.is_set()
            raise KeyboardInterrupt

    turns.__enter__()
    monkeypatch.setattr("gradlab.types.turns.Event", Stubborn)
    with pytest.raises(KeyboardInterrupt):
        turns.__enter__()
    ended(begun(turns.__enter__))


# With patience, and room for a few


def test_turns_go_to_those_who_came_first() -> None:
    turns, order = Turns(1), []
    assert turns.take(0)

    def queue(name: int) -> None:
        assert turns.take(PATIENCE)
        order.append(name)
        turns.leave()

    threads = [Thread(target=queue, args=(name,)) for name in range(6)]
    for count, thread in enumerate(threads, start=1):
        thread.start()
        wait_until(lambda due=count: turns.waiting == due)
    turns.leave()
    for thread in threads:
        thread.join()
    assert order == list(range(6))
    assert turns.take(0)


def test_who_leaves_does_not_get_in_before_those_who_wait() -> None:
    turns = Turns(1)
    assert turns.take(0)
    other = Thread(target=turns.take, args=(PATIENCE,))
    other.start()
    wait_until(lambda: turns.waiting == 1)
    turns.leave()
    assert not turns.take(0)  # it is the other's
    other.join()


def test_who_gives_up_is_passed_over() -> None:
    turns = Turns(2)
    assert [turns.take(0.001) for _ in range(3)] == [True, True, False]
    turns.leave()
    assert [turns.take(0.001) for _ in range(2)] == [True, False]
