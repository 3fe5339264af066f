"""Who guesses in all trials: a rule that is stated, and that nobody's eye decides."""

import numpy as np

from gradlab.seeing.psychometrics.grid import Grid, log_sum
from gradlab.seeing.psychometrics.likelihood import log_guessing
from gradlab.types import Answers, FloatArray

BAYES_FACTOR = 3.0
AT_LEAST = 10  # answers; before that one missed catch trial would do


def guesses(answers: Answers, evidence: float) -> bool:
    """Whether a person is taken as guessing in all trials.

    They are where they gave ten answers or more, and all of them, those to catch trials among them, are at least three
    times as likely of somebody who guesses as of somebody who sees, whatever their threshold, slope and lapse rate may
    be. A Bayes factor of 3 is where evidence begins to count: Kass & Raftery 1995,
    https://doi.org/10.1080/01621459.1995.10476572. Who sees nothing of what is asked, but what anybody sees, is right
    in the catch trials, and so is not taken as guessing.

    Args:
        answers: of the person.
        evidence: as `log_evidence` gives it.
    """
    return len(answers) >= AT_LEAST and bool(log_guessing(answers) - evidence >= np.log(BAYES_FACTOR))


def log_evidence(grid: Grid, log_likelihood: FloatArray) -> float:
    """The logarithm of the probability of a person's answers, summed over all that may be true of one who sees.

    Args:
        grid: the whole prior.
        log_likelihood: (T, S, L).
    """
    prior = grid.log_prior
    return float(log_sum(prior + log_likelihood) - log_sum(prior))
