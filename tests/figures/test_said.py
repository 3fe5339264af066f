"""What each figure says in one sentence: written by its numbers, on how many images, with epsilon's unit."""

import re
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from helpers import CLASSES, curve, plane, result, transferred
from observers import DESIGN, OBSERVERS, found_at, sweep

from gradlab.experiments.stored import load_baseline, selected
from gradlab.figures.compare import Side
from gradlab.figures.paper import SCALES
from gradlab.figures.said import area_said, compare_said, fair_said, labels_said, named, sweep_said, usual
from gradlab.figures.said_classes import (
    class_bar_said,
    class_heat_said,
    class_panels_said,
    confusion_said,
    flip_said,
    flip_side_said,
    flow_said,
)
from gradlab.figures.said_else import loss_line_said, loss_plane_said, seen_said, transfer_said
from gradlab.seeing.psychometrics import simulate
from gradlab.seeing.thresholds import see
from gradlab.types import LabelSource, LossLine, Rule

# Right at first: 0.75. `sign` leaves 0.25 at +9/255; the points of `l2` have the mean L2 1.8 as well as 0.2.
SIGN = curve(Rule.SIGN, [-8 / 255, 0.0, 8 / 255], [[0, 1, 2, 0], [0, 1, 2, 1], [1, 2, 0, 0]])
RAW = curve(Rule.RAW, [-0.03, 0.0, 0.03, 0.3], [[0, 1, 2, 0], [0, 1, 2, 1], [1, 1, 2, 0], [1, 0, 0, 1]])
ALL = result(SIGN, RAW)
GRADIENT = named(Rule.RAW)
LINE = LossLine(
    rule=Rule.SIGN, label=0, epsilons=np.linspace(-8, 8, 5) / 255, loss=np.array([0.5, 0.25, 1, 2, 3.5]),
    predictions=np.array([0, 0, 0, 2, 1], np.int32), slope=255.0,
)  # fmt: skip


def test_the_curves_say_what_the_usual_step_does_and_the_others_at_the_nearest_mean_l2() -> None:
    text = sweep_said(ALL)
    assert text == (
        "With sign, accuracy falls from 75.0% to 25.0% at ε = +8/255 (mean L2 0.0627); at the nearest mean L2 that was "
        f"measured, {GRADIENT} leaves 75.0% at ε = +0.03 (0.06); 4 images, 95% intervals within ±45.0 points."
    )
    assert sweep_said(ALL, "l2") == text.replace(" at ε = +0.03", "")


def test_a_curve_of_one_side_or_of_no_step_says_what_there_is() -> None:
    down = result(curve(Rule.SIGN, [-8 / 255, 0.0], [[0, 1, 2, 0], [0, 1, 2, 1]]))
    assert sweep_said(down).startswith("With sign, accuracy rises from 75.0% to 100.0% at ε = −8/255")
    still = result(curve(Rule.SIGN, [0.0], [[0, 1, 2, 1]]))
    assert sweep_said(still) == "Without a step, accuracy is 75.0%; 4 images, 95% intervals within ±45.0 points."
    same = result(curve(Rule.RANDOM, [8 / 255], [[0, 1, 2, 1]]))
    assert "accuracy stays at 75.0% at ε = +8/255" in sweep_said(same)


def test_the_usual_step_is_the_nearest_that_was_measured() -> None:
    steps = curve(Rule.SIGN, [-6 / 255, -0.01, 0.0, 5 / 255, 1.0], [[0, 1, 2, 0]] * 5)
    assert (usual(steps), usual(steps, -1), usual(steps, 1)) == (3, 0, 3)
    assert usual(replace(steps, epsilons=np.zeros(5))) is None


