"""Paper: the claims of the abstract beside what was measured, and whether they survive a fair comparison."""

import streamlit as st

from gradlab.report import GRADLAB_BIBTEX, PAPER_BIBTEX
from gradlab.ui import controls, state
from gradlab.ui.components.look import look, purpose
from gradlab.ui.components.terms import explained, glossary
from gradlab.ui.paper.again import again
from gradlab.ui.paper.claims import claims
from gradlab.ui.paper.fair import fair
from gradlab.ui.paper.gradients import gradients
from gradlab.ui.paper.networks import networks
from gradlab.ui.words import purposes

_PAPER = (
    "https://openaccess.thecvf.com/content_CVPRW_2020/html/w39/"
    "Agarwal_The_Role_of_Sign_and_Direction_of_Gradient_on_the_CVPRW_2020_paper.html"
)


def page() -> None:
    """The whole page."""
    look()
    dataset, model = controls.network()
    purpose(purposes.PAPER)
    st.markdown(
        "The abstract of Agarwal, Singh, Vatsa, [*The Role of 'Sign' and 'Direction' of Gradient on the Performance of "
        f"CNN*]({_PAPER}) (CVPR Workshops 2020) makes four claims. Here they stand beside our own measurements. The "
        "abstract gives no ε. We found each ε on our measured curves, and it stands beside its figure."
    )
    explained(
        "Some words: [[accuracy]], [[step size ε]], [[plain gradient]], [[PSNR]], [[interval]], [[equal change]]. All "
        "words are at the end of this page."
    )
    limit = claims()
    fair(dataset, model, limit)
    measured = () if state.get("seen_psnr") is None else ("seen_psnr",)
    state.write_link(("dataset", "model", "fairness", "budget", "rounded", "visible", *measured))
    networks(limit)
    gradients()
    again(dataset, model)
    with st.expander("How to cite", icon=":material/format_quote:"):
        st.markdown("The paper, whose claims these are, and gradlab, with which all of this was measured:")
        st.code(PAPER_BIBTEX, language="latex")
        st.code(GRADLAB_BIBTEX, language="latex")
    glossary()


page()
