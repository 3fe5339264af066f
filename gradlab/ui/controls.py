"""Controls: each is a function that draws one choice, owns its key in the session and returns its value."""

import random
from collections.abc import Sequence
from typing import Any

import streamlit as st

from gradlab.datasets import DATASETS
from gradlab.epsilon import format_epsilon, parse_epsilon
from gradlab.errors import GradlabError
from gradlab.figures.sweep import Axis
from gradlab.models import read_cards
from gradlab.types import Curve, LabelSource, Rule, SweepResult
from gradlab.ui import cached, state, words


def show_notice(name: str) -> None:
    """Say beside a control what was wrong with the link or with what was typed."""
    message = state.notice(name)
    if message:
        st.warning(message, icon=":material/link_off:")


def sidebar() -> tuple[str, str, LabelSource]:
    """What is global: data set, model, label source; and the device."""
    with st.sidebar:
        st.title("gradlab", anchor=False)
        st.caption("One step along the gradient, and what it does to a network and to the eye.")
        chosen = dataset(), model(), labels()
        st.caption(f"Runs on {cached.device_name()}")
    return chosen


def dataset() -> str:
    """The data set's name."""
    at_hand = sorted({card.dataset for card in read_cards()}, key=list(DATASETS).index)
    if state.get("dataset") not in at_hand:
        state.put_notice("dataset", f"There are no trained weights for {state.get('dataset')} yet.")
        state.put("dataset", at_hand[0])
    name = st.selectbox(
        "Data set", at_hand, key="dataset", format_func=lambda n: DATASETS[n].title,
        on_change=state.put, args=("image", None),
    )  # fmt: skip
    show_notice("dataset")
    return str(name)


def model() -> str:
    """The weights' name."""
    cards = {card.name: card for card in read_cards() if card.dataset == state.get("dataset")}
    if state.get("model") not in cards:
        state.put("model", next(iter(cards)))
    name = st.selectbox(
        "Model", list(cards), key="model",
        format_func=lambda n: f"{n} · {cards[n].clean_accuracy:.2%}",
        help="The percentage is the clean accuracy of the shipped file, on the images that its card names.",
    )  # fmt: skip
    show_notice("model")
    card = cards[str(name)]
    try:
        cached.model(card.name, card.dataset)
    except GradlabError as error:
        st.error(str(error), icon=":material/error:")
    st.caption(
        f"{card.parameters / 1e6:.1f} M parameters, trained on {card.trained_on}; {card.clean_accuracy:.2%} right on "
        f"{card.measured_on}. {card.note}"
    )
    return card.name


def labels() -> LabelSource:
    """Which label the loss is taken for."""
    choice = st.segmented_control(
        "Label of the loss", list(LabelSource), key="labels", required=True,
        format_func=words.LABELS.__getitem__, help=words.LABELS_HELP,
    )  # fmt: skip
    show_notice("labels")
    return LabelSource(str(choice))


def rule() -> Rule:
    """The direction's rule."""
    choice = st.segmented_control(
        "Rule", list(Rule), key="rule", required=True,
        format_func=words.RULES.__getitem__, help=words.RULE_HELP,
    )  # fmt: skip
    show_notice("rule")
    return Rule(str(choice))


def epsilon(rule: Rule) -> float:
    """The signed step: a direction, a size on a slider, and the exact number."""
    left, middle, right = st.columns([2, 5, 2], vertical_alignment="bottom")
    with left:
        st.segmented_control(
            "Direction", list(words.DIRECTIONS), key="direction", required=True,
            format_func=words.DIRECTIONS.__getitem__, help=words.DIRECTION_HELP,
        )  # fmt: skip
    with middle:
        st.select_slider(
            f"Size of the step |ε| ({words.UNITS[rule.unit]})", state.sizes(rule), key=f"size_{rule}",
            format_func=lambda size: format_epsilon(size, rule, signed=False),
        )  # fmt: skip
    with right:
        state.put("exact", state.epsilon_text(state.epsilon(), rule))
        st.text_input("Exact ε", key="exact", on_change=_exact_epsilon, help="Signed: `-8/255`, or `0.03`.")
    show_notice("epsilon")
    return state.epsilon()


def _exact_epsilon() -> None:
    try:
        state.put_epsilon(parse_epsilon(state.get("exact")), Rule(state.get("rule")))
    except GradlabError as error:
        state.put_notice("epsilon", f"{error}. The step stays as it was.")


def gain() -> int:
    """By how much differences are amplified; the same for every image and epsilon until it is changed here."""
    choice = st.select_slider(
        "Gain of the noise and the difference", state.GAINS, key="gain",
        format_func=lambda value: f"×{value}", help="Locked: it does not follow the image; larger looks larger.",
    )  # fmt: skip
    show_notice("gain")
    return int(choice)


