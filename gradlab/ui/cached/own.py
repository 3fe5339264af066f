"""The pictures that this session has brought: held until it ends, and decoded one at a time."""

from collections.abc import Callable, Iterable
from threading import Lock

import streamlit as st
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.uploaded_file_manager import UploadedFile

from gradlab.errors import BadValueError, GradlabError
from gradlab.images.own import OwnPictures
from gradlab.ui import state
from gradlab.ui.cached.devices import forgetter
from gradlab.ui.cached.keeping import forget_alone


def own_pictures() -> OwnPictures:
    """This session's own pictures; none, to begin with."""
    found = _held()
    state.put_own(found)
    return found


def bring(files: Iterable[UploadedFile], number: int) -> None:
    """Take the pictures in files that were uploaded, and let go of the files, whatever is in them.

    What comes of it is written down in `state.arrived_pictures`, before anything touches the session. Visitors take
    turns, a picture each, so that the memory for decoding is that for one.

    Args:
        files: those that are no pictures, or too many, are troubles.
        number: how many uploads were taken before; what another run has taken meanwhile is not taken again.
    """
    own, here, turns = own_pictures(), state.arrived_pictures(), _decoding()
    if here.taken != number:
        return
    for file in files:
        try:
            with turns:
                own.add(file.name, file.getvalue())
            if here.turn is None:
                here.turn = here.cut = len(own.pictures) - 1
        except GradlabError as error:
            here.troubles.append(f"{file.name:.80}: {error}.")
        finally:
            let_go(file)
    here.taken += 1


def let_go(file: UploadedFile) -> None:
    """Forget a file that was uploaded: Streamlit keeps the bytes of a file as long as the session lasts."""
    context = get_script_run_ctx()
    if context and isinstance(context.uploaded_file_mgr, MemoryUploadedFileManager):
        context.uploaded_file_mgr.remove_file(session_id=context.session_id, file_id=file.file_id)


@st.cache_resource(scope="session", on_release=OwnPictures.forget, show_spinner=False)
def _held() -> OwnPictures:
    return OwnPictures(only_here(state.ELSEWHERE), forgets_kept())


def forgets_kept() -> Callable[[list[str]], None]:
    """What forgets all that is kept of this session's own things, and what was computed of some keys on any device."""
    owner, forget_kept = session_id(), forgetter()

    def outdated(keys: list[str]) -> None:
        forget_kept(keys)
        if session_id() == owner:  # else the session has ended, and Streamlit has forgotten its entries
            forget_alone()

    return outdated


@st.cache_resource(show_spinner=False)
def _decoding() -> Lock:
    return Lock()


def only_here(said: str) -> Callable[[], None]:
    """What raises a `BadValueError`, which says so, when another session calls it than this one."""
    owner = session_id()

    def check() -> None:
        # A thread of ours that belongs to no session works for the one that has begun it.
        if session_id() not in (owner, None):
            raise BadValueError(said)

    return check


def session_id() -> str | None:
    """The session that this thread works for; None where it belongs to none."""
    context = get_script_run_ctx(suppress_warning=True)
    return context.session_id if context else None
