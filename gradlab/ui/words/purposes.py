"""What each page is for: one sentence, the first on it. Terms of the glossary stand in [[brackets]]."""

from gradlab.types import LabelSource

EXPLORE = (
    "Add a little [[noise]], made from the network's own [[gradient]], and watch what the [[network]] then takes the "
    "image for."
)
COMPARE = (
    "Put two [[network|networks]] or two [[kind of noise|kinds of noise]] side by side, and see which does more with "
    "the [[equal change|same change]]."
)
SEE = "Find out how small a change of an image your own eyes still notice: your [[threshold]]."
PAPER = "Read what the paper claims beside what was measured here, and judge for yourself whether it holds."

_AIMS = {"true": "the right answer", "predicted": "what the network says", "target": "the chosen class"}


def gallery(labelled: bool) -> str:
    """Of the page Gallery: whether a network is right, is known of images with labels only."""
    which = "the [[network]] gets wrong" if labelled else "change their [[class]]"
    return f"See at a glance which images {which} after a [[step]], and how large a step each of them takes."


def curves(labelled: bool, source: LabelSource) -> str:
    """Of the page Curves, likewise; and what the step leads away from."""
    what = "how often the [[network]] is right" if labelled else "how many images keep their [[class]]"
    return f"See {what} as the [[step]] grows, away from {_AIMS[source.kind]} and towards it."


def landscape(source: LabelSource) -> str:
    """Of the page Landscape: only the loss of the true class says how wrong the network is."""
    what = "how wrong the [[network]] is" if source.kind == "true" else "how little the [[network]] believes in a class"
    return f"See how the [[loss]], which says {what}, rises and falls around one image."
