"""Every number that is said of what people see, against a plain reading of the arrays, on random results."""

import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from observers import DESIGN, SIZES, one, sweep
from test_thresholds_shown import built

from gradlab.figures.thresholds import seen_figure
from gradlab.report import seen_to_csv, seen_to_dicts
from gradlab.seeing.psychometrics import BAYES_FACTOR
from gradlab.seeing.thresholds import axes_of, doubts, see, sentence, threshold_text
from gradlab.types import (
    Answer,
    Curve,
    Design,
    Estimate,
    FloatArray,
    Rule,
    Seen,
    SeenNetwork,
    SweepResult,
)

Token = tuple[float, float]  # a number, and how far what is printed may be from it
Z = 1.959963984540054
NOT_A_NUMBER = re.compile(r"\b(nan|inf|infinity|none)\b", re.IGNORECASE)
NUMBER = re.compile(r"[−-]?\d[\d,]*(?:\.\d+)?(?:e[−+-]?\d+)?")

# Every number, on random results


@dataclass(frozen=True)
class Case:
    """A random `Seen`, and the sweeps that it was made of."""

    seen: Seen
    shown: SweepResult | None
    everything: SweepResult | None


BASE = {rule: one(rule) for rule in (Rule.SIGN, Rule.RAW)}


def cases(count: int = 400) -> Iterator[Case]:
    """Ties, zeros, infinities and NaN among the measures; thresholds at, between and beyond the sizes measured."""
    for seed in range(count):
        chance = np.random.default_rng(seed)
        rule, descend = (Rule.SIGN, Rule.RAW)[seed % 2], bool(chance.integers(2))
        sweeps = [any_sweep(chance, rule) if chance.random() < 0.85 else None for _ in range(2)]
        sizes = np.concatenate([np.abs(s.curve(rule).epsilons) for s in sweeps if s] or [SIZES])
        sizes = sizes[sizes > 0]
        ends = np.sort(np.where(
            chance.random(3) < 0.3, chance.choice(sizes, 3),
            np.exp(chance.uniform(np.log(sizes.min() / 4), np.log(sizes.max() * 2), 3)),
        )).tolist()  # fmt: skip
        threshold = [
            Estimate(ends[1], ends[0], ends[2]), Estimate(None, 0.0, ends[0]), Estimate(None, ends[0], math.inf),
            Estimate(None, 0.0, math.inf),
        ][int(chance.choice(4, p=(0.55, 0.2, 0.2, 0.05)))]  # fmt: skip
        yield Case(built(BASE[rule], threshold, *sweeps, descend=descend), *sweeps)


def any_sweep(chance: np.random.Generator, rule: Rule) -> SweepResult:
    """Of a few images at a few sizes on both sides of 0, with whatever measures."""
    images, count = int(chance.integers(1, 60)), int(chance.integers(1, 9))
    unit = 1.0 if rule == Rule.SIGN else 10.0
    sizes = np.unique(np.exp(chance.uniform(np.log(0.1 / 255), np.log(64 / 255), count))) * unit
    epsilons = np.concatenate([-sizes[::-1], [0.0], sizes])
    labels = chance.integers(0, 3, images)

    def said() -> np.ndarray:
        right = chance.random((len(epsilons), 1)).round(int(chance.integers(0, 3)))
        return np.where(chance.random((len(epsilons), images)) < right, labels, (labels + 1) % 3).astype(np.int16)

    def spoilt(values: FloatArray) -> FloatArray:
        odd = chance.choice([0.0, 1.0, np.inf, np.nan, 1 + 2e-7], values.shape)
        return np.where(chance.random(values.shape) < chance.choice([0.0, 0.1, 1.0]), odd, values)

    shape = len(epsilons), images
    curve = Curve(
        rule, epsilons, said(), said() if chance.random() < 0.7 else None, probability=np.zeros(shape),
        l2=spoilt(chance.random(shape)), linf=np.zeros(shape), psnr=spoilt(chance.uniform(5, 60, shape)),
        clipped=np.zeros(shape), ssim=spoilt(chance.random(shape)) if chance.random() < 0.7 else None,
    )  # fmt: skip
    return replace(
        sweep(1), indices=np.arange(images), labels=labels, clean_predictions=said()[0].astype(np.int64),
        clean_probability=np.ones(images, np.float32), zero_gradient=np.zeros(images, np.bool_), curves=(curve,),
        planned=images,
    )  # fmt: skip


def percent(share: float) -> Token:
    return 100 * share, 0.0501


