"""A sweep takes from what was measured beforehand the rules that it has, and computes only those that it lacks."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import streamlit as st
from apps import CURVES, charts, link, notices, open_app

import gradlab
from gradlab.errors import MissingFileError
from gradlab.experiments import joining
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


# Another sweep has some of the rules


@pytest.fixture
def nothing_beforehand(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nor anything kept; in batches of about 20 images."""
    st.cache_resource.clear()
    monkeypatch.setattr(baselines, "baseline_of", missing)
    monkeypatch.setitem(sweeps._PASSES, "cpu", 1080)
    yield
    st.cache_resource.clear()


def missing(*_: object) -> SweepResult:
    raise MissingFileError("nothing was measured yet")


def counted(monkeypatch: pytest.MonkeyPatch) -> list[tuple[tuple[Rule, ...], int]]:
    """The rules and the number of images of each sweep that is begun."""
    found: list[tuple[tuple[Rule, ...], int]] = []
    real = sweeps.stream_sweep
    for module in (sweeps, joining):
        monkeypatch.setattr(
            module, "stream_sweep", lambda *a, **o: found.append((tuple(a[2]), len(a[1]))) or real(*a, **o)
        )
    return found


def assert_as_if_alone(result: SweepResult, wanted: SweepJob) -> None:
    batch = gradlab.load_batch("cifar10", indices=result.indices.tolist(), source="sample")
    own = gradlab.sweep(gradlab.load_model("alexnet", "cifar10"), batch, wanted.rules, eight_bit=wanted.rounded)
    assert result.complete
    assert [curve.rule for curve in result.curves] == list(wanted.rules)
    for mine, other in zip(result.curves, own.curves, strict=True):
        np.testing.assert_array_equal(mine.predictions, other.predictions)
        assert (mine.rounded is None) == (other.rounded is None)


def test_a_rule_less_takes_what_is_there_of_a_sweep_that_is_under_way(
    nothing_beforehand: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    computed = counted(monkeypatch)
    first = next(begun(job(ASKED, 60))).result
    assert first
    assert 0 < first.images < 60
    fewer = replace(job((Rule.SIGN, Rule.RAW), 60), rounded=False)
    shown = [step.result for step in begun(fewer)]
    assert computed == [(ASKED, 60), ((Rule.SIGN, Rule.RAW), 60 - first.images)]
    assert shown[0]
    assert shown[0].images == first.images, "at once"
    assert shown[-1]
    assert_as_if_alone(shown[-1], fewer)


def test_a_rule_more_computes_only_that_rule_where_the_others_are_there(
    nothing_beforehand: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    computed = counted(monkeypatch)
    list(begun(job((Rule.RAW, Rule.SIGN), 40)))
    *_, three = begun(job(ASKED, 40))
    assert computed == [((Rule.RAW, Rule.SIGN), 40), ((Rule.L2,), 40)]
    assert three.result
    assert_as_if_alone(three.result, job(ASKED, 40))
    fewer = job((Rule.SIGN, Rule.L2), 40)
    found = finished(fewer)
    assert found, "nobody waits for it again"
    assert_as_if_alone(found, fewer)
    assert finished(job((Rule.MAX,), 40)) is None
    assert finished(job(ASKED[:1], 41)) is None, "another draw"


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
