"""What is global: data set, model and label source; and the device."""

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from gradlab.device import available_devices
from gradlab.errors import GradlabError
from gradlab.images.own import is_own
from gradlab.images.registry import PHOTOS, image_set, image_sets, space_of
from gradlab.networks import ModelCard, find_card, known_cards
from gradlab.types import LabelSource
from gradlab.ui import cached, state, words
from gradlab.ui.components.terms import explained
from gradlab.ui.controls.choose import choose, show_notice
from gradlab.ui.controls.networks import network_button
from gradlab.ui.controls.own import ask_for_pictures, own_network


def subject(*, of_all: str = "") -> tuple[str, str, LabelSource]:
    """The names of data set and model, and the label source.

    Args:
        of_all: where the page shows all networks at once: says so, in place of the choice of one.
    """
    with _sidebar():
        if (name := dataset()) != state.OWN:
            chosen = name, model(of_all), labels(name)
    if name == state.OWN:
        ask_for_pictures()
    _printed(*chosen)
    return chosen


def network() -> tuple[str, str]:
    """For a page that leaves no choice of label source or rule; the names of data set and model."""
    with _sidebar():
        if (name := dataset()) != state.OWN:
            chosen = name, model()
    if name == state.OWN:
        ask_for_pictures()
    _printed(*chosen)
    return chosen


def _printed(dataset: str, model: str, labels: LabelSource | None = None) -> None:
    """What the sidebar says, for paper alone (see `print.css`), which has none."""
    of = f" · away from or towards {words.aim(labels)}" if labels else ""
    with st.container(key="printed"):
        st.caption(f"{words.plain(f'gradlab · {image_set(dataset).title} · {model}')}{of}")


def nothing_to_choose(why: str) -> None:
    """For a page on which all is settled; the sidebar stays, so that the page does not move sideways."""
    with _sidebar():
        st.caption(why)


@contextmanager
def _sidebar() -> Iterator[None]:
    """What every page's sidebar has, around what the page adds."""
    with st.sidebar:
        st.title("gradlab", anchor=False)
        explained("One step along the [[gradient]], and what it does to a [[network]] and to the eye.")
        yield
        _choose_device(available_devices())
        show_notice("device")
        st.button(
            "Present", icon=":material/present_to_all:", on_click=state.put, args=("present", True), type="tertiary",
            help="Shows this page on a projector: no menu, no sidebar, all type twice as large. "
            "As a link: `present=1`.",
        )  # fmt: skip


def _choose_device(names: tuple[str, ...]) -> None:
    """One of this machine's devices; where there is only one, there is no choice."""
    if len(names) == 1:
        st.caption(f"Runs on {cached.device_name()}")
        return
    st.selectbox(
        "Device", ["auto", *names], key="device", on_change=state.finish, help=words.DEVICE_HELP,
        format_func=lambda name: cached.device_name(name) + (", chosen for you" if name == "auto" else ""),
    )  # fmt: skip


def dataset() -> str:
    """The data set's name."""
    served = {card.dataset for card in known_cards()}
    titles = {known.key: known.title for known in image_sets() if space_of(known.key) in served}
    titles |= {known.key: known.title for known in state.own_network_sets()}
    titles[state.own_dataset()] = "Your pictures"
    at_hand = list(titles)
    if (wanted := state.get("dataset")) not in at_hand:
        none = f"There is no trained network for {wanted} yet."
        state.put_notice("dataset", f"{state.ELSEWHERE}." if is_own(wanted) else none)
        state.put("dataset", at_hand[0])
    name = st.selectbox(
        "Data set", at_hand, key="dataset", format_func=titles.__getitem__,
        on_change=state.put, args=("image", None),
    )  # fmt: skip
    show_notice("dataset")
    if name != state.OWN:
        _about_images(str(name))
    return str(name)


def _about_images(dataset: str) -> None:
    """What did not match of a person's own images, and what was left out."""
    if notes := image_set(dataset).notes:
        with st.expander("About these images", icon=":material/info:"):
            for note in notes:
                st.caption(words.plain(note))


def model(of_all: str = "") -> str:
    """The weights' name; `of_all` as for `subject`."""
    if is_own(state.get("dataset")):
        return _about(find_card(own_network(of_all), state.get("dataset")), of_all)
    cards = {card.name: card for card in state.cards(state.get("dataset"))}
    if state.get("model") not in cards:
        state.put("model", next(iter(cards)))
    name = st.selectbox(
        "Network", list(cards), key="model", disabled=bool(of_all),
        format_func=lambda n: network_title(cards[n]),
        help=words.NETWORK_HELP,
    )  # fmt: skip
    show_notice("model")
    return _about(cards[str(name)], of_all)


def _about(card: ModelCard, of_all: str) -> str:
    """What is known of the chosen network, below its name, which is returned."""
    try:
        cached.model(card.name, card.dataset)
    except GradlabError as error:
        st.error(str(error), icon=":material/error:")
    dataset = state.get("dataset")
    st.caption(of_all or f"{card.parameters / 1e6:.1f} million parameters{_measured(card, dataset)}. {card.note}")
    network_button(dataset, card.name)
    return card.name


def network_title(card: ModelCard) -> str:
    """Its name, and its clean accuracy where that was measured."""
    if is_own(card.name):
        return f"Your {card.architecture}"
    return card.name if card.clean_accuracy is None else f"{card.name} · {card.clean_accuracy:.2%}"


def _measured(card: ModelCard, dataset: str) -> str:
    """What it was trained and measured on; beside images of another set, it says of which."""
    if card.clean_accuracy is None:
        return ""
    measured, space = card.measured_on, image_set(space_of(dataset))
    if space.key not in (dataset, PHOTOS):
        measured += f" of {space.title}"
    return f". Trained on {card.trained_on}. Classifies {card.clean_accuracy:.2%} of {measured} correctly"


def labels(dataset: str) -> LabelSource:
    """Which label the loss is taken for; with a target, of which class."""
    offered = [kind for kind in words.LABELS if kind != "true" or image_set(dataset).labelled]
    if state.get("labels") not in offered:
        state.put("labels", offered[0])
    choose("Push away from", "labels", words.LABELS, words.labels_help(offered), among=offered, notice="")
    if state.get("labels") == "target":
        _target(dataset)
    show_notice("labels")
    return state.label_source()


def _target(dataset: str) -> None:
    known = image_set(dataset)
    chosen = state.get("target")
    if chosen not in known.classes:
        if chosen is not None:
            state.put_notice("labels", f"{known.title} has no class {chosen}. The class is {known.classes[0]} now.")
        state.put("target", known.classes[0])
    st.selectbox("Class", known.classes, key="target")
