"""At which epsilon images change their class first: a histogram a rule, both directions."""

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from gradlab.figures.signed import short_epsilon, signed_axis, squeeze
from gradlab.figures.style import NEUTRAL, lay_out, translucent
from gradlab.statistics import first_flip
from gradlab.steps.epsilon import default_grid, format_epsilon
from gradlab.types import Curve, FloatArray, Rule, SweepResult

_WIDTH, _APART = 0.85, 0.5  # of a column, and how far what never flips stands from the epsilons, in columns


def flip_figure(result: SweepResult) -> go.Figure:
    """The share of images whose prediction first differs from the clean one at each epsilon; a panel for each rule.

    Outward from 0 on each side. A note on each side that has epsilons says how many flip at none of them.
    """
    rows = len(result.curves)
    figure = make_subplots(
        rows=rows, cols=1, shared_yaxes=True, vertical_spacing=0.42 / rows,
        subplot_titles=[f"<b>{curve.rule.row.words}</b>" for curve in result.curves],
    )  # fmt: skip
    figure.update_annotations(font_size=14)
    for row, curve in enumerate(result.curves, 1):
        shares = flip_shares(result, curve)
        figure.add_trace(_bars(curve, shares), row=row, col=1)
        figure.update_xaxes(**signed_axis(curve.rule.unit, float(np.abs(curve.epsilons).max())), row=row, col=1)
        figure.update_yaxes(range=[0, float(shares.max()) * 1.1 or 1], row=row, col=1)
        figure.add_vline(x=0, line_width=1, line_color=NEUTRAL, row=row, col=1)
        for side, x in ((-1, 0), (1, 1)):
            if not (np.sign(curve.epsilons) == side).any():
                continue  # nothing was tried there
            figure.add_annotation(
                text=f"never: {never(result, curve, side) / result.images:.1%}", showarrow=False,
                x=x, y=1.03, xref="x domain", yref="y domain",
                xanchor="left" if side < 0 else "right", yanchor="bottom", font_size=13, row=row, col=1,
            )  # fmt: skip
    figure.update_yaxes(tickformat=".0%", title_text="images", fixedrange=True)
    return lay_out(figure, height=60 + 250 * rows, showlegend=False)


def flip_shares(result: SweepResult, curve: Curve) -> FloatArray:
    """The share of images that first flip at each epsilon, (K,); on each side of 0 it sums to 1 at most."""
    up, down = first_flip(curve.epsilons, curve.predictions, result.clean_predictions)
    counts = np.array([(up == e).sum() + (down == e).sum() for e in curve.epsilons])
    shares: FloatArray = counts / result.images
    return shares


def never(result: SweepResult, curve: Curve, side: int) -> int:
    """How many images flip at no epsilon of a side: above 0 where `side` is 1, below where it is −1."""
    up, down = first_flip(curve.epsilons, curve.predictions, result.clean_predictions)
    return int(np.isnan(up if side > 0 else down).sum())


def flip_side_figure(flips: FloatArray, rule: Rule, side: int, epsilon: float, complete: bool = True) -> go.Figure:
    """How many images first flip at each epsilon of a rule's default grid, on one side of 0; and how many never do.

    Columns are equally wide, whatever the distance of their epsilons; those up to `epsilon` are in full colour. The
    last one, apart from them, is of the images that never flip; a note above it says so, since a mark below it would
    touch that of the largest epsilon on a phone.

    Args:
        flips: (N,), signed; NaN where an image never flips.
        rule: the direction.
        side: above or below 0.
        epsilon: the signed step that is looked at.
        complete: whether all epsilons were tried; else what has not flipped so far may do so yet.
    """
    outward = sorted((e for e in default_grid(rule) if e * side > 0), key=abs)
    if len(small := flips[np.abs(flips) < abs(outward[1])]):  # of a baseline that began at another smallest size
        outward[0] = float(small[0])
    counts = [int((flips == e).sum()) for e in outward] + [int(np.isnan(flips).sum())]
    shares = [f"{count / max(1, len(flips)):.1%}" for count in counts]
    names = [short_epsilon(e, rule.unit) for e in outward] + [" "]  # the note says it
    notes = [
        *(f"first flip at {format_epsilon(e, rule)}" for e in outward),
        "no flip" + ("" if complete else " so far"),
    ]
    within = [abs(e) <= abs(epsilon) for e in outward]
    colours = [rule.row.colour if full else translucent(rule.row.colour, 0.4) for full in within]
    figure = go.Figure(
        go.Bar(
            x=names, y=counts, width=_WIDTH, offset=[-_WIDTH / 2] * len(outward) + [_APART - _WIDTH / 2],
            marker_color=[*colours, NEUTRAL], meta=str(rule), text=counts, textposition="outside", cliponaxis=False,
            textfont_size=12, customdata=[[note, share] for note, share in zip(notes, shares, strict=True)],
            hovertemplate="%{customdata[0]}<br>%{y} images, %{customdata[1]}<extra></extra>",
        )
    )  # fmt: skip
    figure.add_annotation(
        text=f"{'never' if complete else 'not so far'}: {shares[-1]}", showarrow=False,
        x=1, y=1.03, xref="x domain", yref="y domain",
        xanchor="right", yanchor="bottom", font_size=13,
    )  # fmt: skip
    figure.update_xaxes(
        type="category", title_text=f"first flip: {rule.unit.row.title}", fixedrange=True, showgrid=False,
        tickvals=names[:-1], ticktext=names[:-1], range=[-0.6, len(outward) + _APART + 0.6],
    )  # fmt: skip
    figure.update_yaxes(range=[0, max(counts) * 1.2 or 1], title_text="images", fixedrange=True)
    return lay_out(figure, height=250, showlegend=False)


def _bars(curve: Curve, shares: FloatArray) -> go.Bar:
    x = squeeze(curve.epsilons, curve.rule.unit)
    gaps = np.diff(x)
    # As wide as the nearer neighbour allows: epsilons are not equally far from each other.
    nearest = np.minimum(np.append(gaps, np.inf), np.insert(gaps, 0, np.inf))
    return go.Bar(
        x=x, y=shares, width=np.where(np.isfinite(nearest), nearest, 1) * 0.9,
        marker_color=curve.rule.row.colour, name=curve.rule.row.words, meta=str(curve.rule),
        customdata=[format_epsilon(e, curve.rule) for e in curve.epsilons],
        hovertemplate="first flip at %{customdata}<br>%{y:.1%} of the images<extra></extra>",
    )  # fmt: skip
