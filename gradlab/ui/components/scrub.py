"""One step under the hand: a handle for the signed epsilon, and all that follows from it drawn in the browser.

The image, its direction and what the network says along it are sent; `scrub.js` does the rest, and says where the
handle was let go. Of a thousand classes the shares of those with a bar are sent, and which one is on top.
"""

import base64
import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from gradlab.errors import GradlabError
from gradlab.figures.signed import short_epsilon, ticks
from gradlab.steps.epsilon import PIXEL_LEVELS, check_epsilon, default_grid, fine_grid
from gradlab.types import HALFWAY, UNKNOWN, Exploration, FloatArray, IntArray, LabelSource, Rule, Track
from gradlab.ui import state
from gradlab.ui.components import component
from gradlab.ui.words import explore as words

_SHOWN = 10  # classes with a bar
_ADDED = 10  # and as many more as a person may give one


@dataclass(frozen=True)
class Step:
    """What the handle stands at.

    Attributes:
        of: what identifies the image and its direction: while it is the same, the handle is the hand's.
        rule: of the direction.
        labels: which label the loss is taken for.
        epsilon: signed, in the rule's unit.
        gain: how many times as strong the noise is shown.
        signed: whether the noise is shown as darker or brighter, rather than as it was added.
        rounded: whether the perturbed image is rounded to n/255.
        added: the classes that a person gave a bar.
    """

    of: str
    rule: Rule
    labels: LabelSource
    epsilon: float
    gain: int
    signed: bool
    rounded: bool
    added: tuple[str, ...] = ()


def scrub(
    track: Track,
    seen: Exploration,
    classes: tuple[str, ...],
    step: Step,
    move: Callable[[float], None],
    typed: Callable[[str], None],
    round_to: Callable[[bool], None],
    add: Callable[[tuple[str, ...]], None],
) -> None:
    """Draw it.

    Args:
        track: the image along its direction.
        seen: the same image at the step's epsilon.
        classes: their names.
        step: where the handle stands, and how its traces are shown.
        move: called with the epsilon at which the handle was let go, before the page runs again.
        typed: called with the text that was typed as the step size, likewise.
        round_to: called with whether to round, likewise.
        add: called with the classes that were given a bar, likewise.
    """
    limits, judged_by = words.judged(state.get("seen_psnr"))
    shown = _shown(track, seen.used_label, [classes.index(name) for name in step.added])
    data = (
        _data(track, classes)
        | along(track, shown)
        | {
            **{name: value for name, value in asdict(step).items() if name != "labels"},
            "written": state.epsilon_text(step.epsilon, step.rule) if step.epsilon else "0",
            "ends": words.ends(step.labels),
            "invitation": words.invitation(seen, classes, step.labels),
            "judged": limits,
            "judged_by": judged_by,
            "exact": {
                "epsilon": step.epsilon,
                "plain": _said(seen.perturbed.probabilities[None], shown),
                "rounded": _said(seen.rounded.probabilities[None], shown),
            },
            **_axis(step, track),
            **_words(seen, classes, step),
        }
    )
    with st.container(key="lab"):
        component("scrub")(
            data=data, key="scrub",
            on_epsilon_change=lambda: heard(state.get("scrub").epsilon, move),
            on_typed_change=lambda: typed(str(state.get("scrub").typed)),
            on_rounded_change=lambda: round_to(state.get("scrub").rounded is True),
            on_added_change=lambda: add(known(state.get("scrub").added, classes)),
        )  # fmt: skip


def finer(track: Track, used: int, classes: tuple[str, ...], step: Step) -> None:
    """Hand the handle what the network says at more epsilons, which was asked after the handle was drawn.

    Args:
        track: the same image as in `scrub`, along the same direction.
        used: the class whose loss is taken.
        classes: their names.
        step: as it was given to `scrub`.
    """
    shown = _shown(track, used, [classes.index(name) for name in step.added])
    component("finer", "<i hidden></i>")(data={"of": step.of, **along(track, shown)}, key="finer", height=1)


def heard(value: object, move: Callable[[float], None]) -> None:
    """Take over what the browser says that epsilon is; it may say anything."""
    try:
        move(check_epsilon(math.nan if isinstance(value, str) else value))  # the browser sends numbers, never text
    except GradlabError as error:
        state.put_notice("epsilon", f"{error}. The step stays as it was.")


