"""This session's own networks, as the choice of a network and its link see them."""

from dataclasses import dataclass

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


@dataclass
class Arrival:
    """What came of a visitor's upload of a network, until a run of the page has taken it in.

    Streamlit may end a run wherever it touches the session, and begin another: what was read is written down here at
    once, outside of the session's values, so that the next run finds it whichever that is.

    Attributes:
        card: of a network that no run has turned to yet.
        trouble: why the last upload is none.
        taken: how many uploads were taken so far.
    """

    card: ModelCard | None = None
    trouble: str = ""
    taken: int = 0


def arrival() -> Arrival:
    """This session's."""
    found: Arrival = st.session_state.setdefault("arrival", Arrival())
    return found


def turned_to_network() -> None:
    """At the top of a run: look at the network that has arrived, with images of its classes."""
    here = arrival()
    if card := here.card:
        if space_of(str(st.session_state.get("dataset"))) != card.dataset:
            st.session_state["dataset"], st.session_state["image"] = card.dataset, None
        st.session_state["model"] = card.name
        here.card = None  # last: a run that was ended before leaves it to the next
