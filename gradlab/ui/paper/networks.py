"""One row for each network that is shipped."""

import streamlit as st

from gradlab import report
from gradlab.experiments.stored import measurable
from gradlab.images.registry import image_set, image_sets
from gradlab.images.splits import facts_of
from gradlab.networks import ModelCard, known_cards
from gradlab.paper import FairRow, Point, combination, fair_row, fair_summary
from gradlab.report.sampling import clean_rest, sampling_notes
from gradlab.types import LabelSource, SweepResult
from gradlab.ui import words
from gradlab.ui.components.takeaway import table_files
from gradlab.ui.jobs import baseline
from gradlab.ui.paper.written import NOTHING, psnr_text, step_text, unbroken

_COLUMNS = ("network", "data set", "trained on", "measured on", "clean", "without twins", "lowest, sign",
            "lowest, plain gradient", "plain gradient, unseen", "lowest error", "fitted to test images")  # fmt: skip
_FAIR = ("network", "data set", "at", "plain gradient", "sign, same L2", "difference in points", "sign, same L∞",
         "one length, same mean L2", "difference to plain gradient")  # fmt: skip


def networks(limit: float) -> None:
    """The tables of all, what their columns mean, and their files. `limit`: what counts as visible, in dB."""
    st.subheader("All networks and data sets")
    cards, equals = measurable(known_cards()), baseline.equals()
    found = [baseline.known(card.name, card.dataset, LabelSource.TRUE) for card in cards]
    rows = [
        _row(card, result, equals.get((card.name, card.dataset)), limit)
        for card, (result, _) in zip(cards, found, strict=True)
    ]
    st.table({title: [row[title] for row in rows] for title in _COLUMNS})
    st.caption(
        "Each accuracy stands with its ε and median PSNR. We chose each ε on one half of the images and report it on "
        f"the other half. *Plain gradient, unseen*: an image counts as attacked only if its PSNR stays at {limit:.3g} "
        "dB or more. *Lowest error*: with ε below 0, towards the true class. *Without twins*: the clean accuracy on "
        "the test images that have no twin in the train split, where we know the twins (ciFAIR)."
    )
    for note in _sampled(found):
        st.caption(note)
    problems = [words.plain(f"{problem}.") for _, problem in found if problem]
    if problems:
        st.warning("  \n".join(problems), icon=":material/info:")
    measured = [result for result, _ in found if result]
    about = {(card.name, card.dataset): {"trained_on": card.trained_on, "fitted": card.fitted} for card in cards}
    table_files("Networks", "gradlab-paper-networks", report.combinations_to_dicts(measured, about, equals, limit))
    _fair([row for result in measured if (row := fair_row(result, equals.get((result.model, result.dataset))))])


def _fair(rows: list[FairRow]) -> None:
    if not rows:
        return
    st.markdown("#### Direction and allocation")
    cells = report.fair_cells(rows, {known.key: unbroken(known.title) for known in image_sets()})
    st.table({title: [row[n] for row in cells] for n, title in enumerate(_FAIR)})
    st.markdown(fair_summary(rows))
    st.caption(
        "Still classified correctly, at the largest ε of the plain gradient that changes half of the images to 40 dB "
        "or more. *Sign, same L2*, *same L∞*: the sign changes each image by the same amount. *One length, same mean "
        "L2*: the same direction with one length for all images. Differences: plain gradient minus the other, on the "
        "same images, in percentage points, with the 95 % interval of the paired difference (Tango)."
    )
    table_files("Direction and allocation", "gradlab-paper-fair", report.fair_to_dicts(rows))


def _sampled(found: list[tuple[SweepResult | None, str]]) -> list[str]:
    """What the intervals in the files assume: a sentence for each network that needs one."""
    return [
        f"{result.model} on {image_set(result.dataset).title}: {' '.join(sampling_notes(result))}"
        for result, _ in found
        if result and facts_of(result.dataset).neighbours
    ]


def _row(card: ModelCard, result: SweepResult | None, equal: SweepResult | None, limit: float) -> dict[str, str]:
    about = {"network": card.name, "data set": unbroken(image_set(card.dataset).title), "trained on": card.trained_on}
    if result is None:
        return dict.fromkeys(_COLUMNS, NOTHING) | about | {"measured on": "not measured yet"}
    row = combination(result, equal, limit)
    values = (f"{row.images:,} test images", f"{row.clean.accuracy:.2%}", _rest(result), _found(row.sign),
              _found(row.raw), _found(row.raw_unseen), _found(row.negative, error=True),
              card.fitted or NOTHING)  # fmt: skip
    return about | dict(zip(_COLUMNS[3:], values, strict=True))


def _rest(result: SweepResult) -> str:
    rest = clean_rest(result)
    return NOTHING if rest is None else f"{rest:.2%}"


def _found(point: Point | None, error: bool = False) -> str:
    if point is None:
        return NOTHING
    return f"**{point.error if error else point.accuracy:.2%}** {step_text(point)}, {psnr_text(point)}"
