"""The accuracy of the network that people were tested with: shipped, computed before, or measured at a click."""

import numpy as np
import streamlit as st

from gradlab.errors import BadValueError, GradlabError
from gradlab.networks import find_card
from gradlab.types import Protocol, SweepResult
from gradlab.ui import cached, state, words
from gradlab.ui.jobs.job import finished, start, watch
from gradlab.ui.jobs.sweep import SweepJob
from gradlab.ui.words import seeing


def network_accuracy(protocol: Protocol) -> SweepResult | None:
    """The sweep to compare people with; None while there is none, and where the network is no longer that of the test.

    Nothing is computed before the button is pressed: a whole class may look at this at once.
    """
    try:
        _check_network(protocol)
        job = accuracy_job(protocol)
        found = shipped_accuracy(protocol) or finished(job)
    except GradlabError as error:
        st.warning(words.plain(f"You do not see what the network says: {error}."), icon=":material/info:")
        return None
    if found:
        return found
    if state.under_way(job) is None:
        if not st.button(
            f"Measure the network on {job.images} images", icon=":material/neurology:", key="measure_network",
            help=seeing.MEASURE_NETWORK_HELP,
        ):  # fmt: skip
            return None
        start(job)
        st.rerun()
    return watch(job)


def shown_accuracy(protocol: Protocol) -> SweepResult | None:
    """The sweep over the images that people are shown; None where the network is no longer that of the test.

    Computed once for all who look, in a few seconds: the gradients of 48 images, and what the network says of each
    size that may be asked. `network_accuracy` says what is wrong with the network.
    """
    try:
        _check_network(protocol)
    except GradlabError:
        return None
    try:
        return cached.shown_sweep(protocol)
    except GradlabError as error:
        told = f"You do not see what the network says of the images shown: {error}."
        st.warning(words.plain(told), icon=":material/info:")
        return None


def accuracy_job(protocol: Protocol) -> SweepJob:
    """What is measured where nothing is shipped: after rounding to 8 bit, as people see the images."""
    images = min(cached.most_images(protocol.dataset))
    return SweepJob(protocol.dataset, protocol.model, protocol.rules, images, protocol.labels, rounded=True, ssim=True)


def shipped_accuracy(protocol: Protocol) -> SweepResult | None:
    """What was measured beforehand, where it has all rules in this direction."""
    try:
        shipped = cached.stored(protocol.model, protocol.dataset, protocol.labels)
    except GradlabError:
        return None
    side = -1 if protocol.descend else 1
    there = {curve.rule for curve in shipped.curves if np.any(np.sign(curve.epsilons) == side)}
    fits = shipped.label_source == protocol.labels and there.issuperset(protocol.rules)
    return shipped if fits else None


def _check_network(protocol: Protocol) -> None:
    """Check that the network at hand is the one of the test.

    Raises:
        UnknownNameError: when there is none of this name.
        BadValueError: when its weights are others.
    """
    card = find_card(protocol.model, protocol.dataset)
    if card.sha256 != protocol.weights:
        raise BadValueError(
            f"expected {protocol.model} with the weights {protocol.weights[:12]}… of this study, got those of "
            f"{card.sha256[:12]}…: its accuracy would be that of another network"
        )