def known(value: object, classes: tuple[str, ...]) -> tuple[str, ...]:
    """What the browser says that a person gave a bar, less what is no class; the last of them."""
    names = dict.fromkeys(name for name in value if isinstance(name, str)) if isinstance(value, list) else ()
    return tuple(name for name in names if name in classes)[-_ADDED:]


def _data(track: Track, classes: tuple[str, ...]) -> dict[str, Any]:
    channels, _, width = track.image.shape
    return {
        "x": packed(track.image),
        "d": packed(track.direction),
        "size": width,
        "channels": channels,
        "classes": classes,
        "label": track.label,
    }


def along(track: Track, shown: Sequence[int]) -> dict[str, Any]:
    """What the network says along the way: all that the handle draws of it."""
    said = {"plain": _said(track.probabilities, shown), "rounded": _said(track.rounded, shown)}
    return {"grid": track.epsilons.tolist(), "shown": list(shown), "along": said}


def _said(probabilities: FloatArray, shown: Sequence[int]) -> dict[str, Any]:
    """Of each row (K, classes): the class on top, its share, and the shares of the classes with a bar."""
    shares = probabilities[:, list(shown)]
    return {"top": probabilities.argmax(1).tolist(), "sure": _encoded(probabilities.max(1)), "shares": _encoded(shares)}


def _shown(track: Track, used: int, added: Sequence[int] = ()) -> list[int]:
    """The classes with a bar: those that matter most, in the order of the clean image, and those that were added.

    Those are the likeliest anywhere along the way, with the true one and the one whose loss is taken.
    """
    likeliest = track.probabilities.max(axis=0)
    likeliest[[label for label in (track.label, used) if label != UNKNOWN]] = np.inf
    chosen: IntArray = np.argsort(-likeliest, kind="stable")[:_SHOWN]
    clean = track.probabilities[track.epsilons == 0][0]
    leading: list[int] = chosen[np.argsort(-clean[chosen], kind="stable")].tolist()
    return [*leading, *(label for label in added if label not in leading)]


def _axis(step: Step, track: Track) -> dict[str, Any]:
    rule, by = step.rule, track.stretch
    reach = max(float(np.abs(track.epsilons).max()), abs(step.epsilon))
    return {
        "fine": [by * epsilon for epsilon in fine_grid(rule)],
        "coarse": [by * epsilon for epsilon in default_grid(rule)],
        "reach": reach,
        "straight": by * rule.unit.row.straight,
        "unit": rule.unit,
        # So near to half a level rounding is not defined; None for a rule whose values don't end there together.
        "halfway": HALFWAY if rule.row.alike else None,
        "ticks": [
            (by * epsilon, short_epsilon(by * epsilon, rule.unit)) for epsilon, _ in ticks(rule.unit, reach / by)
        ],
        "colour": rule.row.colour,
        "help": "Drag, or: arrows for a small step, Shift and arrows for a large one, Home for 0",
    }


def _words(seen: Exploration, classes: tuple[str, ...], step: Step) -> dict[str, Any]:
    before, after = classes[seen.clean.prediction], classes[seen.perturbed.prediction]
    of_what = " (mean over the colours)" if len(seen.clean.image) > 1 else ""
    times = f"{step.gain} times stronger" if step.gain > 1 else "as strong as it is"
    full = f"full colour from {255 / step.gain:.3g}/255 on"
    shown = f"blue is darker, red brighter{of_what}; {full}" if step.signed else "grey is no change"
    return {
        "note": f"{times}; {shown}",
        "alt": [
            f"The clean image; the network says {before}",
            f"The added noise, {times}; {shown}",
            f"The perturbed image; the network says {after}",
        ],
    }


def packed(values: FloatArray) -> dict[str, str]:
    """Values (C, H, W), of a byte each where these are all of n/255, or all of -1, 0 and 1; else as float32."""
    with np.errstate(invalid="ignore"):
        levels, signs = np.rint(values * PIXEL_LEVELS).astype(np.uint8), values.astype(np.int8)
    if np.array_equal(levels / np.float32(PIXEL_LEVELS), values):
        return {"as": "levels", "values": _base64(levels)}
    if np.array_equal(np.sign(signs), values):
        return {"as": "signs", "values": _base64(signs)}
    return {"as": "float32", "values": _encoded(values)}


def _encoded(values: FloatArray) -> str:
    return _base64(values.astype("<f4"))


def _base64(values: NDArray[Any]) -> str:
    return base64.b64encode(np.ascontiguousarray(values).tobytes()).decode()
