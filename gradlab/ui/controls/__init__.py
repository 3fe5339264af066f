"""Controls: each is a function that draws one choice, owns its key in the session and returns its value."""

from gradlab.ui.controls.compare import comparison, other_model
from gradlab.ui.controls.gallery import classes, gallery, pool, rows, selection, sheet
from gradlab.ui.controls.image import image_bar, image_place, position
from gradlab.ui.controls.landscape import across, reach
from gradlab.ui.controls.notices import show_notice
from gradlab.ui.controls.paper import fairness, visible
from gradlab.ui.controls.point import adopt_click, curve_point, match, versus, view
from gradlab.ui.controls.see import who, wish
from gradlab.ui.controls.seen import guessers, seen_axis
from gradlab.ui.controls.sidebar import network, nothing_to_choose, sidebar, sidebar_without_rule
from gradlab.ui.controls.step import epsilon, gain, written_epsilon
from gradlab.ui.controls.sweep import axis, counted, images, sweep_choices

__all__ = [
    "across",
    "adopt_click",
    "axis",
    "classes",
    "comparison",
    "counted",
    "curve_point",
    "epsilon",
    "fairness",
    "gain",
    "gallery",
    "guessers",
    "image_bar",
    "image_place",
    "images",
    "match",
    "network",
    "nothing_to_choose",
    "other_model",
    "pool",
    "position",
    "reach",
    "rows",
    "seen_axis",
    "selection",
    "sheet",
    "show_notice",
    "sidebar",
    "sidebar_without_rule",
    "sweep_choices",
    "versus",
    "view",
    "visible",
    "who",
    "wish",
    "written_epsilon",
]
