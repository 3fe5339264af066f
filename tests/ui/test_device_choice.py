"""The device in the sidebar: named where there is one, chosen where there are several."""

import pytest
import torch
from apps import captions, link, notices, open_app

from gradlab.device import available_devices, describe_device, resolve_device
from gradlab.ui import cached
from gradlab.ui.controls import sidebar
from gradlab.ui.state import Running, Work


def test_every_device_that_is_listed_is_there_and_the_first_is_the_one_that_is_chosen_for_you() -> None:
    listed = available_devices()
    assert listed[-1] == "cpu"
    assert resolve_device(listed[0]).type == resolve_device("auto").type
    assert len(set(listed)) == len(listed)


def test_all_of_several_cards_are_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    assert available_devices()[:2] == ("cuda:0", "cuda:1")


@pytest.mark.skipif(len(available_devices()) > 1, reason="this machine has a choice")
def test_one_device_is_named_and_is_no_choice() -> None:
    app = open_app()
    assert f"Runs on {describe_device('cpu')}" in captions(app)
    assert not [box for box in app.selectbox if box.key == "device"]
    assert "device" not in link(app)


def test_of_several_one_is_chosen_and_what_runs_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sidebar, "available_devices", lambda: ("cpu:0", "cpu"))
    monkeypatch.setattr(cached, "device_name", lambda name=None: f"the {name}")
    app = open_app()
    box = app.selectbox(key="device")
    assert box.options == ["the auto, chosen for you", "the cpu:0", "the cpu"]
    assert "device" not in link(app)
    app.session_state["running"] = Running("something", Work(iter(())))
    app.selectbox(key="device").set_value("cpu").run()
    assert link(app)["device"] == "cpu"
    assert "running" not in app.session_state
    assert not app.exception


def test_a_link_names_the_device() -> None:
    assert link(open_app(device="cpu"))["device"] == "cpu"


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has CUDA")
@pytest.mark.parametrize("name", ["cuda", "abacus"])
def test_a_link_with_a_device_that_is_not_here_says_so(name: str) -> None:
    app = open_app(device=name)
    assert "The link's device was left out" in notices(app)
    assert name in notices(app)
    assert "device" not in link(app)
