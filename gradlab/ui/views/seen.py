"""What people see, beside what the network says: sentences, a figure and a table, for one person or for all."""

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass

import numpy as np
import streamlit as st

from gradlab import report
from gradlab.errors import GradlabError
from gradlab.figures.said_else import seen_said
from gradlab.figures.thresholds import seen_figure
from gradlab.report.sampling import sampling_notes
from gradlab.seeing.thresholds import (
    axes_of,
    chosen_text,
    doubts,
    headline,
    on_axis,
    see,
    sentence,
    threshold_text,
    visible_psnr,
)
from gradlab.types import (
    Accuracy,
    Answer,
    Protocol,
    Response,
    Rule,
    SeeingStudy,
    Seen,
    SeenAxis,
    SeenNetwork,
    SweepResult,
)
from gradlab.ui import cached, controls, state, words
from gradlab.ui.components.chart import chart
from gradlab.ui.components.folded import how_measured
from gradlab.ui.components.measures import written
from gradlab.ui.components.takeaway import code, table_files
from gradlab.ui.views.facts import images_text
from gradlab.ui.words import seeing


def seen(
    study: SeeingStudy,
    everybody: Mapping[str, Sequence[Response]],
    sweep: SweepResult | None,
    shown: SweepResult | None,
    *,
    you: bool,
    figure_first: bool = False,
    files: bool = True,
) -> None:
    """Draw the answer. The page writes `seen_axis` into its link, and of a class `guessers`.

    Args:
        study: the test that was taken.
        everybody: the answers of each person, by anything that tells them apart; of one person for their own result.
        sweep: of the network, as `network_accuracy` gives it; None where there is none (yet).
        shown: of the network on the images that people are shown, as `shown_accuracy` gives it; None where there is
            none.
        you: whether that one person is addressed.
        figure_first: the figure above the sentences, as on a projector.
        files: whether the numbers and answers can be taken away, and the script that makes them again.
    """
    protocol = study.protocol
    people = [[response.answer for response in rows] for rows in everybody.values() if rows]
    if not people:
        st.info("No answers yet: the curve starts with the first one.", icon=":material/hourglass_empty:")
        return
    found, sweep, shown = _found(protocol, people, sweep, shown)
    _remember(found)
    figure = st.container() if figure_first else None
    for one in found:
        st.markdown(f"**{words.plain(headline(one, you, words.RULES[one.rule]))}**")
    with st.expander("Details", icon=":material/notes:"):
        for one in found:
            st.markdown(words.plain(sentence(one, you, words.RULES[one.rule])))
    for doubt in doubts(found, you, words.RULES):
        st.warning(words.plain(doubt), icon=":material/info:")
    stem = f"gradlab-{protocol.dataset}-{protocol.model}-seen-{study.code}"
    with figure or nullcontext():
        axis = controls.seen_axis(axes_of(tuple(one.measured for one in found)))
        if any(len(one.fit.guessing) > 1 and one.fit.guessers for one in found):
            controls.guessers()
        chart(
            seen_figure(found, axis), "seen", said=seen_said(found),
            stem=f"{stem}-{'-'.join(one.rule for one in found)}-over-{axis}",
            data=(lambda: report.seen_to_csv(found)) if files else None,
        )  # fmt: skip
    _captions(protocol, found, sweep)
    st.table(_table(found))
    if not files:
        return
    table_files("Thresholds", f"{stem}-thresholds", report.seen_to_dicts(found, you, protocol))
    table_files("Answers", f"{stem}-answers", report.answers_to_rows(people))
    script = report.seen_code(
        protocol.design, sweep, protocol.descend, f"{stem}-answers.csv", shown=shown, guessers=_guessers()
    )
    code(script)


def _remember(found: Sequence[Seen]) -> None:
    """The threshold as a PSNR: the page *Paper* may take it for what is visible. That of `raw` comes first."""
    told = {one.rule: visible_psnr(one) for one in found}
    for rule in (Rule.RAW, *told):
        if (psnr := told.get(rule)) and psnr.value:
            state.put("seen_psnr", round(psnr.value, 1))
            return


def _found(
    protocol: Protocol, people: list[list[Answer]], sweep: SweepResult | None, shown: SweepResult | None
) -> tuple[tuple[Seen, ...], SweepResult | None, SweepResult | None]:
    """What is seen; without the network where a sweep does not fit the test."""
    try:
        return _seen(protocol, people, sweep, shown), sweep, shown
    except GradlabError as error:
        st.warning(words.plain(f"You do not see what the network says: {error}."), icon=":material/info:")
    return _seen(protocol, people, None, None), None, None


@dataclass(frozen=True)
class _Asked:
    """Everything that the answer depends on."""

    protocol: Protocol
    people: tuple[tuple[Answer, ...], ...]
    sweep: SweepResult | None
    shown: SweepResult | None
    guessers: bool


