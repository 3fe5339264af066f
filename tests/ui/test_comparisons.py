"""Sweeps in step with each other, and transfers that are kept."""

from collections.abc import Iterator

import numpy as np
import pytest

import gradlab
from gradlab.experiments.transfer import transfer
from gradlab.types import LabelSource, Rule
from gradlab.ui import cached, comparisons
from gradlab.ui.cached import SweepKey, shelves
from gradlab.ui.comparisons import TransferKey

MODELS = ("alexnet", "alexnet-paper")
TRANSFER: TransferKey = ("cifar10", MODELS, Rule.RAW, -0.1, 100, LabelSource.PREDICTED)


@pytest.fixture(autouse=True)
def _nothing_is_kept() -> Iterator[None]:
    shelves._shelf.clear()
    yield
    shelves._shelf.clear()


def key(model: str) -> SweepKey:
    return "cifar10", model, (Rule.SIGN,), 100, LabelSource.PREDICTED, False


def test_what_is_done_of_two_sweeps_is_of_the_same_images() -> None:
    keys = [key(model) for model in MODELS]
    assert comparisons.finished_sweeps(keys) is None
    seen = 0
    for results in comparisons.begin_sweeps(keys):
        first, second = results
        assert (first.model, second.model) == MODELS
        np.testing.assert_array_equal(first.indices, second.indices)
        seen += 1
    assert seen == -(-100 // cached.batch_size((Rule.SIGN,), rounded=False))
    assert comparisons.finished_sweeps(keys) == results


def test_a_sweep_that_is_finished_is_not_computed_again(monkeypatch: pytest.MonkeyPatch) -> None:
    keys = [key(model) for model in MODELS]
    *_, done = cached.begin_sweep(keys[0])
    begin, begun = cached.begin_sweep, []
    monkeypatch.setattr(cached, "begin_sweep", lambda key: begun.append(key) or begin(key))
    for results in comparisons.begin_sweeps(keys):
        assert results[0] is done
    assert begun == [keys[1]]
    assert results[1].complete


def test_streams_of_different_lengths_all_come_to_their_end() -> None:
    """As when memory ran out in one of them, and its batches became smaller."""
    streams = [iter(["a1", "a2"]), iter(["b1", "b2", "b3"]), iter(["c"])]
    assert [*comparisons._together(streams)] == [("a1", "b1", "c"), ("a2", "b2", "c"), ("a2", "b3", "c")]


def test_a_transfer_is_kept_once_it_is_complete() -> None:
    assert comparisons.finished_transfer(TRANSFER) is None
    stream = comparisons.begin_transfer(TRANSFER)
    assert not next(stream).complete
    assert comparisons.finished_transfer(TRANSFER) is None
    *_, last = stream
    assert comparisons.finished_transfer(TRANSFER) is last
    models = {name: gradlab.load_model(name, "cifar10") for name in MODELS}
    own = transfer(models, gradlab.load_batch("cifar10", limit=100), "raw", -0.1, labels="predicted")
    np.testing.assert_array_equal(last.predictions, own.predictions)


def test_only_so_many_transfers_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(shelves._KEPT, "transfers", 1)
    other = (*TRANSFER[:3], 0.0, *TRANSFER[4:])
    for wanted in (TRANSFER, other):
        for _ in comparisons.begin_transfer(wanted):
            pass
    assert comparisons.finished_transfer(TRANSFER) is None
    assert comparisons.finished_transfer(other) is not None


def test_the_distance_of_a_step_is_kept_for_both_directions() -> None:
    place = int(cached.sample("cifar10").indices[3])
    up, down = cached.equal_l2("cifar10", "alexnet", place, Rule.RAW, 0.5, LabelSource.TRUE)
    for epsilon in (up, down):
        seen = cached.exploration("cifar10", "alexnet", place, Rule.RAW, epsilon, LabelSource.TRUE)
        assert seen.perturbed.measures["l2"] == pytest.approx(0.5, rel=1e-4)
    assert down < 0 < up
