"""The values that travel: look-ups that fail well, and the views derived from a result."""

from dataclasses import FrozenInstanceError, replace

import numpy as np
import pytest
from helpers import curve, random_batch, result

from gradlab.errors import BadValueError, GradlabError, UnknownNameError
from gradlab.types import LabelSource, Rule, View


def test_an_unknown_name_says_which_exist() -> None:
    with pytest.raises(UnknownNameError, match="^unknown rule 'fgsm': expected one of sign, raw, l2, max, random$"):
        Rule("fgsm")
    with pytest.raises(UnknownNameError, match="^unknown rule 'Sign' .did you mean sign..: expected one of sign, "):
        Rule("Sign")
    with pytest.raises(GradlabError, match="^unknown label source 'truth' .did you mean true..: expected one of "):
        LabelSource.parse("truth")


def test_a_name_is_its_own_text() -> None:
    assert [f"{rule}" for rule in Rule] == ["sign", "raw", "l2", "max", "random"]
    assert Rule("raw") is Rule.RAW
    assert Rule.RAW == "raw"
    assert Rule(Rule.RAW) is Rule.RAW


@pytest.mark.parametrize(
    ("text", "kind", "target"),
    [
        ("true", "true", ""), ("predicted", "predicted", ""), ("target:cat", "target", "cat"),
        ("target:T-shirt/top", "target", "T-shirt/top"), ("target:a:b", "target", "a:b"),
        ("target:true", "target", "true"),
    ],
)  # fmt: skip
def test_a_label_source_is_read_as_it_is_written(text: str, kind: str, target: str) -> None:
    source = LabelSource.parse(text)
    assert (source.kind, source.target, str(source)) == (kind, target, text)
    assert LabelSource.parse(source) is source
    assert source == LabelSource.parse(text)
    assert len({source, LabelSource.parse(text)}) == 1


def test_the_two_label_sources_that_need_no_target() -> None:
    assert LabelSource.parse("true") is LabelSource.TRUE
    assert LabelSource.parse("predicted") is LabelSource.PREDICTED
    assert LabelSource.TRUE != LabelSource.PREDICTED


@pytest.mark.parametrize("text", ["", "True", "target", "target:", "cat", "predicted:cat", " true"])
def test_what_is_no_label_source_is_refused(text: str) -> None:
    with pytest.raises(UnknownNameError, match="expected one of true, predicted, target:<class>$"):
        LabelSource.parse(text)


def test_the_target_is_one_of_the_classes() -> None:
    classes = ("ant", "bee", "cow")
    assert LabelSource.parse("target:bee").target_index(classes) == 1
    with pytest.raises(UnknownNameError, match="^unknown target class 'bees' .did you mean bee..: expected one of ant"):
        LabelSource.parse("target:bees").target_index(classes)


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


def test_an_image_that_failed_is_done_and_not_counted() -> None:
    swept = replace(result(curve(Rule.SIGN, [0.1], [[0, 1, 2, 1]]), planned=6), failed=np.array([17, 3]))
    assert (swept.images, swept.done, swept.complete) == (4, 6, True)
    assert not replace(swept, planned=7).complete
    assert swept.correct(swept.curves[0]).tolist() == [3]


def test_rounding_is_counted_where_it_was_asked_for() -> None:
    both = curve(Rule.SIGN, [-0.2, 0.2], [[0, 1, 2, 0], [1, 1, 0, 2]], rounded=[[0, 0, 0, 0], [0, 1, 2, 0]])
    plain = curve(Rule.RAW, [0.1], [[0] * 4])
    assert result(both).eight_bit
    assert result(both).correct_rounded(both).tolist() == [2, 4]
    assert not result(both, plain).eight_bit
    with pytest.raises(BadValueError, match="^expected a sweep with eight_bit=True, got one that did not round$"):
        result(plain).correct_rounded(plain)


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
