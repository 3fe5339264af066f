"""From which class to which: a Sankey diagram of what the network says before a step, and after it."""

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from gradlab.figures.classes import MANY
from gradlab.figures.style import LAYOUT, as_written, translucent
from gradlab.statistics import confusion
from gradlab.types import Curve, IntArray, SweepResult

LARGEST = 20  # flows, where there are so many classes that not all can be drawn
OTHERS = "others"
_MUTED = "#8A8A8A"
_PAD = 10  # pixels between nodes
_MARGINS = LAYOUT["margin"]["t"] + LAYOUT["margin"]["b"]
# Of Okabe and Ito's, those that are seen on white and on black; neighbours differ, and every band ends at two names.
_COLOURS = ("#D55E00", "#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9")


@dataclass(frozen=True)
class Flows:
    """What a diagram draws.

    Attributes:
        links: (class before, class after, images); −1 as the class after stands for all others together.
        images: how many images are drawn; fewer than there are, where only the largest flows have a place.
    """

    links: tuple[tuple[int, int, int], ...]
    images: int


def flows(result: SweepResult, curve: Curve, k: int) -> Flows:
    """All flows at the k-th epsilon; of many classes, the largest changes and what else became of their classes.

    Where more than `MANY` classes occur, those are drawn that one of the `LARGEST` changes leaves: these changes one by
    one, the images that stay, and all else that leaves them as one flow to the others.
    """
    counts = confusion(result.clean_predictions, curve.predictions[k].astype(np.int64), len(result.classes))
    occur = int((counts.any(axis=0) | counts.any(axis=1)).sum())
    links = _all(counts) if min(occur, len(counts)) <= MANY else _largest(counts)
    return Flows(tuple(links), sum(images for *_, images in links))


def flow_figure(result: SweepResult, curve: Curve, k: int) -> go.Figure:
    """Bands from the classes before to those after the step, as wide as the images are many.

    In colour: images that changed their class, by the class that they leave. Grey: those that did not.
    """
    drawn = flows(result, curve, k)
    left = sorted({before for before, _, _ in drawn.links})
    right = sorted({after for _, after, _ in drawn.links}, key=lambda n: (n < 0, n))
    nodes = [("before", n) for n in left] + [("after", n) for n in right]
    height = 170 + 26 * max(len(left), len(right))
    leaving = [sum(images for before, _, images in drawn.links if before == n) for n in left]
    coming = [sum(images for _, after, images in drawn.links if after == n) for n in right]
    # By turns, so that neighbours differ; a class that nothing leaves has none.
    colours = {n: _COLOURS[place % len(_COLOURS)] for place, n in enumerate(left)}
    names = as_written([result.classes[n] if n >= 0 else OTHERS for _, n in nodes])
    figure = go.Figure(
        go.Sankey(
            node={
                "label": names, "color": [colours.get(n, _MUTED) for _, n in nodes],
                "customdata": [side for side, _ in nodes],
                "thickness": 14, "pad": _PAD, "line": {"width": 0},
                # Neither end at 0 or 1: plotly takes that for a place that was not given.
                "x": [0.001] * len(left) + [0.999] * len(right), "y": _places([leaving, coming], height - _MARGINS),
                "hovertemplate": "%{label} %{customdata}: %{value:,} images<extra></extra>",
            },
            link={
                "source": [nodes.index(("before", before)) for before, _, _ in drawn.links],
                "target": [nodes.index(("after", after)) for _, after, _ in drawn.links],
                "value": [images for *_, images in drawn.links],
                "color": [
                    translucent(_MUTED, 0.25) if before == after else translucent(colours[before], 0.55)
                    for before, after, _ in drawn.links
                ],
                "hovertemplate": "%{source.label} → %{target.label}: %{value:,} images<extra></extra>",
            },
            arrangement="snap", valueformat=",", textfont={"size": 13},
        )
    )  # fmt: skip
    figure.update_layout(**LAYOUT, height=height)
    return figure


def _places(sides: list[list[int]], pixels: int) -> list[float]:
    """How far down the middle of each node is, from 0 to 1, the nodes of a side in their order and centred."""
    scale = min((pixels - _PAD * (len(side) - 1)) / max(1, sum(side)) for side in sides)
    middles = []
    for side in sides:
        heights = np.array(side) * scale
        tops = np.concatenate([[0.0], np.cumsum(heights[:-1] + _PAD)])
        used = float(heights.sum()) + _PAD * (len(side) - 1)
        middles += ((tops + heights / 2 + (pixels - used) / 2) / pixels).clip(0.001, 0.999).tolist()
    return middles


def _all(counts: IntArray) -> list[tuple[int, int, int]]:
    """Each pair of classes that has an image, those that stay first: they are drawn below the others."""
    pairs = sorted(zip(*np.nonzero(counts), strict=True), key=lambda pair: pair[0] != pair[1])
    return [(int(before), int(after), int(counts[before, after])) for before, after in pairs]


def _largest(counts: IntArray) -> list[tuple[int, int, int]]:
    moved = counts.copy()
    np.fill_diagonal(moved, 0)
    order = np.argsort(-moved, axis=None, kind="stable")[:LARGEST]
    kept = [(int(n) // len(counts), int(n) % len(counts)) for n in order if moved.flat[n]]
    links = []
    for before in sorted({before for before, _ in kept}):
        afters = [after for source, after in kept if source == before]
        rest = int(moved[before].sum() - moved[before, afters].sum())
        stay = int(counts[before, before])
        links += [(before, before, stay)] if stay else []
        links += [(before, after, int(moved[before, after])) for after in afters]
        links += [(before, -1, rest)] if rest else []
    return links
