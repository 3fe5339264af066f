"""One step under the hand: a handle for the signed epsilon, and all that follows from it drawn in the browser.

The image, its direction and the network's probabilities on a grid are sent once; `scrub.js` does the rest, and says
where the handle was let go.
"""

import base64
import math
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import streamlit as st

from gradlab.errors import GradlabError
from gradlab.figures.signed import short_epsilon, ticks
from gradlab.steps.epsilon import check_epsilon, default_grid
from gradlab.types import HALFWAY, UNKNOWN, Exploration, FloatArray, IntArray, LabelSource, Rule, Track
from gradlab.ui import state
from gradlab.ui.components import component
from gradlab.ui.words import explore as words

_SHOWN = 10  # classes with a bar


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
    """

    of: str
    rule: Rule
    labels: LabelSource
    epsilon: float
    gain: int
    signed: bool
    rounded: bool


def scrub(
    track: Track,
    seen: Exploration,
    classes: tuple[str, ...],
    step: Step,
    move: Callable[[float], None],
    typed: Callable[[str], None],
    round_to: Callable[[bool], None],
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
    """
    limits, judged_by = words.judged(state.get("seen_psnr"))
    data = _data(track, classes) | {
        **{name: value for name, value in asdict(step).items() if name != "labels"},
        "written": state.epsilon_text(step.epsilon, step.rule) if step.epsilon else "0",
        "ends": words.ends(step.labels),
        "invitation": words.invitation(seen, classes, step.labels),
        "judged": limits,
        "judged_by": judged_by,
        "exact": {
            "epsilon": step.epsilon,
            "plain": seen.perturbed.probabilities.tolist(),
            "rounded": seen.rounded.probabilities.tolist(),
        },
        **_axis(step, track),
        **_words(seen, classes, step),
    }
    with st.container(key="lab"):
        component("scrub")(
            data=data, key="scrub",
            on_epsilon_change=lambda: heard(state.get("scrub").epsilon, move),
            on_typed_change=lambda: typed(str(state.get("scrub").typed)),
            on_rounded_change=lambda: round_to(state.get("scrub").rounded is True),
        )  # fmt: skip


def heard(value: object, move: Callable[[float], None]) -> None:
    """Take over what the browser says that epsilon is; it may say anything."""
    try:
        move(check_epsilon(math.nan if isinstance(value, str) else value))  # the browser sends numbers, never text
    except GradlabError as error:
        state.put_notice("epsilon", f"{error}. The step stays as it was.")


def _data(track: Track, classes: tuple[str, ...]) -> dict[str, Any]:
    channels, _, width = track.image.shape
    return {
        "x": _encoded(track.image),
        "d": _encoded(track.direction),
        "size": width,
        "channels": channels,
        "classes": classes,
        "label": track.label,
        "shares": _encoded(track.probabilities),
        "rounded_shares": _encoded(track.rounded),
        "shown": _leading(track).tolist(),
    }


def _leading(track: Track) -> IntArray:
    """The classes that are likeliest anywhere along the way, and the true one; in the order of the clean image."""
    likeliest = track.probabilities.max(axis=0)
    if track.label != UNKNOWN:
        likeliest[track.label] = np.inf
    chosen: IntArray = np.argsort(-likeliest, kind="stable")[:_SHOWN]
    clean = track.probabilities[track.epsilons == 0][0]
    return chosen[np.argsort(-clean[chosen], kind="stable")]


def _axis(step: Step, track: Track) -> dict[str, Any]:
    rule, by = step.rule, track.stretch
    reach = max(float(np.abs(track.epsilons).max()), abs(step.epsilon))
    return {
        "grid": track.epsilons.tolist(),
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


def _encoded(values: FloatArray) -> str:
    return base64.b64encode(np.ascontiguousarray(values, "<f4").tobytes()).decode()
