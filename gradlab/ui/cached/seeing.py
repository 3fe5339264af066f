"""People's answers, their own thresholds, and the tests that they take."""

import os
from dataclasses import dataclass

import numpy as np
import streamlit as st

from gradlab.experiments.sweep import sweep
from gradlab.networks import find_card
from gradlab.seeing import thresholds
from gradlab.seeing.blind import Deck, prepare
from gradlab.seeing.database import Database, StudyRow, open_database
from gradlab.types import Answers, Estimate, Protocol, Response, SweepResult
from gradlab.ui.cached.devices import device_lock, keep, kept, kept_by_device, model
from gradlab.ui.cached.images import load_few, sample


def answers() -> Database:
    """Where answers are kept: one database for all sessions.

    Raises:
        DatabaseError: when it cannot be opened; the next call tries again.
    """
    return _opened(os.environ.get("GRADLAB_DATABASE", ""))


@st.cache_resource(max_entries=2, show_spinner=False)
def _opened(url: str) -> Database:
    return open_database(url or None)


@dataclass(frozen=True)
class _LastLook:
    """The last look at the answers of a study."""

    code: str


def class_answers(database: Database, row: StudyRow) -> dict[str, tuple[Response, ...]]:
    """The answers of a study: read anew when others joined, answered or left since the last look.

    Only the last look is kept: among several, the counts could match one that still shows deleted people.

    Raises:
        UnknownStudyError: when there is no such study any more.
        DatabaseError: when the database cannot be read.
    """
    counts, look = (row.participants, row.answers), _LastLook(row.code)
    found: tuple[object, dict[str, tuple[Response, ...]]] | None = kept().get(look)
    if found is None or found[0] != counts:
        found = (counts, database.everybody(row.code))
        keep(kept(), look, found, most=8)
    return found[1]


# Half a megabyte for each rule.
@kept_by_device(32, show_spinner="Getting the images ready …")
def deck(protocol: Protocol) -> Deck:
    """A test's images, and where its rules take them.

    Raises:
        BadValueError: when the network has other weights than those with which the test was begun.
    """
    card = find_card(protocol.model, protocol.dataset)
    network, images = model(protocol.model, protocol.dataset), sample(protocol.dataset)
    return prepare(protocol, network, card, images, lock=device_lock())


# Some hundred kilobytes for each rule; on two cores AlexNet takes one second, ResNet-9 three.
@kept_by_device(32, show_spinner="Asking the network about the images shown …")
def shown_sweep(protocol: Protocol) -> SweepResult:
    """What the network says of a test's images at each size that may be asked, rounded as people see them.

    Raises:
        GradlabError: when an image of the test is not in the embedded sample, or the network gives no numbers.
    """
    return sweep(
        model(protocol.model, protocol.dataset), load_few(protocol.dataset, protocol.places, "sample"), protocol.rules,
        protocol.epsilons, labels=protocol.labels, eight_bit=True, ssim=True, compiled=False, lock=device_lock(),
    )  # fmt: skip


def threshold_alone(answers: Answers, span: tuple[float, float]) -> Estimate:
    """What `gradlab.seeing.thresholds.threshold_alone` returns, kept.

    Of a class whose answers come in one by one, most thresholds have not changed since the last look.
    """
    number = None if answers.number is None else answers.number.tobytes()
    columns = (answers.intensity.tobytes(), answers.correct.tobytes(), answers.catch.tobytes(), number)
    return _threshold(columns, answers.guess, span)


@st.cache_resource(max_entries=4096, show_spinner=False)
def _threshold(columns: tuple[bytes, bytes, bytes, bytes | None], guess: float, span: tuple[float, float]) -> Estimate:
    intensity = np.frombuffer(columns[0], np.float64)
    correct, catch = (np.frombuffer(column, np.bool_) for column in columns[1:3])
    number = None if columns[3] is None else np.frombuffer(columns[3], np.int64)
    return thresholds.threshold_alone(Answers(intensity, correct, catch, guess, number), span)
