"""The loss landscape around one image: a curve along the gradient's direction, and a map of the plane."""

from gradlab.figures.landscape.line import loss_line_figure
from gradlab.figures.landscape.plane import loss_plane_figure

__all__ = ["loss_line_figure", "loss_plane_figure"]
