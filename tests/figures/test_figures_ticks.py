"""Tick labels: none is turned by chance, and on a phone those are named that have room."""

import importlib
import pkgutil
from functools import cache

import plotly.graph_objects as go
import pytest
from every_figure import figures

import gradlab.figures
from gradlab.figures.style import enlarged
from gradlab.figures.ticks import settle_ticks


@cache
def drawn() -> dict[str, go.Figure]:
    return dict(figures())


def copies(factor: float) -> dict[str, go.Figure]:
    found = {name: go.Figure(figure) for name, figure in drawn().items()}
    return found if factor == 1 else {name: enlarged(figure, factor) for name, figure in found.items()}


def test_every_figure_is_among_them() -> None:
    modules = pkgutil.walk_packages(gradlab.figures.__path__, "gradlab.figures.")
    there = {
        name
        for module in modules
        for name in vars(importlib.import_module(module.name))
        if name.endswith("_figure") and not name.startswith("_")
    }
    assert {name.partition(" ")[0] for name in drawn()} == there


@pytest.mark.parametrize("factor", [1, 2])
def test_no_axis_is_free_to_turn_its_labels(factor: float) -> None:
    for name, figure in copies(factor).items():
        for axis in (*figure.select_xaxes(), *figure.select_yaxes()):
            if "flow_figure" not in name:  # it has none
                assert axis.tickangle is not None, (name, axis.plotly_name)
                assert axis.autotickangles is None, (name, axis.plotly_name)
                assert axis.tickfont.size == 12 * factor, (name, axis.plotly_name)
        for trace in figure.data:
            if "colorbar" in trace:
                assert trace.colorbar.tickangle == 0, name


def test_labels_are_kept_in_pairs_and_0_always() -> None:
    for factor in (1, 2):
        for name, figure in copies(factor).items():
            for axis in figure.select_xaxes():
                texts = list(axis.ticktext or ())
                assert axis.tickvals is None or len(texts) in (0, len(axis.tickvals)), name
                if texts and "−" in texts[0] and axis.type != "category":
                    assert "0" in texts, name
                    assert len(texts) >= 3, (name, texts)
                    assert [text.strip("−+") for text in texts] == [text.strip("−+") for text in texts[::-1]], name


def test_where_there_is_room_all_are_kept() -> None:
    figure = go.Figure(go.Scatter(x=[0, 1], y=[0, 1]))
    figure.update_layout(meta=2_000)
    figure.update_xaxes(range=[0, 9], tickvals=list(range(10)), ticktext=[f"{n}.000" for n in range(10)])
    settle_ticks(figure, 12, 14, 350)
    assert len(figure.layout.xaxis.ticktext) == 10
    figure.update_layout(meta=None)
    settle_ticks(figure, 24, 28, 350)
    assert 2 <= len(figure.layout.xaxis.ticktext) < 10
    assert len(figure.layout.xaxis.tickvals) == len(figure.layout.xaxis.ticktext)
    assert figure.layout.xaxis.ticktext[0] == "0.000"
