"""What can be said about predictions once they are made, in numpy only: arrays in, arrays out, no forward pass."""

from gradlab.statistics.classes import class_accuracy, confusion
from gradlab.statistics.curves import first_flip, match_epsilon, normalised_area
from gradlab.statistics.interval import NORMAL_975, wilson_interval
from gradlab.statistics.paired import McNemar, mcnemar
from gradlab.statistics.serial import width_factor, width_factors
from gradlab.statistics.spread import spread

__all__ = [
    "NORMAL_975",
    "McNemar",
    "class_accuracy",
    "confusion",
    "first_flip",
    "match_epsilon",
    "mcnemar",
    "normalised_area",
    "spread",
    "width_factor",
    "width_factors",
    "wilson_interval",
]
