"""A picture with the square of it that networks get: it is dragged, or moved and sized by keyboard."""

from collections.abc import Callable

from PIL import Image

from gradlab.figures.pixels import data_url
from gradlab.images.decode import SMALLEST, Picture
from gradlab.images.pictures import Box
from gradlab.ui import state
from gradlab.ui.components import component

_SHOWN = 480  # px, of the longer edge of what the browser is given

_HTML = """<div class="picture"><img alt=""><button type="button" class="square"><i class="corner"></i></button></div>
<p class="said" role="status"></p>"""


def choose_square(picture: Picture, box: Box, title: str, choose: Callable[[Box], None]) -> None:
    """Draw it.

    Args:
        picture: uint8 (H, W, 3).
        box: left, top and length of the square, in pixels of the picture.
        title: what the picture is called, read out.
        choose: called with another square, before the page runs again; it may lie anywhere.
    """
    height, width = picture.shape[:2]
    shown = Image.fromarray(picture)
    shown.thumbnail((_SHOWN, _SHOWN))
    data = {
        "source": data_url(shown), "size": [width, height], "box": list(box), "title": title,
        "least": min(SMALLEST, width, height),
    }  # fmt: skip

    def chosen() -> None:
        if (sent := read_box(getattr(state.get("square"), "box", None))) is not None:
            choose(sent)

    component("square", _HTML)(data=data, key="square", on_box_change=chosen)


def read_box(sent: object) -> Box | None:
    """The square that a browser sent; None for what no browser of ours sends."""
    if isinstance(sent, list) and len(sent) == 3 and all(type(value) is int for value in sent):
        return sent[0], sent[1], sent[2]
    return None
