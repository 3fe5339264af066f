"""Direction and allocation: each sentence against a plain reading of random results."""

import re
from dataclasses import replace

import numpy as np
import pytest
from helpers import curve, result
from hypothesis import given, settings
from hypothesis import strategies as st

from gradlab.errors import BadValueError
from gradlab.paper import allocation_at, direction_at, fair_row, fair_sentences, fair_summary, occasion
from gradlab.steps.epsilon import format_epsilon
from gradlab.types import EqualTo, Rule, SweepResult

STEPS = [-0.2, 0.1, 0.5]


def random_equal(seed: int, images: int = 30, alike: bool = False) -> SweepResult:
    """The part of a baseline at equal change; `alike`: sign and length do what raw does."""
    chance = np.random.default_rng(seed)

    def said() -> list[list[int]]:
        return chance.integers(0, 3, (len(STEPS), images)).tolist()

    raw = curve(Rule.RAW, STEPS, said(), rounded=said())
    others = [
        (Rule.L2, None), (Rule.SIGN, EqualTo("l2")), (Rule.RANDOM, EqualTo("l2")), (Rule.SIGN, EqualTo("linf")),
    ]  # fmt: skip
    curves = [raw]
    for rule, equal_to in others:
        predictions = raw.predictions if alike else np.array(said(), np.int16)
        curves.append(replace(raw, rule=rule, equal_to=equal_to, predictions=predictions))
    curves[1] = replace(curves[1], epsilons=np.array([-0.4, 0.2, 1.0]))
    labels = tuple(chance.integers(0, 3, images).tolist())
    return result(*curves, labels=labels, planned=images)


def right(some: SweepResult, place: int, k: int) -> list[bool]:
    return (some.curves[place].predictions[k] == some.labels).tolist()


@settings(max_examples=80, deadline=None, derandomize=True)
@given(st.integers(0, 10_000), st.sampled_from([0, 1, 2]), st.booleans())
def test_every_number_of_the_sentences_is_that_of_the_images(seed: int, k: int, alike: bool) -> None:
    some = random_equal(seed, alike=alike)
    n = some.images
    raw, length, sign, noise, largest = (right(some, place, k) for place in range(5))
    l2, linf, allocation = fair_sentences(some, STEPS[k])
    ways = ((l2, raw, sign, "the plain gradient", "the sign"), (linf, raw, largest, "the plain gradient", "the sign"),
            (allocation, raw, length, "the plain gradient", "one length for all"))  # fmt: skip
    for text, a, b, first, second in ways:
        shares = [f"{sum(which) / n:.2%}" for which in (a, b)]
        found = re.findall(r"\d+\.\d\d%", text)
        assert found[:2] == (shares if text is not allocation else shares[::-1])
        only_a, only_b = (
            sum(x and not y for x, y in zip(a, b, strict=True)),
            sum(y and not x for x, y in zip(a, b, strict=True)),
        )
        counts = f"right only with {first}: {only_a}, only with {second}: {only_b}, of {n} images"
        assert counts in text
        difference = 100 * (sum(a) - sum(b)) / n
        said = re.search(r" = ([+−]?[\d.]+) percentage points", text)
        assert said
        assert float(said[1].replace("−", "-")) == pytest.approx(difference, abs=0.051)
        if only_a == only_b:
            assert "more images right than" not in text
        winner = re.search(rf"({first}|{second}) has more images right than", text, re.IGNORECASE)
        if winner:
            assert (winner[1].lower() == first) == (difference > 0)
    assert f"random signs {sum(noise) / n:.2%}" in l2
    assert "random" not in linf
    assert f"ε = {format_epsilon(STEPS[k], Rule.RAW)} " in l2
    assert f"(L2, ε = {format_epsilon(2 * STEPS[k], Rule.L2)})" in allocation


def test_after_rounding_it_is_of_the_rounded_images() -> None:
    some = random_equal(3)
    found = direction_at(some, 0.1, rounded=True)
    assert found is not None
    rounded = some.curves[0].rounded
    assert rounded is not None
    assert found.gradient == (rounded[1] == some.labels).mean()
    plain = replace(some, curves=tuple(replace(one, rounded=None) for one in some.curves))
    with pytest.raises(BadValueError, match="eight_bit=True"):
        direction_at(plain, 0.1, rounded=True)


def test_what_was_not_measured_is_not_said() -> None:
    some = random_equal(4)
    assert direction_at(some, 0.3) is allocation_at(some, 0.3) is None
    assert fair_sentences(result(curve(Rule.SIGN, [0.1], [[0, 1, 2, 1]])), 0.1) == []
    assert direction_at(replace(some, curves=some.curves[:2]), 0.1) is None
    # A length whose mean L2 is another is no equal budget.
    far = replace(some.curves[1], l2=some.curves[1].l2 * 1.02)
    assert allocation_at(replace(some, curves=(some.curves[0], far)), 0.1) is None


def test_a_direction_that_cannot_change_the_images_by_so_much_is_named() -> None:
    some = random_equal(5)
    short = replace(some.curves[3], l2=some.curves[3].l2 * 0.9)
    text, *_ = fair_sentences(replace(some, curves=(*some.curves[:3], short, some.curves[4])), 0.5)
    assert text.endswith("(random signs cannot change every image by so much: the mean is 0.9.)")
    assert "cannot change" not in fair_sentences(some, 0.5)[0]


def test_the_row_of_a_network_is_where_half_of_the_images_are_changed_to_40_db() -> None:
    baseline = result(curve(Rule.RAW, [-0.2, 0.005, 0.1], [[0] * 4] * 3))  # PSNR: 46 dB, and 20 dB
    equal = result(*(replace(one, epsilons=np.array([-0.2, 0.005, 0.1])) for one in random_equal(6, images=4).curves))
    row = fair_row(baseline, equal)
    assert row is not None
    assert row.at.epsilon == 0.005
    assert row.l2 is not None
    assert row.l2.epsilon == 0.005
    assert fair_row(baseline, None) is None
    at = occasion(baseline)
    assert at is not None
    assert at.epsilon == 0.005


def test_the_summary_counts_the_networks() -> None:
    rows = []
    for seed in range(5):
        baseline = result(curve(Rule.RAW, [-0.2, 0.005, 0.1], [[0] * 4] * 3))
        some = random_equal(seed, images=60, alike=seed == 3)
        equal = result(*(replace(one, epsilons=np.array([-0.2, 0.005, 0.1])) for one in some.curves),
                       labels=tuple(some.labels.tolist()), planned=60)  # fmt: skip
        rows.append(fair_row(baseline, equal))
    kept = [row for row in rows if row]
    text = fair_summary(kept)
    for name, sentence in zip(("l2", "linf", "allocation"), text.split(". "), strict=True):
        found = [getattr(row, name).comparison for row in kept]
        fewer = [one for one in found if one.difference.high < 0]
        more = [one for one in found if one.difference.low > 0]
        said = {
            word: int(n) for word, n in re.findall(r"(fewer|more)(?: images right than [a-z ]+)? on (\d)", sentence)
        }
        assert said == {word: len(some) for word, some in (("fewer", fewer), ("more", more)) if some}
        left = re.search(r"on (\d) of 5 as many", sentence)
        assert (int(left[1]) if left else 0) == 5 - len(fewer) - len(more)
        assert "of 5" in sentence
        for some in (fewer, more):
            for edge in {min, max} if some else ():
                assert f"{edge(abs(one.difference.difference) for one in some) * 100:.1f}" in sentence
    assert fair_summary([]) == ""
