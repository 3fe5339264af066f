"""People's answers, and the tests that they take."""

import os
from dataclasses import dataclass
from typing import ClassVar

import streamlit as st

from gradlab.experiments.sweep import sweep
from gradlab.networks import find_card
from gradlab.seeing.blind import Deck, prepare
from gradlab.seeing.database import Database, StudyRow, open_database
from gradlab.types import Protocol, Response, SweepResult
from gradlab.ui.cached.devices import device_lock, kept, kept_by_device
from gradlab.ui.cached.inputs import load_few, model, sample


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
    """At the answers of a study, by its code."""

    code: str
    most: ClassVar[int] = 8


def class_answers(database: Database, row: StudyRow) -> dict[str, tuple[Response, ...]]:
    """The answers of a study: read anew when others joined, answered or left since the last look.

    Only the last look is kept: were earlier ones, too, the counts could come back to one that shows who is deleted.

    Raises:
        UnknownStudyError: when there is no such study any more.
        DatabaseError: when the database cannot be read.
    """
    counts, look = (row.participants, row.answers), _LastLook(row.code)
    found: tuple[object, dict[str, tuple[Response, ...]]] | None = kept().recall(look)
    if found is None or found[0] != counts:
        found = (counts, database.everybody(row.code))
        kept().keep(look, found)
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
    """What the network makes of the images of a test, at each size that may be asked, as people see them: rounded.

    Raises:
        GradlabError: when an image of the test is not in the embedded sample, or the network gives no numbers.
    """
    return sweep(
        model(protocol.model, protocol.dataset), load_few(protocol.dataset, protocol.places, "sample"), protocol.rules,
        protocol.epsilons, labels=protocol.labels, eight_bit=True, ssim=True, compiled=False, lock=device_lock(),
    )  # fmt: skip
