"""The page Compare: two networks, two rules, and transfer; what it shows is what the backend says."""

import re
from pathlib import Path

import numpy as np
import pytest
from apps import assets_with, captions, charts, link, notices, numbers, open_app
from streamlit.testing.v1 import AppTest

import gradlab
from gradlab.experiments.explore import epsilon_for_l2, explore
from gradlab.experiments.stored import load_baseline, selected
from gradlab.experiments.transfer import transfer
from gradlab.statistics import against_own, compare, match_epsilon, mcnemar
from gradlab.steps.epsilon import format_epsilon
from gradlab.types import Exploration, Rule
from gradlab.ui import cached
from gradlab.ui.jobs.job import finished
from gradlab.ui.jobs.sweep import SweepJob

COMPARE = "gradlab/ui/pages/compare.py"
FIRST = str(gradlab.load_batch("svhn", limit=2000, source="sample").indices[0].item())
SVHN = {"dataset": "svhn", "model": "alexnet", "limit": "100", "image": FIRST}
PAPER = {"dataset": "cifar10", "model": "alexnet", "other": "alexnet-paper"}


def seen_by(model: str, dataset: str, place: str, rule: str, epsilon: float, labels: str = "true") -> Exploration:
    one = gradlab.load_batch(dataset, indices=[int(place)], source="sample")
    return explore(gradlab.load_model(model, dataset), one, rule, epsilon, labels=labels)


def column(seen: Exploration, classes: tuple[str, ...]) -> list[str]:
    """The last lines of the table of the image."""
    before, after = (f"{classes[v.prediction]} {v.probabilities.max():.1%}" for v in (seen.clean, seen.perturbed))
    measures = seen.perturbed.measures
    return [classes[seen.used_label], f"{before} → {after}", f"{measures['l2']:.4g}",
            f"{measures['linf'] * 255:.3g}/255", f"{measures['psnr']:.1f} dB"]  # fmt: skip


def lines(app: AppTest) -> dict[str, np.ndarray]:
    return {trace["meta"]: numbers(trace["y"]) for trace in charts(app)[0]["data"] if trace.get("meta")}


# Two networks


def test_it_opens_on_two_networks_and_writes_its_choices_into_the_link() -> None:
    app = open_app(COMPARE)
    assert [*app.error, *app.warning] == []
    shown = link(app)
    assert (shown["compare"], shown["model"], shown["match"], shown["rule"]) == ("models", "alexnet", "l2", "sign")
    assert shown["other"] != "alexnet"
    assert "versus" not in shown
    assert len(charts(app)) == 1
    assert len(app.get("image")) == 5


@pytest.mark.parametrize(("rule", "epsilon", "labels"), [("raw", "-0.3", "predicted"), ("l2", "0.7", "target:3")])
def test_two_networks_at_equal_distance(rule: str, epsilon: str, labels: str) -> None:
    app = open_app(COMPARE, **SVHN, rule=rule, epsilon=epsilon, labels=labels)
    shown = link(app)
    classes = gradlab.load_batch("svhn", limit=1, source="sample").classes
    first = seen_by("alexnet", "svhn", shown["image"], rule, float(epsilon), labels)
    one = gradlab.load_batch("svhn", indices=[int(shown["image"])], source="sample")
    wanted = first.perturbed.measures["l2"]
    up, down = epsilon_for_l2(gradlab.load_model("resnet9", "svhn"), one, rule, wanted, labels=labels)
    other = down if float(epsilon) < 0 else up
    second = seen_by("resnet9", "svhn", shown["image"], rule, other, labels)
    table = app.table[0].value
    assert table["A: alexnet"].tolist()[3:] == column(first, classes)
    assert table["B: resnet9"].tolist()[3:] == column(second, classes)
    assert table["B: resnet9"].tolist()[:3] == [
        "resnet9",
        table["A: alexnet"].iloc[1],
        format_epsilon(other, Rule(rule)),
    ]
    assert second.perturbed.measures["l2"] == pytest.approx(wanted, rel=1e-4)
    assert "At equal L2: gradlab found the ε of B" in captions(app)
    assert ("For each network that is its own prediction" in captions(app)) == (labels == "predicted")


