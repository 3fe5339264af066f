"""What can be said about predictions once they are made, in numpy only: arrays in, arrays out, no forward pass."""

from gradlab.statistics.classes import class_accuracy, confusion
from gradlab.statistics.comparison import (
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
from gradlab.statistics.paired import (
    McNemar,
    PairedDifference,
    against_own,
    mcnemar,
    paired_difference,
    paired_difference_of_counts,
    paired_interval,
)
from gradlab.statistics.ranges import NORMAL_975, clopper_pearson, spread, wilson_interval
from gradlab.statistics.serial import width_factor, width_factors
