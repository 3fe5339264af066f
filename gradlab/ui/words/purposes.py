"""What each page is for: one sentence, the first on it. Terms of the glossary stand in [[brackets]]."""

EXPLORE = (
    "Add a little [[noise]], made from the network's own [[gradient]], and watch what the [[network]] then takes the "
    "image for."
)
GALLERY = (
    "See at a glance which images the [[network]] gets wrong after a [[step]], and how large a step each of them takes."
)
CURVES = "See how often the [[network]] is right as the [[step]] grows, away from the right answer and towards it."
LANDSCAPE = "See how the [[loss]], which says how wrong the [[network]] is, rises and falls around one image."
COMPARE = (
    "Put two [[network|networks]] or two [[kind of noise|kinds of noise]] side by side, and see which does more with "
    "the [[equal change|same change]]."
)
SEE = "Find out how small a change of an image your own eyes still notice: your [[threshold]]."
PAPER = "Read what the paper claims beside what was measured here, and judge for yourself whether it holds."
