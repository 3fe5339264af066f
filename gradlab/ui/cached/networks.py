"""The networks that this session has brought, held until it ends."""

from threading import Lock

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from gradlab.errors import BadValueError, GradlabError
from gradlab.networks.own import OwnNetworks
from gradlab.ui import state
from gradlab.ui.cached.own import forgets_kept, let_go, only_here

_ELSEWHERE = "expected a network of this session, got one that another one has brought, which nobody else can use"


def own_networks() -> OwnNetworks:
    """This session's own networks; none, to begin with."""
    found = _held()
    state.put_own_networks(found)
    return found


def bring_network(files: list[UploadedFile], otherwise: str, number: int) -> None:
    """Take a network in the two files that were uploaded, and let go of these, whatever is in them.

    What comes of it is the session's `Arrival`. Nothing between reading and that touches the session, where Streamlit
    may end this run. Visitors take turns, so that the memory for reading is that for one.

    Args:
        files: the two of them.
        otherwise: the image set whose classes are meant where `config.json` names none.
        number: how many uploads were taken before; what another run has taken meanwhile is not taken again.
    """
    own, here, taking = own_networks(), state.arrival(), _reading()
    with taking:
        if here.taken != number:
            return
        try:
            here.card, here.trouble = own.add(*_two(files), otherwise), ""
        except GradlabError as error:
            here.trouble = f"{error}."
        here.taken += 1
        for file in files:
            let_go(file)


def _two(files: list[UploadedFile]) -> tuple[bytes, bytes]:
    found = {("config" if file.name.lower().endswith(".json") else "weights"): file for file in files}
    if len(files) != 2 or found.keys() != {"config", "weights"}:
        raise BadValueError(f"expected config.json and model.safetensors together, got {len(files)} files")
    return found["config"].getvalue(), found["weights"].getvalue()


@st.cache_resource(scope="session", on_release=OwnNetworks.forget, show_spinner=False)
def _held() -> OwnNetworks:
    return OwnNetworks(only_here(_ELSEWHERE), forgets_kept())


@st.cache_resource(show_spinner=False)
def _reading() -> Lock:
    return Lock()
