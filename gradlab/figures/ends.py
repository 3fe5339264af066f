"""Names at the ends of lines, so that nobody has to tell lines apart by their colour, or by a legend."""

from collections.abc import Sequence
from typing import NamedTuple

import plotly.graph_objects as go

from gradlab.figures.ticks import text_width
from gradlab.types import Rule

# What stands for plotly's symbols in a line of type; all of them are in the fonts that every system has.
GLYPHS = {"circle": "●", "square": "■", "triangle-up": "▲", "diamond": "♦", "x": "<b>×</b>"}
LABEL = 12  # px
_LINE = 15 / 200  # of the axis from 0 to 1, the height of a line of type: a panel is 200 px high at least
_GAP = 6  # px, from the plot


class End(NamedTuple):
    """The end of a line.

    Attributes:
        y: where it ends, from 0 to 1.
        name: what it is.
        symbol: of its points, a key of `GLYPHS`.
        colour: its colour.
    """

    y: float
    name: str
    symbol: str
    colour: str


def end_of(rule: Rule, y: float) -> End:
    """The end of a rule's line; its name is the one on the pages."""
    return End(y, rule.row.words, rule.row.symbol, rule.row.colour)


def name_ends(figure: go.Figure, ends: Sequence[End], row: int) -> None:
    """Write the names right of a panel, each at the height of its line's end or as near as the others let it.

    The sign before a name has the shape of the line's points and its colour; the name itself is in the colour of all
    type, which can be read. There is a line for each word: on a phone the plot has little room.

    Args:
        figure: of one column, laid out; it is changed, and gets room on the right.
        ends: of the panel's lines.
        row: of the panel, from 1.
    """
    words = [end.name.split() for end in ends]
    for end, lines, y in zip(
        ends, words, spread([end.y for end in ends], [_LINE * len(w) for w in words]), strict=True
    ):
        glyph = f'<span style="color:{end.colour}">{GLYPHS[end.symbol]}</span>'
        figure.add_annotation(
            x=1, xref="x domain", xshift=_GAP, y=y, xanchor="left", yanchor="middle", align="left", showarrow=False,
            text=f"{glyph} {'<br>'.join(lines)}", font_size=LABEL, name=end.name, row=row, col=1,
        )  # fmt: skip
    wide = max(
        (text_width(f"● {line}" if not n else line, LABEL) for w in words for n, line in enumerate(w)), default=0
    )
    figure.update_layout(margin_r=max(figure.layout.margin.r or 0, round(1.1 * wide) + _GAP + 4))


def spread(wanted: Sequence[float], heights: Sequence[float], top: float = 1.0) -> list[float]:
    """Places near the wanted ones at which nothing overlaps: in the same order, from 0 on, below `top` where all fit.

    Args:
        wanted: the middle of each, in any order.
        heights: how high each is.
        top: the highest middle.
    """
    order = sorted(range(len(wanted)), key=lambda n: wanted[n])
    places = dict.fromkeys(order, 0.0)
    below: int | None = None
    for n in order:  # up from the lowest, as far as it has to
        least = 0.0 if below is None else places[below] + (heights[below] + heights[n]) / 2
        places[n], below = max(wanted[n], least), n
    above: int | None = None
    for n in reversed(order):  # down from the highest, where they went too far up
        most = top if above is None else places[above] - (heights[above] + heights[n]) / 2
        places[n], above = min(places[n], most), n
    lowest = min(0.0, min(places.values(), default=0.0))
    return [places[n] - lowest for n in range(len(wanted))]
