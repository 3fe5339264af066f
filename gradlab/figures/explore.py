"""What the network believes, before and after: bars."""

import numpy as np
import plotly.graph_objects as go

from gradlab.figures.style import CLEAN_COLOUR, LAYOUT, PERTURBED_COLOUR
from gradlab.types import Exploration, View


def belief_figure(seen: Exploration, classes: tuple[str, ...], top: int = 5) -> go.Figure:
    """The `top` classes of the clean and of the perturbed image, each with its probability in both.

    The classes are ordered by their larger probability; the true one is marked with a tick, and is always there.
    """
    chosen = _leading(seen, top)
    names = [f"{classes[k]} ✓" if k == seen.label else classes[k] for k in chosen]
    figure = go.Figure(
        [
            _bars("clean", seen.clean, chosen, names, CLEAN_COLOUR),
            _bars("perturbed", seen.perturbed, chosen, names, PERTURBED_COLOUR),
        ]
    )
    figure.update_layout(**LAYOUT, barmode="group", bargap=0.25, height=90 + 44 * len(chosen))
    figure.update_xaxes(range=[0, 1.12], tickformat=".0%", tickvals=[0, 0.25, 0.5, 0.75, 1], fixedrange=True)
    # Names, even where they look like numbers: the classes of SVHN are digits.
    figure.update_yaxes(type="category", autorange="reversed", fixedrange=True, ticklabelstandoff=6)
    return figure


def _leading(seen: Exploration, top: int) -> list[int]:
    before, after = seen.clean.probabilities, seen.perturbed.probabilities
    wanted = {*np.argsort(-before)[:top].tolist(), *np.argsort(-after)[:top].tolist(), seen.label}
    return sorted(wanted, key=lambda k: -max(before[k], after[k]))


def _bars(title: str, view: View, chosen: list[int], names: list[str], colour: str) -> go.Bar:
    values = [float(view.probabilities[k]) for k in chosen]
    return go.Bar(
        name=title, y=names, x=values, orientation="h", marker_color=colour,
        text=[f"{v:.1%}" for v in values], textposition="outside", cliponaxis=False,
        hovertemplate="%{y}: %{x:.2%}<extra>" + title + "</extra>",
    )  # fmt: skip
