"""What the curve and the map share: an axis, names, and marks."""

from typing import Any

import plotly.graph_objects as go

from gradlab.types import FloatArray, IntArray, Rule


def scaled(rule: Rule, values: FloatArray) -> FloatArray:
    """Where epsilons (K,) stand on an axis: pixel units as n of n/255, so that the ticks are round."""
    places: FloatArray = values * rule.unit.row.levels
    return places


def epsilon_axis(rule: Rule, epsilons: FloatArray) -> dict[str, Any]:
    """Options of the horizontal axis: linear, so that a linear loss is a straight line; seven ticks fit on a phone."""
    reach = rule.unit.shown(float(epsilons[-1]))
    return {
        "range": [-reach * 1.02, reach * 1.02], "nticks": 7, "tickangle": 0, "fixedrange": True, "zeroline": False,
        "title_text": f"← descends · {rule.unit.row.title} · climbs →",
    }  # fmt: skip


def class_name(kind: int, classes: tuple[str, ...]) -> str:
    """What a prediction is called; −1 is none."""
    return classes[kind] if kind >= 0 else "no number"


def class_names(predictions: IntArray, classes: tuple[str, ...]) -> list[str]:
    """The same for many, (K,)."""
    return [class_name(kind, classes) for kind in predictions.tolist()]


def mark(x: list[float], y: list[Any], name: str, symbol: str, text: list[str]) -> go.Scatter:
    """A point of interest: white with a black edge, to be seen on every colour. `text` shows under the pointer."""
    return go.Scatter(
        x=x, y=y, name=name, mode="markers", meta=name, text=text, cliponaxis=False,
        marker={"symbol": symbol, "size": 13, "color": "white", "line": {"color": "black", "width": 2}},
        hovertemplate="%{text}<extra></extra>",
    )  # fmt: skip
