"""What a row stands for: names drawn at random, a protocol as JSON, an answer; and answers as CSV."""

import csv
import io
import json
import math
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any

from gradlab.errors import BadValueError, DatabaseError, GradlabError
from gradlab.seeing.database.tables import ANSWERS
from gradlab.types import LabelSource, Protocol, Response, Rule, Scale, SeeingStudy

VERSION = 2  # of the protocol
_READ = (1, VERSION)  # of the first, `looked` and `alike` are not known
# Nothing that is mistaken for another when it is read from a projector (0 O Q, 1 I L, 2 Z, 5 S, 8 B, U V), and no other
# vowels, so that no code is a word.
ALPHABET = "CDFGHJKMNPRTVWXY34679"
LENGTH = 5
RESPONSE = [ANSWERS.c[field.name] for field in fields(Response)]
COLUMNS = {
    "study": "its code",
    "dataset": "whose test split the images are of",
    "model": "whose gradient was taken",
    "labels": "for which label",
    "method": "2ifc or abx",
    "participant": "a random number of the person, the same in each row of theirs",
    "number": "of the trial, from 0",
    "rule": "what changed the image",
    "intensity": "the size of the step, in the rule's unit",
    "catch": "1 for a catch trial, which anybody sees, else 0",
    "place": "of the image in the test split",
    "epsilon": "the step, signed",
    "right": "the place of the right answer, 0 or 1",
    "chosen": "the place that the person chose, 0 or 1",
    "correct": "1 where they are the same, else 0",
    "seconds": "from when the images could be seen to the answer",
    "l2": "distance of the changed image to the clean one, on [0, 1], after rounding to 8 bits",
    "psnr": "likewise, in dB; empty where nothing changed",
    "ssim": "likewise",
}
_OF_RESPONSE = tuple(COLUMNS)[6:]


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


def new_code() -> str:
    """A code for a study, one of some four million."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def tidy(code: str) -> str:
    """A code as it is kept, however it was typed: without blanks, in capitals."""
    return "".join(code.split()).upper()


def new_key() -> str:
    """A key, as of a person: 128 random bits, as 32 hexadecimal digits, which no command line takes for an option."""
    return secrets.token_hex(16)


def new_seed() -> int:
    """A seed from 0 to 2³² − 1."""
    return secrets.randbits(32)


def new_number() -> int:
    """The number that stands for a person in an export; it does not tell who came first."""
    return 100_000 + secrets.randbelow(900_000)


def to_json(protocol: Protocol) -> str:
    """A JSON object: the version, then each field under its name.

    Raises:
        BadValueError: for numbers that are NaN or infinite.
    """
    content = {"version": VERSION} | asdict(protocol) | {"labels": str(protocol.labels)}
    try:
        return json.dumps(content, allow_nan=False)
    except ValueError:
        raise BadValueError("expected a protocol of finite numbers, got NaN or an infinite one") from None


def from_json(text: str, code: str) -> Protocol:
    """Read what `to_json` wrote.

    Args:
        text: the JSON.
        code: of the study, for the message.

    Raises:
        DatabaseError: for another version, or anything that is not a protocol.
    """
    try:
        content: dict[str, Any] = json.loads(text)
        version = content.pop("version")
        if version in _READ:
            return _protocol(content)
    except (AttributeError, KeyError, TypeError, ValueError, GradlabError):
        raise DatabaseError(f"study {code}: expected a protocol, got {text!r:.40}; delete the study") from None
    age = "a newer" if isinstance(version, int) and version > VERSION else "another"
    got = f"got {version!r:.20}, of {age} gradlab"
    raise DatabaseError(f"study {code}: expected version {VERSION} of the protocol, {got}; update gradlab")


def _protocol(content: dict[str, Any]) -> Protocol:
    scales = tuple(Scale(**scale | {"levels": tuple(scale["levels"])}) for scale in content["scales"])
    labels = LabelSource.parse(content["labels"])
    return Protocol(**content | {"scales": scales, "labels": labels, "places": tuple(content["places"])})


def to_study(row: Any, owner: str = "", wall: str = "") -> SeeingStudy:
    """The study of a row.

    Args:
        row: with all columns of the table.
        owner: the teacher's key, told only to the person who has it.
        wall: the projector's key, told only to who has it or the teacher's.

    Raises:
        DatabaseError: as `from_json` does.
    """
    return SeeingStudy(row.code, from_json(row.protocol, row.code), row.opened, row.closed, row.solo, owner, wall)


def to_response(row: Sequence[Any]) -> Response:
    """The answer in the columns `RESPONSE` of a row."""
    values = dict(zip((column.name for column in RESPONSE), row, strict=True))
    return Response(**values | {"rule": Rule(values["rule"])})


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


def to_csv(code: str, protocol: Protocol, answers: Iterable[tuple[int, Response]]) -> str:
    """A header, then a line for each answer; numbers are written in full.

    Args:
        code: of the study.
        protocol: of the study.
        answers: the person's number and the answer.
    """
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(COLUMNS)
    study = (code, protocol.dataset, protocol.model, str(protocol.labels), protocol.method)
    for person, response in answers:
        cells = (getattr(response, name) for name in _OF_RESPONSE)
        writer.writerow([*study, person, *(int(cell) if isinstance(cell, bool) else cell for cell in cells)])
    return file.getvalue()
