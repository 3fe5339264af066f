"""The psychometric function: how often an answer is right, over the intensity of what is to be seen."""

import numpy as np
from numpy.typing import ArrayLike

from gradlab.types import FloatArray

TARGET = 0.75  # the share of right answers that defines the threshold
_FAR = 1e12  # times the threshold: from there on all is seen, whatever the slope; keeps powers finite


def share_correct(
    intensity: ArrayLike, threshold: ArrayLike, slope: ArrayLike, lapse: ArrayLike = 0.0, guess: float = 0.5
) -> FloatArray:
    """ψ(x) = γ + (1 − γ − λ) · F(x), F(x) = 1 − exp(−c · (x/t)^β): the share of right answers.

    c is such that ψ(t) = 0.75, whatever the lapse rate: the threshold t is where 75 % of the answers given are right,
    and not where F reaches some value. So c = −ln(1 − (0.75 − γ)/(1 − γ − λ)); for γ = 0.5 and λ = 0, ln 2.

    Sources: the Weibull function for 2IFC, Watson & Pelli 1983, https://doi.org/10.3758/BF03202828; the form with
    guesses and lapses, Wichmann & Hill 2001, https://doi.org/10.3758/BF03194544

    Args:
        intensity: x, at least 0; all arrays broadcast.
        threshold: t, above 0, in the unit of x.
        slope: β, above 0, no unit.
        lapse: λ, how often a person errs on what anybody sees, from 0 to below 0.25.
        guess: γ, how often a person who sees nothing is right, from 0 to below 0.75.

    Returns:
        Shares from γ (at 0) to 1 − λ, float64.
    """
    lapse = np.asarray(lapse, dtype=np.float64)
    ratio = np.minimum(np.asarray(intensity, dtype=np.float64) / np.asarray(threshold, dtype=np.float64), _FAR)
    reach = 1 - guess - lapse
    scale = -np.log1p(-(TARGET - guess) / reach)
    return np.asarray(1 - lapse - reach * np.exp(-scale * ratio ** np.asarray(slope, dtype=np.float64)))