def test_two_networks_at_equal_epsilon() -> None:
    app = open_app(COMPARE, **SVHN, rule="raw", epsilon="0.1", match="epsilon")
    assert link(app)["match"] == "epsilon"
    table = app.table[0].value
    assert table["A: alexnet"].iloc[2] == table["B: resnet9"].iloc[2] == "+0.1"
    assert table["A: alexnet"].iloc[5] != table["B: resnet9"].iloc[5], "gradients of different sizes"
    assert "The same ε is not the same change here" in captions(app)
    assert app.table[1].value["B: resnet9"].iloc[0] == "+0.1", "nor of the curves' points"


def test_what_cannot_be_reached_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cached, "equal_l2", lambda *_: (0.001, -0.001))
    app = open_app(COMPARE, **SVHN, rule="sign", epsilon="8/255")
    assert "B cannot change this image as much as A" in notices(app)


def test_at_epsilon_0_nothing_is_done() -> None:
    app = open_app(COMPARE, **SVHN, epsilon="0")
    assert "ε is 0: nothing happens to the image" in captions(app)
    assert app.table[0].value["B: resnet9"].iloc[7] == "∞ (identical)"
    assert not app.warning


def test_the_curves_of_two_networks_that_were_measured_beforehand(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SweepJob, "begin", lambda job: pytest.fail("computed what is shipped"))
    app = open_app(COMPARE, **PAPER, rule="sign", epsilon="2/255")
    studies = [selected(load_baseline(n, "cifar10"), (Rule.SIGN,), False) for n in ("alexnet", "alexnet-paper")]
    a, b = (study.curves[0] for study in studies)
    drawn = lines(app)
    assert list(drawn) == ["A: alexnet", "B: alexnet-paper"]
    for study, line in zip(studies, drawn.values(), strict=True):
        np.testing.assert_allclose(line, study.correct(study.curves[0]) / 10_000)
    k = int(np.abs(a.epsilons - 2 / 255).argmin())
    j = match_epsilon(float(a.level("l2")[k]), b.epsilons, b.level("l2"), 1)
    test = mcnemar(a.predictions[k] == studies[0].labels, b.predictions[j] == studies[1].labels)
    table = app.table[1].value
    assert table["A: alexnet"].tolist()[0] == "+2/255"
    assert [table[name].iloc[3] for name in drawn] == [f"{test.only_a:,}", f"{test.only_b:,}"]
    assert f"{test.only_a + test.only_b:,} of 10,000 images that only one of the two" in captions(app)
    assert "a verdict on the networks as a whole" in captions(app)
    assert "10,000 test images of CIFAR-10, class-balanced: the full test split" in captions(app)
    assert link(app)["limit"] == "10000"


def test_the_curves_of_two_networks_that_are_computed() -> None:
    app = open_app(COMPARE, **SVHN, rule="l2", epsilon="0.5", axis="l2")
    batch = gradlab.load_batch("svhn", limit=100)
    for name, line in lines(app).items():
        found = gradlab.sweep(gradlab.load_model(name[3:], "svhn"), batch, ("l2",))
        np.testing.assert_allclose(line, found.correct(found.curves[0]) / 100)
    assert "100 test images of SVHN" in captions(app)
    assert "of 100 images that only one of the two leaves right" in captions(app)
    assert "achieved mean L2" in charts(app)[0]["layout"]["xaxis"]["title"]["text"]


def test_of_different_images_there_is_no_test(monkeypatch: pytest.MonkeyPatch) -> None:
    batches = {name: gradlab.load_batch("svhn", limit=50, seed=n) for n, name in enumerate(("alexnet", "resnet9"))}

    def known(job: SweepJob) -> gradlab.SweepResult:
        return gradlab.sweep(gradlab.load_model(job.model, "svhn"), batches[job.model], job.rules, (-0.1, 0.1))

    monkeypatch.setattr(SweepJob, "known", known)
    app = open_app(COMPARE, **SVHN)
    common = len(np.intersect1d(*(batch.indices.numpy() for batch in batches.values())))
    assert f"50 and 50 images, and only {common} are the same" in app.info[0].value
    assert len(app.table[1].value) == 3


