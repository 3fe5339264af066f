"""Who sees the change, and what the network makes of it: both over the same axis, people's answers and accuracy."""

from collections.abc import Sequence

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from gradlab.figures.seen.axis import unit_of, x_axis
from gradlab.figures.seen.traces import FULL, THIN, traces_of
from gradlab.figures.style import LAYOUT, NEUTRAL, lay_out
from gradlab.seeing.psychometrics import TARGET
from gradlab.types import Seen, SeenAxis

_RUG = -0.07  # how far below 0 single people are marked, a row for each rule


def seen_figure(found: Sequence[Seen], axis: SeenAxis = "epsilon") -> go.Figure:
    """The share of right answers with its 95 % band, the answers, the threshold, and the network's accuracy, by rule.

    The accuracy on the images that people were shown is dashed, that on all of the sweep dotted (dashed where it is the
    only one); a level line of the same kind is what it is before anything is done.

    With `epsilon` each unit has a panel of its own; else all rules meet at the mean L2, the median PSNR or the mean
    SSIM of the images shown, or of all where those shown were not measured. The axis is logarithmic in what changes,
    and runs from little change on the left to much on the right. The attribute `meta` of a trace is its rule and what
    it is: `people`, `band`, `answers`, `threshold`, `shown`, `shown at`, `network`, `at`, `persons`.

    Args:
        found: as `see` returns them, at least one.
        axis: what is on the horizontal axis; one of `axes_of` their networks.

    Raises:
        BadValueError: for an axis that the sweep did not measure.
    """
    units = list(dict.fromkeys(unit_of(seen, axis) for seen in found))
    figure = make_subplots(rows=len(units), cols=1, vertical_spacing=0.24 / len(units))
    several = [seen for seen in found if len(seen.persons) > 1]
    for row, unit in enumerate(units, 1):
        members = [seen for seen in found if unit_of(seen, axis) == unit]
        for seen in members:
            height = _RUG * (1 + several.index(seen)) if seen in several else None
            for trace in traces_of(seen, axis, height):
                figure.add_trace(trace, row=row, col=1)
        figure.update_xaxes(**x_axis(members, axis, unit), row=row, col=1)
        figure.add_hline(y=TARGET, line_width=1, line_color=NEUTRAL, row=row, col=1)
        for share, dash in _clean(members[0]):
            figure.add_hline(y=share, line_width=1, line_dash=dash, line_color=NEUTRAL, row=row, col=1)
    low = _RUG * (len(several) + 0.5) if several else -0.03
    figure.update_yaxes(
        range=[low, 1.05],
        tickvals=[0, 0.25, 0.5, TARGET, 1],
        tickformat=".0%",
        title_text="share right",
        fixedrange=True,
    )
    height = 190 + 270 * len(units)
    return lay_out(figure, legend=LAYOUT["legend"] | {"y": 1 + 12 / height}, height=height, hovermode="closest")


def _clean(seen: Seen) -> list[tuple[float, str]]:
    """The accuracy before anything is done, on the images shown and on all, each with its curve's dash."""
    dashes = [FULL, THIN] if seen.shown else [FULL]
    known = [network for network in (seen.shown, seen.network) if network]
    return [(network.clean.share, dash) for network, dash in zip(known, dashes, strict=False)]
