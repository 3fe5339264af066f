"""Which image of the data set is looked at."""

import random
from collections.abc import Sequence

import streamlit as st

from gradlab.errors import GradlabError
from gradlab.figures.pixels import to_picture, whole_scale
from gradlab.images.registry import called, image_set
from gradlab.types import Batch
from gradlab.ui import cached, state, words
from gradlab.ui.controls.choose import show_notice
from gradlab.ui.controls.own import bring_button
from gradlab.ui.words.own import HERE

TURNED, REPAIRED = "turned", "repaired"
_PICTURED = 128  # px: how wide a small image is drawn at most


def image_place(dataset: str, model: str) -> int:
    """The chosen image's place in the data set; one to begin with, found for each network, until one is chosen."""
    wanted, chosen = state.get("wanted"), state.get("image")
    state.put("wanted", None)
    begun = state.get("begun")  # the network that an image was found for, and that image
    if wanted or chosen is None or (begun and chosen == begun[1] and begun[0] != (dataset, model)):
        chosen = _to_begin_with(dataset, model, wanted or TURNED)
        state.put("begun", ((dataset, model), chosen))
    try:
        cached.load_one(dataset, chosen)
    except GradlabError as error:
        state.put_notice("image", f"The link's image was left out: {error}.")
        chosen = _to_begin_with(dataset, model, TURNED)
    state.put("image", chosen)
    return int(chosen)


def _to_begin_with(dataset: str, model: str, which: str) -> int:
    first = cached.sample(dataset).indices.tolist()[0]
    try:
        turned, repaired = cached.first_places(dataset, model)
    except GradlabError:  # what is wrong with the network, its own control says
        return int(first)
    found = repaired if which == REPAIRED else turned
    if found is None and which == REPAIRED:
        state.put_notice("image", f"{model} makes no mistake among the first images that a small step would repair.")
    return int(next(place for place in (found, turned, first) if place is not None))


def begin_with(which: str) -> None:
    """Go to an image to begin with, `TURNED` or `REPAIRED`, without a step; before the page runs again."""
    state.put("wanted", which)
    state.put("moved", False)


def image_bar(dataset: str, place: int, *, pictured: bool = False) -> Batch:
    """Buttons that go to another image, and the name of the chosen one, or its picture too; returns that image."""
    one, known = cached.load_one(dataset, place), image_set(dataset)
    name = known.name_of(place, int(one.labels))
    with st.container(horizontal=True, vertical_alignment="center"):
        if pictured:
            image = one.images[0].numpy()
            picture = to_picture(image, whole_scale(image.shape[-1], _PICTURED))
            st.image(picture, output_format="PNG", width=picture.width, alt=f"{called(dataset)} {place}, {name}")
        _steps(dataset)
        bring_button()
        own = state.is_yours(dataset)
        where = (
            f"picture {place + 1} of {known.sizes['test']}" if own else f"{called(dataset)} {place} of {known.title}"
        )
        st.markdown(f"**{words.plain(name)}** · {where}")
    if own:
        st.caption(HERE)
    if known.credits:
        st.caption(words.plain(known.credits[place]))
    show_notice("image")
    return one


def _steps(dataset: str) -> None:
    places = cached.sample(dataset).indices.tolist()
    here = position(places, state.get("image"))
    goals = {
        ("Previous", ":material/arrow_back:"): places[here - 1],
        ("Next", ":material/arrow_forward:"): places[(here + 1) % len(places)],
        ("Random", ":material/shuffle:"): random.choice(places),
    }
    for (title, icon), place in goals.items():
        st.button(title, icon=icon, key=f"go_{title}", on_click=state.put, args=("image", place))


def position(places: Sequence[int], chosen: int) -> int:
    """Where the chosen image is in the sample; 0 when it is not in it."""
    return places.index(chosen) if chosen in places else 0