def test_the_sidebars_network_is_never_compared_with_itself() -> None:
    app = open_app(COMPARE, **PAPER)
    assert "alexnet" not in [option.split(" ")[0] for option in app.selectbox(key="other").options]
    app.selectbox(key="model").set_value("alexnet-paper").run()
    assert (link(app)["model"], link(app)["other"]) == ("alexnet-paper", "alexnet")
    assert [*app.error, *app.warning] == []


# Two rules


def test_two_rules_of_one_network() -> None:
    app = open_app(COMPARE, **SVHN, compare="rules", rule="sign", epsilon="4/255", versus="raw")
    shown = link(app)
    assert (shown["compare"], shown["versus"], shown["match"]) == ("rules", "raw", "l2")
    assert "other" not in shown
    assert app.segmented_control(key="match").options == ["L2"], "these rules have no unit in common"
    table = app.table[0].value
    assert table["A: sign"].iloc[5] == table["B: plain gradient"].iloc[5]
    found = gradlab.sweep(gradlab.load_model("alexnet", "svhn"), gradlab.load_batch("svhn", limit=100))
    for line, curve in zip(lines(app).values(), found.curves, strict=True):
        np.testing.assert_allclose(line, found.correct(curve) / 100)
    assert "No comparison: the nearest point of B" in captions(app)


def test_a_sweep_of_two_rules_is_the_one_of_the_page_curves() -> None:
    """Whatever the order of the two, so that nobody waits twice."""
    open_app(COMPARE, **SVHN, compare="rules", rule="random", versus="sign", epsilon="4/255", match="epsilon")
    job = SweepJob("svhn", "alexnet", (Rule.SIGN, Rule.RANDOM), 100, gradlab.LabelSource.TRUE)
    assert finished(job) is not None


def test_rules_of_one_unit_at_equal_epsilon() -> None:
    app = open_app(COMPARE, **SVHN, compare="rules", rule="random", versus="sign", epsilon="-4/255", match="epsilon")
    assert list(lines(app)) == ["A: random", "B: sign"]
    for table in app.table:
        row = 2 if len(table.value) == 8 else 0
        assert table.value["A: random"].iloc[row] == table.value["B: sign"].iloc[row] == "−4/255"
    assert "Matched by step size" in captions(app)


# Transfer


@pytest.mark.parametrize(
    ("rule", "epsilon", "labels"),
    [("sign", "4/255", "true"), ("raw", "-0.1", "predicted"), ("random", "8/255", "true")],
)
def test_the_matrix_is_what_the_backend_says(rule: str, epsilon: str, labels: str) -> None:
    app = open_app(COMPARE, **SVHN, compare="transfer", rule=rule, epsilon=epsilon, labels=labels)
    assert (link(app)["compare"], link(app)["limit"]) == ("transfer", "100")
    assert "image" not in link(app)
    models = {name: gradlab.load_model(name, "svhn") for name in ("alexnet", "resnet9")}
    step = 4 / 255 if rule == "sign" else 8 / 255 if rule == "random" else -0.1
    found = transfer(models, gradlab.load_batch("svhn", limit=100), rule, step, labels=labels)
    (heat,) = charts(app)[0]["data"]
    np.testing.assert_allclose(numbers(heat["z"]), np.vstack([found.clean_correct, found.correct]) / 100)
    assert heat["x"] == ["alexnet", "resnet9"]
    shown = captions(app)
    assert "100 test images of SVHN" in shown
    assert re.search(r"none wider than \d+\.\d points from end to end", shown)
    for s, t in ((0, 1), (1, 0)):
        words = compare(against_own(found, s, t)).words(found.models[t], found.models[s])
        assert f"Made on {found.models[s]}: {words}." in shown
    assert ("what the network of the row predicts" in shown) == (labels == "predicted")
    assert ("not at equal change" in shown) == (rule == "raw")
    assert ("every row has the same images" in shown) == (rule == "random")
    if rule != "random":
        assert f"alexnet {found.level('l2')[0]:.3g}, resnet9 {found.level('l2')[1]:.3g}" in shown
    assert [button.label for button in app.get("download_button")] == ["CSV"]
    assert not app.table