def test_by_each_measure_of_change_the_rules_are_named_with_theirs() -> None:
    measured = replace(ALL, curves=tuple(replace(c, ssim=1 - c.l2 / 10) for c in ALL.curves))
    for measure, written in {
        "l2": "(mean L2 0.0627)", "linf": "(mean L∞ 8/255)", "psnr": "(median PSNR 30.1 dB)",
        "ssim": "(mean SSIM 0.9937)",
    }.items():  # fmt: skip
        assert written in fair_said(measured, measure)
    rounded = replace(SIGN, rounded=np.array([[0, 1, 2, 0], [0, 1, 2, 1], [1, 2, 0, 1]], np.int16))
    said = fair_said(result(rounded), "l2", rounded=True)
    assert "falls from 75.0% to 0.0% after rounding to 8 bit at ε = +8/255" in said


def test_the_two_points_that_are_ringed_are_named() -> None:
    a, b = Side("A: one", ALL, SIGN), Side("B: two", ALL, RAW)
    first = "A: one is right on 25.0% at ε = +8/255, mean L2 0.0627, and on 75.0% clean; 4 images"
    assert compare_said(a, 2, b, None).startswith(first)
    both = compare_said(a, 2, b, 3)
    assert both.startswith(first)
    assert "; B: two is right on 0.0% at ε = +0.3, mean L2 0.6, and on 75.0% clean; 4 images" in both


def test_areas_are_named_with_their_reach() -> None:
    one = result(SIGN, curve(Rule.MAX, [4 / 255, 8 / 255], [[0, 1, 2, 0], [0, 1, 0, 1]]))
    assert area_said(one) == (
        "Mean accuracy away from and towards the class: sign 50.0% and 87.5% (ε from −8/255 to +8/255) and "
        "max 81.2% and none (ε from +4/255 to +8/255); clean accuracy is 75.0% (4 images)."
    )


def test_labels_told_and_not_told() -> None:
    untold = replace(
        result(curve(Rule.SIGN, [-8 / 255, 0.0], [[0, 1, 2, 1]] * 2)), label_source=LabelSource.PREDICTED
    )  # fmt: skip
    assert labels_said(ALL, untold) == (
        "With sign, a step towards the true class: accuracy rises from 75.0% to 100.0% at "
        "ε = −8/255; one towards what the network predicts: accuracy stays at 75.0% at ε = −8/255; 4 images, 95% "
        "intervals within ±49.0 points."
    )


def test_classes_before_and_after() -> None:
    # ant: 0 and 3, bee: 1, cow: 2
    ant, bee = "ant (50.0% of 2 images, clean 50.0%)", "bee (0.0% of 1 image, clean 100.0%)"
    assert class_heat_said(ALL, SIGN, 2) == (
        f"With sign at ε = +8/255, {bee} has the lowest accuracy and {ant} the highest."
    )
    assert class_bar_said(ALL, SIGN, 2) == (
        f"With sign at ε = +8/255, the accuracy of {bee} changes most and that of {ant} least."
    )
    assert class_panels_said(ALL, [0, 1]) == (
        "Accuracy by class: clean 50.0% (ant) to 100.0% (bee), 0.0% (bee) to 50.0% (ant) with sign at ε = +8/255 "
        "(3 images of 2 classes)."
    )
    nobody = replace(ALL, classes=(*CLASSES, "dog"))
    assert "clean not known" in class_panels_said(nobody, [3])


def test_what_changed_its_class() -> None:
    # before: 0 1 2 1, after: 1 2 0 0
    assert confusion_said(ALL, SIGN, 2) == (
        "With sign at ε = +8/255, 4 of 4 images change their class, most often from ant to bee (1)."
    )
    assert confusion_said(ALL, SIGN, 1) == "With sign at ε = 0, 0 of 4 images change their class."
    assert flow_said(ALL, SIGN, 2) == (
        "With sign at ε = +8/255, most images leave bee (2) and most come to ant (2), of 4 that change their class "
        "(4 images)."
    )


