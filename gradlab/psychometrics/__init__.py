"""Can you see it? Thresholds of people, from their answers; and which step to show them next. numpy only.

    design = Design((Scale.spaced("sign", 0.5 / 255, 64 / 255), Scale.spaced("raw", 0.01, 3)), trials=40)
    trial = next_trial(design, seed, answers)              # what to ask after these answers; None: done
    found = fit(Answers.of(answers, "sign"), (0.5 / 255, 64 / 255))
    found.threshold                                        # Estimate(value, low, high): where 75 % are right
    band = curve(found)                                    # the curve and its pointwise 95 % band
    together = fit_people([Answers.of(rows, "sign") for rows in everybody])

Four choices, and why: a Weibull function with guesses and lapses (`weibull`); Bayes on a grid with a weak prior that
is stated (`grid`), since forty answers are too few for maximum likelihood and its bootstrap; the threshold is where
75 % of the answers given are right, lapses included; where the answers leave an end of the interval open, a bound is
returned instead of a threshold (`fit`).

The prior: log-threshold even from a quarter of the lowest intensity to four times the highest; slope log-normal with
median 3 and a standard deviation of 0.5 in its natural logarithm, from 0.8 to 10; lapse rate Beta(1, 20), cut at 16 %.
"""

from gradlab.psychometrics.adaptive import next_intensity, next_trial, schedule
from gradlab.psychometrics.fit import curve, fit
from gradlab.psychometrics.people import fit_people
from gradlab.psychometrics.simulate import chance_correct, simulate
from gradlab.psychometrics.weibull import TARGET, share_correct

__all__ = [
    "TARGET",
    "chance_correct",
    "curve",
    "fit",
    "fit_people",
    "next_intensity",
    "next_trial",
    "schedule",
    "share_correct",
    "simulate",
]
