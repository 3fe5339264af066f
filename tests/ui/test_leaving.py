"""What a visitor brought goes: with what was removed, and with the visit. Nothing of ours holds on to it."""

import gc
import weakref
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
import streamlit as st
from apps import link
from streamlit import runtime
from streamlit.runtime.caching.cache_resource_api import clear_session_cache
from streamlit.runtime.memory_session_storage import MemorySessionStorage
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.session_manager import SessionInfo
from streamlit.runtime.uploaded_file_manager import UploadedFileRec
from streamlit.runtime.websocket_session_manager import WebsocketSessionManager
from streamlit.testing.v1 import AppTest
from test_own_network import dropped, files
from test_own_network import opened as with_networks
from test_own_pictures import opened as with_pictures
from torch import nn

from gradlab.images.own import OwnPicture, is_own
from gradlab.images.registry import ImageSet
from gradlab.types import Batch, Exploration, Track
from gradlab.ui.cached import devices
from gradlab.ui.leaving import forget_who_left

SESSION = "test session id"  # of every AppTest


@pytest.fixture(autouse=True)
def _fresh(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("gradlab.ui.state.own.BEGIN", "cifar10")
    st.cache_resource.clear()
    yield
    st.cache_resource.clear()


def alive(*kinds: type) -> list[Any]:
    gc.collect()
    return [one for one in gc.get_objects() if issubclass(type(one), kinds)]  # not isinstance, which asks some objects


def of_own_pictures() -> list[Any]:
    """All that is known of them: pictures, sets, batches, and what was computed of one."""
    theirs = [one for one in alive(ImageSet, Batch) if is_own(getattr(one, "key", getattr(one, "dataset", None)))]
    return [*alive(OwnPicture, Track, Exploration), *theirs]


def of_own_networks() -> list[Any]:
    return [one for one in alive(nn.Module) if is_own(getattr(getattr(one, "card", None), "name", None))]


def remove_picture(app: AppTest) -> AppTest | None:
    app.button(key="bring").click().run()
    app.button(key="remove_it").click().run()
    app.run()
    assert app.get("file_uploader"), "asks for pictures again"
    return app


def remove_network(app: AppTest) -> AppTest | None:
    app.button(key="network_remove").click().run()
    app.run()  # Streamlit forgets the controls that are no longer drawn
    assert not app.exception
    return app


def leave(app: AppTest) -> AppTest | None:
    clear_session_cache(SESSION)  # as Streamlit does when the connection ends; the session itself goes soon after
    return None


@pytest.mark.parametrize("end", [remove_picture, leave])
def test_of_pictures_nothing_is_left(end: Callable[[AppTest], AppTest | None]) -> None:
    before = of_own_pictures()  # of other tests
    app = with_pictures()
    brought = [weakref.ref(one) for one in of_own_pictures() if not any(one is other for other in before)]
    assert {type(ref()) for ref in brought} == {OwnPicture, ImageSet, Batch, Track, Exploration}
    app = end(app)
    gc.collect()
    assert [ref() for ref in brought if ref() is not None] == []


@pytest.mark.parametrize("end", [remove_network, leave])
def test_of_a_network_nothing_is_left(end: Callable[[AppTest], AppTest | None]) -> None:
    app = dropped(with_networks(), files())
    name, space = link(app)["model"], app.selectbox(key="dataset").value
    modules = [weakref.ref(one) for one in of_own_networks()]
    assert modules
    devices._kept("cpu")[f"a result of {name}"] = 1
    app = end(app)
    gc.collect()
    assert [ref() for ref in modules if ref() is not None] == []
    assert not [key for key in devices._kept("cpu") if name in repr(key)]
    assert not [one for one in alive(ImageSet, Batch) if getattr(one, "key", getattr(one, "dataset", "")) == space]


class Session(SimpleNamespace):
    """Stands for a session of Streamlit's."""


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Streamlit's own storage, which keeps sessions for no time at all."""
    uploads = MemoryUploadedFileManager("/upload")
    sessions = WebsocketSessionManager(MemorySessionStorage(ttl_seconds=0), uploads, None, None)  # type: ignore[arg-type]
    made = SimpleNamespace(
        _session_mgr=sessions, uploaded_file_mgr=uploads, is_active_session=lambda session: session == "here"
    )
    monkeypatch.setattr(runtime, "exists", lambda: True)
    monkeypatch.setattr(runtime, "get_instance", lambda: made)
    return made


def test_who_may_not_come_back_any_more_is_forgotten_though_nobody_else_leaves(server: Any) -> None:
    session = Session(id="gone")
    gone = weakref.ref(session)
    server._session_mgr._session_storage.save(SessionInfo(client=None, session=session))  # type: ignore[arg-type]
    del session
    gc.collect()
    assert gone(), "Streamlit keeps it"
    forget_who_left()
    gc.collect()
    assert gone() is None


def test_uploads_that_nobody_took_go_with_the_visitor(server: Any) -> None:
    uploads = server.uploaded_file_mgr
    for session in ("here", "gone"):
        uploads.add_file(session, UploadedFileRec("1", "a.png", "image/png", bytes(100)))
    forget_who_left()
    assert list(uploads.file_storage) == ["here"]
    forget_who_left()


def test_without_a_server_there_is_nobody_to_forget() -> None:
    forget_who_left()