def test_by_which_epsilon_half_have_flipped() -> None:
    calm = curve(Rule.RANDOM, [8 / 255, 64 / 255], [[0, 1, 2, 1], [0, 1, 0, 1]])
    assert flip_said(result(SIGN, calm)) == (
        "So many of 4 images have changed their class: 100.0% by ε = +8/255 (sign) and 25.0% by ε = +64/255, the "
        "largest tried (random)."
    )
    tried, flips = np.array([-2, -1, 1, 2]) / 255, np.array([-1, np.nan, -2, -1]) / 255
    text = "So many of 4 images have changed their class: 50.0% by ε = −1/255 (sign); 1 "
    assert flip_side_said(flips, Rule.SIGN, -1, tried) == f"{text}never flip."
    assert flip_side_said(flips, Rule.SIGN, -1, tried, complete=False) == f"{text}have not flipped so far."


def test_the_loss_along_a_line_and_over_a_plane() -> None:
    assert loss_line_said(LINE, CLASSES, 8 / 255) == (
        "With sign, the loss of ant goes from 1 nats to 3.5 nats at ε = +8/255, where the network says bee instead of "
        "ant (one image); were the loss linear, it would be 9 nats."
    )
    assert "at ε = +8/255" in loss_line_said(LINE, CLASSES, 0.0), "the longest, where none is chosen"
    assert "still says ant" in loss_line_said(LINE, CLASSES, -4 / 255)
    broken = replace(LINE, loss=np.full(5, np.nan), predictions=np.full(5, -1, np.int32))
    assert "goes from no number to no number" in loss_line_said(broken, CLASSES, 0.0)
    square = plane(9, rule=Rule.SIGN, epsilons=np.linspace(-8, 8, 9) / 255)
    said = loss_plane_said(square, CLASSES)
    assert said.startswith("Within ±8/255 along sign and across it, the network says ")
    assert "of 81 points (one image)" in said


def test_transfer_and_people() -> None:
    found = transferred()
    own, count = np.diag(found.correct / found.images), found.images
    said = transfer_said(found)
    assert f"{own.min():.1%} to {own.max():.1%} of {count} images stay right on the network that it was made on" in said
    assert "People see the change in 3 of 4 trials: sign at ε = 4/255 (2 to 8/255), from" in seen_said(
        [found_at(4 / 255, 2 / 255, 8 / 255)]
    )
    assert "sign at an ε smaller than 2/255" in seen_said([found_at(None, 0, 2 / 255)])


def every_sentence() -> Iterator[str]:
    whole = load_baseline("alexnet", "cifar10")
    for rules in ([Rule.SIGN], [Rule.SIGN, Rule.RAW], list(Rule)):
        some = selected(whole, rules, True)
        yield from (sweep_said(some, "l2"), sweep_said(some), area_said(some), flip_said(some))
        yield class_panels_said(some, range(10))
        for one in some.curves:
            for k in (0, 3, len(one.epsilons) // 2, -1):
                yield from (class_heat_said(some, one, k), class_bar_said(some, one, k), confusion_said(some, one, k))
                yield flow_said(some, one, k)
                yield compare_said(Side("A: x", some, one), k, Side("B: y", some, one), 0)
    for measure in SCALES:
        yield from (fair_said(whole, measure), fair_said(whole, measure, rounded=True))
    yield labels_said(whole, load_baseline("alexnet", "cifar10", LabelSource.PREDICTED))
    yield seen_said(see(DESIGN, simulate(DESIGN, OBSERVERS, runs=2, seed=3), sweep()))
    yield transfer_said(transferred())


def test_each_is_one_sentence_with_what_it_rests_on() -> None:
    for text in every_sentence():
        assert re.fullmatch(r"[A-Z].*\.", text), text
        assert not re.search(r"[.!?] ", text), f"one sentence: {text}"
        assert "image" in text, text
        assert not re.search(r"\b(nan|inf|None)\b", text), text
        assert len(text) < 520, text


@pytest.mark.parametrize("rule", list(Rule))
def test_a_rule_of_several_words_has_its_article(rule: Rule) -> None:
    assert named(rule) == (f"the {rule.row.words}" if " " in rule.row.words else rule.row.words)
