"""The psychometric function, and what is believed of it before an answer is given.

The function says how often an answer is right, over the intensity of what is to be seen; the belief stands on a grid of
thresholds × slopes × lapse rates.
"""

from __future__ import annotations

from dataclasses import dataclass

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


BEYOND = 4.0  # a threshold may lie so many times outside of what was asked, on either side
SLOPES = (0.8, 10.0)
SLOPE_MIDDLE, SLOPE_SPREAD = 3.0, 0.5  # the median, and the standard deviation of the natural logarithm
LAPSES = (0.0, 0.24)  # at 0.25 nobody would be right in 75 % of the answers
LAPSES_OF_CARE = (0.0, 0.16)  # where all are believed to take care
LAPSE_POWER = 19.0  # of people who take care, density (1 − λ)^19: Beta(1, 20); its mean is 4.8 %
CARELESS = 0.15  # the share of people who may have any lapse rate alike, where catch trials tell of lapses
WARY = 0.5  # the same while a test is going on: high levels are asked sooner, to tell lapses from a high threshold
SIZE = (81, 15, 7)  # of a fit's grid
COARSE = (81, 9, 7)  # of the grid on which the next intensity is chosen

Range = tuple[float, float]


@dataclass(frozen=True, eq=False)
class Grid:
    """Evenly spaced nodes on three axes: the logarithms of threshold and slope, and the lapse rate.

    Attributes:
        thresholds: float64 (T,), ascending.
        slopes: float64 (S,), ascending.
        lapses: float64 (L,), ascending.
        careless: the share of people who may have any lapse rate alike; without catch trials 0.
    """

    thresholds: FloatArray
    slopes: FloatArray
    lapses: FloatArray
    careless: float = 0.0

    @property
    def shape(self) -> tuple[int, int, int]:
        """(T, S, L)."""
        return len(self.thresholds), len(self.slopes), len(self.lapses)

    @property
    def log_prior(self) -> FloatArray:
        """The prior's logarithm, up to a constant, (T, S, L).

        Even over the logarithm of the threshold; log-normal over the slope; over the lapse rate Beta(1, 20) for people
        who take care and even for the careless, both cut at 0.24; without careless people Beta(1, 20) cut at 0.16.
        """
        prior: FloatArray = (
            _log_trapezoid(len(self.thresholds))[:, None, None]
            + self.log_prior_of_slopes[None, :, None]
            + self.log_prior_of_lapses[None, None, :]
        )
        return prior

    @property
    def log_prior_of_slopes(self) -> FloatArray:
        """The same of the slope alone, (S,)."""
        apart = (np.log(self.slopes) - np.log(SLOPE_MIDDLE)) / SLOPE_SPREAD
        prior: FloatArray = -0.5 * apart**2 + _log_trapezoid(len(self.slopes))
        return prior

    @property
    def log_prior_of_lapses(self) -> FloatArray:
        """The same of the lapse rate alone, (L,)."""
        whole = 1 - (1 - LAPSES[1]) ** (LAPSE_POWER + 1)
        careful = (LAPSE_POWER + 1) * (1 - self.lapses) ** LAPSE_POWER / whole
        density = (1 - self.careless) * careful + self.careless / (LAPSES[1] - LAPSES[0])
        prior: FloatArray = np.log(density) + _log_trapezoid(len(self.lapses))
        return prior

    def correct(self, intensity: FloatArray, guess: float) -> FloatArray:
        """The share of right answers at each of K intensities, on every node: (K, T, S, L)."""
        return share_correct(
            intensity[:, None, None, None],
            self.thresholds[:, None, None], self.slopes[:, None], self.lapses, guess,
        )  # fmt: skip


def spaced(thresholds: Range, slopes: Range, lapses: Range, size: tuple[int, int, int], careless: float = 0.0) -> Grid:
    """A grid of so many nodes between the given ends."""
    nodes = np.geomspace(*thresholds, size[0]), np.geomspace(*slopes, size[1]), np.linspace(*lapses, size[2])
    return Grid(*nodes, careless)


def around(span: Range, size: tuple[int, int, int] = SIZE, careless: float = 0.0) -> Grid:
    """The whole prior for what was asked between two intensities."""
    lapses = LAPSES if careless else LAPSES_OF_CARE
    return spaced((span[0] / BEYOND, span[1] * BEYOND), SLOPES, lapses, size, careless)


def closer(grid: Grid, weights: FloatArray) -> Grid:
    """As many nodes, where the weights (T, S, L) are: some nodes wider than all but 1/10,000 of them on each side."""
    axes = (grid.thresholds, grid.slopes, grid.lapses)
    sums = (weights.sum((1, 2)), weights.sum((0, 2)), weights.sum((0, 1)))
    thresholds, slopes, lapses = (_ends(nodes, mass) for nodes, mass in zip(axes, sums, strict=True))
    return spaced(thresholds, slopes, lapses, grid.shape, grid.careless)


def normalised(log_weights: FloatArray) -> FloatArray:
    """Weights whose sum is 1, from their logarithms."""
    weights = np.exp(log_weights - log_weights.max())
    share: FloatArray = weights / weights.sum()
    return share


def log_sum(logs: FloatArray, axis: int | None = None) -> FloatArray:
    """The logarithm of a sum, or of the sums along an axis, from the logarithms of what is summed."""
    top = logs.max(axis=axis, keepdims=True)
    return np.asarray(np.log(np.exp(logs - top).sum(axis=axis)) + top.squeeze(axis))


def quantiles(nodes: FloatArray, mass: FloatArray, levels: tuple[float, ...]) -> list[float]:
    """Quantiles of a distribution whose density is given, as masses (N,), on evenly spaced nodes (N,).

    Between the nodes the cumulated mass is taken as straight: each node's mass lies half on either side of it.
    """
    below = np.cumsum(mass) - mass / 2
    return [float(x) for x in np.interp(levels, below / mass.sum(), nodes)]


def _log_trapezoid(count: int) -> FloatArray:
    rule = np.zeros(count)
    rule[[0, -1]] = -np.log(2)
    return rule


def _ends(nodes: FloatArray, mass: FloatArray, margin: int = 2) -> Range:
    below = np.cumsum(mass) / mass.sum()
    first = max(int(np.searchsorted(below, 1e-4)) - margin, 0)
    last = min(int(np.searchsorted(below, 1 - 1e-4)) + margin, len(nodes) - 1)
    return float(nodes[first]), float(nodes[last])
