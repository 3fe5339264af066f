"""On the page *Gallery*: which images are shown, of how many, in which order; and a choice of classes."""

from collections.abc import Sequence

import streamlit as st

from gradlab.images.registry import image_set
from gradlab.images.splits import shared_places
from gradlab.types import Rule, is_photograph
from gradlab.ui import cached, state, words
from gradlab.ui.controls.choose import choose, choose_rules, show_notice

FEW = 100  # images whose gradients are soon there
PHOTOGRAPHS = 200  # at most, of which the gradients have room
_ALL = words.SHOWS | words.ORDERS


def gallery_kind() -> str:
    """Many images under one step, or one under many: a name of `words.GALLERIES`."""
    return choose("What to look at", "gallery", words.GALLERIES, words.GALLERIES_HELP)


def classes(
    dataset: str, label: str = "True class", usual: str = "all", among: Sequence[int] | None = None
) -> list[int]:
    """Some of the classes, by their places; none where the `usual` ones are meant.

    Args:
        dataset: its name.
        label: of the control.
        usual: which are meant where none is chosen, in words.
        among: the places of those that can be chosen; all, unless given.
    """
    known = image_set(dataset)
    offered = [known.classes[n] for n in (range(len(known.classes)) if among is None else among)]
    # Those of the data set before stay behind when another is chosen.
    state.put("classes", [name for name in state.get("classes") if name in offered])
    shown = (
        "What the images show, by the data set's labels" if known.labelled else "What the network says of the images"
    )
    chosen = st.multiselect(
        label, offered, key="classes", placeholder=usual, on_change=state.put, args=("sheet", 1),
        help=f"{shown}. Choose none for {usual}.",
    )  # fmt: skip
    show_notice("classes")
    return [known.classes.index(str(name)) for name in chosen]


def selection(dataset: str) -> tuple[list[int], str, str]:
    """The classes, and names of `words.SHOWS` and `words.ORDERS`; without labels, those that need none."""
    if not image_set(dataset).labelled:
        left, right = st.columns(2)
        with left:
            show = _selected("Show", "show", words.SHOWS_UNLABELLED, words.SHOWS_UNLABELLED_HELP)
        with right:
            order = _selected("Sort by", "order", words.ORDERS_UNLABELLED, words.ORDERS_HELP)
        return [], show, order
    left, middle, right = st.columns([2, 1, 1])
    with left:
        kept = classes(dataset)
    with middle:
        show = _selected("Show", "show", words.SHOWS, words.SHOWS_HELP)
    with right:
        order = _selected("Sort by", "order", words.ORDERS, words.ORDERS_HELP)
    return kept, show, order


def _selected(title: str, key: str, titles: dict[str, str], help: str) -> str:
    if (wanted := state.get(key)) not in titles:
        state.put_notice(key, f"Nobody knows what these images show, so “{_ALL[wanted]}” means nothing here.")
        state.put(key, next(iter(titles)))
    name = st.selectbox(
        title, list(titles), key=key, format_func=titles.__getitem__, help=help, on_change=state.put, args=("sheet", 1)
    )
    show_notice(key)
    return str(name)


def pool(dataset: str, ready: bool) -> int:
    """How many images; all of the sample, where they are `ready`, unless a number was chosen."""
    most = len(cached.sample(dataset))
    most -= len(shared_places(dataset, "test", most))  # the last ones; no baseline has them
    if is_photograph(image_set(dataset).shape):
        most = min(most, PHOTOGRAPHS)
    choices = sorted({size for size in state.POOLS if size < most} | {most})
    chosen = state.get("pool")
    if chosen and chosen not in choices:
        state.put_notice("pool", f"You asked for {chosen:,} images; {most:,} are at hand.")
        state.put("pool", None)
    state.put("pooled", state.get("pool") or (most if ready else min(FEW, most)))
    help = words.pool_help(cached.only_a_sample(dataset))
    if len(choices) == 1:
        st.markdown(f"Images: {choices[0]:,}", help=help)
        show_notice("pool")
        return choices[0]
    images = st.select_slider(
        "Images", choices, key="pooled", on_change=_pool_chosen, format_func=lambda n: f"{n:,}", help=help,
        width=400,
    )  # fmt: skip
    show_notice("pool")
    return int(images)


def sheet(sheets: int) -> int:
    """Which page of the tiles, from 1 on; nothing is drawn where there is only one."""
    if state.get("sheet") > sheets:
        state.put_notice("sheet", f"You asked for page {state.get('sheet')}; there are {sheets}.")
        state.put("sheet", sheets)
    if sheets > 1:
        st.pagination(sheets, key="sheet")
    show_notice("sheet")
    return int(state.get("sheet"))


def rows() -> tuple[Rule, ...]:
    """The rules that get a row each."""
    return choose_rules("Kinds of noise", "rows", words.RULE_HELP)


def _pool_chosen() -> None:
    state.put("pool", state.get("pooled"))
    state.put("sheet", 1)
