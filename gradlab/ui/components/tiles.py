"""Many small images at once, each a button that leads to the page Explore: a grid, or rows that scroll together.

All pictures travel as one sheet; each button shows its own part of it. Small images are enlarged by a whole multiple
with hard pixels; photographs come as large as they are to be shown.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Literal

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from gradlab.figures.pixels import data_url, sheet_picture, whole_scale
from gradlab.types import UNKNOWN, is_photograph
from gradlab.ui import state
from gradlab.ui.components import component

_EXPLORE = "gradlab/ui/pages/explore.py"
_ACROSS = 20  # pictures in a row of the sheet
_WIDTHS = {"grid": 96, "rows": 64}  # px of the screen: how wide small images are drawn at most, by a whole multiple

_HTML = '<div class="tiles" role="group"></div>'


@dataclass(frozen=True)
class Tile:
    """One of many images.

    Attributes:
        id: what is told when it is clicked.
        name: read out, and shown on hover.
        lines: what stands below the picture, the first in bold.
        flipped: whether it is marked.
        middle: whether it stands out as the one that the others are compared with.
    """

    id: str
    name: str
    lines: tuple[str, ...]
    flipped: bool
    middle: bool = False


def share_text(share: float) -> str:
    """How sure a network is, on a tile; or that this is no number."""
    return "no number" if math.isnan(share) else f"{share:.0%}"


def verdict(said: int, truth: int) -> str:
    """Whether a network is right, on a tile; empty where the true class is unknown."""
    return "" if truth == UNKNOWN else "✓ " if said == truth else "✗ "


def tiles(
    groups: Sequence[tuple[str, Sequence[Tile]]],
    images: NDArray[np.uint8],
    label: str,
    pick: Callable[[str], None],
    layout: Literal["grid", "rows"] = "grid",
) -> None:
    """Draw them; a click sets the choices of the page Explore, and `follow_click` goes there.

    Args:
        groups: titles, which may be empty, each with its tiles.
        images: uint8 (N, C, H, W), in the order of the tiles of all groups.
        label: a description of the whole, for people who can't see it.
        pick: called with the `id` of a tile that was clicked, before the page runs again.
        layout: a grid as wide as the page; or a row for each group, which scroll sideways together.
    """
    known = {tile.id for _, members in groups for tile in members}
    _, _, height, width = images.shape
    scale = whole_scale(width, _WIDTHS[layout])
    data = {
        "sheet": data_url(sheet_picture(images, _ACROSS)),
        "across": _ACROSS,
        "size": [width * scale, height * scale],
        "label": label,
        "layout": layout,
        "photographs": is_photograph(images.shape),
        "groups": [{"title": title, "tiles": [asdict(tile) for tile in members]} for title, members in groups],
    }

    def picked() -> None:
        found = state.get("tiles").picked
        if found in known:
            pick(found)
            state.put("to_explore", True)

    component("tiles", _HTML)(data=data, key="tiles", on_picked_change=picked)


def follow_click() -> None:
    """At the top of a page that has tiles: go to Explore if one was clicked, which no callback can do."""
    if state.get("to_explore"):
        state.put("to_explore", False)
        st.switch_page(_EXPLORE)
