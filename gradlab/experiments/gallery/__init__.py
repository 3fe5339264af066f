"""Many small images: a pool of them under one step, or one under many; and which of them to show first."""

from gradlab.experiments.gallery.changes import stream_changes
from gradlab.experiments.gallery.choose import BEFORE, ORDERS, SHOWS, chosen
from gradlab.experiments.gallery.known import known_flips, known_predictions
from gradlab.experiments.gallery.pool import Flips, Pool, stream_flips, stream_pool, stream_tiles
from gradlab.experiments.gallery.walk import walk
from gradlab.experiments.gallery.whole import gallery, gathered

__all__ = [
    "BEFORE",
    "ORDERS",
    "SHOWS",
    "Flips",
    "Pool",
    "chosen",
    "gallery",
    "gathered",
    "known_flips",
    "known_predictions",
    "stream_changes",
    "stream_flips",
    "stream_pool",
    "stream_tiles",
    "walk",
]
