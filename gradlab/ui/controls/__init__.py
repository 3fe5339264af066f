"""Controls: each is a function that draws one choice, owns its key in the session and returns its value."""

from gradlab.ui.controls.gallery import classes, gallery, pool, rows, selection, sheet
from gradlab.ui.controls.image import image_place, image_steps, position
from gradlab.ui.controls.notices import show_notice
from gradlab.ui.controls.paper import budget
from gradlab.ui.controls.point import adopt_click, curve_point, versus, view
from gradlab.ui.controls.sidebar import network, sidebar
from gradlab.ui.controls.step import epsilon, gain, rule
from gradlab.ui.controls.sweep import sweep_choices

__all__ = [
    "adopt_click",
    "budget",
    "classes",
    "curve_point",
    "epsilon",
    "gain",
    "gallery",
    "image_place",
    "image_steps",
    "network",
    "pool",
    "position",
    "rows",
    "rule",
    "selection",
    "sheet",
    "show_notice",
    "sidebar",
    "sweep_choices",
    "versus",
    "view",
]
