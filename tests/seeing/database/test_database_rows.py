"""A protocol is kept as JSON and comes back exactly, or it is said why not."""

from dataclasses import fields, replace

import numpy as np
import pytest
from making import PROTOCOL
from sqlalchemy import text

from gradlab.errors import BadValueError, DatabaseError
from gradlab.seeing.database import Database
from gradlab.seeing.database.rows import VERSION, from_json, to_json
from gradlab.types import LabelSource, Scale


@pytest.mark.parametrize(
    "changes",
    [
        {"dataset": "svhn"}, {"model": "rés\u2028net"}, {"weights": "cd" * 32}, {"labels": LabelSource.PREDICTED},
        {"labels": LabelSource.parse("target:maple tree")}, {"descend": True}, {"method": "abx"}, {"trials": 7},
        {"scales": (Scale("l2", (5e-324, 0.1 + 0.2, np.nextafter(1, 2).item(), 1.7976931348623157e308), 1.8e307),)},
        {"catch_every": 0}, {"places": ()}, {"places": tuple(range(2000))}, {"width": 1}, {"smooth": True},
        {"seconds": 1 / 3}, {"looked": 512, "alike": 47}, {"alike": 0},
    ],
)  # fmt: skip
def test_a_protocol_comes_back_exactly(changes: dict[str, object]) -> None:
    protocol = replace(PROTOCOL, **changes)
    back = from_json(to_json(protocol), "ABCDE")
    assert back == protocol
    assert repr(back) == repr(protocol)  # types as well, and zeros with their sign


def test_a_protocol_of_the_first_version_is_still_read() -> None:
    # As gradlab wrote it before it kept how many images are changed alike.
    old = (
        '{"version": 1, "dataset": "cifar10", "model": "alexnet", "weights": "abab", "labels": "true", '
        '"descend": false, "scales": [{"name": "raw", "levels": [0.1, 0.30000000000000004], "catch": 1.5}], "method": '
        '"2ifc", '
        '"trials": 40, "catch_every": 8, "places": [5, 0, 9999], "width": 320, "smooth": false, "seconds": null}'
    )
    protocol = from_json(old, "ABCDE")
    assert (protocol.looked, protocol.alike, protocol.places) == (None, None, (5, 0, 9999))
    assert from_json(to_json(protocol), "ABCDE") == protocol


def test_each_field_of_a_protocol_is_tried_above() -> None:
    mark = next(mark for mark in test_a_protocol_comes_back_exactly.pytestmark if mark.name == "parametrize")
    assert {name for changes in mark.args[1] for name in changes} == {field.name for field in fields(PROTOCOL)}


def test_a_protocol_without_sense_is_not_kept(database: Database) -> None:
    with pytest.raises(BadValueError, match="finite"):
        database.open_study(replace(PROTOCOL, seconds=float("nan")))
    assert database.studies() == ()


@pytest.mark.parametrize(
    ("stored", "words"),
    [
        (to_json(PROTOCOL).replace(f'"version": {VERSION}', '"version": 3'), "expected version 2 .* got 3, of a newer"),
        (to_json(PROTOCOL).replace(f'"version": {VERSION}', '"version": "one"'), ".* got 'one', of another"),
        (to_json(PROTOCOL)[:-9], "expected a protocol, got"),
        (to_json(PROTOCOL).replace('"width"', '"height"'), "expected a protocol, got"),
        (to_json(PROTOCOL).replace('"labels": "true"', '"labels": "yes"'), "expected a protocol, got"),
        ("[]", "expected a protocol, got"),
        ("null", "expected a protocol, got"),
        ("{}", "expected a protocol, got"),
    ],
)
def test_a_protocol_that_cannot_be_read(stored: str, words: str, database: Database) -> None:
    code = database.open_study(PROTOCOL).code
    with database.engine.connect().execution_options(writes=True) as connection, connection.begin():
        connection.execute(text("UPDATE studies SET protocol = :stored"), {"stored": stored})
    with pytest.raises(DatabaseError, match=f"study {code}: {words}"):
        database.study(code)
    assert [row.code for row in database.studies()] == [code]
    database.delete_study(code)
