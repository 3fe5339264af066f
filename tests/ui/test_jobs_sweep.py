"""A sweep takes from what was measured beforehand the rules that it has, and computes only those that it lacks."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import streamlit as st
from apps import CURVES, charts, link, notices, open_app

import gradlab
from gradlab.experiments.stored import baseline_of
from gradlab.images.splits import without
from gradlab.networks import find_card
from gradlab.types import LabelSource, Rule, SweepResult
from gradlab.ui import cached
from gradlab.ui.cached import baselines
from gradlab.ui.jobs import sweep as sweeps
from gradlab.ui.jobs.job import begun, finished
from gradlab.ui.jobs.sweep import SweepJob, beforehand

ASKED = (Rule.RAW, Rule.L2, Rule.SIGN)  # the middle one is lacking


@pytest.fixture
def shipped(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[SweepResult]:
    """What was measured beforehand: without L2, of 30 images of the embedded sample and 10 that are not at hand."""
    monkeypatch.setenv("GRADLAB_DATA", str(tmp_path))
    st.cache_resource.clear()
    whole = baseline_of(find_card("alexnet", "cifar10"))
    here = np.isin(whole.indices, cached.sample("cifar10").indices.numpy())
    kept = np.concatenate([np.flatnonzero(here)[:30], np.flatnonzero(~here)[:10]])
    part = without(whole, ~np.isin(np.arange(whole.images), kept))
    part = replace(part, curves=tuple(curve for curve in part.curves if curve.rule != Rule.L2))
    monkeypatch.setattr(baselines, "baseline_of", lambda card, labels: part)
    monkeypatch.setitem(sweeps._PASSES, "cpu", 1080)  # 20 images a batch of one rule, rounded as well
    yield part
    st.cache_resource.clear()


def job(rules: tuple[Rule, ...], images: int) -> SweepJob:
    return SweepJob("cifar10", "alexnet", rules, images, LabelSource.TRUE, rounded=True)


def images(rules: tuple[Rule, ...], labels: LabelSource = LabelSource.TRUE) -> int | None:
    found = beforehand("cifar10", "alexnet", rules, labels)
    return found.images if found else None


def test_it_serves_the_rules_that_it_has_and_of_others_the_images_at_hand(shipped: SweepResult) -> None:
    assert images((Rule.SIGN, Rule.RAW)) == 40
    assert images(()) == 40
    assert images(ASKED) == 30
    assert images((Rule.L2,)) is None, "nothing of it was measured beforehand"
    assert images((Rule.SIGN,), LabelSource.PREDICTED) is None
    assert finished(job((Rule.RAW, Rule.SIGN), 40)) is not None
    assert finished(job((Rule.RAW, Rule.SIGN), 30)) is None, "30 images of those are another draw"


def test_only_what_is_lacking_is_computed(shipped: SweepResult, monkeypatch: pytest.MonkeyPatch) -> None:
    computed = []
    real = sweeps.stream_sweep
    monkeypatch.setattr(sweeps, "stream_sweep", lambda *a, **o: computed.append(a[2]) or real(*a, **o))
    wanted = job(ASKED, 30)
    assert finished(wanted) is None
    first, last = (step.result for step in begun(wanted))
    assert computed == [(Rule.L2,)]
    assert first
    assert last
    assert (first.images, first.complete, last.images, last.complete) == (20, False, 30, True)
    assert finished(wanted) is last
    batch = gradlab.load_batch("cifar10", indices=last.indices.tolist(), source="sample")
    own = gradlab.sweep(gradlab.load_model("alexnet", "cifar10"), batch, ["l2"], eight_bit=True, ssim=True)
    for result in (first, last):
        assert tuple(curve.rule for curve in result.curves) == ASKED
        columns = np.flatnonzero(np.isin(shipped.indices, result.indices))
        np.testing.assert_array_equal(result.indices, shipped.indices[columns])
        for rule in (Rule.RAW, Rule.SIGN):
            there, taken = shipped.curve(rule), result.curve(rule)
            rows = np.isin(there.epsilons, taken.epsilons)
            np.testing.assert_array_equal(taken.predictions, there.predictions[rows][:, columns])
        now = result.curve(Rule.L2)
        np.testing.assert_array_equal(now.predictions, own.curves[0].predictions[:, : result.images])
        np.testing.assert_array_equal(now.rounded, own.curves[0].rounded[:, : result.images])
    np.testing.assert_allclose(last.curve(Rule.L2).level("l2"), own.curves[0].level("l2"), rtol=1e-5)


def test_it_says_what_was_measured_beforehand_and_what_now(shipped: SweepResult) -> None:
    *_, step = begun(job(ASKED, 30))
    assert step.result
    (told,) = step.result.notices
    assert told.startswith("Measured now: l2, in ")
    assert f"with gradlab {gradlab.__version__}, torch" in told
    assert "The other curves were measured beforehand, on 40 images" in told
    assert "L2, PSNR and the other measures are those of all 40 still." in told
    assert (step.result.device, step.result.software) == (shipped.device, shipped.software)
    assert step.result.seconds > shipped.seconds, "the sum of both"


def test_the_page_draws_all_curves_and_says_so(shipped: SweepResult) -> None:
    app = open_app(CURVES, rules="sign,raw,l2")
    assert [*app.exception, *app.error] == []
    assert app.session_state["images"] == 30
    lines = {trace.get("meta"): trace for trace in charts(app)[0]["data"]}
    assert {"sign", "raw", "l2"} <= lines.keys()
    assert "Measured now: l2" in notices(app)
    assert link(app)["rules"] == "sign,raw,l2"
