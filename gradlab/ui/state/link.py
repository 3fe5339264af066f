"""The choices in the URL: read from a link when it is opened, written so that it can be copied."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from threading import Lock

import streamlit as st

from gradlab.errors import BadValueError, GradlabError
from gradlab.images.registry import image_set, known_image_set
from gradlab.networks.registry import brought
from gradlab.steps.epsilon import parse_epsilon, unit_doubt
from gradlab.types import LabelSource, Rule, Unit
from gradlab.ui.state.choices import CHOICES, get, put
from gradlab.ui.state.derived import epsilon, epsilon_text, label_source, put_epsilon
from gradlab.ui.state.networks import turned_to_network
from gradlab.ui.state.own import up_to_date
from gradlab.ui.state.session import put_notice

_SHORT = 12  # digits of a sha256
_LONGEST_REACH = 1000.0
_LONGEST_OF_GRADIENT = 1e37  # what the smallest gradient needs (`gradlab.steps.epsilon.stretch`)


def begin() -> None:
    """At the top of each run: fill in what is missing, and adopt the link if it is a new one."""
    st.session_state.setdefault("once", ({}, Lock()))
    chosen = st.session_state.get("chosen", {})
    for name, choice in CHOICES.items():
        # Streamlit forgets the value of a control that isn't drawn, on another page say; what is set here it keeps, but
        # not beyond the run of a part of the page alone: then it is known from the link that this part wrote.
        put(name, st.session_state.get(name, chosen.get(name, choice.default)))
    up_to_date()
    turned_to_network()
    link = st.query_params.to_dict()
    # Streamlit empties the URL when the page changes: that is no link to adopt.
    if link and link != get("written"):
        _adopt(link)
        put("written", link)


def write_link(names: Iterable[str]) -> None:
    """Put a page's choices into the URL, so that it can be copied, with those of all pages that are not the default."""
    names = (*names, *(name for name in ("device", "present") if get(name) != CHOICES[name].default))
    link = {name: _text(name) for name in names} | _weights(names) | _files(names)
    if link != st.query_params.to_dict():
        st.query_params.from_dict(link)
    put("written", link)
    put("chosen", {name: get(name) for name in CHOICES})


def _weights(names: Iterable[str]) -> dict[str, str]:
    """Which weights a network that somebody brought has: another one may have the same name elsewhere."""
    if "model" not in names or not (known := brought(get("model"), get("dataset"))):
        return {}
    return {"weights": known.card.sha256[:_SHORT]}


def _check_weights(text: str) -> None:
    known = brought(get("model"), get("dataset"))
    if known and known.card.sha256[:_SHORT] != text:
        put_notice("model", f"The link was made with other weights than {get('model')} has here.")


def _files(names: Iterable[str]) -> dict[str, str]:
    """Which files images were read from that somebody brought; single pictures have a key that is theirs alone."""
    known = known_image_set(get("dataset")) if "dataset" in names else None
    return {"files": known.sha256[:_SHORT]} if known and known.sha256 and not known.pictures else {}


def _check_files(text: str) -> None:
    known = known_image_set(get("dataset"))
    if known and known.sha256 and not known.pictures and known.sha256[:_SHORT] != text:
        put_notice("dataset", f"The link was made with other images than {known.title} has here.")


def put_link(name: str, text: str) -> None:
    """Set a choice as a link does, from what a person typed; nonsense becomes a notice instead."""
    try:
        _read(name, text)
    except GradlabError as error:
        put_notice(name, f"{error}.")


def _adopt(link: dict[str, str]) -> None:
    for name in dict.fromkeys((*CHOICES, *_IN_PARTS)):
        if name not in link:
            continue
        try:
            _read(name, link[name])
        except GradlabError as error:
            put_notice(name, f"The link's {name} was left out: {error}.")
    if "weights" in link:
        _check_weights(link["weights"])
    if "files" in link:
        _check_files(link["files"])


def _read(name: str, text: str) -> None:
    if name in _IN_PARTS:
        _IN_PARTS[name].read(text)
    elif read := CHOICES[name].read:
        put(name, read(text))


def _text(name: str) -> str:
    if name in _IN_PARTS:
        return _IN_PARTS[name].write()
    return CHOICES[name].write(get(CHOICES[name].shown or name))


@dataclass(frozen=True)
class _Whole:
    """One word of a link that the session keeps as several choices: how these are put, and how it is written."""

    read: Callable[[str], None]
    write: Callable[[], str]


def _read_labels(text: str) -> None:
    source, images = LabelSource.parse(text), image_set(get("dataset"))
    if source == LabelSource.TRUE and not images.labelled:
        raise BadValueError(f"expected predicted or target:<class>, for nobody knows the labels of {images.title}")
    if source.kind == "target":
        source.target_index(images.classes)
        put("target", source.target)
    put("labels", source.kind)


def _read_epsilon(text: str) -> None:
    size, rule = parse_epsilon(text), Rule(get("rule"))
    put_epsilon(size, rule, exact=True)
    if doubt := unit_doubt(size, rule):
        put_notice("epsilon", f"The link's epsilon was taken as it stands: {doubt}.")


def _read_reach(text: str) -> None:
    reach = parse_epsilon(text)
    longest = _LONGEST_OF_GRADIENT if Rule(get("rule")).unit is Unit.GRADIENT else _LONGEST_REACH
    if not 0 < reach <= longest:
        raise BadValueError(f"expected a reach above 0 and up to {longest:g}, got {text!r}")
    put(f"reach_{get('rule')}", reach)


# Read after the choices: what an epsilon means depends on the rule.
_IN_PARTS = {
    "labels": _Whole(_read_labels, lambda: str(label_source())),
    "epsilon": _Whole(_read_epsilon, lambda: epsilon_text(epsilon(), get("rule"))),
    "reach": _Whole(_read_reach, lambda: epsilon_text(get(f"reach_{get('rule')}"), get("rule"))),
}
