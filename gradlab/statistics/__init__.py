"""What can be said about predictions once they are made, in numpy only: arrays in, arrays out, no forward pass."""

from gradlab.statistics.binomial import clopper_pearson
from gradlab.statistics.classes import class_accuracy, confusion
from gradlab.statistics.compare import (
    EACH_ALONE,
    MARGIN,
    TOLERATED_GAP,
    Comparison,
    Outcome,
    compare,
    counts_text,
    difference_text,
    points_text,
)
from gradlab.statistics.curves import first_flip, match_epsilon, normalised_area
from gradlab.statistics.interval import NORMAL_975, wilson_interval
from gradlab.statistics.paired import (
    McNemar,
    PairedDifference,
    mcnemar,
    paired_difference,
    paired_difference_of_counts,
    paired_interval,
)
from gradlab.statistics.serial import width_factor, width_factors
from gradlab.statistics.spread import spread
from gradlab.statistics.transferred import against_own

__all__ = [
    "EACH_ALONE",
    "MARGIN",
    "NORMAL_975",
    "TOLERATED_GAP",
    "Comparison",
    "McNemar",
    "Outcome",
    "PairedDifference",
    "against_own",
    "class_accuracy",
    "clopper_pearson",
    "compare",
    "confusion",
    "counts_text",
    "difference_text",
    "first_flip",
    "match_epsilon",
    "mcnemar",
    "normalised_area",
    "paired_difference",
    "paired_difference_of_counts",
    "paired_interval",
    "points_text",
    "spread",
    "width_factor",
    "width_factors",
    "wilson_interval",
]
