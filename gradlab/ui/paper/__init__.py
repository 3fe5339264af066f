"""The sections of the page *Paper*, one file each."""

from gradlab.ui.paper.again import again
from gradlab.ui.paper.claims import claims
from gradlab.ui.paper.fair import fair
from gradlab.ui.paper.gradients import gradients
from gradlab.ui.paper.networks import networks

__all__ = ["again", "claims", "fair", "gradients", "networks"]
