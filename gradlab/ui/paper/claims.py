"""The abstract's figures, each beside ours."""

import streamlit as st

from gradlab import report
from gradlab.experiments.stored import EQUAL
from gradlab.paper import MARGIN, PAPER_MODEL, ClaimRow, Verdict, claim_rows, levels_text
from gradlab.types import LabelSource, SweepResult
from gradlab.ui import controls, words
from gradlab.ui.components.folded import how_measured
from gradlab.ui.components.takeaway import table_files
from gradlab.ui.jobs import baseline
from gradlab.ui.paper.written import NOTHING, PAPER_NETWORK, images_text, made_on, psnr_text, step_text

_SIGNS = {Verdict.COMPATIBLE: ":material/check_circle:", Verdict.UNKNOWN: ":material/help:"}


def claims() -> float:
    """The table, what it rests on, and its files, or why there is none; returns what counts as visible, in dB."""
    st.subheader("The claims, measured")
    limit = controls.visible()
    result, problem = baseline.known(*PAPER_MODEL, LabelSource.TRUE)
    equal, missing = baseline.known(*PAPER_MODEL, EQUAL)
    for why in filter(None, (problem, missing)):
        st.warning(words.plain(f"{why}."), icon=":material/info:")
    if result is None:
        st.markdown(f"Choose {PAPER_NETWORK} in the sidebar and measure it below. Then its figures stand here.")
        return limit
    rows = claim_rows(result, equal, limit)
    st.table(_table(rows))
    st.caption(_basis(result, limit))
    how_measured(
        "What we chose with the claims in view: "
        + "; ".join(f"*{row.claim.name}*: {row.claim.fitted}" for row in rows) + ".",
        f"Gradients of the loss of the {result.label_source} class, {made_on(result)}.",
    )  # fmt: skip
    table_files("Claims", "gradlab-paper-claims", report.claims_to_dicts(result, equal, limit))
    return limit


def _table(rows: list[ClaimRow]) -> dict[str, list[str]]:
    points = [row.point for row in rows]
    return {
        "The abstract says": [row.claim.text.replace(" %", "\u00a0%") for row in rows],
        "claimed": [f"{row.claim.figure:.2%}" for row in rows],
        "measured": [_measured(row.measured, row.interval) for row in rows],
        "at": [f"{step_text(point)}, {psnr_text(point)}" if point and point.rule else NOTHING for point in points],
        f"only images of {rows[0].limit:.3g} dB or more": [
            _measured(row.measured_unseen, row.interval_unseen) for row in rows
        ],
        "verdict": [f"{_SIGNS.get(row.verdict, ':material/cancel:')} {row.verdict}" for row in rows],
        "fitted to the claim": [row.claim.what for row in rows],
    }


def _measured(share: float | None, interval: tuple[float, float] | None) -> str:
    if share is None or interval is None:
        return NOTHING
    return f"**{share:.2%}** ({interval[0]:.2%} to {interval[1]:.2%})"


def _basis(result: SweepResult, limit: float) -> str:
    return (
        f"Always of {PAPER_NETWORK}, whatever the sidebar says: {images_text(result.images, result.dataset)}. In "
        "brackets: 95 % Wilson intervals. We chose each ε on one half of the images and report it on the other half. "
        f"*Only images of {limit:.3g} dB or more*: an image that the plain gradient changes more than that counts as "
        f"not attacked; {limit:.3g} dB is as much noise as {levels_text(limit)} on every value. That column has an ε "
        "of its own: the one that then does most. *Verdict* (for the claim *plain gradient*, of that column): "
        f"compatible if the whole interval lies within {MARGIN * 100:g} points of the claim, or beyond it where the "
        "claim is that accuracy falls so far. Not compatible if the whole interval lies outside. Otherwise we cannot "
        "tell."
    )
