"""The measures on Explore and on Curves: the numbers are the backend's, each with what is known of its threshold."""

import math
from dataclasses import replace

import numpy as np
import pytest
from apps import CURVES, captions, link, open_app
from streamlit.testing.v1 import AppTest

import gradlab
from gradlab.measures import available
from gradlab.statistics import spread
from gradlab.types import Rule, SweepResult
from gradlab.ui import cached
from gradlab.ui.cached import devices
from gradlab.ui.components.measures import KNOWN, noticed_note, written
from gradlab.ui.jobs import gallery
from gradlab.ui.jobs.gallery import ChangesJob
from gradlab.ui.jobs.job import begun, finished
from gradlab.ui.jobs.sweep import SweepJob
from gradlab.ui.state import Running, Work

CHOICE = {"limit": "100", "rules": "sign", "rule": "sign", "epsilon": "2/255", "view": "measures"}
TITLES = [KNOWN[name].title for name in available()]


@pytest.fixture(autouse=True)
def anew() -> None:
    """No measures are kept from another test."""
    devices._kept.clear()


def job_of(app: AppTest) -> ChangesJob:
    """What the page measures."""
    found = [key for key in cached.kept() if isinstance(key, ChangesJob)]
    assert len(found) == 1, app
    return found[0]


# Values as text


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("l0", 0.5, "50.0%"),
        ("l2", 1.7391, "1.739"),
        ("linf", 8 / 255, "8/255"),
        ("linf", 0.3 / 255, "0.3/255"),
        ("psnr", 30.123, "30.1 dB"),
        ("psnr", math.inf, "∞ (identical)"),
        ("ssim", math.nan, "–"),
        ("ciede2000_p95", 12.345, "12.35"),
        ("lpips", 0.0123, "0.0123"),
    ],
)
def test_a_value_is_written_in_its_unit(name: str, value: float, text: str) -> None:
    assert written(name, value) == text


def test_a_limit_names_who_measured_it_and_one_note_says_for_which_none_is_known() -> None:
    assert noticed_note(["psnr", "l2"]) == "When do people notice a change? For these measures no limit is known."
    some = noticed_note(["psnr", "linf", "ciede2000_mean"])
    assert "ΔE₀₀, mean: about 0.8 to 1" in some
    assert "(https://doi.org/10.1111/jerd.12149)" in some
    assert "L∞: under 1/510 it is lost" in some
    assert some.endswith("For the other measures no limit is known.")
    assert "PSNR" not in some


# Explore


def test_explore_shows_every_measure_and_from_when_on_it_is_noticed() -> None:
    app = open_app(rule="raw", epsilon="0.3")
    table = app.table[0].value
    assert table.iloc[:, 0].tolist() == [*TITLES, "values changed", "network says", "its probability"]
    seen = cached.exploration("cifar10", "alexnet", int(link(app)["image"]), Rule.RAW, 0.3, gradlab.LabelSource.TRUE)
    for column, view in (("as computed", seen.perturbed), ("as saved (8 bit)", seen.rounded)):
        expected = [written(name, view.measures[name]) for name in available()]
        assert table[column].tolist()[: len(expected)] == expected
    assert noticed_note(list(available())) in captions(app)
    assert_explained(app)


def assert_explained(app: AppTest) -> None:
    (told,) = (one for one in app.expander if "when people notice a change" in one.label)
    text = "\n".join(one.value for one in told.markdown)
    for name in available():
        for part in (KNOWN[name].range, KNOWN[name].known, KNOWN[name].source.url, KNOWN[name].evidence.url):
            assert part in text
    assert "No measure alone says whether a person sees a change" in text
    assert "imperceptible" not in text
    if "lpips" not in available():
        assert "(233 MB)" in captions(told)


# Curves


@pytest.fixture(scope="module")
def result() -> SweepResult:
    """The sweep of CHOICE."""
    model, batch = gradlab.load_model("alexnet", "cifar10"), gradlab.load_batch("cifar10", limit=100)
    return gradlab.sweep(model, batch, ("sign",), [2 / 255], ssim=True)


