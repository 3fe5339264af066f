"""The page Curves: what it draws is what the sweep says, in each of its views."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import streamlit as st
from apps import CURVES, captions, charts, link, notices, numbers, open_app, said
from PIL import Image

import gradlab
from gradlab.errors import CorruptFileError
from gradlab.experiments.stored import load_baseline, selected
from gradlab.figures.said import sweep_said
from gradlab.images.splits import twins_among, without_twins
from gradlab.report.sampling import interval_factor
from gradlab.statistics import class_accuracy, confusion, first_flip, match_epsilon, normalised_area
from gradlab.steps.perturb import to_eight_bit
from gradlab.types import FloatArray, Rule, SweepResult
from gradlab.ui import cached
from gradlab.ui.cached import baselines, images
from gradlab.ui.components.takeaway import point_stem, sweep_stem
from gradlab.ui.jobs.sweep import SweepJob
from gradlab.ui.state import session
from gradlab.ui.views import gallery
from gradlab.ui.views.gallery import SHOWN

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


@pytest.mark.parametrize(
    ("view", "figures"), [("images", 1), ("classes", 4), ("confusion", 5), ("flips", 2), ("rules", 2)]
)
def test_each_figure_says_what_it_shows_to_those_who_see_it_and_to_those_who_do_not(
    result: SweepResult, view: str, figures: int
) -> None:
    app = open_app(CURVES, **CHOICE, view=view)
    sentences = said(app)
    assert len(sentences) == len(set(sentences)) == figures
    assert sentences[0] == sweep_said(result)


def test_files_tell_the_rules_and_the_axis(result: SweepResult) -> None:
    assert sweep_stem(result, axis="l2") == "gradlab-cifar10-alexnet-100-sign-l2-over-l2"
    assert sweep_stem(result, "areas") == "gradlab-cifar10-alexnet-100-sign-l2-areas"
    assert point_stem(result, result.curves[1], -1, "flows") == "gradlab-cifar10-alexnet-100-l2-flows+8"
    app = open_app(CURVES, **CHOICE, axis="l2")
    names = [json.loads(one.proto.json)["stem"] for one in app.get("bidi_component") if "stem" in one.proto.json]
    assert names == ["gradlab-cifar10-alexnet-100-sign-l2-over-l2"]


def test_the_facts_of_the_sweep_and_of_the_point(result: SweepResult, k: int) -> None:
    app = open_app(CURVES, **CHOICE)
    curve, shown = result.curve(Rule.SIGN), captions(app)
    assert f"Evaluated in {result.precision}" in shown
    assert ("chosen at random, were asked again in float32: none was wrong" in shown) == (result.checked > 0)
    assert f"clean accuracy, {result.clean_accuracy:.1%}" in shown
    assert f"{result.correct(curve)[k]} of 100 still classified correctly" in shown
    assert f"as saved (8 bit) {result.correct_rounded(curve)[k]:.0f} " in shown
    assert f"{curve.clipped[k].mean():.2%} of all values clipped" in shown
    assert not app.warning


def test_what_went_otherwise_is_told(result: SweepResult, monkeypatch: pytest.MonkeyPatch) -> None:
    strange = replace(
        result, failed=np.array([17, 4711]), planned=102, precision="float32", notices=("Memory ran *out*.",),
        zero_gradient=np.arange(100) < 3, checked=0, disagreed=0, unchecked=0,
    )  # fmt: skip
    monkeypatch.setattr(SweepJob, "known", lambda job: strange)
    app = open_app(CURVES, **CHOICE)
    assert "2 of 102 images are left out" in notices(app)
    assert "test images 17, 4711" in notices(app)
    assert "Memory ran *out*." in notices(app)
    assert "for 3 (3.00%) it is exactly zero" in captions(app)
    assert "Evaluated in float32:" in captions(app)


def test_of_a_target_the_point_says_how_many_were_taken_for_it() -> None:
    app = open_app(CURVES, **CHOICE | {"labels": "target:cat", "epsilon": "-16/255", "rounded": "0"})
    model, batch = gradlab.load_model("alexnet", "cifar10"), gradlab.load_batch("cifar10", limit=100)
    found = gradlab.sweep(model, batch, ("sign",), [-16 / 255], labels="target:cat")
    cats, before = int((found.curves[0].predictions == 3).sum()), int((found.clean_predictions == 3).sum())
    assert f"classified as cat: {cats} (clean: {before})" in captions(app)
    assert cats > before


def test_a_point_of_the_curve_shows_its_images_and_goes_into_the_link() -> None:
    app = open_app(CURVES, limit="100", rules="sign", rule="sign", epsilon="-4/255")
    assert app.select_slider(key="point").value == pytest.approx(-4 / 255)
    app.select_slider(key="point").set_value(16 / 255).run()
    assert link(app)["epsilon"] == "16/255"
    assert captions(app).count("image ") >= 12


def test_the_pictures_are_the_backends(result: SweepResult, k: int, monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[FloatArray] = []
    monkeypatch.setattr(gallery, "to_picture", lambda image, scale: shown.append(image) or Image.new("RGB", (8, 8)))
    open_app(CURVES, **CHOICE)
    changed = result.curve(Rule.SIGN).predictions[k] != result.clean_predictions
    first = np.argsort(~changed, kind="stable")[:SHOWN]
    batch = gradlab.load_batch("cifar10", indices=result.indices[first].tolist())
    moved = gradlab.perturb(gradlab.load_model("alexnet", "cifar10"), batch.images, batch.labels, 2 / 255, "sign")
    np.testing.assert_array_equal(np.stack(shown), to_eight_bit(moved).numpy())


def test_a_curve_that_looks_as_it_did_is_no_harm(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "A_WHILE", 0.0)
    real = SweepJob.begin
    monkeypatch.setattr(SweepJob, "begin", lambda job: (step for step in real(job) for _ in range(2)))
    app = open_app(CURVES, **CHOICE | {"labels": "target:frog"})  # which nobody has asked for before
    assert [*app.exception, *app.error] == []
    assert "100 test images of CIFAR-10" in captions(app)


def test_one_view_at_a_time_and_it_is_in_the_link() -> None:
    app = open_app(CURVES, **CHOICE)
    shown = {}
    for view in ("images", "classes", "confusion", "flips", "rules", "measures"):
        app.segmented_control(key="view").set_value(view).run()
        assert not app.exception
        assert not app.error
        assert link(app)["view"] == view
        assert ("versus" in link(app)) == (view == "rules")
        shown[view] = (len(charts(app)) - 1, captions(app).count("true: "), len(app.table))
    assert shown == {
        "images": (0, 12, 0), "classes": (3, 0, 0), "confusion": (4, 0, 0), "flips": (1, 0, 0), "rules": (1, 0, 1),
        "measures": (0, 0, 1),
    }  # fmt: skip


def test_a_view_that_there_is_not_falls_back_with_a_notice() -> None:
    app = open_app(CURVES, **CHOICE, view="everything", versus="nobody", match="luck")
    assert link(app)["view"] == "images"
    assert "link's view" in notices(app)
    assert captions(app).count("true: ") == 12


def test_the_classes(result: SweepResult, k: int) -> None:
    app = open_app(CURVES, **CHOICE, view="classes")
    heat, bars, _ = charts(app)[1:]
    shares = class_accuracy(result.curve(Rule.SIGN).predictions, result.labels, 10)
    np.testing.assert_allclose(numbers(heat["data"][0]["z"]).astype(float), shares.T)
    np.testing.assert_allclose(numbers(bars["data"][1]["x"]).astype(float), shares[k])


def test_each_class_has_a_panel_with_a_line_for_every_rule(result: SweepResult) -> None:
    app = open_app(CURVES, **CHOICE, view="classes")
    lines = charts(app)[3]["data"]
    assert [line["meta"] for line in lines] == ["sign"] * 10 + ["l2"] * 10
    for rule in ("sign", "l2"):
        shares = class_accuracy(result.curve(Rule(rule)).predictions, result.labels, 10)
        for n, line in enumerate(line for line in lines if line["meta"] == rule):
            np.testing.assert_allclose(numbers(line["y"]).astype(float), shares[:, n])
    assert "Each kind of noise is stretched over its own ε" in captions(app)
    app.segmented_control(key="axis").set_value("l2").run()
    assert "Across: the mean L2 over the images of all classes" in captions(app)
    assert charts(app)[3]["data"][0]["y"] == lines[0]["y"], "the same accuracies elsewhere"


def test_classes_can_be_chosen_and_go_into_the_link() -> None:
    app = open_app(CURVES, **CHOICE, view="classes", classes="dog,cat")
    assert link(app)["classes"] == "dog,cat"
    panels = charts(app)[3]
    assert [note["text"].split(" ")[0] for note in panels["layout"]["annotations"][:2]] == ["dog", "cat"]
    assert len(panels["data"]) == 4
    app.multiselect(key="classes").set_value([]).run()
    assert "classes" not in link(app)
    assert len(charts(app)[3]["data"]) == 20
    app.segmented_control(key="view").set_value("flips").run()
    assert "classes" not in link(app)


def test_a_class_that_there_is_not_is_told() -> None:
    app = open_app(CURVES, **CHOICE, view="classes", classes="cat,unicorn")
    assert "link's classes was left out" in notices(app)
    assert "classes" not in link(app)
    assert len(charts(app)[3]["data"]) == 20


def test_of_a_hundred_classes_the_panels_are_those_that_change_most() -> None:
    app = open_app(CURVES, dataset="cifar100", model="alexnet", limit="200", rules="sign", view="classes")
    assert len(charts(app)[3]["data"]) == 20
    assert app.multiselect(key="classes").proto.placeholder == "the 20 that change most"
    assert "You see the 20 classes, of 100, whose accuracy changes most at the chosen point" in captions(app)
    bars = charts(app)[2]["data"][0]["y"]
    assert [note["text"].split(" ")[0] for note in charts(app)[3]["layout"]["annotations"][:20]] == list(bars)


def test_the_confusion_in_both_directions(result: SweepResult, k: int) -> None:
    app = open_app(CURVES, **CHOICE, view="confusion")
    curve = result.curve(Rule.SIGN)
    other = len(curve.epsilons) - 1 - k
    assert curve.epsilons[other] == -curve.epsilons[k]
    shown = " ".join(text.value for text in app.markdown)
    for place, point in enumerate((k, other)):
        after = curve.predictions[point].astype(np.int64)
        counts = confusion(result.clean_predictions, after, 10)
        heat, flows = (charts(app)[1 + place + 2 * row]["data"][0] for row in range(2))
        np.testing.assert_array_equal(numbers(heat["customdata"]), counts)
        assert sorted(numbers(flows["link"]["value"]).tolist()) == sorted(counts[counts > 0].tolist())
        assert f"{(after != result.clean_predictions).sum()} of 100 images changed" in shown
    assert "ε = +2/255, away from the right answer" in shown
    assert "ε = −2/255, towards the right answer" in shown


def test_at_epsilon_0_there_is_no_other_side() -> None:
    app = open_app(CURVES, **CHOICE | {"epsilon": "0"}, view="confusion")
    assert len(charts(app)) == 3
    assert any("**ε = 0**: 0 of 100 images changed" in text.value for text in app.markdown)


def test_of_a_hundred_classes_only_the_largest_flows_are_drawn() -> None:
    app = open_app(CURVES, dataset="cifar100", model="alexnet", rules="sign", view="confusion")
    assert "you see those where the 20 largest changes start" in captions(app)
    assert "others" in charts(app)[3]["data"][0]["node"]["label"]


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
    table = app.table[0].value
    assert table["sign"].tolist()[0] == "+2/255"
    assert table["L2"].tolist()[0] == f"+{other.epsilons[j]:.4g}"
    assert len(table) == 3, "the nearest point is too far off: nobody wins"
    assert f"the nearest point of L2 has a mean L2 of {other.l2[j].mean():.4g}, sign has" in captions(app)
    assert "**p =" not in captions(app)
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
    assert "Matched by step size" in captions(app)


def test_at_epsilon_0_two_rules_are_the_same() -> None:
    app = open_app(CURVES, **CHOICE | {"epsilon": "0"}, view="rules", versus="l2")
    assert app.table[0].value["sign"].tolist() == app.table[0].value["L2"].tolist()
    assert "p = 1.000" in captions(app)


def test_a_rule_alone_has_nothing_to_be_compared_with() -> None:
    app = open_app(CURVES, **CHOICE | {"rules": "sign"}, view="rules")
    assert "second kind of noise" in app.info[0].value
    assert len(charts(app)) == 2
    assert not app.exception


def test_without_rules_the_page_says_what_to_do() -> None:
    app = open_app(CURVES, rules="")
    assert "at least one kind of noise" in app.info[0].value


# What was measured beforehand

PAPER = {"dataset": "cifar10", "model": "alexnet-paper"}


@pytest.fixture(scope="module")
def baseline() -> SweepResult:
    """What is shipped of the paper's network, as the page shows it."""
    return selected(load_baseline("alexnet-paper", "cifar10"), (Rule.SIGN, Rule.RAW), rounded=True)


