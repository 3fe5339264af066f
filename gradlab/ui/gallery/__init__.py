"""The two ways to look at the page *Gallery*: many images under one step, one image under many."""

from gradlab.ui.gallery.many import many
from gradlab.ui.gallery.one import one

__all__ = ["many", "one"]
