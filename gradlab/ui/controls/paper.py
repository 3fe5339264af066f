"""On the page *Paper*: what is compared, by which measure, before or after rounding, and what counts as visible."""

import streamlit as st

from gradlab.paper import CONVENTIONS, DEFAULT
from gradlab.ui import state, words
from gradlab.ui.controls.notices import show_notice

_OF_EACH = ("l2", "linf", "psnr")  # what can be equal on each image


def fairness() -> tuple[str, str, bool]:
    """What is compared, a key of `words.FAIRNESS`; the measure, of `words.BUDGETS`; and whether images are rounded."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="large"):
        what = st.segmented_control(
            "Compared", list(words.FAIRNESS), key="fairness", required=True,
            format_func=words.FAIRNESS.__getitem__, help=words.FAIRNESS_HELP,
        )  # fmt: skip
        measure = "l2" if what == "allocation" else _budget(_OF_EACH if what == "direction" else tuple(words.BUDGETS))
        rounded = st.toggle("After rounding to 8 bit", key="rounded", help=words.ROUNDED_ONLY_HELP)
    for name in ("fairness", "budget", "rounded"):
        show_notice(name)
    return str(what), measure, bool(rounded)


def _budget(measures: tuple[str, ...]) -> str:
    if state.get("budget") not in measures:
        state.put("budget", "l2")
    return str(
        st.segmented_control(
            "Equal change, measured by", measures, key="budget", required=True,
            format_func=words.BUDGETS.__getitem__, help=words.BUDGETS_HELP,
        )
    )  # fmt: skip


def visible() -> float:
    """The PSNR in dB below which a change counts as visible."""
    measured = state.get("seen_psnr")
    names = [name for name in words.VISIBLE if name in CONVENTIONS or measured is not None]
    if state.get("visible") not in names:
        state.put("visible", DEFAULT)
    chosen = st.segmented_control(
        "Visible below", names, key="visible", required=True, help=words.VISIBLE_HELP,
        format_func=lambda name: words.VISIBLE[name] + (f": {measured:.1f} dB" if name == "seen" else ""),
    )  # fmt: skip
    show_notice("visible")
    return CONVENTIONS.get(str(chosen), measured)
