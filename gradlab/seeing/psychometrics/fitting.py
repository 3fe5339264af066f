"""The threshold, its interval and the curve, from a table of answers.

Bayesian, on a grid: exact up to the grid's fineness, without chance, and as good for three answers as for thousands.
The prior (`grid`) is weak and stated. Its form follows Wichmann & Hill 2001, https://doi.org/10.3758/BF03194544
(lapses are fitted, not assumed away), and Schütt et al. 2016, https://doi.org/10.1016/j.visres.2016.02.002
(numerical integration over a grid, priors scaled to the range that was asked).
"""

import numpy as np

from gradlab.errors import BadValueError
from gradlab.seeing.psychometrics.check import check_answers, check_span
from gradlab.seeing.psychometrics.grid import Grid, Range, around, closer, normalised, quantiles, share_correct
from gradlab.seeing.psychometrics.likelihood import careless, chances, guesses, levels_of, log_attending, log_evidence
from gradlab.types import Answers, Estimate, FloatArray, PsychometricCurve, PsychometricFit

TAILS = (0.025, 0.5, 0.975)
_LOOKS = 2  # how often the grid is drawn closer around what is believed
_NOTHING = 1e-9  # nodes of less weight than this are left out of a fit's keeping
CURVE_POINTS = 101


def fit(answers: Answers, span: Range | None = None) -> PsychometricFit:
    """What one person's answers tell.

    The threshold is the median of what is believed after the answers, its interval the middle 95 %. An end beyond
    the span is left open (0 or ∞), and then there is no threshold but a bound: a threshold outside of what was asked
    would come from the prior, not from the answers. Right everywhere gives `below`, chance everywhere `above`, few
    answers `unknown`.

    Args:
        answers: of one person, on one scale, in any order; catch trials of other scales are welcome.
        span: the lowest and highest intensity between which a threshold is believed, above 0. Where None, the lowest
            and highest above 0 that were asked. Of an adaptive test, give the ends of its levels.

    Raises:
        BadValueError: for columns that do not fit each other, an intensity below 0 or no number, a guess rate outside
            (0, 0.75), or neither a span nor an intensity above 0.
    """
    check_answers(answers)
    span = span_of([answers], span)
    grid, levels = around(span, careless=careless(answers)), levels_of(answers)
    log_likelihood = log_attending(chances(grid, levels, answers.guess), answers)
    guessing = guesses(answers, log_evidence(grid, log_likelihood))
    weights = normalised(grid.log_prior + log_likelihood)
    for _ in range(_LOOKS):
        grid = closer(grid, weights)
        weights = normalised(grid.log_prior + log_attending(chances(grid, levels, answers.guess), answers))
    return summary([answers], answers.guess, span, grid, weights, guessing=(guessing,))


def curve(found: PsychometricFit, intensities: FloatArray | None = None) -> PsychometricCurve:
    """The share of right answers over the intensity, with its pointwise 95 % band.

    Median and band are quantiles of the curve at each intensity over all that is believed. As ψ(x) ≥ 75 % exactly
    where the threshold is at most x, the median crosses 75 % at the threshold, and the band at its interval's ends.

    Args:
        found: what `fit` or `fit_people` returned.
        intensities: float64 (K,), at least 0; where None, 101 over the span, each larger by the same factor.
    """
    at = np.geomspace(*found.span, CURVE_POINTS) if intensities is None else np.asarray(intensities, dtype=np.float64)
    rows = np.array([_shares(found, x) for x in at.tolist()]).reshape(-1, len(TAILS))
    return PsychometricCurve(at, rows[:, 1], rows[:, 0], rows[:, 2])


def summary(
    tables: list[Answers],
    guess: float,
    span: Range,
    grid: Grid,
    weights: FloatArray,
    spread: Estimate | None = None,
    guessing: tuple[bool, ...] = (),
) -> PsychometricFit:
    """A fit from what is believed on a grid, (T, S, L).

    Args:
        tables: of the people that it rests on.
        guess: their guess rate.
        span: as in `fit`.
        grid: the nodes.
        weights: (T, S, L), their sum 1.
        spread: of people's thresholds.
        guessing: of all who answered, whether they were found to guess.
    """
    low, middle, high = np.exp(quantiles(np.log(grid.thresholds), weights.sum((1, 2)), TAILS))
    slope = np.exp(quantiles(np.log(grid.slopes), weights.sum((0, 2)), TAILS))
    lapse = quantiles(grid.lapses, weights.sum((0, 1)), TAILS)
    kept = weights > _NOTHING * weights.max()
    thresholds, slopes, lapses = np.meshgrid(grid.thresholds, grid.slopes, grid.lapses, indexing="ij")
    nobody = np.empty(0, np.bool_)
    correct, catch = (
        np.concatenate([nobody, *(getattr(table, name) for table in tables)]) for name in ("correct", "catch")
    )
    return PsychometricFit(
        threshold=bounded(float(low), float(middle), float(high), span),
        slope=Estimate(float(slope[1]), float(slope[0]), float(slope[2])),
        lapse=Estimate(lapse[1], lapse[0], lapse[2]),
        guess=guess, people=len(tables), spread=spread,
        trials=int((~catch).sum()), right=int((correct & ~catch).sum()),
        catches=int(catch.sum()), catches_right=int((correct & catch).sum()),
        span=span, thresholds=thresholds[kept], slopes=slopes[kept], lapses=lapses[kept],
        weights=weights[kept] / weights[kept].sum(), guessing=guessing, left_out=len(guessing) - len(tables),
    )  # fmt: skip


def bounded(low: float, middle: float, high: float, span: Range) -> Estimate:
    """A threshold with its interval, ends beyond the span left open.

    A bound that stands alone is never tighter than the span's end: what lies beyond was not asked.
    """
    open_low, open_high = low < span[0], high > span[1]
    if not open_low and not open_high:
        return Estimate(middle, low, high)
    return Estimate(
        None,
        0.0 if open_low else min(low, span[1]),
        float("inf") if open_high else max(high, span[0]),
    )


def span_of(tables: list[Answers], span: Range | None) -> Range:
    """The given span, or the lowest and the highest intensity above 0 that anybody was asked.

    Raises:
        BadValueError: where there is neither, or the given one is none.
    """
    if span is not None:
        check_span(span)
        return span
    asked = np.concatenate([table.intensity[~table.catch & (table.intensity > 0)] for table in tables])
    if not len(asked):
        raise BadValueError("expected an answer at an intensity above 0, or the span that was to be asked, got neither")
    return float(asked.min()), float(asked.max())


def _shares(found: PsychometricFit, intensity: float) -> list[float]:
    share = share_correct(intensity, found.thresholds, found.slopes, found.lapses, found.guess)
    order = np.argsort(share)
    return quantiles(share[order], found.weights[order], TAILS)
