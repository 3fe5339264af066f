"""What runs long: it advances a while at a time, is stopped, goes on, and is kept."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from threading import Event, Thread
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

import gradlab
from gradlab.errors import GradlabError
from gradlab.images.load import load_batch
from gradlab.networks import find_card
from gradlab.seeing.blind import Wish, protocol
from gradlab.steps.epsilon import default_grid
from gradlab.types import LabelSource, Rule
from gradlab.ui import cached
from gradlab.ui.cached import devices
from gradlab.ui.jobs import baseline
from gradlab.ui.jobs import equal as equals
from gradlab.ui.jobs import plane as planes
from gradlab.ui.jobs import sweep as sweeps
from gradlab.ui.jobs.check import CheckJob
from gradlab.ui.jobs.compare import TogetherJob, TransferJob
from gradlab.ui.jobs.equal import EqualJob
from gradlab.ui.jobs.gallery import ChangesJob, GalleryJob, Images
from gradlab.ui.jobs.job import Job, finished
from gradlab.ui.jobs.plane import PlaneJob
from gradlab.ui.jobs.sweep import SweepJob
from gradlab.ui.see.begin import DrawJob
from gradlab.ui.state import Progress, Work, session

STEPS = [Progress(f"{n} of 5", n / 5, n) for n in range(5)]


def test_it_advances_batch_by_batch_where_these_take_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "A_WHILE", 0.0)
    job = Work(iter(STEPS))
    for expected in STEPS:
        assert job.advance()
        assert job.now is expected
    assert not job.advance()
    assert job.now is STEPS[-1]
    assert not job.advance(), "it has ended for good"


def test_short_batches_are_taken_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "A_WHILE", 0.05)
    monkeypatch.setattr(session, "perf_counter", lambda: 0.02 * len(taken))

    def batches() -> Iterator[Progress[int]]:
        while True:
            taken.append(1)
            yield STEPS[0]

    taken: list[int] = []
    job = Work(batches())
    assert job.advance()
    assert len(taken) == 3


def test_a_result_that_is_waited_for_is_given_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "A_WHILE", 60.0)
    steps = [replace(step, at_once=step is STEPS[2]) for step in STEPS]
    job = Work(iter(steps))
    assert job.advance()
    assert job.now is steps[2]
    assert not job.advance()
    assert job.now is steps[-1]


def test_two_runs_of_a_page_take_it_one_after_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """A generator that two threads ask at once raises `ValueError: generator already executing`."""
    monkeypatch.setattr(session, "A_WHILE", 0.0)
    inside, go_on = Event(), Event()

    def batches() -> Iterator[Progress[int]]:
        for one in STEPS[:2]:
            inside.set()
            go_on.wait()
            yield one

    job = Work(batches())
    first, second = Thread(target=job.advance), Thread(target=job.advance)
    first.start()
    inside.wait()
    second.start()
    second.join(0.1)
    assert second.is_alive()
    go_on.set()
    for thread in (first, second):
        thread.join()
    assert job.now is STEPS[1]


def test_what_another_tab_broke_is_no_result(monkeypatch: pytest.MonkeyPatch) -> None:
    def steps() -> Iterator[Progress[int]]:
        yield STEPS[0]
        raise ValueError("out of memory")

    monkeypatch.setattr(session, "A_WHILE", 0.0)
    work = Work(steps())
    assert work.advance()
    with pytest.raises(ValueError, match="out of memory"):
        work.advance()
    with pytest.raises(GradlabError, match="in another tab: try again"):
        work.advance()


# Each job


NAMES = ("sweep", "together", "transfer", "equal", "plane", "gallery", "changes", "baseline", "draw", "check")


def made(name: str) -> Job[Any]:
    """One of each, small, that nobody else has waited for."""
    here, labels = ("cifar10", "alexnet"), LabelSource.PREDICTED
    places = tuple(cached.sample("cifar10").indices[:60].tolist())
    sweep, images = SweepJob(*here, (Rule.L2,), 40, labels), Images(*here, LabelSource.parse("target:frog"), places)
    every: tuple[Job[Any], ...] = (
        sweep,
        TogetherJob((sweep, replace(sweep, model="alexnet-paper"))),
        TransferJob("cifar10", ("alexnet", "alexnet-paper"), Rule.L2, 0.3, 80, labels),
        EqualJob(*here, Rule.L2, 40, labels, 0.7, -1),
        PlaneJob(*here, places[0], Rule.L2, 1.0, labels, 7),
        GalleryJob(images, Rule.L2, 0.3, 1),
        ChangesJob(images, Rule.L2, 0.3),
        baseline.job("cifar10", "alexnet-paper"),
        DrawJob(*here, Wish(rules=(Rule.L2,))),
        CheckJob(*here, find_card("alexnet", "cifar10").sha256),
    )
    return dict(zip(NAMES, every, strict=True))[name]


def page() -> None:
    """Waits for the job of the session, and says so when it is there."""
    import streamlit as st

    from gradlab.ui import state
    from gradlab.ui.jobs.job import finished, watch

    state.begin()
    job = st.session_state["job"]
    found = st.session_state.get("came") or finished(job) or watch(job, anew=False)
    running = state.under_way(job)
    if not (running and running.stopped):
        st.session_state["came"] = found


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Few images, cells and epsilons, in small steps, and a look after each of them."""
    monkeypatch.setattr(session, "A_WHILE", 0.0)
    monkeypatch.setitem(sweeps._PASSES, "cpu", 540)
    monkeypatch.setitem(equals._BATCH, "cpu", 20)
    monkeypatch.setattr(planes, "stream_loss_plane", partial(planes.stream_loss_plane, cells=9, chunk=16))
    monkeypatch.setattr(protocol, "POOL", 100)
    monkeypatch.setattr(baseline, "load_batch", lambda name, limit: load_batch(name, limit=20))
    monkeypatch.setattr(gradlab.experiments.baseline, "default_grid", lambda rule: default_grid(rule)[1::4])
    monkeypatch.setattr(gradlab.experiments.baseline, "ROUNDS", 0)
    devices._kept.clear()
    yield
    devices._kept.clear()