def _seen(
    protocol: Protocol, people: list[list[Answer]], sweep: SweepResult | None, shown: SweepResult | None
) -> tuple[Seen, ...]:
    """Kept, since a class's page asks every few seconds, whether anybody answered or not."""
    key = _Asked(protocol, tuple(map(tuple, people)), sweep, shown, _guessers())
    found: tuple[Seen, ...] | None = cached.kept().get(key)
    if found is None:
        alone, guess = cached.threshold_alone, key.guessers
        found = see(protocol.design, people, sweep, protocol.descend, alone, shown=shown, guessers=guess)
        cached.keep(cached.kept(), key, found, most=8)
    return found


def _guessers() -> bool:
    return bool(state.get("guessers"))


def _captions(protocol: Protocol, found: Sequence[Seen], sweep: SweepResult | None) -> None:
    several = any(one.fit.spread is not None for one in found)
    told = []
    if one := found[0].shown:
        told.append(f"Dashed: {_accuracy(one)}, on the {one.images:,} images shown")
    if sweep and (one := found[0].network):
        told.append(f"{'Dotted' if told else 'Dashed'}: {_accuracy(one)}, on {images_text(sweep)}")
    labelled = all(one.measured is None or one.measured.labelled for one in found)
    st.caption(". ".join([seeing.BARS, *([seeing.LEVELS] if labelled else []), *told]) + ("." if told else ""))
    if sweep and (notes := sampling_notes(sweep)):
        st.caption(" ".join(notes))
    st.caption(words.label_note(protocol.labels, protocol.descend, "The step"))
    how_measured(
        seeing.PEOPLE if several else seeing.ONE_PERSON,
        chosen_text(protocol),
        " ".join([seeing.NETWORKS, *([seeing.SURER] if labelled else []), seeing.CHANGES]) if told else "",
    )


def _accuracy(network: SeenNetwork) -> str:
    form = "as saved (8 bit)" if network.rounded else "**before** rounding to 8 bit"
    clean = f", clean {network.clean.share:.1%}" if network.labelled else ""
    return f"{network.counted} {'of' if network.labelled else 'on'} {words.plain(network.model)} {form}{clean}"


def _table(found: Sequence[Seen]) -> dict[str, list[str]]:
    columns = {words.RULES[one.rule]: _column(one) for one in found}
    names = list(dict.fromkeys(name for column in columns.values() for name in column))
    return {"": names, **{title: [column.get(name, "–") for name in names] for title, column in columns.items()}}


def _column(one: Seen) -> dict[str, str]:
    fit = one.fit
    column = {
        "threshold, ε": threshold_text(one),
        **_of_images(one, "images shown", one.shown, one.shown_at, one.shown_ends),
        **_of_images(one, "all measured", one.network, one.at, one.ends),
        "answers": f"{fit.trials:,}, {fit.right:,} right",
        "catch trials": f"{fit.catches_right:,} of {fit.catches:,} right",
    }
    if fit.spread is None:
        return column
    alone = sum(person.value is not None for person in one.persons)
    if fit.guessers:
        column["seem to guess"] = (
            f"{fit.guessers:,} of {len(fit.guessing):,}, {'left out' if fit.left_out else 'counted'}"
        )
    return column | {
        "people": f"{fit.people:,}, {alone:,} with a threshold of their own",
        "people differ by": f"×{fit.spread.value:.2f} ({fit.spread.low:.2f} to {fit.spread.high:.2f})",
    }


def _of_images(
    one: Seen, which: str, network: SeenNetwork | None, at: Accuracy | None, ends: tuple[Accuracy | None, ...]
) -> dict[str, str]:
    """What is known of the network on some images: a row each, which names them."""
    if network is None:
        return {}
    low, high = (f"{end.share:.1%}" if end else "not known" for end in ends)
    clean = {"clean accuracy": f"{network.clean.share:.1%} of {network.images:,}"} if network.labelled else {}
    rows = {
        f"{network.counted} there": f"{at.share:.1%} ({at.low:.1%} to {at.high:.1%})" if at else "not known",
        "at the interval's ends": f"{low}, {high}",
        **clean,
        "mean L2": _measure(one, network, "l2"),
        "median PSNR": _measure(one, network, "psnr"),
        "mean SSIM": _measure(one, network, "ssim"),
    }
    return {f"{which}: {name}": text for name, text in rows.items()}


def _measure(one: Seen, network: SeenNetwork, name: SeenAxis) -> str:
    """What the threshold is on another axis."""
    value = one.fit.threshold.value
    if value is None or name not in axes_of((network,)):
        return "–"
    return written(name, float(on_axis(network, name, np.array([value]))[0]))
