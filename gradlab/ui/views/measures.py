"""By how much the chosen point changes the images, by every measure; taken anew on some of them."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from gradlab import report
from gradlab.measures import METRICS
from gradlab.statistics import spread
from gradlab.steps.epsilon import format_epsilon
from gradlab.types import Changes, Curve, SweepResult, rounding_defined
from gradlab.ui import cached, changes, state, words
from gradlab.ui.changes import ChangesKey, Measuring
from gradlab.ui.components.computing import stop_button
from gradlab.ui.components.measures import KNOWN, NOTICED, about_measures, noticed, written
from gradlab.ui.components.takeaway import sweep_stem, table_files
from gradlab.ui.running import Running

SHOWN = 200  # images: the gradients of so many take 0.3 to 1.5 s on one core, the measures 0.4 s


def measures(result: SweepResult, curve: Curve, k: int) -> None:
    """A table over the images that are at hand, and what is known of each measure."""
    if not result.complete:
        st.info("The measures are taken once the curve is complete: let it go on.", icon=":material/hourglass_top:")
        about_measures(list(METRICS))
        return
    here, source = cached.showable(result)
    places = tuple(result.indices[here][:SHOWN].tolist())
    if not places:
        st.info("None of the images of the curve is at hand to be measured.", icon=":material/hide_image:")
        about_measures(list(METRICS))
        return
    epsilon = float(curve.epsilons[k])
    key = ChangesKey(result.dataset, result.model, result.label_source, curve.rule, epsilon, places, source)
    found = changes.finished_changes(key) or _measuring(key)
    if found:
        _table(found, result, key)


def _measuring(key: ChangesKey) -> Changes | None:
    """Measure. Any rerun, Stop among them, ends this run of the page and keeps what is done."""
    running = state.running(key) or state.start(key, changes.begin_changes(key))
    above = st.empty()
    with above.container():
        left, right = st.columns([6, 1], vertical_alignment="center")
        bar = left.progress(0.0)
        _show_progress(bar, running)
        stop_button(running, right)
    if running.stopped:
        found = running.result and running.result.changes
        if not found:
            st.info("Stopped before the first images were measured.", icon=":material/stop_circle:")
        return found
    while running.advance():
        _show_progress(bar, running)
    state.finish()
    # No new run of the page: that would take away the notices of this one, a moment after they came.
    above.empty()
    return running.result.changes if running.result else None


def _show_progress(bar: DeltaGenerator, running: Running[Measuring]) -> None:
    done = running.result or Measuring("beginning", 0.0)
    bar.progress(done.share, text=done.text)


def _table(found: Changes, result: SweepResult, key: ChangesKey) -> None:
    computed, rounded = ({name: spread(of) for name, of in form.items()} for form in (found.computed, found.rounded))
    st.table({
        "": [KNOWN[name].title for name in computed],
        "median": [written(name, middle) for name, (_, middle, _) in computed.items()],
        "9 of 10 images": [
            f"{written(name, low)} to {written(name, high)}" for name, (low, _, high) in computed.items()
        ],
        "median, 8-bit": [
            written(name, middle) if rounding_defined(key.rule, key.epsilon) else "not defined"
            for name, (_, middle, _) in rounded.items()
        ],
        NOTICED: [noticed(name) for name in computed],
    })  # fmt: skip
    st.caption(
        f"Of {words.RULES[key.rule]} at ε = {format_epsilon(key.epsilon, key.rule)}, {_which(found, result, key)}; "
        "each image against its clean one, after clipping. **9 of 10 images** lie between the 5th and the 95th "
        "percentile. **8-bit**: after rounding to n/255, as a PNG stores it. " + _step(key)
    )
    about_measures(list(computed))
    table_files("Measures", sweep_stem(result, "measures"), report.changes_to_rows(found, key.rule, key.epsilon))


def _step(key: ChangesKey) -> str:
    if not key.epsilon:
        return "Epsilon is 0: nothing is done to the images."
    return words.label_note(key.labels, key.epsilon < 0, "The step")


def _which(found: Changes, result: SweepResult, key: ChangesKey) -> str:
    """On how many images it rests."""
    if len(found) == result.images:
        return f"over all {len(found):,} images of the curve"
    return f"over {len(found):,} of the {result.images:,} images of the curve, the first ones at hand, measured anew"
