"""A network that was fetched is on the pages as any other."""

from pathlib import Path

import pytest
import streamlit as st
from apps import captions, link, open_app
from serving import TINY, offer, pickled, serving, torchvision_module

from gradlab.networks.fetch import fetch_network

KEY = f"torchvision-{TINY}"


@pytest.fixture
def fetched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADLAB_DATA", str(tmp_path))
    with serving() as server:
        offer(server, monkeypatch, pickled(torchvision_module().state_dict()))
        fetch_network(TINY)


def test_a_photograph_is_shown_to_it(fetched: None) -> None:
    app = open_app(dataset="photos", model=KEY)
    assert not app.error
    assert app.sidebar.selectbox(key="model").options[-1] == KEY, "its accuracy was not measured, and none is shown"
    assert link(app)["model"] == KEY
    assert "1.4 million parameters. Weights IMAGENET1K_V1 of torchvision, trained on ImageNet." in captions(app)
    app.sidebar.selectbox(key="model").select("efficientnet_lite0").run()
    assert not app.exception
    assert not app.error


def test_damaged_weights_are_told_and_the_page_goes_on(fetched: None, tmp_path: Path) -> None:
    weights = tmp_path / "networks" / KEY / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1])
    st.cache_resource.clear()  # where the network is kept by its name
    app = open_app(dataset="photos", model=KEY)
    assert "model.safetensors: expected sha256" in app.error[0].value
    assert not app.exception
