"""A visitor's own network, and the check of whichever is chosen."""

from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from gradlab.errors import GradlabError
from gradlab.images.own import is_own
from gradlab.networks import find_card
from gradlab.networks.check import NAMES, Check
from gradlab.networks.folder import LARGEST_UPLOAD
from gradlab.ui import cached, state, words
from gradlab.ui.components.look import boundary
from gradlab.ui.jobs.check import CheckJob, Found
from gradlab.ui.jobs.job import begun, finished
from gradlab.ui.serving import uploads_allowed
from gradlab.ui.words import networks as say

_EVERY = 0.3  # seconds between two things that are checked, in which the dialog hears what else is wanted
_MOST = 4  # checks that a session keeps


def network_button(dataset: str, model: str) -> None:
    """Opens the check of the chosen network, and, where that is allowed, what one brings a network with."""
    st.button(
        say.BUTTON if uploads_allowed() else say.CHECK, icon=":material/fact_check:", key="network_open", help=say.HELP,
        on_click=state.put, args=("networking", True), type="tertiary",
    )  # fmt: skip
    if state.get("networking"):
        _dialog(dataset, model)


def _close() -> None:
    state.arrival().trouble = ""
    state.put("networking", False)


@st.dialog("Networks", width="large", on_dismiss=_close)
def _dialog(dataset: str, model: str) -> None:
    if uploads_allowed():
        _bring(dataset)
        if is_own(model) and st.button("Remove your network", icon=":material/delete:", key="network_remove"):
            _remove(model)
            st.rerun()  # all of the page: nothing here can be drawn of a network that is gone
    _checked(dataset, model)


def _bring(dataset: str) -> None:
    """What was taken leaves the control, which then has another key: its files are let go of."""
    here = state.arrival()
    number = here.taken
    st.caption(say.PRIVATE)
    files = st.file_uploader(
        say.DROP, ["json", "safetensors"], accept_multiple_files=True, key=f"network_files_{number}",
        max_upload_size=LARGEST_UPLOAD // 1_000_000,
    )  # fmt: skip
    if len(files) >= 2:
        with st.spinner("Reading the network …"):
            cached.bring_network(files, dataset, number)
    if here.taken != number or here.card:  # by this run, or by one that was ended before it could say so
        st.rerun()
    if here.trouble:
        st.warning(words.plain(here.trouble), icon=":material/link_off:")


def _remove(model: str) -> None:
    cached.own_networks().remove(model)
    for job in [job for job in state.checks() if getattr(job, "model", "") == model]:
        state.checks().pop(job).work.end()
    _close()


def _checked(dataset: str, model: str) -> None:
    """Each thing that is checked, as it comes; what takes long is done when the page below is drawn."""
    card = find_card(model, dataset)
    st.caption(words.plain(f"{card.architecture}, weights sha256 {card.sha256}"))
    job = CheckJob(dataset, model, card.sha256)
    if found := finished(job):
        _summary(found)
        return
    try:
        running = _running(job)
    except GradlabError as error:
        st.error(words.plain(str(error)), icon=":material/error:")
        return
    goes, drawn = _goes(running), list[bool]()

    def grows() -> None:
        """Drawn with the dialog; by itself, it goes on a step, and has the page run when there is no more to do."""
        if drawn and _goes(running) and running.work.advance() and not _goes(running):
            running.work.advance()  # past its end, where it is kept for all
        if drawn and (_goes(running) != goes or state.checks().get(job) is not running):
            st.rerun()
        drawn.append(True)
        _grown(running)

    st.fragment(boundary()(grows), run_every=_EVERY if goes else None)()


def _running(job: CheckJob) -> state.Running[Found]:
    """As far as this session has come with it; begun, where it has not."""
    there: dict[Any, state.Running[Found]] = state.checks()
    if job not in there:
        there[job] = state.Running(job, state.Work(begun(job)))
        for old in list(there)[:-_MOST]:
            del there[old]
    return there[job]


def _goes(running: state.Running[Found]) -> bool:
    return not (running.stopped or running.work.broken or running.work.now.share == 1.0)


def _grown(running: state.Running[Found]) -> None:
    now = running.work.now
    found = now.result or ()
    if now.share == 1.0:
        _summary(found)
        return
    if running.work.broken:
        st.error(say.BROKEN, icon=":material/error:")
    left, right = st.columns([6, 1], vertical_alignment="center")
    doing = say.DOING.format(name=NAMES[min(len(found), len(NAMES) - 1)])
    left.progress(now.share, now.text if running.stopped else doing)
    _halt(running, right)
    for one in found:
        _line(one)


def _halt(running: state.Running[Found], place: DeltaGenerator) -> None:
    """Stop, Go on, or, after an error, once more."""

    def press() -> None:
        if running.work.broken:
            state.checks().pop(running.job, None)
        running.stopped = not running.stopped

    title, icon = ("Go on", ":material/play_arrow:") if running.stopped else ("Stop", ":material/stop_circle:")
    if running.work.broken:
        title, icon = "Try again", ":material/refresh:"
    place.button(title, icon=icon, key="check_halt", width="stretch", on_click=press)


def _summary(found: Found) -> None:
    """How many failed, and what was found of each thing."""
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
