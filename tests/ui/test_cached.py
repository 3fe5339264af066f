"""What the pages ask for: sweeps that share the device, and results that are kept."""

import time
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from threading import Thread, current_thread

import numpy as np
import pytest
import torch
from helpers import counted_calls

import gradlab
from gradlab.steps.epsilon import default_grid
from gradlab.types import LabelSource, Rule
from gradlab.types.turns import Turns
from gradlab.ui import cached
from gradlab.ui.cached import devices, images
from gradlab.ui.jobs import sweep as sweeps
from gradlab.ui.jobs.job import begun, finished
from gradlab.ui.jobs.sweep import SweepJob

MODELS = ("alexnet", "alexnet-paper")
RULES = (Rule.SIGN, Rule.RAW)
A_KEY = SweepJob("cifar10", "of no network", RULES, 1, LabelSource.TRUE)


class Noted(Turns):
    """Turns, and who had them."""

    def __init__(self) -> None:
        super().__init__()
        self.order: list[str] = []

    def __enter__(self) -> None:
        super().__enter__()
        self.order.append(current_thread().name)


@pytest.fixture
def turns(monkeypatch: pytest.MonkeyPatch) -> Iterator[Noted]:
    noted = Noted()
    monkeypatch.setattr(devices, "_lock", lambda device: noted)
    devices._kept.clear()
    yield noted
    devices._kept.clear()


def job(model: str, images: int = 200) -> SweepJob:
    return SweepJob("cifar10", model, RULES, images, LabelSource.PREDICTED)


def test_two_sweeps_alternate_and_one_image_is_soon_served_beside_them(turns: Noted) -> None:
    def sweep(model: str) -> None:
        for step in begun(job(model)):
            assert step.result
            assert step.result.model == model

    def explore(place: int) -> None:
        cached.exploration("cifar10", MODELS[0], place, Rule.L2, 0.123, LabelSource.TRUE)

    for model in MODELS:  # loaded before, for that takes longer than the rest
        cached.model(model, "cifar10")
    place = int(cached.sample("cifar10").indices[7])
    threads = [Thread(target=sweep, args=[model], name=model) for model in MODELS]
    for thread in threads:
        thread.start()
    while len(turns.order) < 6:
        time.sleep(0.001)
    guest = Thread(target=explore, args=[place], name="image")
    with turns:  # until all three ask for a turn
        asked = len(turns.order)
        guest.start()
        while turns.waiting < 3:
            time.sleep(0.001)
    for thread in (*threads, guest):
        thread.join()
    assert turns.order.index("image") <= asked + 2, "the guest had to let others go first who came later"
    together = [name for name in turns.order if name in MODELS]
    together = together[: min(len(together) - together[::-1].index(model) for model in MODELS)]
    changes = sum(one != other for one, other in pairwise(together))
    assert changes > 0.6 * len(together), "they do not take turns"


def test_a_sweep_is_kept_once_it_is_complete(turns: Noted) -> None:
    wanted = job(MODELS[0], images=100)
    assert finished(wanted) is None
    stream = begun(wanted)
    first = next(stream)
    assert first.result
    assert not first.result.complete
    assert finished(wanted) is None
    *_, last = stream
    assert last.result
    assert finished(wanted) is last.result
    assert finished(replace(wanted, ssim=True)) is last.result


def test_only_so_many_sweeps_are_kept(turns: Noted, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SweepJob, "most", 1)
    for model in MODELS:
        for _ in begun(job(model, images=100)):
            pass
    assert finished(job(MODELS[0], images=100)) is None
    assert finished(job(MODELS[1], images=100)) is not None


@pytest.mark.parametrize("rules", [(Rule.SIGN,), RULES, tuple(Rule)])
@pytest.mark.parametrize("rounded", [False, True])
def test_a_batch_is_about_as_much_work_whatever_is_asked_for(rules: tuple[Rule, ...], rounded: bool) -> None:
    size = sweeps.batch_size("cifar10", rules, rounded)
    passes = size * sum(len(default_grid(rule)) for rule in rules) * (1 + rounded)
    assert passes == pytest.approx(sweeps._PASSES["cpu"], rel=0.3)


def test_what_one_device_has_computed_is_not_given_for_another(monkeypatch: pytest.MonkeyPatch) -> None:
    here = ("cifar10", "alexnet", int(cached.sample("cifar10").indices[3]), Rule.L2, 0.321, LabelSource.TRUE)
    cached.keep(cached.kept(), A_KEY, "of the processor", most=1)
    assert cached.kept().get(A_KEY) == "of the processor"
    first, lock = cached.exploration(*here), cached.device_lock()
    assert cached.exploration(*here) is first
    # Another name for the same device, for this machine may have no other.
    monkeypatch.setattr(devices, "device", lambda: torch.device("cpu:0"))
    second = cached.exploration(*here)
    assert second is not first
    np.testing.assert_array_equal(second.perturbed.image, first.perturbed.image)
    assert cached.kept().get(A_KEY) is None
    assert cached.device_lock() is not lock


def test_what_was_begun_on_a_device_is_kept_for_it(turns: Noted, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = job(MODELS[0], images=100)
    stream = begun(wanted)
    next(stream)
    with monkeypatch.context() as patch:
        patch.setattr(devices, "device", lambda: torch.device("cpu:0"))
        *_, last = stream
        assert finished(wanted) is None
    assert finished(wanted) is last.result


@pytest.mark.parametrize("dataset", ["cifar10", "fashion_mnist"])
def test_images_of_the_sample_are_those_that_the_backend_loads(dataset: str) -> None:
    places = cached.sample(dataset).indices[[7, 3, 1999]].tolist()
    ours, loaded = images.from_sample(dataset, places), gradlab.load_batch(dataset, indices=places, source="sample")
    for name in ("images", "labels", "indices"):
        assert torch.equal(getattr(ours, name), getattr(loaded, name))
    for name in ("classes", "dataset", "split", "source", "seed"):
        assert getattr(ours, name) == getattr(loaded, name)


def test_one_image_of_the_sample_is_not_decoded_again(monkeypatch: pytest.MonkeyPatch) -> None:
    place = int(cached.sample("cifar10").indices[11])
    monkeypatch.setattr(images, "load_batch", lambda *_, **__: pytest.fail("read again"))
    images.load_one.clear()
    assert cached.load_one("cifar10", place).source == "sample"
    assert cached.load_one("cifar10", place, "sample").indices.tolist() == [place]


def test_one_gradient_serves_wherever_the_handle_is_let_go() -> None:
    of = ("cifar10", "alexnet", int(cached.sample("cifar10").indices[17]), Rule.RAW, LabelSource.PREDICTED)
    with counted_calls(cached.model("alexnet", "cifar10")) as calls:
        cached.track(*of)
        assert calls.pop("backward") == 1
        calls["backward"] = 0
        seen = [cached.exploration(*of[:4], epsilon, of[4]) for epsilon in (0.0, 0.3, -0.3)]
        assert calls["backward"] == 0
    batch = gradlab.load_batch("cifar10", indices=[of[2]], source="sample")
    alone = gradlab.explore(cached.model("alexnet", "cifar10"), batch, Rule.RAW, 0.3, labels="predicted")
    np.testing.assert_array_equal(seen[1].perturbed.image, alone.perturbed.image)
    np.testing.assert_array_equal(seen[1].perturbed.probabilities, alone.perturbed.probabilities)
    assert seen[1].perturbed.measures == alone.perturbed.measures
