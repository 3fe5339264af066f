"""Can you see it? Thresholds of people, from their answers; and which step to show them next. numpy only.

    design = Design((Scale.spaced("sign", 0.5 / 255, 64 / 255), Scale.spaced("raw", 0.01, 3)), trials=40)
    trial = next_trial(design, seed, answers)              # what to ask after these answers; None: done
    found = fit(Answers.of(answers, "sign"), (0.5 / 255, 64 / 255))
    found.threshold                                        # Estimate(value, low, high): where 75 % are right
    band = curve(found)                                    # the curve and its pointwise 95 % band
    together = fit_people([Answers.of(rows, "sign") for rows in everybody])

Four choices, and why: a Weibull function with guesses and lapses; Bayes on a grid with a weak prior that is stated
(both in `grid`), since forty answers are too few for maximum likelihood and its bootstrap; the threshold is where
75 % of the answers given are right, lapses included; where the answers leave an end of the interval open, a bound is
returned instead of a threshold (`fitting`).

The prior: log-threshold even from a quarter of the lowest intensity to four times the highest; slope log-normal with
median 3 and a standard deviation of 0.5 in its natural logarithm, from 0.8 to 10; lapse rate Beta(1, 20) for 85 in 100
people and even for the others, cut at 24 % (without catch trials, which tell of lapses, Beta(1, 20) for all, cut at
16 %). One in ten stops attending at some point of the test and guesses from there on (`likelihood`); where it is not
known in which order the answers were given, nobody does. Of several people each has a lapse rate, and maybe a point of
leaving, of their own, and who guesses in all trials is left out (`likelihood.guesses`). Overdispersion is modelled by
these, and not by a beta-binomial of each level: why, `likelihood` says.

Measured on 1,000 simulated observers each with a threshold of 6/255, 40 adaptive trials and 5 catch trials on one rule,
lapse rates of 0 to 4 %: with slopes of 2 to 4 the mean threshold is within 4 % of the true one and the 95 % interval
covers it in 95 to 98 of 100; with slopes of 5 it is 4 % low and covered in 99; with slopes of 1.5 it is 10 % high and
covered in 93. A threshold and not a bound is given in 91 to 96 of 100, with slopes of 1.5 in 86; with 20 trials (slope
3) in 62.

Measured on 300 each, thresholds and slopes drawn anew (`python -m benchmarks.people`): of observers who lapse in 20 %
91.0 % are covered, where 54 % get a bound only; of those who guess in the last quarter 97.7 % (30 %); of classes of ten
95.7 %, and 94.3 % where two of the ten guess throughout. For 20 % lapses that is about the least that should be, and
for one threshold alone it may be 89 %: a wider prior would cover more, and leave careful people with more bounds.
"""

from gradlab.seeing.psychometrics.adaptive import next_intensity, next_trial, schedule
from gradlab.seeing.psychometrics.fitting import curve, fit
from gradlab.seeing.psychometrics.grid import TARGET, share_correct
from gradlab.seeing.psychometrics.likelihood import AT_LEAST, BAYES_FACTOR
from gradlab.seeing.psychometrics.observers import chance_correct, simulate
from gradlab.seeing.psychometrics.people import fit_people