def test_curves_show_the_spread_of_every_measure_over_the_images_of_the_curve(result: SweepResult) -> None:
    app = open_app(CURVES, **CHOICE)
    assert link(app)["view"] == "measures"
    table = app.table[0].value
    assert table.iloc[:, 0].tolist() == TITLES
    found = finished(job_of(app))
    assert found is not None
    for name in ("l2", "linf", "psnr", "ssim"):
        ours = np.sort(found.computed[name])
        np.testing.assert_allclose(ours, np.sort(getattr(result.curves[0], name)[0]), rtol=1e-4, atol=1e-5)
    for row, name in enumerate(available()):
        low, middle, high = spread(found.computed[name])
        assert table["median"].iloc[row] == written(name, middle)
        assert table["9 of 10 images"].iloc[row] == f"{written(name, low)} to {written(name, high)}"
        assert table["median, as saved (8 bit)"].iloc[row] == written(name, spread(found.rounded[name])[1])
    assert noticed_note(list(available())) in captions(app)
    assert "For sign at ε = +2/255, over all 100 images of the curve" in captions(app)
    assert "leads away from the **true** class" in captions(app)
    assert {"Measures, JSON", "Measures, CSV"} <= {button.label for button in app.get("download_button")}
    assert_explained(app)
    assert [*app.exception, *app.error, *app.warning] == []


def test_another_point_needs_no_new_gradients(monkeypatch: pytest.MonkeyPatch) -> None:
    app = open_app(CURVES, **CHOICE)
    monkeypatch.setattr(gallery, "stream_pool", lambda *_, **__: pytest.fail("computed the gradients again"))
    app.select_slider(key="point").set_value(-4 / 255).run()
    assert [*app.exception, *app.error] == []
    assert "For sign at ε = −4/255" in captions(app)
    assert app.table[0].value["median"].iloc[TITLES.index("L∞")] == "4/255"
    app.select_slider(key="point").set_value(0.0).run()
    assert app.table[0].value["median"].iloc[TITLES.index("PSNR")] == "∞ (identical)"
    monkeypatch.setattr(gallery, "stream_changes", lambda *_, **__: pytest.fail("measured again"))
    app.select_slider(key="point").set_value(-4 / 255).run()
    assert [*app.exception, *app.error] == []


def test_of_many_images_the_first_ones_at_hand_are_measured(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    monkeypatch.setenv("GRADLAB_DATA", str(tmp_path))
    app = open_app(CURVES, model="alexnet-paper", view="measures", rule="sign", epsilon="8/255")
    assert "over 200 of the 10,000 images of the curve, the first ones at hand, measured anew" in captions(app)
    images = job_of(app).images
    assert images.source == "sample"
    assert set(images.places) <= set(cached.sample("cifar10").indices.tolist())
    assert list(images.places) == sorted(images.places)


def test_grey_images_are_measured_too() -> None:
    app = open_app(CURVES, **CHOICE | {"limit": "100"}, dataset="fashion_mnist")
    assert [*app.exception, *app.error] == []
    assert float(app.table[0].value["median"].iloc[TITLES.index("ΔE₀₀, mean")]) > 0


def test_before_a_curve_is_complete_it_is_not_measured(monkeypatch: pytest.MonkeyPatch, result: SweepResult) -> None:
    monkeypatch.setattr(SweepJob, "known", lambda job: replace(result, planned=200))
    app = open_app(CURVES, **CHOICE)
    assert "once the curve is complete" in app.info[0].value
    assert not app.table
    assert "running" not in app.session_state, "what was stopped can still go on"


def test_without_an_image_at_hand_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cached, "showable", lambda result: (np.zeros(result.images, np.bool_), "sample"))
    app = open_app(CURVES, **CHOICE)
    assert "None of the images of the curve is at hand" in app.info[0].value
    assert not app.table


def test_what_was_stopped_is_shown_as_far_as_it_came_and_goes_on() -> None:
    app = open_app(CURVES, **CHOICE)
    job = job_of(app)
    del cached.kept()[job]
    steps = begun(job)
    app.session_state["running"] = Running(job, Work(steps, next(steps)), stopped=True)
    app.run()
    assert [button.label for button in app.button if button.key == "halt"] == ["Go on"]
    assert "over 50 of the 100 images of the curve" in captions(app)
    app.button(key="halt").click().run()
    assert "over all 100 images of the curve" in captions(app)
    app.run()
    assert not [button for button in app.button if button.key == "halt"]


def test_what_was_stopped_before_anything_was_done_says_so() -> None:
    app = open_app(CURVES, **CHOICE)
    job = job_of(app)
    del cached.kept()[job]
    app.session_state["running"] = Running(job, Work(begun(job)), stopped=True)
    app.run()
    assert "Stopped before the first images were measured." in [info.value for info in app.info]
    assert not app.table
