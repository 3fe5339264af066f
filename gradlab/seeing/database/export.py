"""The answers of a study as a table for other programs."""

import csv
import io
from collections.abc import Iterable

from gradlab.types import Protocol, Response

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
