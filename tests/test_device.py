"""Devices: chosen, refused, named."""

import platform

import pytest
import torch
from torch import nn

from gradlab.device import describe_device, device_of, resolve_device
from gradlab.errors import BadValueError, UnknownNameError


@pytest.fixture(params=[(0, False), (0, True), (2, False), (2, True)], ids=["none", "mps", "cuda", "both"])
def machine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> tuple[int, bool]:
    """A machine with so many CUDA devices, and with or without Apple's."""
    cards, apple = request.param
    monkeypatch.setattr(torch.cuda, "is_available", lambda: cards > 0)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: cards)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: apple)
    return cards, apple


def test_auto_takes_the_fastest_that_is_there(machine: tuple[int, bool]) -> None:
    cards, apple = machine
    assert resolve_device() == torch.device("cuda" if cards else "mps" if apple else "cpu")


def test_a_device_that_is_there_is_taken_and_any_other_refused(machine: tuple[int, bool]) -> None:
    cards, apple = machine
    here = ["auto", *(["cuda"] if cards else []), *(["mps"] if apple else []), "cpu"]
    there = {"cpu": True, "mps": apple, "cuda": cards > 0, "cuda:0": cards > 0, "cuda:1": cards > 1, "cuda:2": False}
    for name, present in there.items():
        if present:
            assert resolve_device(name) == torch.device(name)
        else:
            message = f"^device {name!r} is not on this machine: expected one of {', '.join(here)}$"
            with pytest.raises(BadValueError, match=message):
                resolve_device(name)


@pytest.mark.parametrize("name", ["", "gpu", "CPU", "cuda:", "cuda:x", "cuda:-1", "cpu:1", "mps:0", "cuda:0:0", "meta"])
def test_an_unknown_device_is_refused(machine: tuple[int, bool], name: str) -> None:
    with pytest.raises(UnknownNameError, match=f"^unknown device {name!r}.*: expected one of auto, cuda, mps, cpu$"):
        resolve_device(name)


def test_a_device_stays_what_it_is() -> None:
    assert resolve_device(torch.device("cpu")) == torch.device("cpu")


def test_a_model_is_where_its_parameters_are() -> None:
    assert device_of(nn.Linear(2, 2, device="meta")) == torch.device("meta")
    assert device_of(nn.ReLU()) == torch.device("cpu")


def test_the_processor_has_a_name_and_threads() -> None:
    said = describe_device("cpu")
    assert said.startswith("CPU (")
    threads = f"{torch.get_num_threads()} thread{'' if torch.get_num_threads() == 1 else 's'}"
    assert said.endswith(f", {threads})")
    assert said != f"CPU (, {threads})"


def test_the_processors_name_where_there_is_no_cpuinfo(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gradlab.device.Path.is_file", lambda path: False)
    monkeypatch.setattr(platform, "processor", lambda: "")
    monkeypatch.setattr(platform, "machine", lambda: "riscv64")
    describe_device.cache_clear()
    assert describe_device("cpu").startswith("CPU (riscv64, ")
    describe_device.cache_clear()


def test_accelerators_have_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda device: f"Card {device}")
    describe_device.cache_clear()
    assert describe_device("cuda:1") == "Card cuda:1"
    assert describe_device("mps") == "Apple GPU"
    describe_device.cache_clear()
