"""Figures outside the pages: on white, in fonts that every system has, as large as is said here and not as a window is.

A page brings its own theme, light or dark, its own fonts and its own width; a file has none of these.
"""

import json
from typing import Any

import plotly.graph_objects as go
from plotly.io import to_html

WIDTH, SQUARE = 1000, 720  # px, before it is drawn `SCALE` times as large
SCALE = 2
_LOWEST = 420  # px: a figure that is flat on a page stands alone in a file
FONT = "Arial, Helvetica, 'Liberation Sans', sans-serif"
_INK, _GRID, _EDGE = "#1c2330", "#d9dee7", "#5b6576"
_AROUND = {"l": 16, "r": 16, "t": 32, "b": 16}  # px, at least; axes and legends take what they need beside it

_AXIS = {
    "automargin": True, "gridcolor": _GRID, "linecolor": _EDGE, "tickcolor": _EDGE, "zerolinecolor": _GRID,
    "title": {"standoff": 10},
}  # fmt: skip
TEMPLATE = {
    "layout": {
        "font": {"family": FONT, "color": _INK, "size": 14},
        "paper_bgcolor": "white", "plot_bgcolor": "white",
        "xaxis": _AXIS, "yaxis": _AXIS,
        "legend": {"bgcolor": "rgba(255,255,255,0)", "font": {"size": 13}},
        "hoverlabel": {"font": {"family": FONT}},
        "colorway": ["#0072B2", "#D55E00", "#0E8149", "#C8359E", "#909090"],
    }
}  # fmt: skip

# What a trace may hold thousands of: it is on the page already.
_LONG = ("x", "y", "z", "text", "customdata", "node", "link", "base", "width", "offset", "error_y")


def on_paper(figure: go.Figure) -> go.Figure:
    """A copy as it is printed: see the module."""
    copy = go.Figure(figure)
    square = any(axis.scaleanchor for axis in copy.select_yaxes())
    margin = {side: max(copy.layout.margin[side] or 0, least) for side, least in _AROUND.items()}
    copy.update_layout(
        template=TEMPLATE, paper_bgcolor="white", plot_bgcolor="white", margin=margin, meta=None, autosize=False,
        width=WIDTH if not square else SQUARE, height=max(copy.layout.height or 0, SQUARE if square else _LOWEST),
    )  # fmt: skip
    return copy


def print_spec(figure: go.Figure) -> dict[str, Any]:
    """What a page needs to print a figure that it shows: `layout`, and of each trace what is not long, in `data`."""
    spec = json.loads(on_paper(figure).to_json())
    data = [{name: value for name, value in trace.items() if name not in _LONG} for trace in spec["data"]]
    return {"layout": spec["layout"], "data": data, "scale": SCALE}


def figure_to_html(figure: go.Figure) -> str:
    """A figure as a `<div>` with all that draws it, some 5 MB: plotly.js stands in it, and nothing is fetched.

    As wide as there is room, on the background that it is put on. For one figure a page; equal figures give equal text.
    """
    printed = on_paper(figure)
    clear = "rgba(0,0,0,0)"
    printed.update_layout(width=None, autosize=True, paper_bgcolor=clear, plot_bgcolor=clear)
    printed.update_xaxes(title_font_size=12)  # as wide as a phone
    text: str = to_html(
        printed, include_plotlyjs=True, full_html=False, div_id="figure", default_width="100%",
        config={"displayModeBar": False, "responsive": True},
    )  # fmt: skip
    return text
