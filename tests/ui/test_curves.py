"""The page Curves: what it draws is what the sweep says, in each of its views."""

from dataclasses import replace

import numpy as np
import pytest
from apps import CURVES, captions, charts, link, notices, numbers, open_app

import gradlab
from gradlab.statistics import class_accuracy, confusion, first_flip, match_epsilon, mcnemar, normalised_area
from gradlab.types import Rule, SweepResult
from gradlab.ui import cached

CHOICE = {"limit": "100", "rules": "sign,l2", "rounded": "1", "rule": "sign", "epsilon": "2/255"}


@pytest.fixture(scope="module")
def result() -> SweepResult:
    """The sweep of CHOICE."""
    model, batch = gradlab.load_model("alexnet", "cifar10"), gradlab.load_batch("cifar10", limit=100)
    return gradlab.sweep(model, batch, ("sign", "l2"), eight_bit=True)


@pytest.fixture(scope="module")
def k(result: SweepResult) -> int:
    """The place of CHOICE's epsilon."""
    return int(np.abs(result.curve(Rule.SIGN).epsilons - 2 / 255).argmin())


def test_curves_draw_what_the_sweep_says(result: SweepResult) -> None:
    app = open_app(CURVES, **CHOICE)
    lines = [trace for trace in charts(app)[0]["data"] if trace.get("meta")]
    assert [trace["meta"] for trace in lines] == ["sign", "sign", "l2", "l2"]
    for curve, (line, rounded) in zip(result.curves, (lines[:2], lines[2:]), strict=True):
        np.testing.assert_allclose(numbers(line["y"]), result.correct(curve) / 100)
        np.testing.assert_allclose(numbers(rounded["y"]), result.correct_rounded(curve) / 100)
    assert "100 test images of CIFAR-10" in captions(app)


def test_the_facts_of_the_sweep_and_of_the_point(result: SweepResult, k: int) -> None:
    app = open_app(CURVES, **CHOICE)
    curve, shown = result.curve(Rule.SIGN), captions(app)
    assert f"Evaluated in {result.precision}" in shown
    assert f"clean accuracy, {result.clean_accuracy:.1%}" in shown
    assert f"{result.correct(curve)[k]} of 100 right" in shown
    assert f"after rounding to 8 bit {result.correct_rounded(curve)[k]} " in shown
    assert f"{curve.clipped[k].mean():.2%} of all values clipped" in shown
    assert not app.warning


def test_what_went_otherwise_is_told(result: SweepResult, monkeypatch: pytest.MonkeyPatch) -> None:
    strange = replace(
        result, failed=np.array([17, 4711]), planned=102, precision="float32", notices=("Memory ran *out*.",),
        zero_gradient=np.arange(100) < 3,
    )  # fmt: skip
    monkeypatch.setattr(cached, "finished_sweep", lambda key: strange)
    app = open_app(CURVES, **CHOICE)
    assert "2 of 102 images were left out" in notices(app)
    assert "test images 17, 4711" in notices(app)
    assert "Memory ran *out*." in notices(app)
    assert "exactly zero for 3 of them (3.00%)" in captions(app)
    assert "Evaluated in float32:" in captions(app)


def test_of_a_target_the_point_says_how_many_were_taken_for_it() -> None:
    app = open_app(CURVES, **CHOICE | {"labels": "target:cat", "epsilon": "-16/255", "rounded": "0"})
    model, batch = gradlab.load_model("alexnet", "cifar10"), gradlab.load_batch("cifar10", limit=100)
    found = gradlab.sweep(model, batch, ("sign",), [-16 / 255], labels="target:cat")
    cats, before = int((found.curves[0].predictions == 3).sum()), int((found.clean_predictions == 3).sum())
    assert f"taken for cat: {cats} (clean: {before})" in captions(app)
    assert cats > before


def test_a_point_of_the_curve_shows_its_images_and_goes_into_the_link() -> None:
    app = open_app(CURVES, limit="100", rules="sign", rule="sign", epsilon="-4/255")
    assert app.select_slider(key="point").value == pytest.approx(-4 / 255)
    app.select_slider(key="point").set_value(16 / 255).run()
    assert link(app)["epsilon"] == "16/255"
    assert captions(app).count("image ") >= 12


