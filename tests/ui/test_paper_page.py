"""The page Paper: its tables hold the numbers of the shipped baselines, and nothing stale is shown as current."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import streamlit as st
from apps import ROOT, captions, charts, link, notices, numbers, open_app
from streamlit.testing.v1 import AppTest

import gradlab
import gradlab.experiments.baseline
from gradlab.experiments.baseline import equal_steps, stream_baseline, stream_equal
from gradlab.experiments.stored import (
    EQUAL,
    gradients_path,
    load_gradients,
    results_path,
    save_baseline,
    save_gradients,
)
from gradlab.networks import find_card
from gradlab.paper import PAPER_MODEL, claim_rows, combination, fair_sentences, occasion
from gradlab.report import agreement, unseen_sentences
from gradlab.report.sampling import clean_rest
from gradlab.steps.epsilon import default_grid, format_epsilon
from gradlab.types import Batch, EqualTo, LabelSource, Rule, SweepResult
from gradlab.ui.jobs import baseline
from gradlab.ui.jobs.job import begun, finished
from gradlab.ui.state import Progress, Running, Work

PAPER = "gradlab/ui/pages/paper.py"
CHOICE = {"dataset": "cifar10", "model": "alexnet-paper"}
FEW = 32
Parts = dict[LabelSource | str, SweepResult]


def part(labels: LabelSource) -> SweepResult:
    model, batch = gradlab.load_model(*PAPER_MODEL), gradlab.load_batch("cifar10", limit=FEW)
    result = [stage.result for stage in stream_baseline(model, batch, labels, batch_size=8)][-1]
    assert result is not None
    return result


@pytest.fixture(scope="module", autouse=True)
def _coarse() -> Iterator[None]:
    """Every second epsilon, refined once: a baseline in two seconds."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gradlab.experiments.baseline, "default_grid", lambda rule: default_grid(rule)[1::2])
        patch.setattr(gradlab.experiments.baseline, "ROUNDS", 1)
        yield


@pytest.fixture(scope="module")
def measured() -> Parts:
    """A baseline of a few images."""
    parts: Parts = {labels: part(labels) for labels in (LabelSource.TRUE, LabelSource.PREDICTED)}
    model, batch = gradlab.load_model(*PAPER_MODEL), gradlab.load_batch("cifar10", limit=FEW)
    *_, last = stream_equal(model, batch, equal_steps(parts[LabelSource.TRUE]), batch_size=8)
    assert last.result is not None
    return parts | {EQUAL: last.result}


def _few(dataset: str, limit: int | None = 512, **options: Any) -> Batch:
    """Where all images at hand are asked for, a few: with the whole data set in the store, and without."""
    return gradlab.load_batch(dataset, limit=FEW, **options)


@pytest.fixture
def assets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, measured: Parts) -> Iterator[Path]:
    """Shipped files of our own: those of the checkout, and of results only that baseline."""
    folder = tmp_path / "assets"
    shutil.copytree(ROOT / "assets", folder, ignore=shutil.ignore_patterns("results"))
    monkeypatch.setenv("GRADLAB_ASSETS", str(folder))
    monkeypatch.setattr(baseline, "load_batch", _few)
    for result in measured.values():
        save_baseline(find_card(*PAPER_MODEL), result)
    st.cache_resource.clear()
    yield folder
    st.cache_resource.clear()


def told(app: AppTest) -> str:
    return "\n".join(text.value for text in app.markdown)


def table(app: AppTest, column: str) -> dict[str, list[str]]:
    """The table that has such a column."""
    (found,) = [one.value for one in app.table if column in one.value]
    return {name: [unbroken(str(value)) for value in found[name]] for name in found}


