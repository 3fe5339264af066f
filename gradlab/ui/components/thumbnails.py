"""A strip of small images, one of which is chosen: click, or arrows and Enter."""

from collections.abc import Callable, Sequence

from gradlab.figures.pixels import data_url, to_picture
from gradlab.types import FloatArray
from gradlab.ui import state
from gradlab.ui.components import component

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

    component("thumbnails", _HTML)(data=data, key="thumbnails", height=_HEIGHT, on_picked_change=picked)
