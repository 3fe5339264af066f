"""What is shown of a finished sweep below its curve: one view at a time, each from what the sweep already holds."""

from collections.abc import Callable

from gradlab.types import Curve, SweepResult
from gradlab.ui.views.classes import classes
from gradlab.ui.views.confusion import confusion
from gradlab.ui.views.flips import flips
from gradlab.ui.views.gallery import gallery
from gradlab.ui.views.measures import measures
from gradlab.ui.views.rules import rules

Draw = Callable[[SweepResult, Curve, int], None]

# By the names in `words.VIEWS`; each draws a sweep at the k-th epsilon of one of its curves.
VIEWS: dict[str, Draw] = {
    "images": gallery,
    "classes": classes,
    "confusion": confusion,
    "flips": flips,
    "rules": rules,
    "measures": measures,
}
