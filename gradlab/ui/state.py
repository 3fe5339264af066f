"""What a person has chosen: kept in the session, written into the URL, read from it. Nothing else touches either.

A link is read once, when it is opened (or when the browser goes back to it); from then on the session leads and the URL
follows. What a link says that makes no sense is left out, and a notice is kept for the control that it was meant for.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator
from typing import Any

import streamlit as st

from gradlab.datasets import dataset_spec
from gradlab.device import resolve_device
from gradlab.epsilon import PIXEL_LEVELS, default_grid, fine_grid, parse_epsilon
from gradlab.errors import BadValueError, GradlabError, UnknownNameError
from gradlab.models import read_cards
from gradlab.types import LabelSource, Rule
from gradlab.ui import words
from gradlab.ui.running import Result, Running

UP, DOWN = "up", "down"
GAINS = (1, 2, 4, 8, 16, 32, 64, 128)
POOLS = (100, 200, 500, 1000, 2000)
LIMITS = (100, 200, 500, 1000, 2000, 5000, 10_000)
USUAL_LIMIT = 500

_DEFAULT_SIZES = {Rule.SIGN: 8 / 255, Rule.RANDOM: 8 / 255, Rule.MAX: 64 / 255, Rule.RAW: 0.2, Rule.L2: 0.5}
_DEFAULT_REACHES = {Rule.SIGN: 48 / 255, Rule.RANDOM: 48 / 255, Rule.MAX: 192 / 255, Rule.RAW: 1.0, Rule.L2: 5.0}
LONGEST_REACH, DIRECTIONS_ACROSS = 1000, 10_000
_DEFAULTS: dict[str, Any] = {
    "device": "auto",
    "dataset": "cifar10",
    "model": "alexnet",
    "labels": "true",
    "target": None,
    "rule": Rule.SIGN,
    "direction": UP,
    "image": None,
    "gain": 16,
    "rules": [Rule.SIGN, Rule.RAW],
    "limit": None,  # not chosen: what was measured beforehand, else USUAL_LIMIT
    "axis": "epsilon",
    "rounded": False,
    "view": "images",
    "versus": None,
    "compare": "models",
    "other": None,
    "match": "l2",
    "budget": "l2",
    "present": False,
    "across": 0,
    "gallery": "many",
    "classes": [],  # none chosen: all, or those that change most
    "show": "all",
    "order": "place",
    "pool": None,  # not chosen: as many images as are soon there
    "sheet": 1,
    "rows": list(Rule),
    **{f"size_{rule}": size for rule, size in _DEFAULT_SIZES.items()},
    **{f"reach_{rule}": reach for rule, reach in _DEFAULT_REACHES.items()},
}


def begin() -> None:
    """At the top of each run: fill in what is missing, and adopt the link if it is a new one."""
    for name, value in _DEFAULTS.items():
        # Streamlit forgets the value of a control that isn't drawn, on another page say; what is set here it keeps.
        st.session_state[name] = st.session_state.get(name, value)
    st.session_state.setdefault("notices", {})
    link = st.query_params.to_dict()
    # Streamlit empties the URL when the page changes: that is no link to adopt.
    if link and link != st.session_state.get("written"):
        _adopt(link)
        st.session_state["written"] = link


def get(name: str) -> Any:
    """The value of a choice."""
    return st.session_state.get(name, _DEFAULTS.get(name))


def put(name: str, value: Any) -> None:
    """Set a choice; before the control that shows it is drawn, or in a callback."""
    st.session_state[name] = value


def label_source() -> LabelSource:
    """Which label the loss is taken for."""
    kind = str(get("labels"))
    return LabelSource.parse(f"target:{get('target')}" if kind == "target" else kind)


def epsilon(rule: Rule | None = None) -> float:
    """The signed step of a rule; of the current one, unless another is named."""
    size = float(get(f"size_{rule or get('rule')}"))
    return -size if get("direction") == DOWN and size else size


def put_epsilon(value: float, rule: Rule) -> None:
    """Set the signed step of a rule, and make it the current one."""
    put("rule", rule)
    put(f"size_{rule}", abs(value))
    if value:
        put("direction", DOWN if value < 0 else UP)


def sizes(rule: Rule) -> list[float]:
    """What the slider of a rule offers: its grid, some steps between, and whatever is chosen now."""
    return sorted({abs(e) for e in fine_grid(rule)} | {float(get(f"size_{rule}"))})


def reaches(rule: Rule) -> list[float]:
    """How far the axes of a landscape can be made to reach: the sizes of the rule's grid, and whatever is chosen."""
    return sorted({e for e in default_grid(rule) if e > 0} | {float(get(f"reach_{rule}"))})


def notice(name: str) -> str | None:
    """What was wrong with a choice; told once."""
    message: str | None = st.session_state["notices"].pop(name, None)
    return message


def put_notice(name: str, message: str) -> None:
    """Keep a message for the control `name`."""
    st.session_state["notices"][name] = message


def write_link(names: Iterable[str]) -> None:
    """Put the choices of a page into the URL, so that it can be copied; of what concerns all pages, the unusual."""
    names = (*names, *(name for name in ("device", "present") if get(name) != _DEFAULTS[name]))
    link = {name: _WRITERS[name]() if name in _WRITERS else str(get(name)) for name in names}
    if link != st.query_params.to_dict():
        st.query_params.from_dict(link)
    st.session_state["written"] = link


def epsilon_text(value: float, rule: Rule) -> str:
    """Epsilon as text that `parse_epsilon` reads back to the same number: `8/255`, or plain."""
    text = f"{value * PIXEL_LEVELS:g}/{PIXEL_LEVELS}" if rule.unit == "pixel" else f"{value:g}"
    return text if parse_epsilon(text) == value else repr(value)


