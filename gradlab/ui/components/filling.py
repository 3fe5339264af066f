"""A plane while it is computed: its progress, a button that stops it or lets it go on, and the map as it gets finer."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from gradlab.figures.plane import loss_plane_figure
from gradlab.types import LossPlane
from gradlab.ui import cached, state
from gradlab.ui.components.chart import redraw
from gradlab.ui.components.computing import stop_button
from gradlab.ui.running import Running


def filling(key: cached.PlaneKey, classes: tuple[str, ...], epsilon: float) -> LossPlane | None:
    """Draw the plane as it fills. Any rerun, Stop among them, ends this run of the page and keeps what is done."""
    running = state.running(key) or state.start(key, cached.begin_plane(key))
    above, chart = st.empty(), st.empty()
    with above.container():
        left, right = st.columns([4, 1], vertical_alignment="center")
        progress = left.progress(0.0)
        _show_progress(progress, running)
        stop_button(running, right)
    if running.stopped:
        if not running.result:
            st.info("Stopped before the first cells were done.", icon=":material/stop_circle:")
        return running.result
    while running.advance():
        _show_progress(progress, running)
        if running.result:
            redraw(chart, loss_plane_figure(running.result, classes, epsilon))
    state.finish()
    # No new run of the page: that would take away the notices of this one, a second after they came.
    above.empty()
    chart.empty()
    return running.result


def _show_progress(bar: DeltaGenerator, running: Running[LossPlane]) -> None:
    plane = running.result
    done, of = (plane.done, plane.loss.size) if plane else (0, 1)
    bar.progress(done / of, text=f"{done:,} of {of:,} cells" if plane else "beginning")
