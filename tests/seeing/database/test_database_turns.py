"""Whoever came first is next, and who gave up is not waited for."""

import threading
import time

import pytest
from making import PROTOCOL, answer

from gradlab.errors import DatabaseError
from gradlab.seeing.database import open_database
from gradlab.seeing.database.turns import Turns


def waiting(turns: Turns, count: int) -> None:
    """Until so many wait."""
    while len(turns._waiting) != count:
        time.sleep(0.001)


def test_turns_go_to_those_who_came_first() -> None:
    turns, order = Turns(1), []
    assert turns.take(0)

    def queue(name: int) -> None:
        assert turns.take(60)
        order.append(name)
        turns.leave()

    threads = [threading.Thread(target=queue, args=(name,)) for name in range(6)]
    for count, thread in enumerate(threads, start=1):
        thread.start()
        waiting(turns, count)
    turns.leave()
    for thread in threads:
        thread.join(60)
    assert order == list(range(6))
    assert turns.take(0)


def test_who_leaves_does_not_get_in_before_those_who_wait() -> None:
    turns = Turns(1)
    assert turns.take(0)
    other = threading.Thread(target=turns.take, args=(60,))
    other.start()
    waiting(turns, 1)
    turns.leave()
    assert not turns.take(0)  # it is the other's
    other.join(60)


def test_who_gives_up_is_passed_over() -> None:
    turns = Turns(2)
    assert [turns.take(0.001) for _ in range(3)] == [True, True, False]
    turns.leave()
    assert [turns.take(0.001) for _ in range(2)] == [True, False]


def test_when_its_turn_does_not_come_an_answer_is_refused(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = open_database(f"sqlite:///{tmp_path_factory.mktemp('database')}/answers.sqlite")
    key = database.join(database.open_study(PROTOCOL).code).key
    monkeypatch.setattr("gradlab.seeing.database.transactions.PATIENCE", 0.01)
    assert database.turns.take(0)
    with pytest.raises(DatabaseError, match="is locked"):
        database.give(key, answer(0))
    assert database.responses(key) == ()  # who reads doesn't wait
    database.turns.leave()
    assert database.give(key, answer(0)) == answer(0)
    database.close()
