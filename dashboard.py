"""The dashboard: `streamlit run dashboard.py`, or `make app`."""

import logging

import streamlit as st

from gradlab.errors import GradlabError
from gradlab.ui import state
from gradlab.ui.components.look import icon

st.set_page_config(page_title="gradlab", page_icon=icon(), layout="wide")
page = st.navigation(
    [
        st.Page("gradlab/ui/pages/explore.py", title="Explore", icon=":material/image_search:", default=True),
        st.Page("gradlab/ui/pages/gallery.py", title="Gallery", icon=":material/grid_view:", url_path="gallery"),
        st.Page("gradlab/ui/pages/curves.py", title="Curves", icon=":material/show_chart:", url_path="curves"),
        st.Page("gradlab/ui/pages/paper.py", title="Paper", icon=":material/article:", url_path="paper"),
    ],
    position="top",
)
try:
    state.begin()
    page.run()
except GradlabError as error:
    st.error(str(error), icon=":material/error:")
except Exception:
    logging.getLogger("gradlab").exception("a page failed")
    st.error("Something went wrong on this page; the log of the server has the details.", icon=":material/error:")
