"""What people see, beside what the network makes of it: sentences, a figure and a table, for one person or for all."""

from collections.abc import Mapping, Sequence
from contextlib import nullcontext

import numpy as np
import streamlit as st

from gradlab import report
from gradlab.errors import GradlabError
from gradlab.figures.seen import seen_figure
from gradlab.sampling import sampling_notes
from gradlab.seen import axes_of, doubts, on_axis, see, sentence, threshold_text
from gradlab.types import Answer, Protocol, Response, SeeingStudy, Seen, SeenAxis, SweepResult
from gradlab.ui import cached, controls, words
from gradlab.ui.components.chart import chart
from gradlab.ui.components.measures import written
from gradlab.ui.components.takeaway import code, table_files
from gradlab.ui.views.facts import images_text
from gradlab.ui.words import seeing


def seen(
    study: SeeingStudy,
    everybody: Mapping[str, Sequence[Response]],
    sweep: SweepResult | None = None,
    you: bool | None = None,
    figure_first: bool = False,
) -> None:
    """Draw the answer. The page writes `seen_axis` into its link.

    Args:
        study: the test that was taken.
        everybody: the answers of each person, by anything that tells them apart; of one person for their own result.
        sweep: of the network, as `network_accuracy` gives it; None where there is none (yet).
        you: whether that one person is addressed; None: in a study of one.
        figure_first: the figure above the sentences, as on a projector.
    """
    protocol, you = study.protocol, study.solo if you is None else you
    people = [[response.answer for response in rows] for rows in everybody.values() if rows]
    if not people:
        st.info("No answers yet: the curve is drawn from the first one on.", icon=":material/hourglass_empty:")
        return
    found, sweep = _found(protocol, people, sweep)
    figure = st.container() if figure_first else None
    for one in found:
        st.markdown(words.plain(sentence(one, you, words.RULES[one.rule])))
    for doubt in doubts(found, you, words.RULES):
        st.warning(words.plain(doubt), icon=":material/info:")
    stem = f"gradlab-{protocol.dataset}-{protocol.model}-seen-{study.code}"
    with figure or nullcontext():
        chart(
            seen_figure(found, controls.seen_axis(axes_of(tuple(one.network for one in found)))), "seen",
            alt="Right answers of people, and accuracy of the network, over the size of the step", stem=stem,
            data=lambda: report.seen_to_csv(found),
        )  # fmt: skip
    _captions(protocol, found, sweep)
    st.table(_table(found))
    table_files("Thresholds", f"{stem}-thresholds", report.seen_to_dicts(found, you))
    table_files("Answers", f"{stem}-answers", report.answers_to_rows(people))
    code(report.seen_code(protocol.design, sweep, protocol.descend, f"{stem}-answers.csv"))


def _found(
    protocol: Protocol, people: list[list[Answer]], sweep: SweepResult | None
) -> tuple[tuple[Seen, ...], SweepResult | None]:
    """What is seen; without the network where the sweep does not fit the test."""
    try:
        return _seen(protocol, people, sweep), sweep
    except GradlabError as error:
        st.warning(words.plain(f"The network's accuracy is left out: {error}."), icon=":material/info:")
    return _seen(protocol, people, None), None


def _seen(protocol: Protocol, people: list[list[Answer]], sweep: SweepResult | None) -> tuple[Seen, ...]:
    """Kept: of a class it is looked at every few seconds, whether anybody answered or not."""
    key = protocol, tuple(map(tuple, people)), sweep
    found: tuple[Seen, ...] | None = cached.recall("seen", key)
    if found is None:
        found = see(protocol.design, people, sweep, protocol.descend, cached.threshold_alone)
        cached.keep("seen", key, found)
    return found


def _captions(protocol: Protocol, found: Sequence[Seen], sweep: SweepResult | None) -> None:
    several = any(one.fit.people > 1 for one in found)
    st.caption(seeing.PEOPLE if several else seeing.ONE_PERSON)
    if sweep is not None:
        network = found[0].network
        rounded = network is not None and network.rounded
        st.caption(
            f"Dashed: accuracy of {words.plain(sweep.model)}, {images_text(sweep)}, "
            f"{'after' if rounded else '**before**'} rounding to 8 bit; bands: 95 % Wilson intervals; dotted: clean "
            f"accuracy, {sweep.clean_accuracy:.1%}. Mean L2, median PSNR and mean SSIM are those of the same images, "
            "before rounding, interpolated over the logarithm of epsilon; where images change by different amounts, as "
            "without the sign, the mean and the median tell different things."
        )
        if notes := sampling_notes(sweep):
            st.caption(" ".join(notes))
    st.caption(words.label_note(protocol.labels, protocol.descend, "The step"))


def _table(found: Sequence[Seen]) -> dict[str, list[str]]:
    """A column for each rule."""
    columns = {words.RULES[one.rule]: _column(one) for one in found}
    names = list(dict.fromkeys(name for column in columns.values() for name in column))
    return {"": names, **{title: [column.get(name, "–") for name in names] for title, column in columns.items()}}


def _column(one: Seen) -> dict[str, str]:
    low, high = (f"{end.share:.1%}" if end else "not known" for end in one.ends)
    fit = one.fit
    column = {
        "threshold, ε": threshold_text(one),
        "mean L2": _measure(one, "l2"),
        "median PSNR": _measure(one, "psnr"),
        "mean SSIM": _measure(one, "ssim"),
        "accuracy there": f"{one.at.share:.1%}" if one.at else "not known",
        "at the interval's ends": f"{low}, {high}",
        "clean accuracy": f"{one.network.clean.share:.1%}" if one.network else "–",
        "answers": f"{fit.trials:,}, {fit.right:,} right",
        "catch trials": f"{fit.catches_right:,} of {fit.catches:,} right",
    }
    if fit.spread is None:
        return column
    alone = sum(person.value is not None for person in one.persons)
    return column | {
        "people": f"{fit.people:,}, {alone:,} with a threshold of their own",
        "people differ by": f"×{fit.spread.value:.2f} ({fit.spread.low:.2f} to {fit.spread.high:.2f})",
    }


def _measure(one: Seen, name: SeenAxis) -> str:
    """What the threshold is on another axis."""
    value = one.fit.threshold.value
    if value is None or name not in axes_of((one.network,)):
        return "–"
    return written(name, float(on_axis(one.network, name, np.array([value]))[0]))
