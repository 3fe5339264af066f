"""Explore's first screen: the image it begins with, the step under a hand or a keyboard, and equal changes."""

from dataclasses import replace

import numpy as np
import pytest
from apps import captions, component, link, notices, open_app, send

import gradlab
from gradlab.experiments.explore import explore
from gradlab.steps.epsilon import parse_epsilon
from gradlab.types import Rule
from gradlab.ui import cached
from gradlab.ui.words import explore as words

LANDSCAPE = "gradlab/ui/pages/landscape.py"


def seen_in(shown: dict[str, str], rule: str, epsilon: str) -> gradlab.Exploration:
    one = gradlab.load_batch(shown["dataset"], indices=[int(shown["image"])], source="sample")
    model = gradlab.load_model(shown["model"], shown["dataset"])
    return explore(model, one, rule, parse_epsilon(epsilon), labels=shown["labels"])


def test_it_begins_without_a_step_on_an_image_that_a_small_one_turns() -> None:
    app = open_app()
    given, shown = component(app, "gradlab.scrub"), link(app)
    assert given["epsilon"] == 0
    assert int(shown["image"]) == cached.first_places("cifar10", "alexnet")[0]
    clean = seen_in(shown, "sign", "0")
    assert clean.clean.prediction == clean.label == given["label"]
    assert seen_in(shown, "sign", "4/255").perturbed.prediction != clean.label
    assert (
        given["invitation"]
        == f"Drag the handle to the right until the network no longer says {given['classes'][clean.label]}."
    )


def test_another_network_begins_with_an_image_of_its_own_until_somebody_chooses_one() -> None:
    app = open_app()
    for name in ("resnet9", "alexnet-paper", "alexnet"):
        app.selectbox(key="model").set_value(name).run()
        assert int(link(app)["image"]) == cached.first_places("cifar10", name)[0]
    app.button(key="go_Next").click().run()
    chosen = link(app)["image"]
    app.selectbox(key="model").set_value("resnet9").run()
    assert link(app)["image"] == chosen


def test_a_mistake_is_repaired_by_a_small_step_and_the_way_back_is_there() -> None:
    app = open_app(epsilon="8/255")
    assert app.button(key="begin_with").label == "Repair a mistake"
    app.button(key="begin_with").click().run()
    shown, given = link(app), component(app, "gradlab.scrub")
    assert (given["epsilon"], int(shown["image"])) == (0, cached.first_places("cifar10", "alexnet")[1])
    clean = seen_in(shown, "sign", "0")
    assert clean.clean.prediction != clean.label
    assert seen_in(shown, "sign", "-4/255").perturbed.prediction == clean.label
    assert "wrong. Drag to the left" in given["invitation"]
    assert app.button(key="begin_with").label == "Turn a right answer"
    app.button(key="begin_with").click().run()
    assert int(link(app)["image"]) == cached.first_places("cifar10", "alexnet")[0]


def test_what_a_hand_or_a_keyboard_chose_is_in_the_link_and_shown() -> None:
    app = open_app()
    send(app, "gradlab.scrub", epsilon=-8 / 255)
    assert link(app)["epsilon"] == "-8/255"
    send(app, "gradlab.scrub", typed="5.5/255")
    assert link(app)["epsilon"] == component(app, "gradlab.scrub")["written"] == "5.5/255"
    assert not app.warning
    for nonsense in ("nan", "inf", "eight", "1/0", ""):
        send(app, "gradlab.scrub", typed=nonsense)
        assert link(app)["epsilon"] == "5.5/255"
        assert "expected a finite number" in notices(app)


@pytest.mark.parametrize(("rule", "typed", "taken"), [("sign", "8", "8/255"), ("random", "-8", "-8/255"),
                         ("max", "64", "64/255"), ("raw", "8", "8"), ("l2", "8", "8"), ("sign", "0.5", "127.5/255"),
                         ("sign", "255/255", "255/255")])  # fmt: skip
def test_a_whole_number_of_pixel_units_is_n_of_255_and_that_is_said(rule: str, typed: str, taken: str) -> None:
    app = open_app(rule=rule)
    send(app, "gradlab.scrub", typed=typed)
    assert link(app)["epsilon"] == taken
    assert (f"was read as {taken}" in notices(app)) == (taken == f"{typed}/255")


def test_a_whole_number_is_taken_the_same_way_on_the_other_pages() -> None:
    app = open_app(LANDSCAPE, rule="sign")
    app.text_input(key="exact").set_value("8").run()
    assert link(app)["epsilon"] == "8/255"
    assert "8 was read as 8/255" in notices(app)
    for nonsense in ("nan", "eight", ""):
        app.text_input(key="exact").set_value(nonsense).run()
        assert link(app)["epsilon"] == app.text_input(key="exact").value == "8/255"
        assert "expected a finite number" in notices(app)


@pytest.mark.filterwarnings("ignore:epsilon 8 of the rule")  # which the backend tells who calls it from Python
def test_a_link_keeps_its_epsilon_and_says_what_is_odd_about_it() -> None:
    app = open_app(rule="sign", epsilon="8")
    assert component(app, "gradlab.scrub")["epsilon"] == 8
    assert "8 of the rule 'sign' is 2040/255" in notices(app)
    assert "was 8/255 meant?" in notices(app)


