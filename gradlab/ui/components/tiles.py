"""Many small images at once, each a button that leads to the page Explore: a grid, or rows that scroll together.

All pictures travel as one sheet; each button shows its own part of it, enlarged by a whole multiple with hard pixels.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from typing import Any, Literal

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from gradlab.figures.pixels import data_url, sheet_picture
from gradlab.types import UNKNOWN
from gradlab.ui import state

_EXPLORE = "gradlab/ui/pages/explore.py"
_ACROSS = 20  # pictures in a row of the sheet
_SCALES = {"grid": 3, "rows": 2}  # pixels of the screen for one of the image

_CSS = """
.tiles { --edge: calc(var(--width) + 6px); color: var(--st-text-color); font-family: var(--st-font); }
.rows { overflow-x: auto; scrollbar-width: thin; padding-bottom: 8px; }
.group { display: grid; grid-template-columns: repeat(auto-fill, minmax(var(--edge), 1fr)); gap: 6px 3px; }
.rows .group { grid-template-columns: none; grid-auto-flow: column; grid-auto-columns: calc(var(--edge) + 8px);
  width: max-content; margin-bottom: 10px; }
h3 { position: sticky; left: 0; width: max-content; margin: 0 0 2px; padding: 0 4px; font-size: 0.875rem;
  font-weight: 600; }
button { min-width: 0; padding: 2px 1px; border: 2px solid transparent; border-radius: 8px; background: none;
  color: inherit; font: inherit; font-size: 0.75rem; line-height: 1.3; text-align: left; cursor: pointer; }
button:hover { border-color: var(--st-primary-color); }
button:focus-visible { outline: 3px solid var(--st-primary-color); outline-offset: 1px; }
.middle { background: color-mix(in srgb, var(--st-text-color) 9%, transparent); }
.picture { position: relative; display: block; width: var(--width); height: var(--height); margin: 0 auto 2px;
  border-radius: 4px; image-rendering: pixelated; }
.flipped .picture { outline: 2px solid #E69F00; }
.flipped .picture::after { content: "≠"; position: absolute; top: 0; right: 0; padding: 0 5px 1px;
  border-radius: 0 3px 0 6px; background: #E69F00; color: #000; font-size: 0.875rem; font-weight: 700;
  line-height: 1.25; }
.line { display: block; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.line:nth-of-type(2) { font-weight: 600; }
.line:nth-of-type(n + 3) { opacity: 0.8; }
"""

_JS = """
export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".tiles");
  const rows = data.layout === "rows";
  // The middle stays in the middle, however late the page finds its width, until someone scrolls.
  root.centre ??= () => {
    root.scrollLeft = (root.scrollWidth - root.clientWidth) / 2;
    root.left = root.scrollLeft;
  };
  const centred = !root.classList.contains("rows") || root.scrollLeft === root.left;
  root.classList.toggle("rows", rows);
  root.setAttribute("aria-label", data.label);
  const [width, height] = data.size;
  root.style.setProperty("--width", `${width}px`);
  root.style.setProperty("--height", `${height}px`);
  const sheet = document.createElement("style");
  const across = `${data.across * width}px auto`;
  sheet.textContent = `.picture { background-image: url(${data.sheet}); background-size: ${across}; }`;
  let place = 0;
  root.replaceChildren(sheet, ...data.groups.flatMap(({ title, tiles }) => {
    const group = document.createElement("div");
    group.className = "group";
    group.append(...tiles.map((tile) => {
      const button = document.createElement("button");
      button.type = "button";
      button.title = tile.name;
      button.setAttribute("aria-label", tile.name);
      button.classList.toggle("flipped", tile.flipped);
      button.classList.toggle("middle", tile.middle);
      button.onclick = () => setTriggerValue("picked", tile.id);
      const picture = document.createElement("span");
      picture.className = "picture";
      picture.style.backgroundPosition =
        `${-(place % data.across) * width}px ${-Math.floor(place / data.across) * height}px`;
      place += 1;
      button.append(picture, ...tile.lines.map((text) => {
        const line = document.createElement("span");
        line.className = "line";
        line.textContent = text;
        return line;
      }));
      return button;
    }));
    if (!title) return [group];
    const heading = document.createElement("h3");
    heading.textContent = title;
    group.setAttribute("role", "group");
    group.setAttribute("aria-label", title);
    return [heading, group];
  }));
  if (rows && centred) root.centre();
  root.watch ??= new ResizeObserver(() => {
    if (root.scrollLeft === root.left) root.centre();
  });
  root.watch.observe(root);
}
"""

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
    """How sure a network is, on a tile; of what is no number, that."""
    return "no number" if math.isnan(share) else f"{share:.0%}"


def verdict(said: int, truth: int) -> str:
    """Whether a network is right, on a tile; nothing where nobody knows."""
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
        label: what the whole is, for those who don't see it.
        pick: called with the `id` of a tile that was clicked, before the page runs again.
        layout: a grid as wide as the page; or a row for each group, which scroll sideways together.
    """
    known = {tile.id for _, members in groups for tile in members}
    _, _, height, width = images.shape
    data = {
        "sheet": data_url(sheet_picture(images, _ACROSS)),
        "across": _ACROSS,
        "size": [width * _SCALES[layout], height * _SCALES[layout]],
        "label": label,
        "layout": layout,
        "groups": [{"title": title, "tiles": [asdict(tile) for tile in members]} for title, members in groups],
    }

    def picked() -> None:
        found = state.get("tiles").picked
        if found in known:
            pick(found)
            state.put("to_explore", True)

    _component()(data=data, key="tiles", on_picked_change=picked)


def follow_click() -> None:
    """At the top of a page that has tiles: go to Explore if one was clicked; from a callback nobody can."""
    if state.get("to_explore"):
        state.put("to_explore", False)
        st.switch_page(_EXPLORE)


@cache
def _component() -> Any:
    return st.components.v2.component("gradlab.tiles", html=_HTML, css=_CSS, js=_JS)
