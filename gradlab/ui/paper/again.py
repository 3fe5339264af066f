"""The same measurement on the spot, beside what was shipped."""

import streamlit as st

from gradlab import report
from gradlab.experiments.stored import EQUAL, PARTS
from gradlab.images.registry import image_set
from gradlab.images.status import dataset_status
from gradlab.paper import NEGATIVE_AIMS, PAPER_MODEL, Point, claim_rows, combination
from gradlab.paper import found as chosen
from gradlab.types import LabelSource
from gradlab.ui import cached, state, words
from gradlab.ui.jobs import baseline
from gradlab.ui.jobs.baseline import Parts
from gradlab.ui.jobs.job import finished, start, watch
from gradlab.ui.paper.written import NOTHING, images_text, made_on, network_name, psnr_text, step_text

Figures = dict[str, Point | None]


def again(dataset: str, model: str) -> None:
    """The button, its progress, and what came out; nothing where no labels are known."""
    if not image_set(dataset).labelled:
        return
    st.subheader("Measure again")
    stored = _stored(dataset, model)
    took = f" The shipped measurement took {made_on(stored[LabelSource.TRUE])}." if stored else ""
    st.markdown(
        f"Measures all of **{network_name(model, dataset)}** anew: {_at_hand(dataset)}, on {cached.device_name()}. "
        "That is every kind of noise, in both directions, before and after rounding, for true and then for predicted "
        f"classes, and at equal change.{took} It goes on while this page shows this network. The shipped file stays as "
        "it is."
    )
    job = baseline.job(dataset, model)
    going = state.under_way(job) is not None
    # It stays where it is: a button that is no longer drawn is shown until the run of the page ends, minutes later.
    if st.button("Measure again", icon=":material/replay:", key="measure", disabled=going):
        start(job)
        st.rerun()
    if going:
        watch(job, give_up=True)
    if fresh := finished(job):
        _show(dataset, stored, fresh)


def _at_hand(dataset: str) -> str:
    text = images_text(cached.images_at_hand(dataset), dataset)
    return text if dataset_status(dataset)["test"] else f"{text}, the sample, as the whole set is not at hand"


def _stored(dataset: str, model: str) -> Parts:
    """All parts of the shipped baseline; none, where one of them is missing or stale."""
    found: Parts = {}
    for part in PARTS:
        result, problem = baseline.known(model, dataset, part)
        if result is None or problem:
            return {}
        found[part] = result
    return found


def _show(dataset: str, stored: Parts, fresh: Parts) -> None:
    now = fresh[LabelSource.TRUE]
    st.success(f"Measured again on {images_text(now.images, dataset)}, {made_on(now)}.", icon=":material/done_all:")
    new = _figures(fresh)
    if not stored:
        st.table({"": list(new), "measured now": [_written(point) for point in new.values()]})
        return
    old = _figures(stored)
    st.table({
        "": list(new),
        "shipped": [_written(old[name]) for name in new],
        "measured now": [_written(point) for point in new.values()],
        "compared": ["same" if _same(old[name], point) else "differs" for name, point in new.items()],
    })  # fmt: skip
    st.markdown(_verdict(stored, fresh, old, new))


def _verdict(stored: Parts, fresh: Parts, old: Figures, new: Figures) -> str:
    counts = [report.agreement(stored[part], fresh[part]) for part in fresh]
    same, compared = (sum(column) for column in zip(*counts, strict=True))
    text = (
        f"Both measurements have {compared:,} predictions of the same image at the same ε. Of these, "
        f"**{compared - same:,}** are not the same."
    )
    before, after = (both[LabelSource.TRUE].images for both in (stored, fresh))
    if before != after:
        return f"{text} The figures rest on {after:,} images here and on {before:,} there, so they cannot be the same."
    differ = [name for name, point in new.items() if not _same(old[name], point)]
    return f"{text} Figures that differ: {', '.join(differ)}." if differ else f"{text} All figures are the same."


def _figures(both: Parts) -> Figures:
    true, predicted = both[LabelSource.TRUE], both[LabelSource.PREDICTED]
    row = combination(true, both[EQUAL])
    # The first two claims are of points that stand here anyway.
    claims = claim_rows(true, both[EQUAL])[2:] if (row.model, row.dataset) == PAPER_MODEL else []
    return {
        "clean": row.clean,
        "lowest, sign": row.sign,
        "lowest, plain gradient": row.raw,
        f"plain gradient, only images of {row.limit:g} dB or more": row.raw_unseen,
        **{f"claim, {claim.claim.name}": claim.point for claim in claims},
        "negative direction, best": row.negative,
        **{f"the same, predicted class, {words.RULES[aim.rule]}": chosen(predicted, aim) for aim in NEGATIVE_AIMS},
    }


def _same(one: Point | None, other: Point | None) -> bool:
    if one is None or other is None:
        return one is other
    return (one.rule, one.epsilon, one.correct, one.images) == (other.rule, other.epsilon, other.correct, other.images)


def _written(point: Point | None) -> str:
    return f"{point.accuracy:.2%} right: {step_text(point)}, {psnr_text(point)}" if point else NOTHING