@pytest.fixture
def only_the_sample(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADLAB_DATA", str(tmp_path))


@pytest.fixture
def anew() -> Iterator[None]:
    st.cache_resource.clear()
    yield
    st.cache_resource.clear()


@pytest.mark.usefixtures("only_the_sample")
def test_a_fresh_visit_shows_the_whole_test_split_at_once(
    baseline: SweepResult, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SweepJob, "begin", lambda job: pytest.fail("computed what is shipped"))
    app = open_app(CURVES, **PAPER)
    assert link(app)["limit"] == "10000"
    assert app.select_slider(key="images").options[-1] == "all 10,000, measured beforehand"
    lines = {trace["meta"]: trace for trace in charts(app)[0]["data"] if trace.get("meta")}
    assert list(lines) == ["sign", "raw"]
    for curve in baseline.curves:
        np.testing.assert_allclose(numbers(lines[curve.rule]["y"]), baseline.correct(curve) / 10_000)
    assert "10,000 test images of CIFAR-10, class-balanced: the full test split" in captions(app)
    assert "**measured beforehand** on CPU" in captions(app)
    assert f"with {baseline.software}" in captions(app).replace("\\", "")
    assert "choose fewer images, or open the page Paper" in captions(app)
    assert not app.warning
    app.toggle(key="rounded").set_value(True).run()
    assert len([trace for trace in charts(app)[0]["data"] if trace.get("meta")]) == 4
    k = int(np.abs(baseline.curves[0].epsilons - 8 / 255).argmin())
    assert f"{baseline.correct(baseline.curves[0])[k]} of 10,000 still classified correctly" in captions(app)
    assert f"mean SSIM {baseline.curves[0].level('ssim')[k]:.3f}" in captions(app)


@pytest.mark.usefixtures("only_the_sample")
def test_every_view_and_axis_of_what_was_measured_beforehand(baseline: SweepResult) -> None:
    app = open_app(CURVES, **PAPER, rules="sign,raw,l2,max,random", rounded="1", axis="l2", epsilon="4/255")
    for view in ("classes", "confusion", "flips", "rules"):
        app.segmented_control(key="view").set_value(view).run()
        assert [*app.exception, *app.error, *app.warning] == []
        assert len(charts(app)) == {"classes": 4, "confusion": 5, "flips": 2, "rules": 2}[view]
        assert "10,000" in captions(app)
    assert f"of {baseline.images:,} images that only one of the two leaves right" in captions(app)
    assert {button.label for button in app.get("download_button")} >= {"HTML report", "JSON", "CSV", "Result file"}
    assert "load_baseline(" in app.code[0].value


@pytest.mark.usefixtures("only_the_sample")
def test_twins_can_be_left_out(baseline: SweepResult) -> None:
    app = open_app(CURVES, **PAPER)
    rest = without_twins(baseline)
    assert "286 of these images have a twin in the train split (ciFAIR)" in captions(app)
    assert f"without them clean accuracy is {rest.clean_accuracy:.2%}" in captions(app)
    assert "without_twins" not in link(app) or link(app)["without_twins"] == "0"
    app.toggle(key="without_twins").set_value(True).run()
    assert link(app)["without_twins"] == "1"
    assert "9,714 test images of CIFAR-10" in captions(app)
    assert "None of these images has a twin" in captions(app)
    assert "Left out: 286 test images" in notices(app)
    lines = {trace["meta"]: trace for trace in charts(app)[0]["data"] if trace.get("meta")}
    for curve in rest.curves:
        np.testing.assert_allclose(numbers(lines[curve.rule]["y"]), rest.correct(curve) / 9_714)
    again = open_app(CURVES, **PAPER, without_twins="1")
    assert again.toggle(key="without_twins").value is True
    few = gradlab.load_batch("cifar10", limit=100)
    found = twins_among("cifar10", "test", few.indices.numpy(), few.labels.numpy(), 10)
    assert found is not None
    assert found.any()
    fresh = open_app(CURVES, **PAPER, limit="100", rules="sign", without_twins="1")
    assert f"{100 - found.sum()} test images" in captions(fresh), "what is computed now loses them, too"
    for view in ("classes", "confusion", "flips", "rules", "measures"):
        again.segmented_control(key="view").set_value(view).run()
        assert [*again.exception, *again.error] == [], view


@pytest.mark.usefixtures("only_the_sample")
def test_what_svhns_curves_rest_on_is_said() -> None:
    app = open_app(CURVES, dataset="svhn", model="alexnet")
    assert link(app)["limit"] == "1999"
    assert app.select_slider(key="images").options[-1] == "all 1,999, measured beforehand"
    assert "1,999 test images of SVHN, of the 26,032 official ones" in captions(app)
    assert "of the same photograph as an image of the train split" in captions(app)
    factor = interval_factor(selected(load_baseline("alexnet", "svhn"), (Rule.SIGN, Rule.RAW), rounded=False))
    assert factor is not None
    assert f"{factor.pooled:.2f} times as wide over all points" in captions(app)
    assert not [toggle for toggle in app.toggle if toggle.key == "without_twins"]
    assert not app.warning
    again = open_app(CURVES, dataset="svhn", model="alexnet", limit="1999")
    assert not again.warning
    older = open_app(CURVES, dataset="svhn", model="alexnet", limit="2000")
    assert "1,999 are at hand" in notices(older)
    few = open_app(CURVES, dataset="svhn", model="alexnet", limit="100", rules="sign")
    assert "means over the classes" in captions(few)


@pytest.mark.usefixtures("only_the_sample")
def test_of_images_that_are_not_at_hand_there_is_no_picture() -> None:
    app = open_app(CURVES, **PAPER, view="images")
    places = {int(place) for place in re.findall(r"image (\d+)", captions(app))}
    assert len(places) == 12
    assert places <= set(cached.sample("cifar10").indices.tolist())
    assert "Of the 10,000 images, only the 2,000 in the sample of CIFAR-10 are at hand" in captions(app)


@pytest.mark.full_data
def test_with_the_whole_split_at_hand_pictures_are_chosen_among_all(baseline: SweepResult) -> None:
    app = open_app(CURVES, **PAPER, view="images", rule="sign", epsilon="8/255")
    sign = baseline.curve(Rule.SIGN)
    k = int(np.abs(sign.epsilons - 8 / 255).argmin())
    changed = np.flatnonzero(sign.predictions[k] != baseline.clean_predictions)[:12]
    assert [int(place) for place in re.findall(r"image (\d+)", captions(app))] == changed.tolist()
    assert "at hand" not in captions(app)


def test_pictures_are_those_of_the_sample_where_the_split_comes_in_another_order(
    baseline: SweepResult, monkeypatch: pytest.MonkeyPatch
) -> None:
    status = {"test": 10_000}
    monkeypatch.setattr(images, "dataset_status", lambda dataset: status)
    monkeypatch.setattr(images, "_stored_labels", lambda dataset, images: baseline.labels)
    assert cached.showable(baseline)[1] == "store"
    assert cached.showable(baseline)[0].all()
    monkeypatch.setattr(images, "_stored_labels", lambda dataset, images: np.roll(baseline.labels, 1))
    here, source = cached.showable(baseline)
    assert (source, here.sum()) == ("sample", 2_000)


@pytest.mark.usefixtures("only_the_sample")
def test_other_labels_are_computed_on_as_many_images_as_usual() -> None:
    app = open_app(CURVES, **PAPER, rules="sign", limit="10000")
    assert link(app)["limit"] == "10000"
    app.segmented_control(key="labels").set_value("predicted").run()
    assert link(app)["limit"] == "500"
    assert "measured beforehand" not in captions(app)
    assert not app.warning
    app.segmented_control(key="labels").set_value("true").run()
    assert link(app)["limit"] == "10000"
    app.select_slider(key="images").set_value(100).run()
    assert link(app)["limit"] == "100"
    assert "measured beforehand" not in captions(app)
    app.run()
    assert link(app)["limit"] == "100", "what was chosen stays"


@pytest.mark.usefixtures("only_the_sample")
def test_a_link_with_a_number_of_images_wins(result: SweepResult, monkeypatch: pytest.MonkeyPatch) -> None:
    app = open_app(CURVES, **PAPER, rules="sign", limit="200")
    assert link(app)["limit"] == "200"
    assert "200 test images" in captions(app)
    # A notice is gone when the page runs again at the end of a sweep: so of one that has been finished.
    monkeypatch.setattr(SweepJob, "known", lambda job: result)
    app = open_app(CURVES, **PAPER, rules="sign", labels="predicted", limit="5000")
    assert link(app)["limit"] == "2000"
    assert "You asked for 5,000 images; 2,000 are at hand" in notices(app)


@pytest.mark.usefixtures("only_the_sample", "anew")
def test_a_baseline_of_other_weights_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> SweepResult:
        raise CorruptFileError("expected a result of the weights abc…, got one of def…: measure again")

    monkeypatch.setattr(baselines, "baseline_of", refuse)
    app = open_app(CURVES, **PAPER, rules="sign")
    assert link(app)["limit"] == "500"
    assert "measured beforehand" not in captions(app)
    assert [*app.exception, *app.error, *app.warning] == []
