"""The networks that this session has brought, held until it ends; and the check of any network."""

from collections.abc import Iterator
from dataclasses import dataclass
from threading import Lock

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from gradlab.errors import BadValueError
from gradlab.networks import ModelCard
from gradlab.networks.check import NAMES, Check, stream_checks
from gradlab.networks.own import OwnNetworks
from gradlab.ui import state
from gradlab.ui.cached.devices import device_lock, keep, kept, model
from gradlab.ui.cached.images import sample
from gradlab.ui.cached.own import forgets_kept, let_go, only_here

_IMAGES = 256
_MOST_KEPT = 64
_ELSEWHERE = "expected a network of this session, got one that another one has brought, which nobody else can use"


@dataclass(frozen=True)
class _Checked:
    dataset: str
    model: str


def own_networks() -> OwnNetworks:
    """This session's own networks; none, to begin with."""
    found = _held()
    state.put_own_networks(found)
    return found


def bring_network(files: list[UploadedFile], otherwise: str) -> ModelCard:
    """Take a network in the two files that were uploaded, and let go of these, whatever is in them.

    Visitors take turns, so that the memory for reading is that for one.

    Raises:
        GradlabError: for other files, or what is in them.
    """
    found = {("config" if file.name.lower().endswith(".json") else "weights"): file for file in files}
    try:
        if len(files) != 2 or found.keys() != {"config", "weights"}:
            raise BadValueError(f"expected config.json and model.safetensors together, got {len(files)} files")
        with _reading():
            return own_networks().add(found["config"].getvalue(), found["weights"].getvalue(), otherwise)
    finally:
        for file in files:
            let_go(file)


def checks(dataset: str, name: str) -> Iterator[tuple[Check, ...]]:
    """The checks of a network so far, after each of them; kept, so that nobody waits for it again."""
    there, key = kept(), _Checked(dataset, name)
    if key in there:
        yield there[key]
        return
    found: tuple[Check, ...] = ()
    images = sample(dataset)
    stream = stream_checks(model(name, dataset), images.part(range(min(_IMAGES, len(images)))))
    for _ in NAMES:
        with device_lock():
            one = next(stream, None)
        if one is None:
            break
        found = (*found, one)
        yield found
    keep(there, key, found, _MOST_KEPT)


@st.cache_resource(scope="session", on_release=OwnNetworks.forget, show_spinner=False)
def _held() -> OwnNetworks:
    return OwnNetworks(only_here(_ELSEWHERE), forgets_kept())


@st.cache_resource(show_spinner=False)
def _reading() -> Lock:
    return Lock()
