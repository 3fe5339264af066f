"""The mean accuracy of each rule over its epsilons, in either direction: the normalised area under its curve."""

import numpy as np
import plotly.graph_objects as go

from gradlab.figures.style import NEUTRAL, blank, lay_out, translucent
from gradlab.statistics import normalised_area
from gradlab.steps.epsilon import format_epsilon
from gradlab.types import SweepResult


def area_figure(result: SweepResult) -> go.Figure:
    """Two bars a rule, climbing and descending, from 0 to its largest epsilon; a dotted line at the clean accuracy.

    A side without epsilons has no bar.
    """
    figure = go.Figure([_bars(result, side) for side in (1, -1)])
    figure.add_vline(x=result.clean_accuracy, line_width=1.5, line_dash="dot", line_color=NEUTRAL)
    figure.update_xaxes(
        range=[0, 1.1], tickformat=".0%", tickvals=[0, 0.25, 0.5, 0.75, 1], fixedrange=True,
        title_text="mean accuracy over epsilon",
    )  # fmt: skip
    figure.update_yaxes(autorange="reversed", fixedrange=True, ticklabelstandoff=6)
    return lay_out(figure, barmode="group", bargap=0.3, height=130 + 62 * len(result.curves))


def _bars(result: SweepResult, side: int) -> go.Bar:
    title = "climbing, ε > 0" if side > 0 else "descending, ε < 0"
    areas = [
        normalised_area(curve.epsilons, result.correct(curve) / result.images, result.clean_accuracy)
        for curve in result.curves
    ]
    shares = blank(np.array([up if side > 0 else down for up, down in areas]))
    colours = [curve.rule.row.colour for curve in result.curves]
    ends = [format_epsilon(float(curve.epsilons[-1 if side > 0 else 0]), curve.rule) for curve in result.curves]
    return go.Bar(
        name=title, y=[curve.rule.row.title for curve in result.curves], x=shares, orientation="h", cliponaxis=False,
        text=["" if share is None else f"{share:.1%}" for share in shares], textposition="outside",
        marker={"color": colours if side > 0 else [translucent(c, 0.45) for c in colours]}, customdata=ends,
        hovertemplate="%{y}: %{x:.2%} from 0 to %{customdata}<extra>" + title + "</extra>",
    )  # fmt: skip
