"""What is chosen on one page alone: *Compare*, *Landscape*, *Paper* or *See it?*."""

from collections.abc import Sequence
from typing import cast

import streamlit as st

from gradlab.images.own import is_own
from gradlab.images.registry import image_set
from gradlab.paper import CONVENTIONS, DEFAULT
from gradlab.seeing.blind import Wish
from gradlab.steps.epsilon import format_epsilon
from gradlab.types import LabelSource, Rule, SeenAxis
from gradlab.ui import state, words
from gradlab.ui.controls.choose import choose, choose_rules, show_notice
from gradlab.ui.controls.sidebar import network_title
from gradlab.ui.words import seeing

_OF_EACH = ("l2", "linf", "psnr")  # what can be equal on each image


def comparison() -> str:
    """`models`, `rules` or `transfer`. One at a time, since a hidden one would be computed too."""
    return choose("Compare", "compare", words.COMPARISONS, words.COMPARISONS_HELP)


def other_model(dataset: str, model: str) -> str | None:
    """The network that the sidebar's is compared with; None where the data set has no other."""
    cards = {card.name: card for card in state.cards(dataset) if card.name != model}
    if not cards:
        return None
    if state.get("other") not in cards:
        state.put("other", next(iter(cards)))
    name = st.selectbox(
        f"Compare {model} with", list(cards), key="other",
        format_func=lambda n: network_title(cards[n]),
    )  # fmt: skip
    show_notice("other")
    return str(name)


def reach(rule: Rule, stretch: float) -> float:
    """The largest epsilon that a landscape shows, on either side of 0; each rule has its own.

    Args:
        rule: whose step.
        stretch: as `state.reaches` takes it; where the axes do not reach so far, a button takes them there.
    """
    chosen = st.select_slider(
        f"Largest ε on the axes, ± ({words.UNITS[rule.unit]})", state.reaches(rule, stretch), key=f"reach_{rule}",
        format_func=lambda size: format_epsilon(size, rule, signed=False),
        help="How far both figures go on either side of the clean image. Each kind of noise keeps its own.",
    )  # fmt: skip
    show_notice("reach")
    if float(chosen) < (enough := rule.row.grid[-1] * stretch) and stretch > 1:
        st.button(
            f"Reach to {format_epsilon(enough, rule, signed=False)}", icon=":material/zoom_out_map:", key="enough",
            on_click=state.put, args=(f"reach_{rule}", enough),
            help="So far that a step along this image's gradient shows.",
        )  # fmt: skip
    return float(chosen)


def across() -> int:
    """The seed of the random direction that a plane is spanned by, and a button for the next one."""
    seed = int(state.get("across"))
    st.button(
        "Another random direction", icon=":material/casino:", key="next_across",
        on_click=state.put, args=("across", (seed + 1) % state.DIRECTIONS_ACROSS),
        help=f"Draws the plane anew with another direction r. This one has the seed {seed}.",
    )  # fmt: skip
    show_notice("across")
    return seed


def fairness() -> tuple[str, str, bool]:
    """What is compared, a key of `words.FAIRNESS`; the measure, of `words.BUDGETS`; and whether images are rounded."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="large"):
        what = choose("What to compare", "fairness", words.FAIRNESS, words.FAIRNESS_HELP, notice="")
        measure = "l2" if what == "allocation" else _budget(_OF_EACH if what == "direction" else tuple(words.BUDGETS))
        rounded = st.toggle("As saved (8 bit)", key="rounded", help=words.ROUNDED_ONLY_HELP)
    for name in ("fairness", "budget", "rounded"):
        show_notice(name)
    return what, measure, bool(rounded)


def _budget(measures: tuple[str, ...]) -> str:
    if state.get("budget") not in measures:
        state.put("budget", "l2")
    title = "Equal change, measured by"
    return choose(title, "budget", words.BUDGETS, words.BUDGETS_HELP, among=measures, notice="")


def visible() -> float:
    """The PSNR in dB below which a change counts as visible."""
    measured = state.get("seen_psnr")
    titles = {name: title for name, title in words.VISIBLE.items() if name in CONVENTIONS or measured is not None}
    if "seen" in titles:
        titles["seen"] += f": {measured:.1f} dB"
    if state.get("visible") not in titles:
        state.put("visible", DEFAULT)
    return CONVENTIONS.get(choose("Counts as visible below", "visible", titles, words.VISIBLE_HELP), measured)


def seen_axis(known: Sequence[SeenAxis]) -> SeenAxis:
    """What people's answers are drawn over: one of the `known` axes, which include `epsilon`."""
    if state.get("seen_axis") not in known:
        state.put("seen_axis", "epsilon")
    return cast(SeenAxis, choose("Horizontal axis", "seen_axis", seeing.AXES, seeing.AXES_HELP, among=known))


def guessers() -> None:
    """Whether people who guess are counted too; what it shows is `state.get("guessers")`."""
    st.toggle("Also count people who guess", key="guessers", help=seeing.GUESSERS_HELP)
    show_notice("guessers")


def who(dataset: str, model: str) -> str:
    """Who takes a blind test: a key of `seeing.WHO`. What one session has brought, nobody else can be shown."""
    if is_own(dataset) or is_own(model):
        st.caption(seeing.OWN)
        return "alone"
    return choose("Who takes part", "who", seeing.WHO, seeing.WHO_HELP)


def wish(dataset: str, labels: LabelSource) -> Wish:
    """All that a blind test is made of; `rules` may be empty."""
    of = image_set(dataset).shape[-1]
    widths = state.widths(of)
    if state.get("width") not in widths:
        state.put("width", min(widths, key=lambda width: abs(width - state.get("width"))))
    left, right = st.columns(2, gap="large")
    with left:
        rules = choose_rules("Kinds of noise to test", "rules", f"{seeing.TESTED_HELP}\n{words.RULE_HELP}")
        title = words.direction_title(labels)
        descend = choose(title, "direction", words.DIRECTIONS, words.DIRECTION_HELP) == state.DOWN
        trials = choose("Trials for each kind of noise", "trials", _themselves(state.TRIALS), seeing.TRIALS_HELP)
    with right:
        task = choose("What we ask", "task", seeing.TASKS, seeing.TASKS_HELP)
        time = choose("Time for each image", "time", seeing.TIMES, seeing.TIMES_HELP)
        width = choose("Width of an image, in pixels", "width", _themselves(widths), seeing.WIDTH_HELP)
        smooth = width > of and st.toggle("Enlarge smoothly", key="smooth", help=seeing.SMOOTH_HELP)
        show_notice("smooth")
    return Wish(
        rules=rules, labels=labels, descend=descend, method="abx" if task == "abx" else "2ifc", trials=trials,
        width=width, smooth=bool(smooth), seconds=None if time == "none" else float(time),
    )  # fmt: skip


def _themselves(numbers: Sequence[int]) -> dict[int, str]:
    return {number: str(number) for number in numbers}
