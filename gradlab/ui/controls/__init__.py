"""Controls: each is a function that draws one choice, owns its key in the session and returns its value."""

from gradlab.ui.controls.choose import show_notice
from gradlab.ui.controls.curve import (
    adopt_click,
    axis,
    counted,
    curve_point,
    images,
    match,
    sweep_choices,
    versus,
    view,
)  # fmt: skip
from gradlab.ui.controls.gallery import classes, gallery_kind, pool, rows, selection, sheet
from gradlab.ui.controls.image import image_bar, image_place, position
from gradlab.ui.controls.one_page import (
    across,
    comparison,
    fairness,
    guessers,
    other_model,
    reach,
    seen_axis,
    visible,
    who,
    wish,
)  # fmt: skip
from gradlab.ui.controls.sidebar import network, nothing_to_choose, subject
from gradlab.ui.controls.step import epsilon, gain, kind_of_noise, written_epsilon
