"""A strip of small images, one of which is chosen: click, or Tab and Enter."""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import streamlit as st

from gradlab.figures.pixels import data_url, to_picture
from gradlab.types import FloatArray
from gradlab.ui import state

_CSS = """
.strip { display: flex; gap: 6px; overflow-x: auto; padding: 4px; scrollbar-width: thin; }
button { flex: 0 0 auto; padding: 2px; border: 2px solid transparent; border-radius: 8px; background: none;
  cursor: pointer; line-height: 0; }
button:hover { border-color: color-mix(in srgb, var(--st-primary-color) 50%, transparent); }
button[aria-pressed="true"] { border-color: var(--st-primary-color); }
button:focus-visible { outline: 3px solid var(--st-primary-color); outline-offset: 1px; }
img { width: 64px; height: 64px; image-rendering: pixelated; border-radius: 5px; }
"""

_JS = """
export default function ({ data, parentElement, setTriggerValue }) {
  const strip = parentElement.querySelector(".strip");
  strip.replaceChildren(...data.images.map((image) => {
    const button = document.createElement("button");
    button.type = "button";
    button.setAttribute("aria-pressed", String(image.place === data.chosen));
    button.setAttribute("aria-label", image.title);
    button.title = image.title;
    button.onclick = () => setTriggerValue("picked", image.place);
    const picture = document.createElement("img");
    picture.src = image.source;
    picture.alt = "";
    button.append(picture);
    return button;
  }));
  const chosen = strip.querySelector('[aria-pressed="true"]');
  if (chosen) strip.scrollLeft = chosen.offsetLeft - strip.offsetLeft - strip.clientWidth / 2 + chosen.clientWidth / 2;
}
"""

_HEIGHT = 88  # px, of the strip: said beforehand, so that what stands below it does not jump

_HTML = '<div class="strip" role="group" aria-label="Images of the data set"></div>'


def thumbnails(
    images: Sequence[FloatArray], places: Sequence[int], titles: Sequence[str], chosen: int, pick: Callable[[int], None]
) -> None:
    """Draw the strip.

    Args:
        images: each (C, H, W) in [0, 1].
        places: what identifies each image.
        titles: what each is called, read out and shown on hover.
        chosen: the place of the one that is framed.
        pick: called with the place of an image that was clicked, before the page runs again.
    """
    data = {
        "chosen": chosen,
        "images": [
            {"place": place, "title": title, "source": data_url(to_picture(image, scale=1))}
            for image, place, title in zip(images, places, titles, strict=True)
        ],
    }

    def picked() -> None:
        place = state.get("thumbnails").picked
        if place in places:
            pick(place)

    _component()(data=data, key="thumbnails", height=_HEIGHT, on_picked_change=picked)


@cache
def _component() -> Any:
    return st.components.v2.component("gradlab.thumbnails", html=_HTML, css=_CSS, js=_JS)