def running(key: Hashable) -> Running[Any] | None:
    """What this session has begun and not finished, if it is this. A rerun of the page goes on and loses nothing."""
    found: Running[Any] | None = st.session_state.get("running")
    return found if found and found.key == key else None


def start(key: Hashable, stream: Iterator[Result]) -> Running[Result]:
    """Remember what begins, in place of an earlier one."""
    begun = Running(key, stream)
    st.session_state["running"] = begun
    return begun


def finish() -> None:
    """Forget what has come to its end, or is given up."""
    st.session_state.pop("running", None)


def _adopt(link: dict[str, str]) -> None:
    for name, read in _READERS.items():
        if name not in link:
            continue
        try:
            read(link[name])
        except GradlabError as error:
            put_notice(name, f"The link's {name} was left out: {error}.")


def _read_device(text: str) -> None:
    resolve_device(text)
    if text != get("device"):
        finish()
    put("device", text)


def _model(text: str) -> str:
    names = [card.name for card in read_cards() if card.dataset == get("dataset")]
    if text not in names:
        raise UnknownNameError(f"model for {get('dataset')}", text, names)
    return text


def _read_labels(text: str) -> None:
    source = LabelSource.parse(text)
    if source.kind == "target":
        source.target_index(dataset_spec(get("dataset")).classes)
        put("target", source.target)
    put("labels", source.kind)


def _read_epsilon(text: str) -> None:
    put_epsilon(parse_epsilon(text), get("rule"))


def _read_reach(text: str) -> None:
    reach = parse_epsilon(text)
    if not 0 < reach <= LONGEST_REACH:
        raise BadValueError(f"expected a reach above 0 and up to {LONGEST_REACH}, got {text!r}")
    put(f"reach_{get('rule')}", reach)


def _read_across(text: str) -> None:
    if not (text.isdecimal() and len(text) <= 9 and int(text) < DIRECTIONS_ACROSS):
        raise BadValueError(f"expected the seed of a random direction, 0 to {DIRECTIONS_ACROSS - 1}, got {text!r}")
    put("across", int(text))


def _read_image(text: str) -> None:
    if not text.isdecimal():
        raise BadValueError(f"expected an image's place in the test split, such as 42, got {text!r}")
    put("image", int(text))


def _read_classes(text: str) -> None:
    known = dataset_spec(get("dataset")).classes
    put("classes", [_one_of("class", known)(name) for name in dict.fromkeys(text.split(",")) if name])


def _number(text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise BadValueError(f"expected a number from 1 on, got {text!r}")
    return int(text)


def _reader(name: str, convert: Callable[[str], Any]) -> Callable[[str], None]:
    return lambda text: put(name, convert(text))


def _one_of(kind: str, choices: Iterable[str]) -> Callable[[str], str]:
    known = list(choices)

    def convert(text: str) -> str:
        if text not in known:
            raise UnknownNameError(kind, text, known)
        return text

    return convert


def _switch(text: str) -> bool:
    return _one_of("switch", ("0", "1"))(text) == "1"


def _rules(text: str) -> list[Rule]:
    return list(dict.fromkeys(Rule(name) for name in text.split(",") if name))


# In this order: what a model may be depends on the data set, and what an epsilon means on the rule.
_READERS: dict[str, Callable[[str], None]] = {
    "device": _read_device,
    "dataset": _reader("dataset", lambda text: dataset_spec(text).name),
    "model": _reader("model", _model),
    "labels": _read_labels,
    "rule": _reader("rule", Rule),
    "epsilon": _read_epsilon,
    "reach": _read_reach,
    "across": _read_across,
    "image": _read_image,
    "gain": _reader("gain", lambda text: int(_one_of("gain", map(str, GAINS))(text))),
    "rules": _reader("rules", _rules),
    "limit": _reader("limit", lambda text: int(_one_of("limit", map(str, LIMITS))(text))),
    "axis": _reader("axis", _one_of("axis", words.AXES)),
    "rounded": _reader("rounded", _switch),
    "present": _reader("present", _switch),
    "view": _reader("view", _one_of("view", words.VIEWS)),
    "versus": _reader("versus", Rule),
    "compare": _reader("compare", _one_of("comparison", words.COMPARISONS)),
    "other": _reader("other", _model),
    "match": _reader("match", _one_of("match", words.MATCHES)),
    "budget": _reader("budget", _one_of("measure", words.BUDGETS)),
    "gallery": _reader("gallery", _one_of("gallery", words.GALLERIES)),
    "classes": _read_classes,
    "show": _reader("show", _one_of("choice of images", words.SHOWS)),
    "order": _reader("order", _one_of("order", words.ORDERS)),
    "pool": _reader("pool", lambda text: int(_one_of("number of images", map(str, POOLS))(text))),
    "sheet": _reader("sheet", _number),
    "rows": _reader("rows", _rules),
}
_WRITERS: dict[str, Callable[[], str]] = {
    "labels": lambda: str(label_source()),
    "epsilon": lambda: epsilon_text(epsilon(), get("rule")),
    "reach": lambda: epsilon_text(get(f"reach_{get('rule')}"), get("rule")),
    "rules": lambda: ",".join(get("rules")),
    "limit": lambda: str(get("images")),
    "rounded": lambda: "1" if get("rounded") else "0",
    "present": lambda: "1",
    "classes": lambda: ",".join(get("classes")),
    "pool": lambda: str(get("pooled")),
    "rows": lambda: ",".join(get("rows")),
}