def test_a_transfer_of_nothing() -> None:
    app = open_app(COMPARE, **SVHN, compare="transfer", epsilon="0")
    assert "ε is 0: nothing happens to the images" in captions(app)
    assert [*app.error, *app.warning] == []


# One at a time; links; and how many networks there are


def test_one_comparison_at_a_time_and_it_is_in_the_link() -> None:
    app = open_app(COMPARE, **SVHN)
    for kind, tables in (("rules", 2), ("transfer", 0), ("models", 2)):
        app.segmented_control(key="compare").set_value(kind).run()
        assert [*app.exception, *app.error, *app.warning] == []
        assert link(app)["compare"] == kind
        assert (len(app.table), len(charts(app))) == (tables, 1)


def test_another_image() -> None:
    app = open_app(COMPARE, **SVHN)
    places = gradlab.load_batch("svhn", limit=2000, source="sample").indices.tolist()
    assert link(app)["image"] == str(places[0])
    app.button(key="go_Next").click().run()
    assert link(app)["image"] == str(places[1])
    assert f"test image {places[1]} of SVHN" in "".join(text.value for text in app.markdown)


@pytest.mark.parametrize(
    ("kind", "name", "value", "fallback"),
    [
        ("models", "compare", "everything", "models"),
        ("models", "other", "../../etc", "resnet9"),
        ("models", "match", "luck", "l2"),
        ("models", "image", "-1", None),
        ("models", "axis", "z", "epsilon"),
        ("rules", "versus", "nobody", "raw"),
        ("transfer", "epsilon", "nan", "8/255"),
        ("transfer", "rule", "signn", "sign"),
    ],
)
def test_nonsense_in_a_link_falls_back_with_a_notice(kind: str, name: str, value: str, fallback: str | None) -> None:
    # Computed before: a notice is gone when the page runs again at the end of a sweep.
    open_app(COMPARE, **SVHN, compare=kind)
    app = open_app(COMPARE, **SVHN | {"compare": kind, name: value})
    assert link(app)[name] == (fallback or str(cached.first_places("svhn", "alexnet")[0]))
    assert f"link's {name}" in notices(app)
    assert charts(app), "the rest of the page still works"
    app.run()
    assert not app.warning, "a notice is told once"


def test_with_two_networks_the_other_is_the_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADLAB_ASSETS", str(assets_with(tmp_path / "assets", cifar10=["first", "second"])))
    app = open_app(COMPARE, limit="100", compare="transfer")
    (heat,) = charts(app)[0]["data"]
    assert heat["x"] == ["first", "second"]
    shares = numbers(heat["z"])
    assert (shares[:, 0] == shares[:, 1]).all(), "the weights are the same"
    assert shares[1].tolist() == shares[2].tolist()
    app.segmented_control(key="compare").set_value("models").run()
    assert [option.split(" ")[0] for option in app.selectbox(key="other").options] == ["second"]
    assert "only one of the two leaves right: **p = 1.000**" in captions(app)


def test_a_single_network_has_nothing_to_be_compared_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADLAB_ASSETS", str(assets_with(tmp_path / "assets", cifar10=["alone"])))
    app = open_app(COMPARE, limit="100")
    assert "alone is the only network of this data set: compare two kinds of noise" in app.info[0].value
    app.segmented_control(key="compare").set_value("rules").run()
    assert len(app.table) == 2
    app.segmented_control(key="compare").set_value("transfer").run()
    assert "noise cannot transfer to another" in app.info[0].value
    assert len(charts(app)[0]["data"][0]["x"]) == 1
    assert [*app.exception, *app.error, *app.warning] == []


@pytest.mark.parametrize("compare", ["models", "transfer"])
def test_what_svhns_images_and_intervals_stand_for_is_said(compare: str) -> None:
    said = captions(open_app(COMPARE, **SVHN, rule="sign", epsilon="8/255", compare=compare))
    assert "means over the classes, not the split's" in said
    assert "times as wide" in said
