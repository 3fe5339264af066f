"""How much the chosen point changes the images, by every measure; taken anew on some of them."""

import streamlit as st

from gradlab import report
from gradlab.measures import METRICS
from gradlab.statistics import spread
from gradlab.steps.epsilon import format_epsilon
from gradlab.types import Changes, Curve, SweepResult, rounding_defined
from gradlab.ui import cached, words
from gradlab.ui.components.measures import KNOWN, about_measures, noticed_note, written
from gradlab.ui.components.takeaway import sweep_stem, table_files
from gradlab.ui.jobs.gallery import ChangesJob, Images
from gradlab.ui.jobs.job import finished, watch

SHOWN = 200  # images: the gradients of so many take 0.3 to 1.5 s on one core, the measures 0.4 s


def measures(result: SweepResult, curve: Curve, k: int) -> None:
    """A table over the images that are at hand, and what is known of each measure."""
    if not result.complete:
        st.info("The measures come once the curve is complete: let it go on.", icon=":material/hourglass_top:")
        about_measures(list(METRICS))
        return
    here, source = cached.showable(result)
    places = tuple(result.indices[here][:SHOWN].tolist())
    if not places:
        st.info("None of the images of the curve is at hand to be measured.", icon=":material/hide_image:")
        about_measures(list(METRICS))
        return
    images = Images(result.dataset, result.model, result.label_source, places, source)
    job = ChangesJob(images, curve.rule, float(curve.epsilons[k]))
    found = finished(job) or watch(job, anew=False)
    if found:
        _table(found, result, job)


def _table(found: Changes, result: SweepResult, job: ChangesJob) -> None:
    computed, rounded = ({name: spread(of) for name, of in form.items()} for form in (found.computed, found.rounded))
    st.table({
        "": [KNOWN[name].title for name in computed],
        "median": [written(name, middle) for name, (_, middle, _) in computed.items()],
        "9 of 10 images": [
            f"{written(name, low)} to {written(name, high)}" for name, (low, _, high) in computed.items()
        ],
        "median, as saved (8 bit)": [
            written(name, middle) if rounding_defined(job.rule, job.epsilon) else "not defined"
            for name, (_, middle, _) in rounded.items()
        ],
    })  # fmt: skip
    st.caption(
        f"For {words.RULES[job.rule]} at ε = {format_epsilon(job.epsilon, job.rule)}, {_which(found, result)}. gradlab "
        "compares each image with its clean one, after clipping. **9 of 10 images** lie between the 5th and the 95th "
        "percentile. **As saved (8 bit)**: after rounding to n/255, as a PNG stores it. "
        f"{words.step_note(job.images.labels, job.epsilon, 'the images')}"
    )
    st.caption(noticed_note(list(computed)))
    about_measures(list(computed))
    table_files("Measures", sweep_stem(result, "measures"), report.changes_to_rows(found, job.rule, job.epsilon))


def _which(found: Changes, result: SweepResult) -> str:
    if len(found) == result.images:
        return f"over all {len(found):,} images of the curve"
    return f"over {len(found):,} of the {result.images:,} images of the curve, the first ones at hand, measured anew"
