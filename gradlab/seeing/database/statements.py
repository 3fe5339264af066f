"""What is asked of the database, each within a transaction that the caller holds."""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from gradlab.errors import BadValueError, NotAskedError, StudyClosedError, UnknownStudyError
from gradlab.seeing.database.codes import new_code, new_key, new_number, new_seed
from gradlab.seeing.database.protocol import from_json, to_json
from gradlab.seeing.database.tables import ANSWERS, PARTICIPANTS, STUDIES
from gradlab.types import Participant, Protocol, Response, Rule, SeeingStudy


@dataclass(frozen=True)
class StudyRow:
    """A study in a list of them.

    Attributes:
        code: by which people join.
        opened: when, in UTC.
        closed: when, in UTC; None while it is open.
        solo: whether it is one person's own test.
        participants: how many take part.
        answers: how many they gave, all together.
    """

    code: str
    opened: datetime
    closed: datetime | None
    solo: bool
    participants: int
    answers: int


_RESPONSE = [ANSWERS.c[field.name] for field in fields(Response)]
_NOBODY = "expected the key of somebody who takes part, got an unknown one: it never existed, or was deleted"


def open_study(connection: Connection, protocol: Protocol, solo: bool) -> SeeingStudy:
    """A new study; a code that is taken breaks a constraint."""
    study = SeeingStudy(new_code(), protocol, datetime.now(UTC), solo=solo, owner="" if solo else new_key())
    values = {"code": study.code, "protocol": to_json(protocol), "opened": study.opened, "solo": solo}
    connection.execute(insert(STUDIES).values(values | {"owner": study.owner or None}))
    return study


def study(connection: Connection, code: str) -> SeeingStudy:
    """A study by its code."""
    row = _study_row(connection, code)
    return SeeingStudy(row.code, from_json(row.protocol, row.code), row.opened, row.closed, row.solo)


def owned(connection: Connection, owner: str) -> SeeingStudy:
    """A study by the key of who opened it."""
    row = connection.execute(select(STUDIES).where(STUDIES.c.owner == owner)).one_or_none() if owner else None
    if row is None:
        raise UnknownStudyError(
            "expected the key of a study's teacher, got an unknown one: it never existed, or was deleted"
        )
    return replace(study(connection, row.code), owner=owner)


def _study_row(connection: Connection, code: str) -> Any:
    row = connection.execute(select(STUDIES).where(STUDIES.c.code == code)).one_or_none()
    if row is None:
        raise _no_study(code)
    return row


def _no_study(code: str) -> UnknownStudyError:
    return UnknownStudyError(f"no study has the code {code!r:.20}: expected one that exists; check it for a slip")


def studies(connection: Connection, code: str | None = None) -> tuple[StudyRow, ...]:
    """All studies, or the one of a code; the newest first, each with how many take part and how many answers."""
    people = select(func.count()).where(PARTICIPANTS.c.study == STUDIES.c.code).scalar_subquery()
    given = (
        select(func.count())
        .select_from(ANSWERS.join(PARTICIPANTS))
        .where(PARTICIPANTS.c.study == STUDIES.c.code)
        .scalar_subquery()
    )
    columns = (STUDIES.c.code, STUDIES.c.opened, STUDIES.c.closed, STUDIES.c.solo)
    chosen = select(*columns, people, given).order_by(STUDIES.c.opened.desc(), STUDIES.c.code)
    chosen = chosen if code is None else chosen.where(STUDIES.c.code == code)
    return tuple(StudyRow(*row) for row in connection.execute(chosen))


def counted(connection: Connection, code: str) -> StudyRow:
    """One study, in the same way."""
    found = studies(connection, code)
    if not found:
        raise _no_study(code)
    return found[0]


def close_study(connection: Connection, code: str) -> None:
    """Closed it stays at the time when it was closed first."""
    if _study_row(connection, code).closed is None:
        connection.execute(update(STUDIES).where(STUDIES.c.code == code).values(closed=datetime.now(UTC)))


def delete_study(connection: Connection, code: str) -> None:
    """The database deletes what belongs to it along with it."""
    if not connection.execute(delete(STUDIES).where(STUDIES.c.code == code)).rowcount:
        raise _no_study(code)


