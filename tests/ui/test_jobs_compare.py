"""Sweeps in step with each other, and transfers that are kept."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

import gradlab
from gradlab.experiments.transfer import transfer
from gradlab.types import LabelSource, Rule
from gradlab.ui import cached
from gradlab.ui.cached import devices
from gradlab.ui.jobs.compare import TogetherJob, TransferJob, _together
from gradlab.ui.jobs.job import begun, finished
from gradlab.ui.jobs.sweep import SweepJob, batch_size

MODELS = ("alexnet", "alexnet-paper")
TRANSFER = TransferJob("cifar10", MODELS, Rule.RAW, -0.1, 100, LabelSource.PREDICTED)


@pytest.fixture(autouse=True)
def _nothing_is_kept() -> Iterator[None]:
    devices._kept.clear()
    yield
    devices._kept.clear()


def sweep(model: str) -> SweepJob:
    return SweepJob("cifar10", model, (Rule.SIGN,), 100, LabelSource.PREDICTED)


def test_what_is_done_of_two_sweeps_is_of_the_same_images() -> None:
    job = TogetherJob(tuple(map(sweep, MODELS)))
    assert finished(job) is None
    seen = 0
    for step in begun(job):
        assert step.result is not None
        first, second = step.result
        assert step.text == f"{first.done} of 100 images"
        assert (first.model, second.model) == MODELS
        np.testing.assert_array_equal(first.indices, second.indices)
        seen += 1
    assert seen == -(-100 // batch_size("cifar10", (Rule.SIGN,), rounded=False))
    assert finished(job) == step.result


def test_a_sweep_that_is_finished_is_not_computed_again(monkeypatch: pytest.MonkeyPatch) -> None:
    job = TogetherJob(tuple(map(sweep, MODELS)))
    *_, done = begun(job.sweeps[0])
    begin, started = SweepJob.begin, []
    monkeypatch.setattr(SweepJob, "begin", lambda self: started.append(self) or begin(self))
    for step in begun(job):
        assert step.result
        assert step.result[0] is done.result
    assert started == [job.sweeps[1]]
    assert step.result
    assert step.result[1].complete


def test_streams_of_different_lengths_all_come_to_their_end() -> None:
    """As when memory ran out in one of them, and its batches became smaller."""
    streams = [iter(["a1", "a2"]), iter(["b1", "b2", "b3"]), iter(["c"])]
    assert [*_together(streams)] == [("a1", "b1", "c"), ("a2", "b2", "c"), ("a2", "b3", "c")]


def test_a_transfer_is_kept_once_it_is_complete() -> None:
    assert finished(TRANSFER) is None
    stream = begun(TRANSFER)
    assert next(stream).share < 1
    assert finished(TRANSFER) is None
    *_, step = stream
    last = finished(TRANSFER)
    assert last is not None
    assert last is step.result
    models = {name: gradlab.load_model(name, "cifar10") for name in MODELS}
    own = transfer(models, gradlab.load_batch("cifar10", limit=100), "raw", -0.1, labels="predicted")
    np.testing.assert_array_equal(last.predictions, own.predictions)


def test_only_so_many_transfers_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(TransferJob, "most", 1)
    other = replace(TRANSFER, epsilon=0.0)
    for wanted in (TRANSFER, other):
        for _ in begun(wanted):
            pass
    assert finished(TRANSFER) is None
    assert finished(other) is not None


def test_the_distance_of_a_step_is_kept_for_both_directions() -> None:
    place = int(cached.sample("cifar10").indices[3])
    up, down = cached.equal_l2("cifar10", "alexnet", place, Rule.RAW, 0.5, LabelSource.TRUE)
    for epsilon in (up, down):
        seen = cached.exploration("cifar10", "alexnet", place, Rule.RAW, epsilon, LabelSource.TRUE)
        assert seen.perturbed.measures["l2"] == pytest.approx(0.5, rel=1e-4)
    assert down < 0 < up
