"""A figure, what it says, and what can be saved of it: PNG and SVG as they are printed, and its numbers as CSV."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import streamlit as st
from streamlit.errors import StreamlitDuplicateElementId

from gradlab.figures.printed import print_spec
from gradlab.figures.style import enlarged
from gradlab.ui import state, words
from gradlab.ui.components import component

# plotly's own button draws the file; it is hidden (see `look`) and pressed from below the figure.
_CONFIG = {"displayModeBar": True, "displaylogo": False, "modeBarButtons": [["toImage"]]}
_PRESENTING = 2.0  # times as large a type

_HTML = '<div role="group"><button type="button">PNG</button><button type="button">SVG</button></div>'


def chart(figure: Any, key: str, *, said: str, stem: str, data: Callable[[], str] | None = None, **options: Any) -> Any:
    """Draw a figure below what it says, with links that save it; returns what `st.plotly_chart` does.

    Args:
        figure: it is adapted to the page, and so changed.
        key: of the chart on its page.
        said: what it shows, a sentence in plain text with its numbers: also for people who can't see the figure.
        stem: of the files' names.
        data: makes the CSV of the figure's numbers, when it is asked for.
        options: as for `st.plotly_chart`.
    """
    print_as = print_spec(figure)
    st.markdown(words.plain(said))
    shown = draw(st, figure, key=key, alt=said, **options)
    with st.container(horizontal=True, horizontal_alignment="right", vertical_alignment="center", key=f"{key}_files"):
        files = {"key": key, "stem": stem, "said": said, "print": print_as}
        component("chart", _HTML)(data=files, key=f"{key}_save", width="content")
        if data:
            st.download_button(
                "CSV", data, file_name=f"{stem}.csv", mime="text/csv", type="tertiary", on_click="ignore",
                key=f"{key}_csv", help="The numbers of this figure",
            )  # fmt: skip
    return shown


def redraw(place: Any, figure: Any) -> None:
    """Draw a figure that grows, in place of what it was before.

    Where it looks just as before, as a plane does on which nothing changes the loss, what is there stays: Streamlit
    refuses the same figure twice in a run of the page.
    """
    with suppress(StreamlitDuplicateElementId):
        draw(place, figure)


def draw(place: Any, figure: Any, **options: Any) -> Any:
    """Draw the figure alone."""
    # The page's own background, where a saved picture would be transparent: light letters on nothing.
    figure.update_layout(paper_bgcolor=None, plot_bgcolor=None)
    if state.get("present"):
        enlarged(figure, _PRESENTING)
    return place.plotly_chart(figure, config=_CONFIG, **options)


def charts_ahead() -> None:
    """At the end of a page without charts: let the browser load what charts need on the next."""
    component("ahead", "<i hidden></i>")(key="ahead", height=1)