def test_it_waits_while_a_dialog_lies_over_the_page(small: None) -> None:
    """Streamlit hears what is done in a dialog between two runs of the page: a sweep would keep it waiting."""
    app = AppTest.from_function(page, default_timeout=900)
    app.session_state["job"], app.session_state["networking"] = made("transfer"), True
    app.run()
    assert not app.exception
    assert app.session_state["came"] is None
    app.session_state["networking"] = False
    app.run()
    assert app.session_state["came"].done == 80


@pytest.mark.parametrize("name", NAMES)
def test_each_job_shows_how_far_it_is_and_stops_and_goes_on_and_is_kept(
    name: str, small: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    job, begun_jobs, halted = made(name), [], []
    begin, advance = type(job).begin, Work.advance

    def halting(self: Work[Any]) -> bool:
        """Somebody presses Stop after the first step."""
        more = advance(self)
        if not halted:
            halted.append(st.session_state["running"])
            halted[0].stopped = True
            st.rerun()
        return more

    monkeypatch.setattr(Work, "advance", halting)
    monkeypatch.setattr(type(job), "begin", lambda self: begun_jobs.append(self) or begin(self))
    app = AppTest.from_function(page, default_timeout=900)
    app.session_state["job"] = job
    app.run()
    assert not app.exception
    (stopped,) = halted
    assert app.get("progress")[0].proto.text == stopped.work.now.text
    assert app.get("progress")[0].proto.value == int(stopped.work.now.share * 100) < 100
    assert [button.label for button in app.button] == ["Go on"]
    told = stopped.work.now.result is None and job.nothing
    assert [info.value for info in app.info] == ([f"Stopped before {job.nothing}."] if told else [])
    assert finished(job) is None
    app.run()
    assert app.session_state["running"] is stopped, "a rerun loses nothing"
    app.button(key="halt").click().run()
    assert not app.exception
    assert "running" not in app.session_state
    assert app.session_state["came"] is not None
    assert begun_jobs.count(job) == 1, "it went on and did not begin again"
    if name != "draw":  # of which each test has its own
        assert finished(job) is not None
    assert not app.button


# Of two tabs, or of one that is loaded anew


def tab(job: Job[Any]) -> AppTest:
    app = AppTest.from_function(page, default_timeout=900)
    app.session_state["job"] = job
    return app


@pytest.fixture
def begun_jobs(small: None, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Whoever begins a job is listed."""
    found: list[Any] = []
    for kind in {type(made(name)) for name in NAMES}:
        begin = kind.begin
        monkeypatch.setattr(kind, "begin", lambda self, begin=begin: found.append(self) or begin(self))
    return found


@pytest.mark.parametrize("name", NAMES)
def test_another_tab_goes_on_where_this_one_is(
    name: str, begun_jobs: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    job, advance, closed = made(name), Work.advance, []

    def closing(self: Work[Any]) -> bool:
        more = advance(self)
        if not closed:
            closed.append(self)
            st.stop()
        return more

    monkeypatch.setattr(Work, "advance", closing)
    first, second = tab(job), tab(job)
    first.run()
    assert "came" not in first.session_state
    second.run()
    assert not second.exception
    assert second.session_state["came"] is not None
    own = name == "draw"
    assert begun_jobs.count(job) == 1 + own, "a test is drawn for each person anew"
    first.run()
    assert not first.exception
    assert first.session_state["came"] is not None
    assert begun_jobs.count(job) == 1 + own


def test_two_tabs_share_the_work_while_both_wait(begun_jobs: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    job, advance, together = made("sweep"), Work.advance, []
    second = tab(job)

    def opening(self: Work[Any]) -> bool:
        """After the first step of the first tab the second one is opened, and waits until all is there."""
        more = advance(self)
        if not together:
            together.append(self)
            second.run()
        return more

    monkeypatch.setattr(Work, "advance", opening)
    first = tab(job).run()
    assert begun_jobs == [job]
    for app in (first, second):
        assert not app.exception
        assert app.session_state["came"].complete
    assert first.session_state["came"] is second.session_state["came"]


def test_after_an_error_it_is_begun_anew(begun_jobs: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    job, failed = made("sweep"), []
    real = sweeps.stream_sweep

    def failing(*arguments: Any, **options: Any) -> Iterator[Any]:
        for step in real(*arguments, **options):
            if failed:
                yield step
            else:
                failed.append(step)
                raise GradlabError("out of memory")

    monkeypatch.setattr(sweeps, "stream_sweep", failing)
    app = tab(job).run()
    assert app.exception
    assert failed
    app.run()
    assert not app.exception
    assert begun_jobs == [job, job]
    assert app.session_state["came"].complete
