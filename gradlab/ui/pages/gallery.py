"""Gallery: many test images at one epsilon, or one at many; a click leads to Explore."""

from gradlab.images.registry import image_set
from gradlab.ui import controls, words
from gradlab.ui.components.instead import instead
from gradlab.ui.components.look import look, purpose
from gradlab.ui.components.tiles import follow_click
from gradlab.ui.gallery.many import many
from gradlab.ui.gallery.one import one
from gradlab.ui.words import purposes


def page() -> None:
    """The whole page."""
    look()
    follow_click()
    subject = controls.subject()
    purpose(purposes.gallery(image_set(subject[0]).labelled))
    kind = controls.gallery_kind()
    with instead(kind, words.GALLERIES):
        if kind == "many":
            many(*subject, controls.kind_of_noise())
        else:
            one(*subject)


page()
