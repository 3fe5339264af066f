"""A strip of small images, one of which is chosen: click, or arrows and Enter."""

from collections.abc import Callable, Sequence

from gradlab.ui import state
from gradlab.ui.components import component

_HEIGHT = 88  # px, of the strip: said beforehand, so that what stands below it does not jump

_HTML = '<div class="strip" role="group" aria-label="Images of the data set"></div>'


def thumbnails(
    sources: Sequence[str], places: Sequence[int], titles: Sequence[str], chosen: int, pick: Callable[[int], None]
) -> None:
    """Draw the strip.

    Args:
        sources: the address of each image, as `cached.thumbnail` gives it.
        places: what identifies each image.
        titles: what each is called, read out and shown on hover.
        chosen: the place of the one that is framed.
        pick: called with the place of an image that was clicked, before the page runs again.
    """
    data = {
        "chosen": chosen,
        "images": [
            {"place": place, "title": title, "source": source}
            for source, place, title in zip(sources, places, titles, strict=True)
        ],
    }

    def picked() -> None:
        place = state.get("thumbnails").picked
        if place in places:
            pick(place)

    component("thumbnails", _HTML)(data=data, key="thumbnails", height=_HEIGHT, on_picked_change=picked)
