"""At which epsilon images change their class first: a histogram a rule, both directions."""

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from gradlab.epsilon import format_epsilon
from gradlab.figures.signed import signed_axis, squeeze
from gradlab.figures.style import LAYOUT, NEUTRAL, RULE_COLOURS, RULE_TITLES
from gradlab.statistics import first_flip
from gradlab.types import Curve, FloatArray, SweepResult


def flip_figure(result: SweepResult) -> go.Figure:
    """The share of images whose prediction first differs from the clean one at each epsilon; a panel for each rule.

    Outward from 0 on each side. A note on each side says how many never flip there.
    """
    rows = len(result.curves)
    figure = make_subplots(
        rows=rows, cols=1, shared_yaxes=True, vertical_spacing=0.42 / rows,
        subplot_titles=[f"<b>{RULE_TITLES[curve.rule]}</b>" for curve in result.curves],
    )  # fmt: skip
    figure.update_annotations(font_size=14)
    for row, curve in enumerate(result.curves, 1):
        shares = flip_shares(result, curve)
        figure.add_trace(_bars(curve, shares), row=row, col=1)
        figure.update_xaxes(**signed_axis(curve.rule.unit, float(np.abs(curve.epsilons).max())), row=row, col=1)
        figure.update_yaxes(range=[0, float(shares.max()) * 1.1 or 1], row=row, col=1)
        figure.add_vline(x=0, line_width=1, line_color=NEUTRAL, row=row, col=1)
        for side, x in ((-1, 0), (1, 1)):
            never = 1 - shares[np.sign(curve.epsilons) == side].sum()
            figure.add_annotation(
                text=f"never: {never:.1%}", x=x, y=1.03, xref="x domain", yref="y domain", showarrow=False,
                xanchor="left" if side < 0 else "right", yanchor="bottom", font_size=13, row=row, col=1,
            )  # fmt: skip
    figure.update_yaxes(tickformat=".0%", title_text="images", fixedrange=True)
    figure.update_layout(**LAYOUT, height=60 + 250 * rows, showlegend=False)
    return figure


def flip_shares(result: SweepResult, curve: Curve) -> FloatArray:
    """The share of images that first flip at each epsilon, (K,); on each side of 0 it sums to 1 at most."""
    up, down = first_flip(curve.epsilons, curve.predictions, result.clean_predictions)
    counts = np.array([(up == e).sum() + (down == e).sum() for e in curve.epsilons])
    shares: FloatArray = counts / result.images
    return shares


def _bars(curve: Curve, shares: FloatArray) -> go.Bar:
    x = squeeze(curve.epsilons, curve.rule.unit)
    gaps = np.diff(x)
    # As wide as the nearer neighbour allows: epsilons are not equally far from each other.
    nearest = np.minimum(np.append(gaps, np.inf), np.insert(gaps, 0, np.inf))
    return go.Bar(
        x=x, y=shares, width=np.where(np.isfinite(nearest), nearest, 1) * 0.9,
        marker_color=RULE_COLOURS[curve.rule], name=RULE_TITLES[curve.rule], meta=str(curve.rule),
        customdata=[format_epsilon(e, curve.rule) for e in curve.epsilons],
        hovertemplate="first flip at %{customdata}<br>%{y:.1%} of the images<extra></extra>",
    )  # fmt: skip
