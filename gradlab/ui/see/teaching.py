"""A study of a class on the screen before it: how to join, how many did, and the curve of all answers as it grows.

Whoever has the teacher's key gets the teacher's page, which can close and delete the study. A projector has a key of
its own, which only shows: what stands in the browser's bar is read by the whole class. The code, which the class knows,
only lets people join.
"""

import html

import streamlit as st

from gradlab.errors import UnknownStudyError
from gradlab.seeing.database import Database, StudyRow
from gradlab.types import SeeingStudy
from gradlab.ui import cached, controls, state
from gradlab.ui.components.accuracy import network_accuracy, shown_accuracy
from gradlab.ui.components.look import boundary
from gradlab.ui.see.joining import join_address, only_here, qr, wall_address
from gradlab.ui.see.own import found, leave
from gradlab.ui.see.trouble import attempt, told
from gradlab.ui.views.seen import seen
from gradlab.ui.words import seeing

_GONE = "This study is gone: somebody deleted it."
_LINK = ("seen_axis", "guessers")
EVERY = 2.5  # seconds between two looks at the answers

_CODE = (
    '<div style="font-size: {size}; line-height: 1.1; font-weight: 700; letter-spacing: 0.08em; '
    'font-family: monospace">{code}</div>'
)


def teaching(database: Database, owner: str) -> None:
    """All of it.

    Args:
        database: where the answers are.
        owner: the teacher's key.

    Raises:
        DatabaseError: when the database cannot be read.
    """
    study = found(lambda: database.owned(owner), _GONE, "Open another study")
    if study and state.get("present"):
        # Presented, it is on the wall: there it has the projector's address, until the teacher leaves that.
        state.put("wall", study.wall)
        _board(database, study, "wall")
    elif study:
        _board(database, study, "teach")


def projecting(database: Database, wall: str) -> None:
    """The same without anything that changes the study, or takes answers away.

    Args:
        database: where the answers are.
        wall: the projector's key.

    Raises:
        DatabaseError: when the database cannot be read.
    """
    study = found(lambda: database.on_wall(wall), _GONE, "To the page See it?")
    if study:
        _board(database, study, "wall")


def _board(database: Database, study: SeeingStudy, key: str) -> None:
    """The study; `key` is what the page's address names: `teach` or `wall`."""
    state.write_link((key, *_LINK))
    if not study.closed:
        cached.deck(study.protocol)  # so that a class that begins all at once need not wait for it
    left, right = st.columns([2, 5], gap="large")
    with left:
        # What has more or fewer parts once the study is closed has a place of its own: else the buttons below would
        # move, and until the page has run they would be there twice.
        with st.container():
            _way_in(study)
        st.fragment(_numbers, run_every=None if study.closed else EVERY)(database, study)
        with st.container():
            controls.show_notice("teach")
        if key == "teach":
            _to_the_wall(study)
            _acts(database, study)
        if not study.closed and only_here(join_address(study.code)):
            st.warning(seeing.ONLY_HERE, icon=":material/wifi_off:")
    with right:
        st.fragment(_growing, run_every=None if study.closed else EVERY)(database, study, key)


def _way_in(study: SeeingStudy) -> None:
    st.caption("The study's code" if study.closed else "Join with the code")
    st.html(_CODE.format(code=study.code, size="3rem"))
    if study.closed:
        st.info("Closed: no more people can join, and no more answers count.", icon=":material/lock:")
        return
    address = join_address(study.code)
    qr(address, f"QR code of {address}")
    shown = html.escape(address.removeprefix("http://").removeprefix("https://"))
    st.html(f'<a href="{html.escape(address)}" style="overflow-wrap: anywhere">{shown}</a>')


def _numbers(database: Database, study: SeeingStudy) -> None:
    with boundary(), told("numbers"):
        row = _counted(database, study)
        joined, answers = st.columns(2)
        joined.metric("joined", row.participants)
        answers.metric("answers", f"{row.answers:,}")


def _counted(database: Database, study: SeeingStudy) -> StudyRow:
    """The study's counts; where it was deleted or closed elsewhere, the page runs again to say so."""
    try:
        row = database.counted(study.code)
    except UnknownStudyError:
        st.rerun()
    if (row.closed is None) != (study.closed is None):
        st.rerun()
    return row


def _growing(database: Database, study: SeeingStudy, key: str) -> None:
    with boundary(), told("growing"):
        row = _counted(database, study)
        state.write_link((key, *_LINK))
        answers = cached.class_answers(database, row)
        given = {key: rows for key, rows in answers.items() if rows}
        if not given:
            _nobody_yet(study)
            return
        st.subheader(f"What {len(given)} {'person sees' if len(given) == 1 else 'people see'}")
        shown = shown_accuracy(study.protocol)
        sweep, first = network_accuracy(study.protocol), bool(state.get("present"))
        seen(study, given, sweep, shown, you=False, figure_first=first, files=key == "teach")


def _nobody_yet(study: SeeingStudy) -> None:
    if study.closed:
        st.info("Nobody answered.", icon=":material/hourglass_empty:")
        return
    st.subheader("Can you see it?")
    st.markdown(seeing.JOIN_STEPS)
    st.info("No answers yet: the curve starts with the first one.", icon=":material/hourglass_empty:")


def _to_the_wall(study: SeeingStudy) -> None:
    st.link_button(
        "Open the page for the projector", wall_address(study.wall), icon=":material/present_to_all:", width="stretch",
        help="In a new window, large, with an address of its own.",
    )  # fmt: skip
    st.caption(
        "Show that page to the class, not this one: the address of this page holds your key, with which anybody can "
        "close and delete the study."
    )


def _acts(database: Database, study: SeeingStudy) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.download_button(
            "Export CSV", lambda: database.export_csv(study.code), file_name=f"gradlab-study-{study.code}.csv",
            mime="text/csv", icon=":material/download:", on_click="ignore", key="export", help=seeing.EXPORT_HELP,
        )  # fmt: skip
        if study.closed:
            st.button("Another study", icon=":material/replay:", on_click=leave, key="another_study")
        else:
            with st.popover("Close the study", icon=":material/lock:"):
                st.markdown(seeing.CLOSE_HELP)
                st.button("Close it for good", key="close", on_click=_close, args=(database, study))
        with st.popover("Delete the study", icon=":material/delete:"):
            st.markdown("This deletes the study and all its answers for good.")
            st.button("Delete it", key="delete_study", on_click=_delete, args=(database, study))


def _close(database: Database, study: SeeingStudy) -> None:
    attempt(lambda: database.close_study(study.code), "teach", "The study was not closed.")


def _delete(database: Database, study: SeeingStudy) -> None:
    if attempt(lambda: database.delete_study(study.code), "teach", "Nothing was deleted."):
        leave()
