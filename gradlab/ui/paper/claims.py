"""The abstract's figures, each beside ours."""

import streamlit as st

from gradlab import report
from gradlab.paper import PAPER_MODEL, VISIBLE_BELOW, ClaimRow, Verdict, claim_rows
from gradlab.types import LabelSource, SweepResult
from gradlab.ui import studies, words
from gradlab.ui.components.takeaway import table_files
from gradlab.ui.paper.written import NOTHING, PAPER_NETWORK, images_text, made_on, psnr_text, step_text

_SIGNS = {Verdict.HOLDS: ":material/check_circle:", Verdict.VISIBLE: ":material/visibility:"}


def claims() -> None:
    """The table, what it rests on, and its files; or why there is none."""
    st.subheader("The claims, measured")
    result, problem = studies.study(*PAPER_MODEL, LabelSource.TRUE)
    if problem:
        st.warning(words.plain(f"{problem}."), icon=":material/info:")
    if result is None:
        st.markdown(f"Choose {PAPER_NETWORK} in the sidebar and measure it below: its figures then stand here.")
        return
    st.table(_table(claim_rows(result)))
    st.caption(_basis(result))
    table_files("Claims", "gradlab-paper-claims", report.claims_to_dicts(result))


def _table(rows: list[ClaimRow]) -> dict[str, list[str]]:
    points = [row.point for row in rows]
    return {
        "The abstract says": [row.claim.text.replace(" %", "\u00a0%") for row in rows],
        "claimed": [f"{row.claim.figure:.2%}" for row in rows],
        "measured": [f"**{row.measured:.2%}**" if row.measured is not None else NOTHING for row in rows],
        "95 % interval": ["{:.2%} to {:.2%}".format(*row.interval) if row.interval else NOTHING for row in rows],
        "at": [step_text(point) if point else NOTHING for point in points],
        "median PSNR": [psnr_text(point) if point else NOTHING for point in points],
        "mean SSIM": [f"{point.ssim:.3f}" if point and point.ssim is not None else NOTHING for point in points],
        "verdict": [f"{_SIGNS.get(row.verdict, ':material/cancel:')} {row.verdict}" for row in rows],
    }


def _basis(result: SweepResult) -> str:
    return (
        f"Always of {PAPER_NETWORK}, whatever the sidebar says: {images_text(result.images, result.dataset)}, "
        f"gradients of the loss of the {result.label_source} labels, {made_on(result)}. Intervals: Wilson. *Visible* "
        f"means a median PSNR below {VISIBLE_BELOW:g} dB, as much noise as 5/255 on every value: a convention of ours, "
        "not a threshold of vision. This network's training recipe was chosen with these figures in view, on test "
        "images: that it comes close to them is no independent test of the paper."
    )
