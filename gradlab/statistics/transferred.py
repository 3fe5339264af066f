"""What perturbations do to another network than the one that they were made on, beside what they do to that one."""

from gradlab.statistics.paired import PairedDifference, paired_difference
from gradlab.types import TransferResult


def against_own(result: TransferResult, made_on: int, tested_on: int) -> PairedDifference:
    """The accuracy of one network minus that of the network that the images were perturbed on, on these same images.

    Networks differ before anything is done, too: their clean accuracies stand in the same matrix.

    Args:
        result: a transfer.
        made_on: the place of the network that the images were perturbed on.
        tested_on: that of the one that classifies them.
    """
    right = result.predictions[made_on] == result.labels
    return paired_difference(right[tested_on], right[made_on])
