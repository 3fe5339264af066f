"""A visitor's own pictures: dropped, chosen, pasted or taken by the camera; and the square that networks get."""

from typing import NoReturn

import streamlit as st
from PIL import Image

from gradlab.errors import GradlabError
from gradlab.figures.pixels import png, to_picture
from gradlab.images.decode import LARGEST_FILE, square
from gradlab.images.own import MOST, OwnPicture
from gradlab.images.pictures import Box
from gradlab.images.registry import image_set
from gradlab.networks import known_cards
from gradlab.ui import cached, state, words
from gradlab.ui.components.pasted import pasted
from gradlab.ui.components.square import choose_square
from gradlab.ui.controls.choose import show_notice
from gradlab.ui.words import own as say

_KINDS = ["jpg", "jpeg", "png", "webp", "gif", "bmp", "tif", "tiff"]
_PREVIEW, _CAMERA = 112, 480  # px, of what a network gets, and of what the camera sees


def ask_for_pictures() -> NoReturn:
    """In place of a page over own pictures, as long as there are none."""
    st.subheader("Your pictures", anchor=False)
    _panel(alone=True)
    st.stop()


def bring_button() -> None:
    """Opens what one brings pictures with, and cuts their squares, over any page."""
    st.button(
        "Your pictures", icon=":material/add_photo_alternate:", key="bring", help=say.HELP, on_click=state.put,
        args=("bringing", True),
    )  # fmt: skip
    if state.get("bringing"):
        _dialog()
    else:
        _say_troubles()


def _close() -> None:
    state.put("bringing", False)


@st.dialog("Your pictures", width="large", on_dismiss=_close)
def _dialog() -> None:
    _panel(alone=False)


def _panel(*, alone: bool) -> None:
    st.caption(say.PRIVATE)
    _bring(alone)
    _say_troubles()
    pictures = cached.own_pictures().pictures
    if not pictures:
        return
    place = _which(pictures)
    _square(pictures[place], place)
    with st.container(horizontal=True):
        if st.button("Look at it", icon=":material/visibility:", type="primary", key="look_at_it"):
            state.turn_to_own(place)
            _close()
            st.rerun()
        _save(place)
        st.button("Remove it", icon=":material/delete:", key="remove_it", on_click=_remove, args=(place,))


def _bring(alone: bool) -> None:
    """The ways in. What was taken leaves the control, which then has another key: its files are let go of."""
    number = state.arrived_pictures().taken
    files = st.file_uploader(
        f"Drop pictures here, choose them, or paste one: up to {MOST}", _KINDS, accept_multiple_files=True,
        key=f"uploads_{number}", max_upload_size=LARGEST_FILE // 2**20,
    )  # fmt: skip
    pasted()
    if st.toggle("Use the camera", key="camera"):
        shot = st.camera_input("Camera", key=f"camera_{number}", label_visibility="collapsed", width=_CAMERA)
        files = [*files, *([shot] if shot else [])]
    if not files:
        return
    with st.spinner("Reading the pictures …"):
        cached.bring(files, number)
    st.rerun(scope="app" if alone else "fragment")


def _say_troubles() -> None:
    """What was wrong with files, and with what was pressed; once."""
    here = state.arrived_pictures()
    if here.troubles:
        st.warning(words.plain("\n\n".join(here.troubles)), icon=":material/link_off:")
        here.troubles.clear()
    show_notice("own")


def _which(pictures: tuple[OwnPicture, ...]) -> int:
    """The picture whose square is chosen."""
    places, here = range(len(pictures)), state.arrived_pictures()
    if here.cut in places:
        state.put("own_place", here.cut)
        here.cut = None
    if state.get("own_place") not in places:
        state.put("own_place", len(pictures) - 1)
    if len(pictures) == 1:
        return 0
    return int(st.selectbox("Picture", places, key="own_place", format_func=lambda k: f"{k + 1}. {pictures[k].title}"))


def _square(one: OwnPicture, place: int) -> None:
    left, right = st.columns([3, 2], gap="medium")
    with left:
        choose_square(one.pixels, one.box, one.title, lambda box: _cut(place, box))
        st.caption(say.SQUARE)
        show_notice("square")
    with right:
        st.caption("What the networks get:")
        with st.container(horizontal=True):
            for shape in sorted({image_set(card.dataset).shape for card in known_cards()}, reverse=True):
                _preview(one, shape)


def _preview(one: OwnPicture, shape: tuple[int, int, int]) -> None:
    channels, height, width = shape
    said = f"{width} × {height}" + (", grey" if channels == 1 else "")
    pixels = square(one.pixels, one.box, shape)
    picture = to_picture(pixels / 255, scale=max(1, _PREVIEW // width))
    st.image(picture, said, width=_PREVIEW, output_format="PNG", alt=f"{words.plain(one.title)} at {said} pixels")


def _save(place: int) -> None:
    own = cached.own_pictures()
    st.download_button(
        "Save it", lambda: png(Image.fromarray(own.pictures[place].pixels)), file_name=own.files[place].name,
        mime="application/octet-stream", icon=":material/download:", on_click="ignore", key="save_it", help=say.SAVE,
    )  # fmt: skip


def _cut(place: int, box: Box) -> None:
    try:
        cached.own_pictures().cut(place, box)
    except GradlabError as error:
        state.put_notice("square", f"{error}.")


def _remove(place: int) -> None:
    try:
        cached.own_pictures().remove(place)
    except GradlabError as error:  # pressed twice: it is gone
        state.put_notice("own", f"{error}.")


def own_network(of_all: str = "") -> str:
    """The network that looks at own pictures, among those of all data sets: the pictures' key follows from it."""
    own = cached.own_pictures()
    cards = {f"{card.dataset}/{card.name}": card for card in state.cards()}
    space = image_set(state.get("dataset")).space
    here = f"{space}/{state.get('model')}"
    if here not in cards:
        here = next(name for name, card in cards.items() if card.dataset == space)
    state.put("own_network", here)
    state.put("model", cards[here].name)

    def turn() -> None:
        card = cards[state.get("own_network")]
        state.put("dataset", own.key_of(card.dataset))
        state.put("model", card.name)

    st.selectbox(
        "Network", list(cards), key="own_network", on_change=turn, disabled=bool(of_all),
        format_func=lambda name: f"{cards[name].name} · {image_set(cards[name].dataset).title}", help=say.NETWORK_HELP,
    )  # fmt: skip
    return cards[here].name
