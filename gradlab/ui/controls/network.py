"""A visitor's own network, and the check of whichever is chosen."""

import streamlit as st

from gradlab.errors import GradlabError
from gradlab.images.own import is_own
from gradlab.networks import find_card
from gradlab.networks.check import NAMES, Check
from gradlab.networks.folder import LARGEST_UPLOAD
from gradlab.ui import cached, state, words
from gradlab.ui.controls.choose import show_notice
from gradlab.ui.serving import uploads_allowed
from gradlab.ui.words import networks as say


def network_button(dataset: str, model: str) -> None:
    """Opens the check of the chosen network, and, where that is allowed, what one brings a network with."""
    st.button(
        say.BUTTON if uploads_allowed() else say.CHECK, icon=":material/fact_check:", key="network_open", help=say.HELP,
        on_click=state.put, args=("networking", True), type="tertiary",
    )  # fmt: skip
    if state.get("networking"):
        _dialog(dataset, model)


def _close() -> None:
    state.put("networking", False)


@st.dialog("Networks", width="large", on_dismiss=_close)
def _dialog(dataset: str, model: str) -> None:
    if uploads_allowed():
        _bring(dataset)
        if is_own(model):
            st.button(
                "Remove your network", icon=":material/delete:", key="network_remove", on_click=_remove, args=(model,)
            )
    show_notice("network")
    _checked(dataset, model)


def _bring(dataset: str) -> None:
    """What was taken leaves the control, which then has another key: its files are let go of."""
    st.caption(say.PRIVATE)
    number = state.get("network_uploads") or 0
    files = st.file_uploader(
        say.DROP, ["json", "safetensors"], accept_multiple_files=True, key=f"network_files_{number}",
        max_upload_size=LARGEST_UPLOAD // 1_000_000,
    )  # fmt: skip
    if len(files) < 2:
        return
    try:
        with st.spinner("Reading the network …"):
            card = cached.bring_network(files, dataset)
        state.turn_to_network(card.name, card.dataset)
    except GradlabError as error:
        state.put_notice("network", f"{error}.")
    state.put("network_uploads", number + 1)
    st.rerun()


def _remove(model: str) -> None:
    cached.own_networks().remove(model)
    _close()


def _checked(dataset: str, model: str) -> None:
    """Each check as it comes; at the end, how many failed."""
    card, place, found = find_card(model, dataset), st.empty(), tuple[Check, ...]()
    st.caption(words.plain(f"{card.architecture}, weights sha256 {card.sha256}"))
    try:
        for found in cached.checks(dataset, model):
            if len(found) < len(NAMES):
                place.progress(len(found) / len(NAMES), f"Checking the network: {NAMES[len(found)]} …")
    except GradlabError as error:
        st.error(words.plain(str(error)), icon=":material/error:")
    place.empty()
    failed = sum(not one.passed for one in found)
    st.markdown(
        f"**{say.FAILED.format(failed=failed, count=len(found))}**" if failed else say.PASSED.format(count=len(found))
    )
    for one in found:
        _line(one)


def _line(one: Check) -> None:
    sign = ":material/check_circle:" if one.passed else ":material/error:"
    said = "passed" if one.passed else "failed"
    st.markdown(f"{sign} **{words.plain(one.name)}**, {said}: {words.plain(one.found)}")
    if one.advice:
        st.markdown(f"&emsp;What to do: {words.plain(one.advice)}")