def sweep_choices(dataset: str) -> tuple[tuple[Rule, ...], int, bool, Axis]:
    """What a curve is made of: rules, number of images, rounding, and the horizontal axis."""
    left, right = st.columns([3, 2])
    with left:
        rules = st.pills(
            "Rules", list(Rule), key="rules", selection_mode="multi",
            format_func=words.RULES.__getitem__, help=words.RULE_HELP,
        )  # fmt: skip
        show_notice("rules")
        axis = st.segmented_control(
            "Horizontal axis", list(words.AXES), key="axis", required=True,
            format_func=words.AXES.__getitem__, help=words.AXES_HELP,
        )  # fmt: skip
        show_notice("axis")
    with right:
        limit = _limit(dataset)
        rounded = st.toggle("Round to 8 bit first", key="rounded", help=words.ROUNDED_HELP)
        show_notice("rounded")
    return (
        tuple(Rule(rule) for rule in Rule if rule in rules),
        limit,
        bool(rounded),
        "l2" if axis == "l2" else "epsilon",
    )


def _limit(dataset: str) -> int:
    most = cached.images_at_hand(dataset)
    choices = [limit for limit in state.LIMITS if limit <= most]
    if state.get("limit") not in choices:
        state.put_notice("limit", f"{state.get('limit')} images were asked for; {most} are at hand.")
        state.put("limit", choices[-1])
    limit = st.select_slider("Images", choices, key="limit", help=words.LIMIT_HELP)
    show_notice("limit")
    return int(limit)


def curve_point(result: SweepResult) -> tuple[Curve, int]:
    """A rule and one of its epsilons, chosen here or by a click on the curve."""
    rules = [curve.rule for curve in result.curves]
    left, right = st.columns([2, 5], vertical_alignment="bottom")
    # The rule of Explore may not be among these; it is left as it is until another is chosen here.
    state.put("point_rule", state.get("rule") if state.get("rule") in rules else rules[0])
    with left:
        rule = st.segmented_control(
            "Rule", rules, key="point_rule", required=True, on_change=_point_rule_chosen,
            format_func=words.RULES.__getitem__,
        )  # fmt: skip
        show_notice("rule")
    curve = result.curve(Rule(str(rule)))
    epsilons = curve.epsilons.tolist()
    state.put("point", min(epsilons, key=lambda e: abs(e - state.epsilon(curve.rule))))
    with right:
        chosen = st.select_slider(
            "Epsilon",
            epsilons,
            key="point",
            on_change=_point_moved,
            format_func=lambda e: format_epsilon(e, curve.rule),
        )
        show_notice("epsilon")
    return curve, epsilons.index(chosen)


def _point_rule_chosen() -> None:
    state.put("rule", Rule(state.get("point_rule")))


def _point_moved() -> None:
    state.put_epsilon(state.get("point"), Rule(state.get("point_rule")))


def adopt_click(event: Any, result: SweepResult) -> None:
    """Take over the point of a curve that was clicked, once for each click."""
    points = event["selection"]["points"] if event else []
    if not points or points == state.get("clicked"):
        return
    state.put("clicked", points)
    curve = result.curves[points[0]["curve_number"] // 2]  # a band and a line for each rule
    state.put_epsilon(float(curve.epsilons[points[0]["point_index"]]), curve.rule)


def image_place(dataset: str) -> int:
    """The chosen image's place in the test split; a place that is not at hand falls back to the first."""
    places = cached.sample(dataset).indices.tolist()
    chosen = state.get("image")
    if chosen is None:
        chosen = places[0]
    try:
        cached.load_one(dataset, chosen)
    except GradlabError as error:
        state.put_notice("image", f"The link's image was left out: {error}.")
        chosen = places[0]
    state.put("image", chosen)
    return int(chosen)


def image_steps(dataset: str) -> None:
    """Buttons: previous, next, random."""
    places = cached.sample(dataset).indices.tolist()
    here = position(places, state.get("image"))
    goals = {
        ("Previous", ":material/arrow_back:"): places[here - 1],
        ("Next", ":material/arrow_forward:"): places[(here + 1) % len(places)],
        ("Random", ":material/shuffle:"): None,
    }
    for (title, icon), place in goals.items():
        st.button(title, icon=icon, key=f"go_{title}", on_click=_go_to, args=(place, places))


def position(places: Sequence[int], chosen: int) -> int:
    """Where the chosen image is in the sample; 0 when it is not in it."""
    return places.index(chosen) if chosen in places else 0


def _go_to(place: int | None, places: Sequence[int]) -> None:
    state.put("image", random.choice(places) if place is None else place)
