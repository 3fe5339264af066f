"""Transfer: a matrix of accuracies, the network that the perturbation was made on against the one that it meets."""

import numpy as np
import plotly.graph_objects as go

from gradlab.figures.style import HEAT, PERTURBED_COLOUR, lay_out
from gradlab.paper import median_psnr_text
from gradlab.statistics import against_own, difference_text, wilson_interval
from gradlab.steps.epsilon import PIXEL_LEVELS
from gradlab.types import FloatArray, IntArray, TransferResult

CLEAN = "clean"
_DARK = 0.48  # on shares up to this one, white is seen better than black


def transfer_figure(result: TransferResult) -> go.Figure:
    """Accuracy of each network (columns) on the images perturbed on each (rows), the clean images first.

    Below a row's name stands the mean L2 distance that was achieved there. Framed: made and tested on the same network.
    """
    correct = np.vstack([result.clean_correct, result.correct])
    rows, sizes = [CLEAN, *result.models], zip(result.models, result.level("l2"), strict=True)
    figure = go.Figure(
        go.Heatmap(
            z=correct / result.images, x=result.models, y=rows, customdata=_notes(result, correct),
            zmin=0, zmax=1, colorscale=HEAT, xgap=2, ygap=2, showscale=False,
            hovertemplate="%{customdata}<extra></extra>",
        )
    )  # fmt: skip
    _write(figure, correct / result.images)
    for n in range(len(result.models)):
        figure.add_shape(
            type="rect", x0=n - 0.5, x1=n + 0.5, y0=n + 0.5, y1=n + 1.5, line={"color": PERTURBED_COLOUR, "width": 3}
        )
    figure.update_xaxes(
        type="category", title_text="tested on", side="top", showgrid=False, fixedrange=True, tickangle=0,
        tickvals=result.models, ticktext=[_broken(name) for name in result.models],
    )  # fmt: skip
    figure.update_yaxes(
        type="category", title_text="made on", autorange="reversed", showgrid=False, fixedrange=True, tickvals=rows,
        ticktext=[CLEAN, *(f"{_broken(name)}<br>L2 {l2:.3g}" for name, l2 in sizes)],
        ticklabelstandoff=6,
    )  # fmt: skip
    return lay_out(figure, height=170 + 64 * len(rows))


def _write(figure: go.Figure, shares: FloatArray) -> None:
    """A number in each cell, in black or white, whichever is seen better: plotly itself would write in grey."""
    for (row, column), share in np.ndenumerate(shares):
        figure.add_annotation(
            x=column, y=row, text=f"{share:.1%}", showarrow=False,
            font={"size": 16, "color": "black" if share > _DARK else "white"},
        )  # fmt: skip


def _broken(name: str) -> str:
    """A name that has room on a phone: a line for each of its parts."""
    return name.replace("-", "-<br>")


def _notes(result: TransferResult, correct: IntArray) -> list[list[str]]:
    """What the pointer shows, for each cell."""
    low, high = wilson_interval(correct, result.images)
    made = ["clean images", *(f"made on {name}" for name in result.models)]
    return [
        [
            f"<b>{made[row]}</b><br>tested on {target}<br>{result.counted} "
            f"{correct[row, t] / result.images:.2%} ({low[row, t]:.1%} to {high[row, t]:.1%})"
            f"<br>{correct[row, t]:,} of {result.images:,} images{' right' * result.labelled}"
            f"{_own(result, row, t)}{_size(result, row)}"
            for t, target in enumerate(result.models)
        ]
        for row in range(len(correct))
    ]


def _own(result: TransferResult, row: int, target: int) -> str:
    """How much more or less the network gets right than the one that these images were perturbed on."""
    if not row or target == row - 1:
        return ""
    difference = difference_text(against_own(result, row - 1, target)).replace(" (95", "<br>(95")
    return f"<br>minus {result.models[row - 1]}: {difference}"


def _size(result: TransferResult, row: int) -> str:
    """What the change came out as on the row's network."""
    if not row:
        return ""
    l2, linf, psnr = (float(result.level(name)[row - 1]) for name in ("l2", "linf", "psnr"))
    levels = f"{linf * PIXEL_LEVELS:.3g}/{PIXEL_LEVELS}"
    return f"<br>mean L2 {l2:.3g}, mean L∞ {levels}, median PSNR {median_psnr_text(psnr, l2)}"