def unbroken(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u2011", "-")


def test_the_claims_table_is_what_the_baseline_says(assets: Path, measured: Parts) -> None:
    app = open_app(PAPER, model="alexnet", dataset="cifar10")
    for limit in (40.0, 34.0):
        app.segmented_control(key="visible").set_value(f"{limit:g}").run()
        shown, rows = table(app, "verdict"), claim_rows(measured[LabelSource.TRUE], measured[EQUAL], limit)
        assert shown["claimed"] == ["63.54%", "0.00%", "26.39%", "4.29%"]
        unseen = f"only images of {limit:g} dB or more"
        for k, row in enumerate(rows):
            assert shown["measured"][k] == written(row.measured, row.interval)
            assert shown[unseen][k] == written(row.measured_unseen, row.interval_unseen)
            assert shown["verdict"][k].endswith(str(row.verdict))
            assert shown["fitted to the claim"][k] == row.claim.what
            assert f"*{row.claim.name}*: {row.claim.fitted}" in captions(app)
            if row.point and row.point.rule:
                assert f"ε = {format_epsilon(row.point.epsilon, row.point.rule)}, " in shown["at"][k]
        assert f"{FEW} of the 10,000 test images" in captions(app)
        assert f"{limit:g} dB is as much noise as" in captions(app)
        assert "on one half of the images and report it on the other half" in captions(app)
        assert link(app)["visible"] == f"{limit:g}"


def written(share: float | None, interval: tuple[float, float] | None) -> str:
    return "–" if share is None or interval is None else f"**{share:.2%}** ({interval[0]:.2%} to {interval[1]:.2%})"


def test_what_was_seen_may_be_the_limit(assets: Path, measured: Parts) -> None:
    """See it? leaves its threshold in the session; without it there is no such choice."""
    app = open_app(PAPER, **CHOICE)
    assert "seen" not in [option for option in app.segmented_control(key="visible").options if "saw" in option]
    app = open_app(PAPER, **CHOICE, visible="seen", seen_psnr="36.5")
    assert "only images of 36.5 dB or more" in table(app, "verdict")
    assert (link(app)["visible"], link(app)["seen_psnr"]) == ("seen", "36.5")
    app = open_app(PAPER, **CHOICE, visible="seen", seen_psnr="loud")
    assert "only images of 40 dB or more" in table(app, "verdict")
    assert not app.exception


def test_direction_and_allocation_are_of_the_chosen_network_and_measure(assets: Path, measured: Parts) -> None:
    app = open_app(PAPER, **CHOICE)
    equal = measured[EQUAL]
    for what, measure, meta, curve in (
        ("direction", "l2", "sign", equal.curve(Rule.SIGN, EqualTo("l2"))),
        ("direction", "linf", "sign", equal.curve(Rule.SIGN, EqualTo("linf"))),
        ("direction", "psnr", "sign", equal.curve(Rule.SIGN, EqualTo("l2"))),
        ("allocation", "l2", "l2", equal.curve(Rule.L2)),
    ):
        app.segmented_control(key="fairness").set_value(what).run()
        if what == "direction":
            app.segmented_control(key="budget").set_value(measure).run()
        assert not app.exception
        line = next(trace for trace in charts(app)[0]["data"] if trace.get("meta") == meta)
        np.testing.assert_allclose(numbers(line["y"]), equal.correct(curve)[curve.epsilons > 0] / FEW)
        assert link(app)["fairness"] == what
    at = occasion(measured[LabelSource.TRUE])
    assert at is not None
    assert f"plain gradient, ε = {format_epsilon(at.epsilon, at.rule)}" in unbroken(told(app))
    said = [*fair_sentences(equal, at.epsilon), *unseen_sentences(equal, at.epsilon)]
    lines = [line for line in told(app).split("\n") if line.startswith("- ") and not line.startswith("- **")]
    shown = [line[2:].replace("\\", "") for line in lines]  # the glossary, too, is a list
    assert shown == [sentence.replace("\\", "") for sentence in said]
    assert "With the **true** labels the step is told the answer" in told(app)


def test_all_rules_on_average_are_of_the_chosen_measure(assets: Path, measured: Parts) -> None:
    app = open_app(PAPER, **CHOICE, fairness="average")
    result = measured[LabelSource.TRUE]
    for rounded, count in ((False, result.correct), (True, result.correct_rounded)):
        app.toggle(key="rounded").set_value(rounded).run()
        for measure, title in (("l2", "mean L2"), ("ssim", "mean SSIM")):
            app.segmented_control(key="budget").set_value(measure).run()
            assert not app.exception
            figure = charts(app)[0]
            assert title in figure["layout"]["xaxis"]["title"]["text"]
            line = next(trace for trace in figure["data"] if trace.get("meta") == "sign")
            curve = result.curve(Rule.SIGN)
            np.testing.assert_allclose(numbers(line["y"]), count(curve)[curve.epsilons > 0] / FEW)
            assert (link(app)["budget"], link(app)["rounded"]) == (measure, "01"[rounded])
    assert len(charts(app)) == 2


def test_every_network_has_a_row_with_numbers_or_with_words(assets: Path, measured: Parts) -> None:
    app = open_app(PAPER, **CHOICE)
    shown = table(app, "lowest error")
    cards = gradlab.networks.read_cards()
    assert shown["network"] == [card.name for card in cards]
    assert shown["trained on"] == [card.trained_on for card in cards]
    place = [(card.name, card.dataset) for card in cards].index(PAPER_MODEL)
    row = combination(measured[LabelSource.TRUE], measured[EQUAL])
    assert shown["clean"][place] == f"{row.clean.accuracy:.2%}"
    rest = clean_rest(measured[LabelSource.TRUE])
    assert rest is not None
    assert shown["without twins"][place] == f"{rest:.2%}"
    assert shown["lowest, sign"][place].startswith(f"**{row.sign.accuracy:.2%}** sign, ε = ")
    assert shown["lowest error"][place].startswith(f"**{row.negative.error:.2%}** ")
    assert row.raw_unseen is not None
    assert shown["plain gradient, unseen"][place].startswith(f"**{row.raw_unseen.accuracy:.2%}** plain gradient, ε = ")
    assert shown["fitted to test images"] == [card.fitted or "–" for card in cards]
    fair = table(app, "sign, same L2")
    assert (fair["network"], fair["data set"]) == (["alexnet-paper"], ["CIFAR-10"])
    for column in ("clean", "lowest, sign", "lowest, plain gradient", "plain gradient, unseen", "lowest error"):
        assert {text for k, text in enumerate(shown[column]) if k != place} <= {"–"}
    others = {text for k, text in enumerate(shown["measured on"]) if k != place}
    assert others <= {"not measured yet"}


SHIPPED = load_gradients(gradlab.networks.read_cards())


def test_what_float32_makes_of_the_gradients_is_what_the_shipped_file_says(assets: Path) -> None:
    save_gradients(SHIPPED)
    app = open_app(PAPER, **CHOICE)
    shown = table(app, "wrong signs")
    assert shown["network"] == [row.model for row in SHIPPED]
    assert len(shown["data set"]) == 9

    def percent(column: str, shares: list[float]) -> None:
        assert shown[column] == [f"{share:.2%}".replace("%", " %") for share in shares], column

    percent("lost or turned", [(row.lost + row.turned) / row.images for row in SHIPPED])
    percent("wrong signs", [row.wrong_signs for row in SHIPPED])
    for k, step in enumerate(("+8/255", "+16/255")):
        for who in ("gradlab", "float64"):
            percent(f"{who}, {step}", [row.right[who][k] / row.images for row in SHIPPED])
        assert all(row.right["torchattacks"] == row.right["foolbox"] == row.right["ART"] for row in SHIPPED)
        percent(f"torchattacks, foolbox, ART, {step}", [row.right["ART"][k] / row.images for row in SHIPPED])
    assert "2,000 test images" in captions(app)
    assert SHIPPED[0].software in captions(app)
    assert "95 % Wilson intervals" in captions(app)
    assert "wrong way" in told(app)
    assert {"Gradients, JSON", "Gradients, CSV"} <= {one.proto.label for one in app.get("download_button")}


def test_gradients_of_other_weights_are_not_shown(assets: Path) -> None:
    save_gradients([SHIPPED[0], replace(SHIPPED[1], weights_sha256="f" * 64)])
    app = open_app(PAPER, **CHOICE)
    assert "expected a row of the weights" in notices(app)
    assert not [one for one in app.table if "wrong signs" in one.value]
    gradients_path().write_text("no table", encoding="utf-8")
    app.run()
    assert "gradients.json is not a table of gradients" in notices(app)
    assert not app.exception
    gradients_path().unlink()
    app.run()
    assert "gradients.json is missing" in notices(app)


def test_without_a_baseline_the_page_says_so_and_offers_to_measure(assets: Path) -> None:
    shutil.rmtree(assets / "results")
    app = open_app(PAPER, **CHOICE)
    assert "alexnet-paper-cifar10.npz is missing" in notices(app)
    assert not [one for one in app.table if "verdict" in one.value]
    assert not charts(app)
    assert app.button(key="measure")
    assert not app.error


def test_a_baseline_of_other_weights_is_not_shown(assets: Path, measured: Parts) -> None:
    save_baseline(find_card(*PAPER_MODEL), replace(measured[LabelSource.TRUE], weights_sha256="f" * 64))
    app = open_app(PAPER, **CHOICE)
    assert "expected a result of the weights" in notices(app)
    assert not charts(app)
    assert f"{combination(measured[LabelSource.TRUE]).clean.accuracy:.2%}" not in " ".join(
        str(one.value.to_dict()) for one in app.table
    )
    results_path(find_card(*PAPER_MODEL)).write_bytes(b"no archive")
    app.run()
    assert "alexnet-paper-cifar10.npz" in notices(app)
    assert not app.exception


def test_a_changed_file_is_read_again(assets: Path, measured: Parts) -> None:
    app = open_app(PAPER, **CHOICE)
    changed = replace(measured[LabelSource.TRUE], clean_predictions=measured[LabelSource.TRUE].labels)
    save_baseline(find_card(*PAPER_MODEL), changed)
    app.run()
    assert table(app, "verdict")["measured"][0].startswith("**100.00%**")


def test_measured_again_it_is_the_same(assets: Path) -> None:
    app = open_app(PAPER, **CHOICE)
    app.button(key="measure").click().run()
    assert not app.exception
    shown = table(app, "measured now")
    assert shown["measured now"] == shown["shipped"]
    assert set(shown["compared"]) == {"same"}
    assert "**0** are not the same" in told(app)
    assert "All figures are the same" in told(app)


def test_measured_again_what_differs_is_named(assets: Path, measured: Parts) -> None:
    true = measured[LabelSource.TRUE]
    clean = np.where(np.arange(FEW) < 5, (true.labels + 1) % 10, true.clean_predictions)
    other = replace(true, clean_predictions=clean)
    save_baseline(find_card(*PAPER_MODEL), other)
    app = open_app(PAPER, **CHOICE)
    app.button(key="measure").click().run()
    shown = table(app, "measured now")
    assert dict(zip(shown[""], shown["compared"], strict=True))["clean"] == "differs"
    same, compared = agreement(other, true)
    assert f"**{compared - same}** are not the same" in told(app)
    assert "Figures that differ: clean" in told(app)


def test_where_nothing_was_shipped_the_fresh_baseline_takes_its_place(assets: Path, measured: Parts) -> None:
    shutil.rmtree(assets / "results")
    app = open_app(PAPER, **CHOICE)
    app.button(key="measure").click().run()
    assert table(app, "verdict")["measured"] == [
        written(row.measured, row.interval) for row in claim_rows(measured[LabelSource.TRUE])
    ]
    assert len(charts(app)) == 2
    assert "is missing" in notices(app), "and it is said that the shipped one is not there"
    assert not (assets / "results").exists()


def test_a_halted_measurement_goes_on_or_is_given_up(assets: Path) -> None:
    app = open_app(PAPER, **CHOICE)
    job = baseline.job("cifar10", "alexnet-paper")

    def halt() -> None:
        steps = begun(job)
        running = Running(job, Work(steps, next(steps)), stopped=True)
        app.session_state["running"] = running
        app.run()
        assert app.button(key="measure").disabled

    halt()
    done = round(app.session_state["running"].work.now.share * FEW)
    assert 0 < done < FEW
    assert app.get("progress")[0].proto.text == f"true labels, sweeping: {done} of {FEW} images"
    press(app, "Give up")
    assert not app.button(key="measure").disabled
    assert "running" not in app.session_state
    assert finished(job) is None
    halt()
    press(app, "Go on")
    assert finished(job)
    assert "All figures are the same" in told(app)


def press(app: AppTest, start: str) -> None:
    next(button for button in app.button if button.label.startswith(start)).click().run()
    assert not app.exception


def test_nonsense_in_a_link_falls_back_with_a_notice(assets: Path) -> None:
    app = open_app(PAPER, **CHOICE, budget="luck", rounded="perhaps")
    assert (link(app)["budget"], link(app)["rounded"]) == ("l2", "0")
    assert "link's budget" in notices(app)
    assert "link's rounded" in notices(app)
    assert charts(app)


def test_the_papers_network_is_a_click_away(assets: Path) -> None:
    app = open_app(PAPER, dataset="cifar10", model="alexnet")
    assert not charts(app), "that network has no baseline here"
    press(app, "Choose")
    assert link(app) == {
        "dataset": "cifar10",
        "model": "alexnet-paper",
        "budget": "l2",
        "rounded": "0",
        "fairness": "direction",
        "visible": "40",
    }
    assert len(charts(app)) == 2
    assert not [button for button in app.button if button.label.startswith("Choose")]


def first_step(monkeypatch: pytest.MonkeyPatch) -> Progress[Parts]:
    monkeypatch.setattr(baseline, "batch_size", lambda dataset, rules, rounded: 2)
    return next(begun(baseline.job("cifar10", "alexnet-paper")))


def test_without_the_whole_set_the_embedded_sample_is_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADLAB_DATA", str(tmp_path))
    assert first_step(monkeypatch).text == "true labels, sweeping: 2 of 2,000 images"


@pytest.mark.full_data
def test_with_the_whole_set_all_test_images_are_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    assert first_step(monkeypatch).text == "true labels, sweeping: 2 of 10,000 images"
