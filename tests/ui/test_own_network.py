"""A visitor's own network: two files dropped, read, checked and chosen; for this session alone; refused in one line."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
import torch
from apps import component, link, open_app
from streamlit.testing.v1 import AppTest
from toys import toys

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "networks"))
from folders import config, weights

from gradlab.errors import BadValueError, UnknownNameError
from gradlab.images.registry import image_sets, known_image_set
from gradlab.networks import known_cards
from gradlab.networks.own import MOST, OwnNetworks
from gradlab.networks.registry import network
from gradlab.ui import cached
from gradlab.ui.state import session


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    st.cache_resource.clear()
    yield
    st.cache_resource.clear()


def files(**changes: Any) -> list[tuple[str, bytes, str]]:
    return [
        ("config.json", json.dumps(config(**changes)).encode(), "application/json"),
        ("model.safetensors", weights(), "application/octet-stream"),
    ]


def opened(**asked: str) -> AppTest:
    app = open_app(**asked)
    app.button(key="network_open").click().run()
    assert not app.exception
    return app


def dropped(app: AppTest, given: list[tuple[str, bytes, str]]) -> AppTest:
    for one in given:
        app.file_uploader(key="network_files_0").upload(*one)
    app.run()
    assert not app.exception
    return app


def checked(app: AppTest) -> AppTest:
    """When the check has come to its end: AppTest runs no part of a page by itself, as a browser does meanwhile."""
    for running in app.session_state["checks"].values():
        while running.work.advance():
            pass
    app.run()
    assert not app.exception
    return app


def said(app: AppTest) -> str:
    return "\n".join(one.value for one in app.markdown).replace("\\", "")


def test_two_files_are_a_network_that_is_checked_and_chosen_at_once() -> None:
    before, sets = known_cards(), image_sets()
    app = checked(dropped(opened(), files()))
    name = link(app)["model"]
    assert app.selectbox(key="model").options[-1] == "Your test_efficientnet"
    assert app.selectbox(key="dataset").value.startswith("classes-")
    assert "Photographs, for your network" in app.selectbox(key="dataset").options
    assert "logits (8, 3)" in said(app) or "logits (6, 3)" in said(app)
    assert "passed" in said(app)
    assert known_cards() == before, "listed nowhere"
    assert image_sets() == sets
    other = open_app(dataset="cifar10", model=name)
    assert link(other)["model"] == "alexnet"
    assert "expected a network of this session" in "\n".join(one.value for one in other.warning).replace("\\", "")


def test_what_is_no_network_is_one_line_beside_the_control() -> None:
    app = dropped(opened(), files(architecture="../../etc/passwd"))
    lines = [one.value.replace("\\", "") for one in app.warning]
    assert any("unknown architecture '../../etc/passwd'" in line for line in lines), lines
    assert link(app)["model"] == "alexnet"


def test_the_page_is_drawn_before_the_check_which_goes_on_stops_and_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "A_WHILE", 0.0)
    app = opened()
    assert app.get("file_uploader")
    assert component(app, "gradlab.scrub"), "the page below"
    assert app.session_state["checks"], "it was begun"
    (running,) = app.session_state["checks"].values()
    assert running.work.now.result is None, "and nothing of it was waited for"
    assert "Checking the network: logits" in app.get("progress")[0].proto.text
    running.work.advance()
    app.run()
    assert "**logits**, passed" in said(app)
    app.button(key="check_halt").click().run()
    assert app.button(key="check_halt").label == "Go on"
    assert "1 of 12 things are checked" in app.get("progress")[0].proto.text
    app.button(key="check_halt").click().run()
    assert app.button(key="check_halt").label == "Stop"
    assert "passes all 12 checks" in said(checked(app))
    other = opened()
    assert "passes all 12 checks" in said(other), "nobody waits for it again"
    assert not other.get("progress")


def test_a_check_that_breaks_off_says_so_and_can_be_tried_again() -> None:
    app = opened()
    (running,) = app.session_state["checks"].values()
    running.work.broken = True
    app.run()
    assert "the log of the server has the details" in app.error[0].value
    app.button(key="check_halt").click().run()
    assert not app.error
    assert app.button(key="check_halt").label == "Stop"


def test_what_was_read_is_not_lost_when_the_run_ends_right_then(monkeypatch: pytest.MonkeyPatch) -> None:
    """Streamlit ends a run wherever it touches the session: another one takes in what this one has read."""
    app = opened()
    for one in files():
        app.file_uploader(key="network_files_0").upload(*one)
    read = cached.bring_network

    def ended(*given: Any) -> None:
        read(*given)
        st.stop()  # as when another run was asked for meanwhile

    monkeypatch.setattr(cached, "bring_network", ended)
    app.run()
    assert link(app)["model"] == "alexnet"
    app.run()
    assert link(app)["model"].startswith("own-")
    assert len(app.session_state["own_networks"].cards) == 1


def test_a_network_is_removed_and_the_page_turns_to_another() -> None:
    app = dropped(opened(), files())
    app.button(key="network_remove").click().run()
    assert not app.exception
    assert not app.get("file_uploader")
    assert not link(app)["model"].startswith("own-")
    assert app.session_state["own_networks"].cards == ()


def test_an_operator_may_forbid_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADLAB_UPLOADS", "0")
    app = checked(opened())
    assert not app.get("file_uploader")
    assert "passes all 12 checks" in said(app)


def test_a_guest_that_the_operator_brought_is_checked_too() -> None:
    with toys():
        app = checked(opened(dataset="toy", model="tiny"))
        assert "100.0% of 12 images are classified correctly" in said(app)


def test_a_visitors_networks_are_few_are_for_nobody_else_and_are_forgotten() -> None:
    allowed: list[Exception] = []

    def check() -> None:
        if allowed:
            raise allowed[0]

    own = OwnNetworks(check)
    content = json.dumps(config()).encode()
    cards = [own.add(content, weights()) for _ in range(MOST)]
    with pytest.raises(BadValueError, match="at most 2 networks of yours"):
        own.add(content, weights())
    found = network(cards[0].name, cards[0].dataset)
    found.load(torch.device("cpu"))
    allowed.append(BadValueError("not yours"))
    with pytest.raises(BadValueError, match="not yours"):
        found.load(torch.device("cpu"))
    own.remove(cards[0].name)
    assert known_image_set(cards[0].dataset) is None
    own.forget()
    assert own.cards == own.sets == ()
    for card in cards:
        with pytest.raises(UnknownNameError):
            network(card.name, card.dataset)
