"""How many files one reads to follow what happens: from the handle let go to the picture, and from a page to its curve.

A file is on the way if a function of it waits while a choice is written down, a gradient is taken, the network is asked
or what is shown is handed over. What only helps on the way (checks, measures, texts) has come back by then.
"""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import streamlit
import torch
from apps import CURVES, component, open_app, send
from streamlit.delta_generator import DeltaGenerator
from streamlit.runtime.state import SessionStateProxy

PACKAGE = str(Path(__file__).resolve().parents[2] / "gradlab")
Chain = list[tuple[str, str]]  # files and functions that wait, the innermost first


@pytest.fixture
def chains(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[str, Chain]]]:
    """What happened, and who of gradlab waited for it, in order."""
    found: list[tuple[str, Chain]] = []

    def watch(holder: Any, name: str, what: str) -> None:
        function: Callable[..., Any] = getattr(holder, name)

        def watched(*args: Any, **kwargs: Any) -> Any:
            found.append((what, waiting()))
            return function(*args, **kwargs)

        monkeypatch.setattr(holder, name, watched)

    watch(SessionStateProxy, "__setitem__", "choice")
    watch(torch.autograd, "grad", "gradient")
    watch(torch.nn.Module, "__call__", "network")
    watch(streamlit, "_bidi_component", "component")
    watch(DeltaGenerator, "plotly_chart", "chart")
    return found


def waiting() -> Chain:
    chain, frame = [], sys._getframe(2)
    while frame := frame.f_back:
        if frame.f_code.co_filename.startswith(PACKAGE) and frame.f_code.co_name != "<module>":
            chain.append((frame.f_code.co_filename.removeprefix(PACKAGE + "/"), frame.f_code.co_name))
    return chain


def files(chains: list[tuple[str, Chain]]) -> list[str]:
    return sorted({file for _, chain in chains for file, _ in chain})


def test_from_the_handle_to_the_picture(chains: list[tuple[str, Chain]]) -> None:
    app = open_app(dataset="cifar10", model="alexnet", rule="l2")
    chains.clear()
    send(app, "gradlab.scrub", epsilon=0.42)
    assert component(app, "gradlab.scrub")["written"] == "0.42"
    # In a browser the fragment runs alone, after what is called when the handle is let go.
    own = [(what, chain) for what, chain in chains if {"heard", "_step"} & {function for _, function in chain}]
    assert {what for what, _ in own} == {"choice", "network", "component"}, "the gradient is known already"
    assert len(files(own)) <= 10, files(own)


def test_from_the_page_to_the_curve(chains: list[tuple[str, Chain]]) -> None:
    open_app(CURVES, limit="200", rules="sign")
    own = [(what, chain) for what, chain in chains if ("ui/pages/curves.py", "page") in chain]
    own = own[: [what for what, _ in own].index("chart") + 1]
    assert {"gradient", "network", "chart"} <= {what for what, _ in own}
    assert len(files(own)) <= 14, files(own)
