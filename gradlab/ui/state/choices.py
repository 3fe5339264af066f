"""All that a person can choose: the default of each choice, and how it is read from a link and written into one."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import streamlit as st

from gradlab.device import resolve_device
from gradlab.errors import BadValueError, UnknownNameError
from gradlab.images.own import is_own
from gradlab.images.registry import image_set
from gradlab.types import PHOTOGRAPH, Rule
from gradlab.ui import words
from gradlab.ui.state.networks import cards
from gradlab.ui.state.own import read_dataset
from gradlab.ui.state.reading import decibels, number, number_of, one_of, person, rules, study, switch, switch_text
from gradlab.ui.words import explore, seeing

UP, DOWN = "up", "down"
GAINS = (1, 2, 4, 8, 16, 32, 64, 128)
POOLS = (100, 200, 500, 1000, 2000)
LIMITS = (100, 200, 500, 1000, 2000, 5000, 10_000)
USUAL_LIMIT = 500
PHOTOGRAPHS, FEW_PHOTOGRAPHS = 1_000, 100  # the same: 600 MB, and one and a half minutes of EfficientNet-Lite0
DIRECTIONS_ACROSS = 10_000
TRIALS = (10, 20, 40)
_WIDTHS = (96, 128, 192, 256, 384)
_WIDEST = 480  # px: of a photograph that is enlarged


@dataclass(frozen=True)
class Choice:
    """One choice.

    Attributes:
        default: its value until something else is chosen.
        read: makes its value of what a link says, or raises a `GradlabError`; None where no link names it by itself.
        write: makes of its value the text that `read` reads back.
        shown: the control's key, where that is not the choice's name: what it shows goes into the link.
    """

    default: Any = None
    read: Callable[[str], Any] | None = None
    write: Callable[[Any], str] = str
    shown: str = ""


def get(name: str) -> Any:
    """The value of a choice."""
    return st.session_state.get(name, CHOICES[name].default if name in CHOICES else None)


def put(name: str, value: Any) -> None:
    """Set a choice; before the control that shows it is drawn, or in a callback."""
    st.session_state[name] = value


def widths(of: int) -> tuple[int, ...]:
    """How wide a test may show images that are `of` pixels wide: photographs as they are, or whole multiples of it."""
    return _WIDTHS if of <= PHOTOGRAPH else tuple(range(of, max(of, _WIDEST) + 1, of))


def _width(text: str) -> int:
    return number_of("width in pixels", widths(image_set(get("dataset")).shape[-1]))(text)


def _device(text: str) -> str:
    resolve_device(text)
    return text


def _model(text: str) -> str:
    names = [card.name for card in cards(get("dataset"))]
    if is_own(text) and text not in names:
        raise BadValueError("expected a network of this session, got one that another one has brought")
    if text not in names:
        raise UnknownNameError(f"model for {get('dataset')}", text, names)
    return text


def _classes(text: str) -> list[str]:
    known = one_of("class", image_set(get("dataset")).classes)
    return [known(name) for name in dict.fromkeys(text.split(",")) if name]


def _some_or_all(kind: str, some: tuple[int, ...]) -> Callable[[str], int]:
    """Reads one of some numbers of images, or the number of all."""

    def read(text: str) -> int:
        wholes = () if text in map(str, some) else image_set(get("dataset")).wholes
        return number_of(kind, (*some, *wholes))(text)

    return read


# A link is read in this order: what a model may be depends on the data set.
CHOICES: dict[str, Choice] = {
    "device": Choice("auto", _device),
    "dataset": Choice("cifar10", read_dataset),
    "model": Choice("alexnet", _model),
    "labels": Choice("true"),  # a link names it together with the target, see `link`
    "target": Choice(),
    "rule": Choice(Rule.SIGN, Rule),
    "equal": Choice(True, switch, switch_text),  # another rule keeps the change of the image
    "moved": Choice(False),  # whether anybody has chosen a step yet: Explore begins with none
    "pinned": Choice(frozenset()),  # the rules whose step was typed, or named by a link
    "direction": Choice(UP, one_of("direction", words.DIRECTIONS)),
    **{f"size_{rule}": Choice(rule.row.size) for rule in Rule},
    **{f"reach_{rule}": Choice(rule.row.reach) for rule in Rule},
    "across": Choice(0, number(f"the seed of a random direction, 0 to {DIRECTIONS_ACROSS - 1}", end=DIRECTIONS_ACROSS)),
    "image": Choice(None, number("an image's place in the data set, such as 42")),
    "gain": Choice(16, number_of("gain", GAINS)),
    "added": Choice(()),  # the classes that somebody gave a bar
    "noise": Choice("colour", one_of("way to show the noise", explore.NOISES)),
    "rules": Choice([Rule.SIGN, Rule.RAW], rules, ",".join),
    # Not chosen: what was measured beforehand, else USUAL_LIMIT.
    "limit": Choice(None, _some_or_all("limit", LIMITS), shown="images"),
    "axis": Choice("epsilon", one_of("axis", words.AXES)),
    "seen_axis": Choice("epsilon", one_of("axis", seeing.AXES)),
    "guessers": Choice(False, switch, switch_text),
    "rounded": Choice(False, switch, switch_text),
    "without_twins": Choice(False, switch, switch_text),
    "present": Choice(False, switch, switch_text),
    "view": Choice("images", one_of("view", words.VIEWS)),
    "versus": Choice(None, Rule),
    "compare": Choice("models", one_of("comparison", words.COMPARISONS)),
    "other": Choice(None, _model),
    "match": Choice("l2", one_of("match", words.MATCHES)),
    "budget": Choice("l2", one_of("measure", words.BUDGETS)),
    "fairness": Choice("direction", one_of("comparison", words.FAIRNESS)),
    "visible": Choice("40", one_of("limit of what is visible", words.VISIBLE)),
    "seen_psnr": Choice(None, decibels),  # what *See it?* measured last
    "gallery": Choice("many", one_of("gallery", words.GALLERIES)),
    "classes": Choice([], _classes, ",".join),  # none chosen: all, or those that change most
    "show": Choice("all", one_of("choice of images", words.SHOWS)),
    "order": Choice("place", one_of("order", words.ORDERS)),
    # Not chosen: as many images as are soon there.
    "pool": Choice(None, _some_or_all("number of images", POOLS), shown="pooled"),
    "sheet": Choice(1, number("a number from 1 on", first=1)),
    "rows": Choice(list(Rule), rules, ",".join),
    "who": Choice("alone", one_of("choice of who takes part", seeing.WHO)),
    "test": Choice(None, person),  # who takes a test, once it is begun
    "teach": Choice(None, person),  # whose study it is: in the teacher's link only
    "wall": Choice(None, person),  # which study a projector shows
    "study": Choice(None, study),  # the code by which one joins
    "task": Choice("2ifc", one_of("task", seeing.TASKS)),
    "trials": Choice(20, number_of("number of trials", TRIALS)),
    "width": Choice(256, _width),
    "smooth": Choice(False, switch, switch_text),
    "time": Choice("none", one_of("time", seeing.TIMES)),
}
