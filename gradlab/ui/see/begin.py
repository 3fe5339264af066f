"""Before a test: what it is, its settings, and the button that begins it."""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field

import streamlit as st

from gradlab.images.registry import called, image_set
from gradlab.networks import find_card
from gradlab.seeing.blind import Wish, stream_protocol
from gradlab.seeing.psychometrics import schedule
from gradlab.types import Design, LabelSource, Protocol, Scale
from gradlab.ui import cached, controls, state, words
from gradlab.ui.components.terms import some_words
from gradlab.ui.jobs.job import start, watch
from gradlab.ui.see.joining import join_field
from gradlab.ui.see.trouble import told
from gradlab.ui.state import Progress
from gradlab.ui.words import seeing

LINK = ("who", "dataset", "model", "labels", "direction", "rules", "task", "trials", "width", "smooth", "time")
_OF = {"gradients": "images", "step sizes": "kinds of noise"}
_EACH = 2.5  # seconds that an answer takes, about, besides what the images are shown for


@dataclass(frozen=True)
class DrawJob:
    """How large the steps of a test are, and which images it shows: measured for each test anew."""

    dataset: str
    model: str
    wish: Wish
    seed: int = field(default_factory=lambda: secrets.randbits(32), compare=False)

    most, nothing = None, ""  # another test shows other images

    def begin(self) -> Iterator[Progress[Protocol]]:
        """Some images at a time; the protocol is there with the last of them."""
        network, images = cached.model(self.model, self.dataset), cached.sample(self.dataset)
        card, lock = find_card(self.model, self.dataset), cached.device_lock()
        return (
            Progress(f"{now.doing}: {now.done} of {now.planned} {_OF[now.doing]}", now.done / now.planned, now.protocol)
            for now in stream_protocol(network, card, images, self.wish, seed=self.seed, lock=lock)
        )


def begin(dataset: str, model: str, labels: LabelSource) -> None:
    """All of it; when the test is begun, the page runs anew."""
    left, right = st.columns(2, gap="large")
    with left:
        alone = controls.who(dataset, model) == "alone"
    with right:
        join_field()
    _introduction(alone)
    above = st.container()  # above the settings: for most people they are right as they are
    wish = controls.wish(dataset, labels)
    state.write_link(LINK)
    with above:
        if not wish.rules:
            st.info("Choose at least one kind of noise to test.", icon=":material/visibility:")
            return
        st.caption(_about(dataset, model, wish))
        job = DrawJob(dataset, model, wish)
        if st.button("Start" if alone else "Open a study", type="primary", icon=":material/play_arrow:", key="start"):
            start(job)
        if state.under_way(job) and (protocol := watch(job, anew=False)):
            with told("start", "Nothing was begun."):
                _begun(protocol, alone)
    st.caption(f"{words.label_note(labels, wish.descend, 'The step')} {seeing.IMAGES}")
    some_words("threshold", "trial", "catch trial", "kind of noise", "PSNR")


def _introduction(alone: bool) -> None:
    if alone:
        st.markdown(f"{seeing.INTRO[state.get('task')]} {seeing.STEPS}")
        st.markdown(seeing.ROOM)
        st.caption(seeing.KEPT)
    else:
        st.markdown(seeing.CLASS_INTRO)
        st.caption(seeing.CLASS_KEPT)


def _about(dataset: str, model: str, wish: Wish) -> str:
    scales = tuple(Scale(str(rule), (1.0, 2.0), 2.0) for rule in wish.rules)
    trials = len(schedule(Design(scales, wish.trials), 0))
    shown = (wish.seconds or 0) * (3 if wish.method == "abx" else 2)
    minutes = trials * (_EACH + shown) / 60
    rules = " and ".join(words.RULES[rule] for rule in wish.rules)
    return (
        f"{trials} trials, about {max(1, round(minutes))} min: {wish.trials} for each of {rules}, and some that "
        f"anybody sees. {called(dataset).capitalize()}s of {image_set(dataset).title}, gradients of {model}."
    )


def _begun(protocol: Protocol, alone: bool) -> None:
    database = cached.answers()
    study = database.open_study(protocol, solo=alone)
    if alone:
        state.put("test", database.join(study.code).key)
    else:
        state.put("teach", study.owner)
    st.rerun()
