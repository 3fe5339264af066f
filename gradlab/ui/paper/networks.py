"""One row for each network that is shipped."""

import streamlit as st

from gradlab import report
from gradlab.datasets import DATASETS
from gradlab.models import ModelCard, read_cards
from gradlab.paper import CLEAN_LOOKING, Point, combination
from gradlab.sampling import clean_rest, sampling_notes
from gradlab.splits import NEIGHBOURS
from gradlab.types import LabelSource, SweepResult
from gradlab.ui import studies, words
from gradlab.ui.components.takeaway import table_files
from gradlab.ui.paper.written import NOTHING, psnr_text, step_text, unbroken

_COLUMNS = ("network", "data set", "trained on", "measured on", "clean", "without twins", "lowest, sign",
            "lowest, no sign", f"no sign, {CLEAN_LOOKING:g} dB", "lowest error")  # fmt: skip


def networks() -> None:
    """The table of all, what its columns mean, and its files."""
    st.subheader("All networks and data sets")
    cards = read_cards()
    found = [studies.study(card.name, card.dataset, LabelSource.TRUE) for card in cards]
    rows = [_row(card, result) for card, (result, _) in zip(cards, found, strict=True)]
    st.table({title: [row[title] for row in rows] for title in _COLUMNS})
    st.caption(
        f"Each accuracy with the epsilon and the median PSNR where it was found. *No sign, {CLEAN_LOOKING:g} dB*: at "
        "the largest epsilon whose median PSNR is not below that, so that half of the images are changed as little or "
        "less; the others may be changed much more. *Lowest error*: with epsilon below 0, told the true label. The "
        "epsilons were found on the measured curves, refined around what is looked for. *Without twins*: the clean "
        "accuracy on the test images that have no twin in the train split, where it is known which have (ciFAIR)."
    )
    for note in _sampled(found):
        st.caption(note)
    problems = [words.plain(f"{problem}.") for _, problem in found if problem]
    if problems:
        st.warning("  \n".join(problems), icon=":material/info:")
    measured = [result for result, _ in found if result]
    trained_on = {(card.name, card.dataset): card.trained_on for card in cards}
    table_files("Networks", "gradlab-paper-networks", report.combinations_to_dicts(measured, trained_on))


def _sampled(found: list[tuple[SweepResult | None, str]]) -> list[str]:
    """What the intervals in the files take for granted: a sentence for each network that it is said of."""
    return [
        f"{result.model} on {DATASETS[result.dataset].title}: {' '.join(sampling_notes(result))}"
        for result, _ in found
        if result and result.dataset in NEIGHBOURS
    ]


def _row(card: ModelCard, result: SweepResult | None) -> dict[str, str]:
    about = {"network": card.name, "data set": unbroken(DATASETS[card.dataset].title), "trained on": card.trained_on}
    if result is None:
        return dict.fromkeys(_COLUMNS, NOTHING) | about | {"measured on": "no study that belongs to these weights"}
    row = combination(result)
    values = (f"{row.images:,} test images", f"{row.clean.accuracy:.2%}", _rest(result), _found(row.sign),
              _found(row.raw), _found(row.raw_clean_looking), _found(row.negative, error=True))  # fmt: skip
    return about | dict(zip(_COLUMNS[3:], values, strict=True))


def _rest(result: SweepResult) -> str:
    rest = clean_rest(result)
    return NOTHING if rest is None else f"{rest:.2%}"


def _found(point: Point | None, error: bool = False) -> str:
    if point is None:
        return NOTHING
    return f"**{point.error if error else point.accuracy:.2%}** {step_text(point)}, {psnr_text(point)}"
