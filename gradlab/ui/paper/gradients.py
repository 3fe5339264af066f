"""What float32 makes of the networks' gradients, and what other libraries' steps come to because of it."""

from collections.abc import Sequence

import streamlit as st

from gradlab import report
from gradlab.images.registry import image_sets
from gradlab.types import FloatGradients
from gradlab.ui import words
from gradlab.ui.components.folded import how_measured
from gradlab.ui.components.takeaway import table_files
from gradlab.ui.jobs import baseline
from gradlab.ui.paper.written import unbroken


def gradients() -> None:
    """The table, what its columns mean, and its files; or why there is none."""
    st.subheader("What float32 makes of the gradient")
    rows, problem = baseline.gradients()
    if problem:
        st.warning(words.plain(f"{problem}."), icon=":material/info:")
    if not rows:
        return
    st.markdown(
        "When a network is sure of the true class, 1 − p is too small for the usual gradient. Softmax and "
        "cross-entropy in float32 then lose a part of it. A step along the rest goes nowhere, or the wrong way. So the "
        "network looks more robust than it is. gradlab takes the gradient in a form that loses nothing."
    )
    table = report.gradients_table(rows, {known.key: unbroken(known.title) for known in image_sets()})
    st.table({title: [row[title] for row in table] for title in table[0]})
    basis, how = _basis(rows)
    st.caption(basis)
    how_measured(how)
    table_files("Gradients", "gradlab-paper-gradients", report.gradients_to_rows(rows))


def _basis(rows: Sequence[FloatGradients]) -> tuple[str, str]:
    """What the columns mean; and where they were measured."""
    few, many = min(row.images for row in rows), max(row.images for row in rows)
    counts = f"{many:,}" if few == many else f"{few:,} to {many:,}"
    split, device, software = (
        " and ".join(dict.fromkeys(str(getattr(row, name)) for row in rows)) for name in ("split", "device", "software")
    )
    return (
        f"On {counts} {split} images of each data set, away from the true class. *Lost or turned*: images whose "
        "float32 gradient is 0 everywhere, or along whose sign the loss does not rise. *Wrong signs*: the share of all "
        "values, compared with the same network in float64. The other columns: images still classified correctly after "
        "one step along the sign of the gradient. Each library makes its step, and the same network classifies all. "
        "*float64*: the step along the signs of the network in float64. The files have 95 % Wilson intervals."
    ), f"Measured on {device} with {software}."
