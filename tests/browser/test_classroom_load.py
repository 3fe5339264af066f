"""A whole class at once against the app as it is served; and the app killed in the middle of it.

What is measured stands in the log, in place of a bound: machines are noisy.
"""

import asyncio
import os
import random
import signal
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from driving import PATIENCE, ROOT, begin_serving, end_serving, free_port, wait_for_server
from visiting import Visitor
from websockets.exceptions import ConnectionClosed

import gradlab
from gradlab.networks import find_card
from gradlab.seeing.blind import Wish, draw_protocol
from gradlab.seeing.database import Database, open_database
from gradlab.types import Protocol, SeeingStudy

# No browser, but as those: how long an answer takes is written down.
pytestmark = [pytest.mark.browser, pytest.mark.slow]
BACKENDS = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]
PEOPLE, TRIALS = 40, 8
ARRIVING = 0.1  # seconds from one to the next of a class who opens the link, on average
PAUSE = (1.0, 2.0)  # seconds from seeing a trial to answering it: a quick person


@pytest.fixture(scope="module")
def protocol() -> Protocol:
    network, card = gradlab.load_model("alexnet", "cifar10", device="cpu"), find_card("alexnet", "cifar10")
    images = gradlab.load_batch("cifar10", limit=2000, source="sample")
    return draw_protocol(network, card, images, Wish(trials=10, width=128), seed=3)


@pytest.fixture(params=BACKENDS)
def database(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Database, str]]:
    """The app's, opened beside it; and what kind it is."""
    url = f"sqlite:///{tmp_path}/answers.sqlite"
    if request.param != "sqlite":
        url = str(request.getfixturevalue("postgres").new_database())
    monkeypatch.setenv("GRADLAB_DATABASE", url)
    opened = open_database(url)
    yield opened, request.param
    opened.close()


@contextmanager
def serving(folder: Path, port: int) -> Iterator[None]:
    """The app; of what its log says about connections that were dropped, nothing may come from our code."""
    server = begin_serving(folder, port)
    try:
        wait_for_server(port, server)
        yield
    finally:
        end_serving(server)
    text = (folder / "log").read_text()
    assert f"{ROOT}/gradlab" not in text, text


@dataclass
class Student:
    """What one of a class does, and what they know for sure.

    Attributes:
        visitor: their browser.
        chance: what they choose, and when.
        others: how many are in the class.
        sent: for each trial, all answers that they gave to it: more than one where a connection was lost.
        known: the trials whose answer was acknowledged by the next trial.
        waits: seconds from an answer to its acknowledgement.
    """

    visitor: Visitor
    chance: random.Random
    others: int
    sent: dict[int, set[int]] = field(default_factory=dict)
    known: set[int] = field(default_factory=set)
    waits: list[float] = field(default_factory=list)

    @property
    def key(self) -> str:
        return self.visitor.query.removeprefix("test=")

    async def join(self) -> None:
        await asyncio.sleep(self.chance.uniform(0, ARRIVING * self.others))
        await self.visitor.open()
        await self.visitor.press("Begin", times=self.chance.choice([1, 1, 1, 2]))
        await self.visitor.until(lambda: self.visitor.number == 0 and self.visitor.query.startswith("test="))

    async def answer(self, twice: bool = False) -> None:
        number, chosen = self._chosen()
        await asyncio.sleep(self.chance.uniform(*PAUSE))
        self.waits.append(await self.visitor.acknowledged(chosen, times=2 if twice else 1))
        self.known.add(number)

    def _chosen(self) -> tuple[int, int]:
        number, chosen = self.visitor.number, self.chance.randrange(2)
        assert number is not None
        self.sent.setdefault(number, set()).add(chosen)
        return number, chosen

    async def lose_connection(self) -> None:
        """An answer is on its way when the connection breaks; their link leads back to the test."""
        await self.visitor.answer(self._chosen()[1])
        await self.visitor.leave()
        await self.visitor.open()

    async def take(self, trials: int) -> None:
        """Answer until so many trials are answered; they join before the first."""
        if not self.sent:
            await self.join()
        breaks = self.chance.randrange(1, TRIALS - 1) if self.chance.random() < 0.25 else None
        while (number := self.visitor.number) is not None and number < trials:
            if number == breaks:
                breaks = None
                await self.lose_connection()
            else:
                await self.answer(twice=self.chance.random() < 0.25)

    def check(self, database: Database) -> int:
        """None lost, none doubled, each as it was given; how many answers there are."""
        rows = database.responses(self.key)
        assert [row.number for row in rows] == list(range(len(rows)))
        assert self.known <= set(range(len(rows))), "an acknowledged answer is lost"
        for row in rows:
            assert row.chosen in self.sent[row.number]
        return len(rows)