def join(connection: Connection, code: str) -> Participant:
    """A new person; a number or key that is taken breaks a constraint."""
    row = _study_row(connection, code)
    if row.closed is not None:
        raise _closed(code)
    taken = connection.execute(select(PARTICIPANTS.c.id).where(PARTICIPANTS.c.study == code).limit(1)).first()
    if row.solo and taken is not None:
        raise StudyClosedError(f"study {code} is one person's own: expected a study that others may join")
    person = Participant(new_key(), code, new_seed())
    # The one person of a study of their own is number 0: a second one at the same moment breaks the constraint.
    values = {"key": person.key, "study": code, "number": 0 if row.solo else new_number(), "seed": person.seed}
    connection.execute(insert(PARTICIPANTS).values(values | {"joined": datetime.now(UTC)}))
    return person


def _closed(code: str) -> StudyClosedError:
    return StudyClosedError(f"study {code} is closed: expected one that still takes people and answers")


def participant(connection: Connection, key: str) -> Participant:
    """A person by their key."""
    columns = (PARTICIPANTS.c.key, PARTICIPANTS.c.study, PARTICIPANTS.c.seed)
    row = connection.execute(select(*columns).where(PARTICIPANTS.c.key == key)).one_or_none()
    if row is None:
        raise UnknownStudyError(_NOBODY)
    return Participant(*row)


def delete_participant(connection: Connection, key: str) -> None:
    """With all answers."""
    if not connection.execute(delete(PARTICIPANTS).where(PARTICIPANTS.c.key == key)).rowcount:
        raise UnknownStudyError(_NOBODY)


def responses(connection: Connection, key: str) -> tuple[Response, ...]:
    """One person's answers, by number."""
    participant(connection, key)
    chosen = select(*_RESPONSE).join(PARTICIPANTS).where(PARTICIPANTS.c.key == key).order_by(ANSWERS.c.number)
    return tuple(_response(row) for row in connection.execute(chosen))


def everybody(connection: Connection, code: str, name: str) -> list[tuple[Any, Response | None]]:
    """The column `name` of each person beside each of their answers, by number; None for who gave none yet."""
    _study_row(connection, code)
    person = PARTICIPANTS.c[name]
    chosen = (
        select(person, *_RESPONSE)
        .select_from(PARTICIPANTS.outerjoin(ANSWERS))
        .where(PARTICIPANTS.c.study == code)
        .order_by(PARTICIPANTS.c.number, ANSWERS.c.number)
    )
    return [(row[0], None if row[1] is None else _response(row[1:])) for row in connection.execute(chosen)]


def _response(row: Sequence[Any]) -> Response:
    values = dict(zip((column.name for column in _RESPONSE), row, strict=True))
    return Response(**values | {"rule": Rule(values["rule"])})


def give(connection: Connection, key: str, response: Response) -> Response:
    """The answer that counts for a trial: the first that was given to it."""
    check_response(response)
    # On a server the person's row is held until the end: a second submission of the same answer waits here.
    chosen = select(PARTICIPANTS.c.id, STUDIES.c.code, STUDIES.c.closed).join(STUDIES)
    row = connection.execute(chosen.where(PARTICIPANTS.c.key == key).with_for_update(of=PARTICIPANTS)).one_or_none()
    if row is None:
        raise UnknownStudyError(_NOBODY)
    own = ANSWERS.c.participant == row.id
    kept = connection.execute(select(*_RESPONSE).where(own, ANSWERS.c.number == response.number)).one_or_none()
    if kept is not None:
        return _response(kept)
    if row.closed is not None:
        raise _closed(row.code)
    count = connection.execute(select(func.count()).select_from(ANSWERS).where(own)).scalar_one()
    if response.number != count:
        raise NotAskedError(f"expected the answer to trial {count}, which comes next, got one to {response.number}")
    connection.execute(insert(ANSWERS).values(asdict(response) | {"rule": str(response.rule), "participant": row.id}))
    return response


def check_response(response: Response) -> None:
    """Refuse an answer that could not be kept as it is.

    Raises:
        BadValueError: for numbers that are NaN or infinite, or places other than 0 and 1.
    """
    values = asdict(response).items()
    if wrong := {name: value for name, value in values if isinstance(value, float) and not math.isfinite(value)}:
        raise BadValueError(f"expected finite numbers in an answer, got {wrong}")
    if not {response.right, response.chosen} <= {0, 1}:
        raise BadValueError(f"expected right and chosen as 0 or 1, got {response.right} and {response.chosen}")
