"""Whoever came first writes next, and who waits too long is refused."""

import pytest
from making import PROTOCOL, answer

from gradlab.errors import DatabaseError
from gradlab.seeing.database import open_database


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