def class_of(address: str, study: SeeingStudy, people: int) -> list[Student]:
    return [Student(Visitor(address, f"study={study.code}"), random.Random(seed), people) for seed in range(people)]


def run(lesson: Coroutine[Any, Any, Any]) -> Any:
    """In a thread of its own, for a browser that was driven before has an event loop in this one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, lesson).result()


def share(waits: list[float], part: float) -> float:
    return sorted(waits)[min(len(waits) - 1, int(part * len(waits)))]


@pytest.fixture
def timings_of_answers(timings: dict[str, float]) -> Any:
    def write(kind: str, waits: list[float]) -> None:
        for name, part in (("median", 0.5), ("95th percentile", 0.95), ("longest", 1.0)):
            timings[f"{len(waits)} answers of {PEOPLE}, {kind}, {name}"] = share(waits, part)

    return write


def test_forty_at_once_lose_and_double_nothing(
    tmp_path: Path, database: tuple[Database, str], protocol: Protocol, timings_of_answers: Any
) -> None:
    answers, kind = database
    study = answers.open_study(protocol)

    async def lesson(address: str) -> tuple[Visitor, list[Student]]:
        teacher, students = Visitor(address, f"teach={study.owner}"), class_of(address, study, PEOPLE)
        await teacher.open()
        # The curve has time to grow however slow the machine is: after every second trial all wait for it.
        for trials in range(2, TRIALS + 1, 2):
            drawn = teacher.charts
            await asyncio.gather(*(student.take(trials) for student in students))
            await teacher.until(lambda drawn=drawn: teacher.charts > drawn)
        await teacher.until(lambda: teacher.metrics.get("joined") == str(PEOPLE))
        for visitor in (teacher, *(student.visitor for student in students)):
            await visitor.leave()
        return teacher, students

    with serving(tmp_path, port := free_port()):
        teacher, students = run(lesson(f"http://127.0.0.1:{port}"))
    assert teacher.looks > 5
    assert teacher.charts > 3, "the curve of all has grown meanwhile"
    assert len({student.key for student in students}) == PEOPLE
    people = answers.everybody(study.code)
    assert set(people) == {student.key for student in students}, "Begin pressed twice is one participant"
    counts = [student.check(answers) for student in students]
    assert min(counts) >= TRIALS
    assert answers.counted(study.code).answers == sum(counts)
    timings_of_answers(kind, [wait for student in students for wait in student.waits])


def test_a_killed_server_keeps_what_was_acknowledged(
    tmp_path: Path, database: tuple[Database, str], protocol: Protocol
) -> None:
    answers, _ = database
    study, port = answers.open_study(protocol), free_port()
    address = f"http://127.0.0.1:{port}"
    students = class_of(address, study, 6)

    async def until_killed(server: Any) -> None:
        await asyncio.gather(*(student.join() for student in students))
        working = [asyncio.create_task(endless(student)) for student in students]
        while sum(len(student.known) for student in students) < 3 * len(students):
            await asyncio.sleep(0.01)
        os.kill(server.pid, signal.SIGKILL)
        ended = await asyncio.gather(*working, return_exceptions=True)
        assert all(isinstance(error, (AssertionError, ConnectionClosed)) for error in ended), "all were cut off"
        for student in students:
            await student.visitor.leave()

    async def endless(student: Student) -> None:
        while True:
            number, chosen = student._chosen()
            await asyncio.sleep(student.chance.uniform(0.3, 0.6))
            student.waits.append(await student.visitor.acknowledged(chosen))
            student.known.add(number)

    async def afterwards() -> None:
        for student in students:
            kept = student.check(answers)
            assert kept - len(student.known) in (0, 1), "one more may have been kept than was said"
            await student.visitor.open()
            assert student.visitor.number == kept
            await student.answer()
            assert student.check(answers) == kept + 1
            await student.visitor.leave()

    server = begin_serving(tmp_path, port)
    wait_for_server(port, server)
    run(until_killed(server))
    assert server.wait(PATIENCE / 1000) == -signal.SIGKILL
    with serving(tmp_path, port):
        run(afterwards())
