"""What is found on one half of the images is reported on the other."""

from dataclasses import replace

import numpy as np
import pytest
from analytic import IMAGES, analytic_result
from helpers import curve, result

from gradlab.paper import AIMS, found, halves
from gradlab.types import Rule


def test_every_image_is_in_one_half_in_blocks_by_its_place_in_the_split() -> None:
    some = analytic_result({Rule.SIGN: lambda e: 0.5})
    shuffled = np.random.default_rng(0).permutation(IMAGES)
    for rows in (np.arange(IMAGES), shuffled):
        choose, report = halves(some.part(rows))
        places = [set(some.indices[rows][half].tolist()) for half in (choose, report)]
        assert places[0] | places[1] == set(range(IMAGES))
        assert not places[0] & places[1]
        assert places[0] == {n for n in range(IMAGES) if n // 100 % 2 == 0}


def test_the_figure_is_of_the_images_that_the_epsilon_was_not_chosen_on() -> None:
    """Ten images; 0.1 is best for those that choose (0, 2, ...), 0.2 for those that report."""
    said = [[k % 2 == 0 for k in range(10)], [k % 2 == 1 for k in range(10)]]
    some = result(curve(Rule.SIGN, [0.1, 0.2], np.array(said, int).tolist()), labels=(0,) * 10, planned=10)
    at = found(some, AIMS[0])
    assert at is not None
    assert (at.epsilon, at.correct, at.images) == (0.1, 5, 5)
    assert AIMS[0].find(replace(some)) is not None


def test_chance_alone_does_not_lower_the_figure() -> None:
    """All epsilons leave half of the images right, by chance: the least of 30 on the same images is below, here not."""
    chance = np.random.default_rng(1)
    fitted, honest = [], []
    for _ in range(60):
        said = chance.integers(0, 2, (30, 200)).tolist()
        steps = [0.01 * (k + 1) for k in range(30)]
        some = result(curve(Rule.SIGN, steps, said), labels=(0,) * 200, planned=200)
        best, at = AIMS[0].find(some), found(some, AIMS[0])
        assert best is not None
        assert at is not None
        fitted.append(best.accuracy)
        honest.append(at.accuracy)
    assert np.mean(fitted) < 0.45
    assert np.mean(honest) == pytest.approx(0.5, abs=0.015)  # three standard errors: 0.5 / sqrt(100 · 60) each


def test_without_images_to_report_on_there_is_nothing_to_report() -> None:
    assert found(result(curve(Rule.SIGN, [0.1], [[0]]), labels=(0,), planned=1), AIMS[0]) is None
