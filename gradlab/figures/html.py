"""A figure as a piece of HTML that needs nothing from anywhere else."""

import plotly.graph_objects as go
from plotly.io import to_html


def figure_to_html(figure: go.Figure) -> str:
    """A figure as a `<div>` with all that draws it, some 5 MB: plotly.js stands in it, and nothing is fetched.

    For one figure a page; equal figures give equal text.
    """
    text: str = to_html(
        figure, include_plotlyjs=True, full_html=False, div_id="figure", default_width="100%",
        config={"displayModeBar": False, "responsive": True},
    )  # fmt: skip
    return text