def test_one_view_at_a_time_and_it_is_in_the_link() -> None:
    app = open_app(CURVES, **CHOICE)
    shown = {}
    for view in ("images", "classes", "confusion", "flips", "rules"):
        app.segmented_control(key="view").set_value(view).run()
        assert not app.exception
        assert not app.error
        assert link(app)["view"] == view
        assert ("versus" in link(app)) == (view == "rules")
        shown[view] = (len(charts(app)) - 1, captions(app).count("true: "), len(app.table))
    assert shown == {
        "images": (0, 12, 0), "classes": (2, 0, 0), "confusion": (1, 0, 0), "flips": (1, 0, 0), "rules": (1, 0, 1),
    }  # fmt: skip


def test_a_view_that_there_is_not_falls_back_with_a_notice() -> None:
    app = open_app(CURVES, **CHOICE, view="everything", versus="nobody", match="luck")
    assert link(app)["view"] == "images"
    assert "link's view" in notices(app)
    assert captions(app).count("true: ") == 12


def test_the_classes(result: SweepResult, k: int) -> None:
    app = open_app(CURVES, **CHOICE, view="classes")
    heat, bars = charts(app)[1:]
    shares = class_accuracy(result.curve(Rule.SIGN).predictions, result.labels, 10)
    np.testing.assert_allclose(numbers(heat["data"][0]["z"]).astype(float), shares.T)
    np.testing.assert_allclose(numbers(bars["data"][1]["x"]).astype(float), shares[k])


def test_the_confusion(result: SweepResult, k: int) -> None:
    app = open_app(CURVES, **CHOICE, view="confusion")
    after = result.curve(Rule.SIGN).predictions[k]
    counts = numbers(charts(app)[1]["data"][0]["customdata"])
    np.testing.assert_array_equal(counts, confusion(result.clean_predictions, after.astype(np.int64), 10))
    assert f"{(after != result.clean_predictions).sum()} of 100 images changed" in captions(app)


def test_the_flips(result: SweepResult) -> None:
    app = open_app(CURVES, **CHOICE, view="flips")
    histograms = charts(app)[1]["data"]
    for curve, bars in zip(result.curves, histograms, strict=True):
        up, down = first_flip(curve.epsilons, curve.predictions, result.clean_predictions)
        counts = [np.nansum(up == e) + np.nansum(down == e) for e in curve.epsilons]
        np.testing.assert_allclose(numbers(bars["y"]) * 100, counts)


def test_the_rules_compared_at_equal_distance(result: SweepResult, k: int) -> None:
    app = open_app(CURVES, **CHOICE, view="rules", versus="l2")
    sign, other = result.curves
    j = match_epsilon(float(sign.l2[k].mean()), other.epsilons, other.l2.mean(axis=1), 1)
    test = mcnemar(sign.predictions[k] == result.labels, other.predictions[j] == result.labels)
    table = app.table[0].value
    assert table["sign"].tolist()[0] == "+2/255"
    assert table["L2"].tolist()[0] == f"+{other.epsilons[j]:.4g}"
    assert table["sign"].tolist()[3] == str(test.only_a)
    assert table["L2"].tolist()[3] == str(test.only_b)
    assert f"on the {test.only_a + test.only_b} of 100 images" in captions(app)
    assert app.segmented_control(key="match").options == ["mean L2"], "these rules have no unit in common"
    climbing, descending = charts(app)[1]["data"]
    areas = [normalised_area(c.epsilons, result.correct(c) / 100, result.clean_accuracy) for c in result.curves]
    np.testing.assert_allclose(numbers(climbing["x"]).astype(float), [up for up, _ in areas])
    np.testing.assert_allclose(numbers(descending["x"]).astype(float), [down for _, down in areas])


def test_the_rules_compared_at_equal_epsilon_where_the_unit_is_the_same() -> None:
    app = open_app(CURVES, **CHOICE | {"rules": "sign,random"}, view="rules", versus="random", match="epsilon")
    assert link(app)["match"] == "epsilon"
    table = app.table[0].value
    assert table["sign"].tolist()[0] == table["random"].tolist()[0] == "+2/255"
    assert "Matched by epsilon" in captions(app)


def test_at_epsilon_0_two_rules_are_the_same() -> None:
    app = open_app(CURVES, **CHOICE | {"epsilon": "0"}, view="rules", versus="l2")
    assert app.table[0].value["sign"].tolist() == app.table[0].value["L2"].tolist()
    assert "p = 1.000" in captions(app)


def test_a_rule_alone_has_nothing_to_be_compared_with() -> None:
    app = open_app(CURVES, **CHOICE | {"rules": "sign"}, view="rules")
    assert "second rule" in app.info[0].value
    assert len(charts(app)) == 2
    assert not app.exception


def test_without_rules_the_page_says_what_to_do() -> None:
    app = open_app(CURVES, rules="")
    assert "at least one rule" in app.info[0].value
