"""Compare: two networks or two rules side by side, and perturbations made on one network and tested on another."""

import streamlit as st

from gradlab.types import LabelSource, Rule
from gradlab.ui import controls, state, words
from gradlab.ui.compare.curves import curves, ready
from gradlab.ui.compare.picture import Contender, picture
from gradlab.ui.compare.transfer import transfer
from gradlab.ui.components.instead import instead
from gradlab.ui.components.look import look, purpose
from gradlab.ui.words import purposes

_COMMON = ("dataset", "model", "labels", "compare", "rule", "epsilon", "limit")
LINKS = {
    "models": (*_COMMON, "other", "match", "image", "gain", "axis"),
    "rules": (*_COMMON, "versus", "match", "image", "gain", "axis"),
    "transfer": _COMMON,
}


def page() -> None:
    """The whole page."""
    look()
    every = "Transfer shows all networks of the data set." if state.get("compare") == "transfer" else ""
    dataset, model, labels = controls.subject(of_all=every)
    purpose(purposes.COMPARE)
    kind = controls.comparison()
    rule = controls.kind_of_noise()
    with instead(kind, words.COMPARISONS):
        if kind == "transfer":
            _transfer(dataset, rule, labels)
        else:
            _pair(kind, dataset, Contender("A", model, rule), labels)


def _transfer(dataset: str, rule: Rule, labels: LabelSource) -> None:
    epsilon = controls.epsilon(rule)
    limit = controls.images(dataset, None, transfer=True)
    state.write_link(LINKS["transfer"])
    transfer(dataset, rule, epsilon, limit, labels)


def _pair(kind: str, dataset: str, a: Contender, labels: LabelSource) -> None:
    left, right = st.columns([3, 2])
    with left:
        b = _other(kind, dataset, a)
    if b is None:
        state.write_link(("dataset", "model", "labels", "compare", "rule"))
        st.info(
            f"{a.model} is the only network of this data set: compare two kinds of noise instead.",
            icon=":material/compare:",
        )
        return
    with right:
        match = controls.match(a.rule, b.rule, {"l2": "L2", "epsilon": "step size ε"}, words.EQUALS_HELP)
    epsilon = controls.epsilon(a.rule)
    picture(dataset, a, b, epsilon, match, labels)
    st.subheader("Over all images")
    left, right = st.columns([3, 2])
    with left:
        axis = controls.axis()
    with right:
        limit = controls.images(dataset, ready(dataset, (a, b), labels))
    state.write_link(LINKS[kind])
    curves(dataset, (a, b), limit, labels, axis, match)


def _other(kind: str, dataset: str, a: Contender) -> Contender | None:
    if kind == "rules":
        return Contender("B", a.model, controls.versus(a.rule, [rule for rule in Rule if rule != a.rule]))
    model = controls.other_model(dataset, a.model)
    return Contender("B", model, a.rule) if model else None


page()
