"""On the page *Compare*: what is compared, and with which other network."""

import streamlit as st

from gradlab.networks import known_cards
from gradlab.ui import state, words
from gradlab.ui.controls.notices import show_notice
from gradlab.ui.controls.sidebar import network_title


def comparison() -> str:
    """`models`, `rules` or `transfer`. One at a time, for a hidden one would be computed as well."""
    choice = st.segmented_control(
        "Compare", list(words.COMPARISONS), key="compare", required=True,
        format_func=words.COMPARISONS.__getitem__, help=words.COMPARISONS_HELP,
    )  # fmt: skip
    show_notice("compare")
    return str(choice)


def other_model(dataset: str, model: str) -> str | None:
    """The network that the sidebar's is compared with; None where the data set has no other."""
    cards = {card.name: card for card in known_cards(dataset) if card.name != model}
    if not cards:
        return None
    if state.get("other") not in cards:
        state.put("other", next(iter(cards)))
    name = st.selectbox(
        f"Compare {model} with", list(cards), key="other",
        format_func=lambda n: network_title(cards[n]),
    )  # fmt: skip
    show_notice("other")
    return str(name)
