"""The dashboard: `streamlit run dashboard.py`, or `make app`."""

import streamlit as st
from starlette.middleware import Middleware

from gradlab.ui import state
from gradlab.ui.components.alive import alive
from gradlab.ui.components.look import boundary, icon, listen
from gradlab.ui.shell import Shell
from gradlab.ui.startup import ready
from gradlab.ui.uploads import Uploads


def draw() -> None:
    """The page that the visitor is on, below the menu."""
    st.set_page_config(page_title="gradlab", page_icon=icon(), layout="wide")
    page = st.navigation(
        [
            st.Page("gradlab/ui/pages/explore.py", title="Explore", icon=":material/image_search:", default=True),
            st.Page("gradlab/ui/pages/gallery.py", title="Gallery", icon=":material/grid_view:", url_path="gallery"),
            st.Page("gradlab/ui/pages/curves.py", title="Curves", icon=":material/show_chart:", url_path="curves"),
            st.Page(
                "gradlab/ui/pages/landscape.py", title="Landscape", icon=":material/landscape:", url_path="landscape"
            ),
            st.Page("gradlab/ui/pages/compare.py", title="Compare", icon=":material/compare:", url_path="compare"),
            st.Page("gradlab/ui/pages/see.py", title="See it?", icon=":material/visibility:", url_path="see"),
            st.Page("gradlab/ui/pages/paper.py", title="Paper", icon=":material/article:", url_path="paper"),
        ],
        position="top",
    )
    with boundary():
        state.begin()
        listen()
        alive()
        page.run()


if __name__ == "__main__":  # as Streamlit runs it, for each visitor and each choice anew
    draw()
else:  # as the server imports it, once
    app = st.App(__file__, lifespan=ready, middleware=[Middleware(Shell), Middleware(Uploads)])
