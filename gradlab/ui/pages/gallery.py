"""Gallery: many test images at one epsilon, or one at many; a click leads to Explore."""

from gradlab.ui import controls, words
from gradlab.ui.components.instead import instead
from gradlab.ui.components.look import look
from gradlab.ui.components.tiles import follow_click
from gradlab.ui.gallery.many import many
from gradlab.ui.gallery.one import one


def page() -> None:
    """The whole page."""
    look()
    follow_click()
    kind = controls.gallery_kind()
    with instead(kind, words.GALLERIES):
        if kind == "many":
            many(*controls.sidebar_with_rule())
        else:
            one(*controls.sidebar_without_rule())


page()
