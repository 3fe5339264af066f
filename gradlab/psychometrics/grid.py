"""What is believed before an answer is given, on a grid of thresholds × slopes × lapse rates."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gradlab.psychometrics.weibull import share_correct
from gradlab.types import Answers, FloatArray

BEYOND = 4.0  # a threshold may lie so many times outside of what was asked, on either side
SLOPES = (0.8, 10.0)
SLOPE_MIDDLE, SLOPE_SPREAD = 3.0, 0.5  # the median, and the standard deviation of the natural logarithm
LAPSES = (0.0, 0.16)
LAPSE_POWER = 19.0  # density (1 − λ)^19: Beta(1, 20), cut at 0.16; its mean is 4.2 %
SIZE = (81, 15, 9)  # of a fit's grid
COARSE = (81, 9, 5)  # of the grid on which the next intensity is chosen
_SURE = 1e-9  # no answer is quite impossible

Range = tuple[float, float]


@dataclass(frozen=True, eq=False)
class Grid:
    """Evenly spaced nodes on three axes: the logarithms of threshold and slope, and the lapse rate.

    Attributes:
        thresholds: float64 (T,), ascending.
        slopes: float64 (S,), ascending.
        lapses: float64 (L,), ascending.
    """

    thresholds: FloatArray
    slopes: FloatArray
    lapses: FloatArray

    @property
    def shape(self) -> tuple[int, int, int]:
        """(T, S, L)."""
        return len(self.thresholds), len(self.slopes), len(self.lapses)

    @property
    def log_prior(self) -> FloatArray:
        """The prior's logarithm, up to a constant, (T, S, L).

        Even over the logarithm of the threshold; log-normal over the slope; Beta(1, 20) over the lapse rate.
        """
        slope = -0.5 * ((np.log(self.slopes) - np.log(SLOPE_MIDDLE)) / SLOPE_SPREAD) ** 2
        lapse = LAPSE_POWER * np.log1p(-self.lapses)
        nodes = [_log_trapezoid(n) for n in self.shape]
        prior: FloatArray = (
            nodes[0][:, None, None] + (slope + nodes[1])[None, :, None] + (lapse + nodes[2])[None, None, :]
        )
        return prior

    def correct(self, intensity: FloatArray, guess: float) -> FloatArray:
        """The share of right answers at each of K intensities, on every node: (K, T, S, L)."""
        return share_correct(
            intensity[:, None, None, None],
            self.thresholds[:, None, None], self.slopes[:, None], self.lapses, guess,
        )  # fmt: skip


def spaced(thresholds: Range, slopes: Range, lapses: Range, size: tuple[int, int, int]) -> Grid:
    """A grid of so many nodes between the given ends."""
    return Grid(np.geomspace(*thresholds, size[0]), np.geomspace(*slopes, size[1]), np.linspace(*lapses, size[2]))


def around(span: Range, size: tuple[int, int, int] = SIZE) -> Grid:
    """The whole prior for what was asked between two intensities."""
    return spaced((span[0] / BEYOND, span[1] * BEYOND), SLOPES, LAPSES, size)


def closer(grid: Grid, weights: FloatArray) -> Grid:
    """As many nodes, where the weights (T, S, L) are: some nodes wider than all but 1/10,000 of them on each side."""
    axes = (grid.thresholds, grid.slopes, grid.lapses)
    sums = (weights.sum((1, 2)), weights.sum((0, 2)), weights.sum((0, 1)))
    thresholds, slopes, lapses = (_ends(nodes, mass) for nodes, mass in zip(axes, sums, strict=True))
    return spaced(thresholds, slopes, lapses, grid.shape)


def log_likelihood(grid: Grid, answers: Answers) -> FloatArray:
    """The logarithm of the probability of all answers, on every node: (T, S, L).

    Equal intensities are counted first: the order of the answers cannot matter, not even in the last digit.
    """
    asked = ~answers.catch
    levels, place = np.unique(answers.intensity[asked], return_inverse=True)
    right = np.bincount(place, answers.correct[asked], len(levels))
    wrong = np.bincount(place, ~answers.correct[asked], len(levels))
    share = np.clip(grid.correct(levels, answers.guess), _SURE, 1 - _SURE)
    total = np.tensordot(right, np.log(share), 1) + np.tensordot(wrong, np.log1p(-share), 1)
    caught = int((answers.correct & answers.catch).sum())
    attentive = np.clip(1 - grid.lapses, _SURE, 1 - _SURE)
    attention = caught * np.log(attentive) + (int(answers.catch.sum()) - caught) * np.log1p(-attentive)
    found: FloatArray = total + attention
    return found


def normalised(log_weights: FloatArray) -> FloatArray:
    """Weights whose sum is 1, from their logarithms."""
    weights = np.exp(log_weights - log_weights.max())
    share: FloatArray = weights / weights.sum()
    return share


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
