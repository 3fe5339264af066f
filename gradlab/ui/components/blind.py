"""One trial of a blind test: the images as they are, and which of them a person says is the changed one.

What the browser is given tells nothing about the answer, neither to the eye nor in what is sent: bytes of equal length
in the order in which they are shown, and the trial's number. `blind.js` draws them, and says what was pressed.
"""

import base64
import math
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeGuard

from gradlab.errors import BadValueError
from gradlab.seeing.psychometrics import schedule
from gradlab.types import Protocol, Question, is_photograph
from gradlab.ui import state
from gradlab.ui.components import component

LONGEST = 86_400.0  # seconds: who comes back to a trial after more than a day may as well answer it anew


@dataclass(frozen=True)
class Pressed:
    """What a browser says was pressed.

    Attributes:
        number: of the trial.
        chosen: the place of the answer, 0 or 1.
        seconds: from when the images could be seen.
    """

    number: int
    chosen: int
    seconds: float


def blind(question: Question, protocol: Protocol, answer: Callable[[object], None]) -> None:
    """Draw a trial.

    Args:
        question: the trial.
        protocol: of the test.
        answer: called with whatever the browser sent, before the page, or the fragment, runs again; see `read_press`.
    """
    component("blind")(
        data=shown(question, protocol, secrets.token_hex(4)), key="blind",
        on_answer_change=lambda: _pass_on(answer),
    )  # fmt: skip


def _pass_on(answer: Callable[[object], None]) -> None:
    # Streamlit forgets the component where a run drew a trouble in its place; what comes then says nothing.
    if (sent := getattr(state.get("blind"), "answer", None)) is not None:
        answer(sent)


def shown(question: Question, protocol: Protocol, turn: str) -> dict[str, Any]:
    """All that the browser gets to know of a trial.

    Args:
        question: the trial.
        protocol: of the test.
        turn: another one with each run, at random: so the browser knows that its last answer was heard.
    """
    _, height, width, channels = question.frames.shape
    return {
        "turn": turn,
        "number": question.trial.number,
        "total": len(schedule(protocol.design, 0)),  # of any seed: all tests are equally long
        "method": protocol.method,
        "size": [width, height],
        "photograph": is_photograph((height, width)),
        "channels": channels,
        "width": protocol.width,
        "smooth": protocol.smooth,
        "seconds": protocol.seconds,
        "frames": [base64.b64encode(frame.tobytes()).decode() for frame in question.frames],
    }


def read_press(sent: object) -> Pressed:
    """What was pressed, of whatever a browser sent.

    Raises:
        BadValueError: for what no browser of ours sends.
    """
    if not isinstance(sent, dict):
        raise BadValueError(f"expected an answer, got {_short(sent)}")
    number, chosen, seconds = sent.get("number"), sent.get("chosen"), sent.get("seconds")
    if not _whole(number) or number < 0:
        raise BadValueError(f"expected the number of a trial, got {_short(number)}")
    if not _whole(chosen) or chosen not in (0, 1):
        raise BadValueError(f"expected 0 for the first image or 1 for the second, got {_short(chosen)}")
    if not (_whole(seconds) or isinstance(seconds, float)) or not 0 <= seconds < math.inf:
        raise BadValueError(f"expected how many seconds the answer took, got {_short(seconds)}")
    return Pressed(number, chosen, min(float(seconds), LONGEST))


def _whole(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:40]}…"
