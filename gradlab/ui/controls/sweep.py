"""What a curve is made of: rules, number of images, rounding, and the horizontal axis."""

import streamlit as st

from gradlab.figures.sweep import Axis
from gradlab.images.splits import twin_mask, without_twins
from gradlab.types import LabelSource, Rule, SweepResult
from gradlab.ui import cached, state, words
from gradlab.ui.controls.notices import show_notice


def sweep_choices(dataset: str, model: str, labels: LabelSource) -> tuple[tuple[Rule, ...], int, bool, Axis]:
    """All four choices."""
    left, right = st.columns([3, 2])
    with left:
        rules = st.pills(
            "Rules", list(Rule), key="rules", selection_mode="multi",
            format_func=words.RULES.__getitem__, help=words.RULE_HELP,
        )  # fmt: skip
        show_notice("rules")
        chosen_axis = axis()
    with right:
        study = cached.study(model, dataset, labels)
        limit = images(dataset, study.images if study else None)
        rounded = st.toggle("Also after rounding to 8 bit", key="rounded", help=words.ROUNDED_HELP)
        show_notice("rounded")
    return (
        tuple(Rule(rule) for rule in Rule if rule in rules),
        limit,
        bool(rounded),
        chosen_axis,
    )


def counted(result: SweepResult) -> SweepResult:
    """The result with or without the images that have a twin in the train split, where it is known which have."""
    mask = twin_mask(result)
    if mask is None or not mask.any():
        return result
    left_out = st.toggle("Without twins", key="without_twins", help=words.TWINS_HELP)
    return without_twins(result) if left_out else result


def axis() -> Axis:
    """What stands on the horizontal axis of a curve."""
    choice = st.segmented_control(
        "Horizontal axis", list(words.AXES), key="axis", required=True,
        format_func=words.AXES.__getitem__, help=words.AXES_HELP,
    )  # fmt: skip
    show_notice("axis")
    return "l2" if choice == "l2" else "epsilon"


def images(dataset: str, ready: int | None, help: str = words.LIMIT_HELP) -> int:
    """How many images; all of the `ready`, measured beforehand, where there are such and nobody chose otherwise."""
    most = cached.images_at_hand(dataset)
    few = {most} if most < state.USUAL_LIMIT else set()
    choices = sorted({limit for limit in state.LIMITS if limit <= most} | few | ({ready} if ready else set()))
    chosen = state.get("limit")
    if chosen == ready:
        # Whoever has seen it and then turns to what nobody has measured yet shall not wait for as many images.
        state.put("limit", None)
    elif chosen and chosen not in choices:
        state.put_notice("limit", f"{chosen:,} images were asked for; {most:,} are at hand.")
        state.put("limit", None if ready else choices[-1])
    state.put("images", state.get("limit") or ready or min(state.USUAL_LIMIT, choices[-1]))
    limit = st.select_slider(
        "Images", choices, key="images", on_change=_limit_chosen, help=help,
        format_func=lambda n: words.measured_beforehand(n) if n == ready else f"{n:,}",
    )  # fmt: skip
    show_notice("limit")
    return int(limit)


def _limit_chosen() -> None:
    state.put("limit", state.get("images"))
