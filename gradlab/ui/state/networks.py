"""This session's own networks, as the choice of a network and its link see them."""

import streamlit as st

from gradlab.images.registry import ImageSet, space_of
from gradlab.networks import ModelCard, known_cards
from gradlab.networks.own import OwnNetworks


def put_own_networks(own: OwnNetworks) -> None:
    """Remember them."""
    st.session_state["own_networks"] = own


def own_networks() -> tuple[ModelCard, ...]:
    """The cards of those that this session has brought."""
    found: OwnNetworks | None = st.session_state.get("own_networks")
    return found.cards if found else ()


def own_network_sets() -> tuple[ImageSet, ...]:
    """What there is to look at for those with classes of their own."""
    found: OwnNetworks | None = st.session_state.get("own_networks")
    return found.sets if found else ()


def cards(dataset: str | None = None) -> list[ModelCard]:
    """What is known of the networks that this session can choose, for one data set or for any: its own come last."""
    own = (card for card in own_networks() if dataset is None or card.dataset == space_of(dataset))
    return [*known_cards(dataset), *own]


def turn_to_network(name: str, space: str) -> None:
    """Let the page look at a network when it runs next, with images of its classes."""
    st.session_state["turned_to"] = (name, space)


def turned_to_network() -> None:
    """At the top of a run: what `turn_to_network` asked for."""
    if turned := st.session_state.pop("turned_to", None):
        name, space = turned
        if space_of(str(st.session_state.get("dataset"))) != space:
            st.session_state["dataset"], st.session_state["image"] = space, None
        st.session_state["model"] = name
