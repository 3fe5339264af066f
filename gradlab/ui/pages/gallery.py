"""Gallery: many test images at one epsilon, or one at many; a click leads to Explore."""

from gradlab.ui import controls, gallery
from gradlab.ui.components.look import look
from gradlab.ui.components.tiles import follow_click


def page() -> None:
    """The whole page."""
    look()
    follow_click()
    if controls.gallery_kind() == "many":
        gallery.many(*controls.sidebar_with_rule())
    else:
        gallery.one(*controls.sidebar_without_rule())


page()