def size_token(seen: Seen, size: float, exact: bool = False) -> Token:
    """A fitted size is written to two digits, one that was measured in full."""
    written = size * (255 if seen.rule == Rule.SIGN else 1) * (-1 if seen.descend else 1)
    return written, abs(written) * (2e-3 if exact else 0.051) + 1e-12


class Reading:
    """A plain reading of a sweep's arrays on one side of 0, image by image."""

    def __init__(self, result: SweepResult, seen: Seen) -> None:
        curve = result.curve(seen.rule)
        said = curve.predictions if curve.rounded is None else curve.rounded
        self.images = len(result.labels)
        clean = sum(int(a) == int(b) for a, b in zip(result.clean_predictions, result.labels, strict=True))
        self.clean = clean / self.images
        self.right, self.psnr = {0.0: clean}, dict[float, float]()
        for k in sorted(range(len(curve.epsilons)), key=lambda k: abs(curve.epsilons[k])):
            epsilon = float(curve.epsilons[k])
            if (epsilon < 0) if seen.descend else (epsilon > 0):
                self.right[abs(epsilon)] = sum(
                    int(a) == int(b) for a, b in zip(said[k], result.labels, strict=True)
                )  # fmt: skip
                self.psnr[abs(epsilon)] = float(np.median(curve.psnr[k]))

    def wilson(self, count: int) -> tuple[float, float, float]:
        n, p = self.images, count / self.images
        middle = (p + Z * Z / (2 * n)) / (1 + Z * Z / n)
        half = Z / (1 + Z * Z / n) * math.sqrt(p * (1 - p) / n + Z * Z / (4 * n * n))
        return p, max(0.0, middle - half), min(1.0, middle + half)

    def share(self, size: float) -> tuple[tuple[float, float, float], tuple[float, float] | None] | None:
        """Share and interval at a size, and the sizes between which they were interpolated; None beyond."""
        sizes = sorted(self.right)
        for known in sizes:
            if abs(size - known) <= 1e-9 * known:
                return self.wilson(self.right[known]), None
        if size > sizes[-1]:
            return None
        below, above = max(s for s in sizes if s < size), min(s for s in sizes if s > size)
        scale = math.log if below > 0 else float
        weight = (scale(size) - scale(below)) / (scale(above) - scale(below))
        ends = [self.wilson(self.right[s]) for s in (below, above)]
        return tuple(a + weight * (b - a) for a, b in zip(*ends, strict=True)), (below, above)  # type: ignore[return-value]

    def decibels(self, size: float) -> float | None:
        """The median PSNR at a size, as the module says; None beyond what is known."""
        known = [(s, value) for s, value in sorted(self.psnr.items()) if math.isfinite(value)]
        if not known or size > known[-1][0] * math.exp(1e-9):
            return None
        falling = [min(value for _, value in known[: n + 1]) for n in range(len(known))]
        if size < known[0][0]:
            return falling[0] + 20 * math.log10(known[0][0] / size)
        for (a, _), (b, _), above, below in zip(known, known[1:], falling, falling[1:], strict=False):
            if a <= size <= b:
                return above + (below - above) * math.log(size / a) / math.log(b / a)
        return falling[-1]

    def told(self, seen: Seen, size: float) -> list[Token] | None:
        """The numbers of a share: itself, of how many, interval, neighbours, clean."""
        found = self.share(size)
        if found is None:
            return None
        (share, low, high), between = found
        tokens = [percent(share), *([(self.images, 0.0)] if self.images > 1 else []), percent(low), percent(high)]
        if between and self.right[between[0]] == self.right[between[1]]:
            between = None  # the same on both sides
        for s in between or ():
            tokens += [percent(self.right[s] / self.images), size_token(seen, s, exact=True) if s else (0.0, 0.0)]
        return [*tokens, percent(self.clean)]

    def psnr_tokens(self, size: float) -> list[Token]:
        value = self.decibels(size)
        return [] if value is None else [(value, 0.0501)]


