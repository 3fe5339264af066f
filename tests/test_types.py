"""The values that travel: look-ups that fail well, and the views derived from a result."""

from dataclasses import FrozenInstanceError

import numpy as np
import pytest
from helpers import curve, random_batch, result

from gradlab.errors import GradlabError, UnknownNameError
from gradlab.types import LabelSource, Rule, View


def test_an_unknown_name_says_which_exist() -> None:
    with pytest.raises(UnknownNameError, match="^unknown rule 'fgsm': expected one of sign, raw, l2, max, random$"):
        Rule("fgsm")
    with pytest.raises(UnknownNameError, match="^unknown rule 'Sign' .did you mean sign..: expected one of sign, "):
        Rule("Sign")
    with pytest.raises(GradlabError, match="^unknown label source 'truth' .did you mean true..: expected one of "):
        LabelSource("truth")


def test_a_name_is_its_own_text() -> None:
    assert [f"{rule}" for rule in Rule] == ["sign", "raw", "l2", "max", "random"]
    assert Rule("raw") is Rule.RAW
    assert Rule.RAW == "raw"
    assert Rule(Rule.RAW) is Rule.RAW


def test_the_units() -> None:
    units = {"sign": "pixel", "max": "pixel", "random": "pixel", "l2": "l2", "raw": "gradient"}
    assert {str(rule): rule.unit for rule in Rule} == units


def test_a_batch_is_as_long_as_its_labels() -> None:
    assert len(random_batch(3)) == 3


def test_what_is_derived_of_a_result() -> None:
    sign = curve(Rule.SIGN, [-0.1, 0.1], [[0, 1, 2, 0], [1, 1, 0, 2]])
    swept = result(sign)
    assert swept.images == 4
    assert swept.complete
    assert swept.clean_accuracy == 0.75
    assert swept.correct(sign).tolist() == [4, 1]
    assert swept.curve(Rule.SIGN) is sign
    assert not result(sign, planned=5).complete


def test_a_rule_that_was_not_swept() -> None:
    swept = result(curve(Rule.SIGN, [0.1], [[0] * 4]), curve(Rule.L2, [0.1], [[0] * 4]))
    with pytest.raises(UnknownNameError, match="^unknown rule of this sweep 'raw': expected one of sign, l2$"):
        swept.curve(Rule.RAW)


def test_a_result_is_frozen() -> None:
    swept = result(curve(Rule.SIGN, [0.1], [[0] * 4]))
    with pytest.raises(FrozenInstanceError):
        swept.seed = 1  # type: ignore[misc]


def test_the_prediction_is_the_most_probable_class() -> None:
    view = View(np.zeros((3, 2, 2), np.float32), np.array([0.2, 0.7, 0.1], np.float32), {}, 0.0)
    assert view.prediction == 1
