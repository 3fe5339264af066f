"""Joining a study of a class: by its address, or its code, in a link or typed, and not before Begin is pressed."""

import html
import ipaddress
from urllib.parse import urlsplit, urlunsplit

import segno
import streamlit as st

from gradlab.errors import AnswersError, DatabaseError, UnknownStudyError
from gradlab.seeing.database import Database
from gradlab.seeing.psychometrics import schedule
from gradlab.types import SeeingStudy
from gradlab.ui import cached, controls, state, words
from gradlab.ui.words import seeing

_QUIET = 4  # modules of white around a QR code, as the standard asks


def join_field() -> None:
    """Where a code is typed."""
    with st.form("join", border=False), st.container(horizontal=True, vertical_alignment="bottom"):
        st.text_input("Join a study", key="code", placeholder="its code, such as 4KWHC", max_chars=24)
        st.form_submit_button("Join", icon=":material/group_add:", on_click=_typed)
    controls.show_notice("study")


def welcome(database: Database, code: str) -> None:
    """Before the test of a study; nobody is made a participant by looking at this.

    Args:
        database: where the study is.
        code: as it was read from a link, or typed.

    Raises:
        DatabaseError: when the database cannot be read.
    """
    try:
        study = database.study(code)
    except UnknownStudyError:
        study = None
    if study is None or study.solo:  # one person's own test is nobody else's business
        st.warning(f"No study has the code {words.plain(code)}. Please check it.", icon=":material/search_off:")
        join_field()
        return
    if study.closed is not None:
        st.info(f"The study {study.code} is closed. Nobody can join it any more.", icon=":material/lock:")
        join_field()
        return
    controls.show_notice("join")
    _introduction(study)
    st.button("Begin", type="primary", icon=":material/play_arrow:", key="join_begin", on_click=_join, args=(code,))
    st.caption(seeing.JOIN_KEPT)


def _introduction(study: SeeingStudy) -> None:
    protocol = study.protocol
    st.subheader("Can you see it?")
    st.markdown(f"{seeing.INTRO[protocol.method]} {seeing.STEPS}")
    trials = len(schedule(protocol.design, 0))  # of any seed: all tests are equally long
    st.markdown(f"There are {trials} trials. {seeing.JOIN_ROOM}")


def _typed() -> None:
    state.put_link("study", str(state.get("code") or ""))


def _join(code: str) -> None:
    try:
        # However often it is pressed, a session is one participant of a study.
        state.put("test", state.once(("join", code), lambda: cached.answers().join(code).key))
    except DatabaseError as error:
        state.put_notice("join", f"{error}. The test did not begin: try again.")
    except AnswersError:
        pass  # closed or deleted just now: the page says so


def join_address(code: str, page: str = "") -> str:
    """The address by which one joins a study.

    Args:
        code: of the study.
        page: the address of the app's page *See it?*, whatever follows its `?`; the teacher's own, unless given.
    """
    return _address(f"study={code}", page)


def wall_address(wall: str) -> str:
    """The address of a study's page for a projector, by the projector's key; large, and without a menu."""
    return _address(f"wall={wall}&present=1")


def _address(query: str, page: str = "") -> str:
    here = urlsplit(page or st.context.url or "")
    path = here.path.rstrip("/").removesuffix("/see") + "/see"
    return urlunsplit((here.scheme, here.netloc, path, query, ""))


def only_here(address: str) -> bool:
    """Whether an address means the machine it is opened on, so that a phone finds nothing there."""
    host = urlsplit(address).hostname or "localhost"
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def qr(address: str, alt: str) -> None:
    """Draw an address as a QR code, as wide as there is room: black on white, in dark mode too.

    Args:
        address: what the code says.
        alt: its description, for people who can't see it.
    """
    picture = segno.make(address, error="m", micro=False).svg_data_uri(
        scale=8, border=_QUIET, dark="#000", light="#fff", omitsize=True
    )
    st.html(
        f'<img src="{html.escape(picture)}" alt="{html.escape(alt)}" '
        'style="display: block; width: 100%; max-width: 22rem; border-radius: 6px">'
    )