def expected(case: Case) -> list[Token]:
    """All numbers that the sentence has to have, in order."""
    seen, threshold = case.seen, case.seen.fit.threshold
    readings = [Reading(result, seen) for result in (case.shown, case.everything) if result]
    many = [(r.images, 0.0) if r.images > 1 else None for r in readings]
    if threshold.finding == "unknown":
        return [(seen.fit.trials, 0.0)]
    tokens = list[Token]()
    if threshold.value is not None:
        size = threshold.value
        tokens += [size_token(seen, s) for s in (size, threshold.low, threshold.high)]
        tokens += readings[0].psnr_tokens(size) if readings else []
    else:
        size = threshold.high if threshold.finding == "below" else threshold.low
        tokens += [size_token(seen, size)]
        if readings and readings[0].share(size):
            tokens += [size_token(seen, size), *readings[0].psnr_tokens(size)]
    for n, reading in enumerate(readings):
        found = reading.told(seen, size)
        tokens += found if found else [many[n]] if many[n] else []  # type: ignore[list-item]
        if n == 0 and found and threshold.value is not None:
            ends = [reading.share(s) for s in (threshold.low, threshold.high)]
            tokens += [percent(end[0][0]) for end in ends if end] if all(ends) else []
        if n and found:
            tokens += reading.psnr_tokens(size)
    return tokens


def printed(text: str) -> list[float]:
    text = text.replace("to 8 bit", "").replace("the 95% interval", "").replace("/255", "")
    return [float(found.replace(",", "").replace("−", "-")) for found in NUMBER.findall(text)]


def test_every_number_of_the_sentence_is_that_of_the_arrays() -> None:
    kinds = dict.fromkeys(("found", "below", "above", "unknown"), 0)
    for seed, case in enumerate(cases()):
        told, wanted = sentence(case.seen), expected(case)
        numbers = printed(told)
        kinds[case.seen.fit.threshold.finding] += 1
        assert len(numbers) == len(wanted), (seed, told, wanted)
        for number, (value, apart) in zip(numbers, wanted, strict=True):
            assert abs(number - value) <= apart, (seed, number, value, told)
    assert min(kinds.values()) > 5


def test_nothing_that_is_no_number_is_ever_printed() -> None:
    for seed, case in enumerate(cases(200)):
        seen = case.seen
        texts = [sentence(seen), sentence(seen, you=False), threshold_text(seen), *doubts([seen])]
        rows = json.dumps(seen_to_dicts([seen]), allow_nan=False).replace("null", "")
        texts += [seen_to_csv([seen]), rows]
        for axis in axes_of((seen.measured,)):
            figure = seen_figure([seen], axis)
            traces = figure.to_dict()["data"]
            hover = [f"{trace.get('customdata', '')} {trace.get('hovertemplate', '')}" for trace in traces]
            texts += [str(figure.layout.xaxis.range), *hover]
        for text in texts:
            assert not NOT_A_NUMBER.search(text), (seed, text)


def answers_at_random(chance: np.random.Generator) -> list[Answer]:
    asked = [
        Answer("sign", float(chance.choice(SIZES)), bool(chance.integers(2))) for _ in range(chance.integers(0, 30))
    ]
    return asked + [Answer("sign", 0.2, bool(chance.random() < 0.8), catch=True) for _ in range(chance.integers(0, 9))]


def test_every_number_of_the_doubts_is_counted() -> None:
    design, spoken = Design(DESIGN.scales[:1]), 0
    for seed in range(60):
        chance = np.random.default_rng(seed)
        people = [answers_at_random(chance) for _ in range(chance.integers(1, 4))]
        counted = [rows for rows in people if any(not row.catch for row in rows)]
        found = see(design, people)
        guessing = found[0].fit.guessing
        alone = len(counted) == 1 and any(guessing)
        if len(counted) > 1:  # those who guess are left out
            counted = [rows for rows, guesses in zip(counted, guessing, strict=True) if not guesses]
        trials = sum(not row.catch for rows in counted for row in rows)
        caught = [[row.correct for row in rows if row.catch] for rows in counted]
        careless = sum(right.count(False) >= max(2, 0.2 * len(right)) for right in caught)
        wanted = [BAYES_FACTOR] if alone else list[float]()
        if careless and found[0].fit.people == 1:
            wanted += [caught[0].count(False), len(caught[0])]
        elif careless:
            wanted += [careless, len(counted)]
        wanted += [trials] if 0 < trials < 20 else []
        assert printed(" ".join(doubts(found))) == wanted, seed
        spoken += bool(wanted)
    assert spoken > 10


def networks_of(seen: Seen) -> list[SeenNetwork]:
    return [network for network in (seen.shown, seen.network) if network]


def test_an_axis_is_offered_only_where_something_of_it_is_known() -> None:
    for case in cases(100):
        for network in networks_of(case.seen):
            for axis in axes_of((network,)):
                assert axis == "epsilon" or bool(np.isfinite(network.levels[axis]).any())
