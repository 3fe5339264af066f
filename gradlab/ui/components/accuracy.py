"""The accuracy of the network that people were tested with: shipped, waited for, or a button that measures it."""

import streamlit as st

from gradlab.errors import GradlabError
from gradlab.types import Protocol, SweepResult
from gradlab.ui import accuracies, cached, state, words
from gradlab.ui.components.computing import watching
from gradlab.ui.words import seeing


def network_accuracy(protocol: Protocol) -> SweepResult | None:
    """The sweep to compare people with; None while there is none, and where the network is no longer that of the test.

    Nothing is computed before the button is pressed: a whole class may look at this at once.
    """
    try:
        accuracies.check_network(protocol)
        found = accuracies.finished_accuracy(protocol)
    except GradlabError as error:
        st.warning(words.plain(f"The network's accuracy is left out: {error}."), icon=":material/info:")
        return None
    if found:
        return found
    key = accuracies.accuracy_key(protocol)
    if state.running(key) is None:
        if not st.button(
            f"Measure the network on {key[3]} images", icon=":material/neurology:", key="measure_network",
            help=seeing.MEASURE_NETWORK_HELP,
        ):  # fmt: skip
            return None
        state.start(key, accuracies.begin_accuracy(protocol))
        st.rerun()
    return watching(
        key, lambda: accuracies.begin_accuracy(protocol), lambda result: result.done, key[3], lambda place, result: None
    )


def shown_accuracy(protocol: Protocol) -> SweepResult | None:
    """The sweep over the images that people are shown; None where the network is no longer that of the test.

    Computed once for all who look, in a second or some: the gradients of 48 images, and what the network says of each
    size that may be asked. `network_accuracy` says what is wrong with the network.
    """
    try:
        accuracies.check_network(protocol)
    except GradlabError:
        return None
    try:
        return cached.shown_sweep(protocol)
    except GradlabError as error:
        told = f"What the network makes of the images shown is left out: {error}."
        st.warning(words.plain(told), icon=":material/info:")
        return None
