"""Gallery: many test images at one epsilon, or one at many; a click leads to Explore."""

from gradlab.ui import controls, gallery
from gradlab.ui.components.look import look
from gradlab.ui.components.tiles import follow_click


def page() -> None:
    """The whole page."""
    look()
    follow_click()
    dataset, model, labels = controls.sidebar()
    if controls.gallery() == "many":
        gallery.many(dataset, model, labels)
    else:
        gallery.one(dataset, model, labels)


page()