def test_another_rule_changes_the_image_by_as_much() -> None:
    app = open_app()
    send(app, "gradlab.scrub", epsilon=8 / 255)
    wanted = seen_in(link(app), "sign", "8/255").perturbed.measures["l2"]
    for rule in (Rule.RAW, Rule.MAX, Rule.L2, Rule.RANDOM):
        app.segmented_control(key="rule").set_value(rule).run()
        shown = link(app)
        reached = seen_in(shown, rule, shown["epsilon"]).perturbed.measures["l2"]
        assert reached == pytest.approx(wanted, rel=1e-4), rule
        assert f"Equal change: L2 is {wanted:.3g}, as under sign at ε = +8/255" in captions(app)
    app.segmented_control(key="rule").set_value(Rule.SIGN).run()
    assert link(app)["epsilon"] == "8/255", "nothing of it is lost on the way"
    assert f"Back where you had put it: the image changes by L2 {wanted:.3g}" in captions(app)


def test_towards_the_right_answer_too() -> None:
    app = open_app()
    send(app, "gradlab.scrub", epsilon=-4 / 255)
    wanted = seen_in(link(app), "sign", "-4/255").perturbed.measures["l2"]
    app.segmented_control(key="rule").set_value(Rule.L2).run()
    shown = link(app)
    assert parse_epsilon(shown["epsilon"]) < 0
    assert seen_in(shown, "l2", shown["epsilon"]).perturbed.measures["l2"] == pytest.approx(wanted, rel=1e-4)


def test_a_step_that_was_typed_or_linked_is_never_changed() -> None:
    app = open_app(rule="raw", epsilon="0.123")
    app.segmented_control(key="rule").set_value(Rule.SIGN).run()
    assert "Equal change" in captions(app)
    send(app, "gradlab.scrub", typed="2/255")
    app.segmented_control(key="rule").set_value(Rule.RAW).run()
    assert link(app)["epsilon"] == "0.123"
    assert "Not an equal change: ε was typed" in captions(app)
    send(app, "gradlab.scrub", epsilon=0.5)
    assert "Not an equal change" not in captions(app), "the hand has moved on"
    app.segmented_control(key="rule").set_value(Rule.SIGN).run()
    assert link(app)["epsilon"] == "2/255"


def test_without_equal_change_each_rule_keeps_its_own_step() -> None:
    app = open_app(equal="0", rule="sign", epsilon="-2/255")
    assert captions(app).count(words.UNEQUAL) == 1
    app.segmented_control(key="rule").set_value(Rule.RAW).run()
    assert link(app)["epsilon"] == "-0.2"
    app.segmented_control(key="rule").set_value(Rule.SIGN).run()
    assert link(app)["epsilon"] == "-2/255"
    assert link(app)["equal"] == "0"


def test_what_a_rule_cannot_reach_is_said() -> None:
    app = open_app()
    send(app, "gradlab.scrub", epsilon=200 / 255)
    app.segmented_control(key="rule").set_value(Rule.MAX).run()
    assert ("Equal change: L2" in captions(app)) != ("Not an equal change: max changes" in captions(app))


def test_a_gradient_too_small_for_its_grid_gets_a_range_that_fits_and_a_reason() -> None:
    app = open_app(dataset="svhn", model="resnet9", rule="raw", image="778")
    given = component(app, "gradlab.scrub")
    one = gradlab.load_batch("svhn", indices=[778], source="sample")
    seen = explore(gradlab.load_model("resnet9", "svhn"), one, "raw", given["reach"])
    assert seen.gradient_l2 * 100 < 0.5 / 255, "no step of the usual grid shows"
    assert seen.perturbed.measures["l2"] > 1
    assert given["reach"] == given["grid"][-1] > 100
    assert "the gradient is tiny" in captions(app)
    assert f"{given['reach'] / 100:,.0f} times as far as usual" in captions(app)
    assert len(set(given["along"]["plain"]["top"])) > 1, "somewhere along the slider the network says something else"


def test_a_gradient_of_zero_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    real = cached.track
    monkeypatch.setattr(
        cached,
        "track",
        lambda *asked: replace(real(*asked), direction=np.zeros((3, 32, 32), np.float32), gradient_l2=0.0),
    )
    assert "The gradient of this image is 0" in captions(open_app(rule="raw"))


def test_the_ends_of_the_slider_are_named_after_the_label() -> None:
    for labels, ends in {
        "true": ["towards the right answer", "away from the right answer"],
        "predicted": ["towards what the network says", "away from what the network says"],
        "target:cat": ["towards cat", "away from cat"],
    }.items():
        assert component(open_app(labels=labels), "gradlab.scrub")["ends"] == ends


def test_what_is_said_of_a_psnr_rests_on_conventions_or_on_what_this_person_saw() -> None:
    app = open_app()
    given = component(app, "gradlab.scrub")
    assert given["judged"] == [[40, "usually not seen"], [34, "hard to see"], [0, "easy to see"]]
    assert "conventions, not measurements" in given["judged_by"]
    given = component(open_app(seen_psnr="37.5"), "gradlab.scrub")
    assert given["judged"] == [[37.5, "you would not see it"], [0, "you would see it"]]
    assert "37.5 dB" in given["judged_by"]


def test_without_a_mistake_to_repair_the_page_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    first = cached.first_places("cifar10", "alexnet")[0]
    monkeypatch.setattr(cached, "first_places", lambda *of: (first, None))
    app = open_app()
    app.button(key="begin_with").click().run()
    assert "makes no mistake among the first images" in notices(app)
    assert int(link(app)["image"]) == first
