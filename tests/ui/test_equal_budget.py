"""Two points at equal budget: solved for, and no verdict where the budgets differ."""

import re
from collections.abc import Iterator
from dataclasses import replace

import helpers as small
import numpy as np
import pytest
import streamlit as st
from apps import CURVES, captions, charts, numbers, open_app
from streamlit.testing.v1 import AppTest

import gradlab
from gradlab.experiments.equal import EqualEpsilon, equal_epsilon
from gradlab.figures.compare import Side
from gradlab.statistics import compare, mcnemar, paired_difference
from gradlab.types import LabelSource, Rule, SweepResult
from gradlab.ui import cached
from gradlab.ui.cached import devices
from gradlab.ui.jobs.equal import EqualJob, Equalled
from gradlab.ui.jobs.job import begun, finished
from gradlab.ui.jobs.sweep import SweepJob
from gradlab.ui.views.pair import pair

COMPARE = "gradlab/ui/pages/compare.py"
SVHN = {"dataset": "svhn", "model": "alexnet", "limit": "100"}
RULES = SVHN | {"compare": "rules", "rule": "sign", "epsilon": "4/255", "versus": "raw"}


@pytest.fixture(autouse=True)
def _nothing_is_kept() -> Iterator[None]:
    devices._kept.clear()
    yield
    devices._kept.clear()


def swept(rule: str, epsilon: float) -> SweepResult:
    batch = gradlab.load_batch("svhn", limit=100)
    return gradlab.sweep(gradlab.load_model("alexnet", "svhn"), batch, [rule], [epsilon])


def said(app: AppTest) -> str:
    return "\n".join(block.value for block in app.markdown)


@pytest.fixture(scope="module")
def sign() -> SweepResult:
    return swept("sign", 4 / 255)


@pytest.fixture(scope="module")
def solved(sign: SweepResult) -> tuple[EqualEpsilon, SweepResult]:
    batch = gradlab.load_batch("svhn", limit=100)
    found = equal_epsilon(gradlab.load_model("alexnet", "svhn"), batch, "raw", float(sign.curves[0].level("l2")[0]))
    return found, swept("raw", found.epsilon)


def test_at_unequal_budgets_nobody_wins() -> None:
    app = open_app(COMPARE, **RULES)
    assert re.search(r"No comparison: the nearest point of B has a mean L2 of [\d.]+, A has [\d.]+\.", captions(app))
    assert "**p =" not in captions(app)
    assert "more images right" not in said(app)
    assert "as many images right" not in said(app)
    assert "right where the other is wrong" not in app.table[1].value.iloc[:, 0].tolist()
    assert app.button(key="solve").label == "Find the ε of B: plain gradient at equal mean L2"


def test_a_button_solves_for_the_epsilon(sign: SweepResult, solved: tuple[EqualEpsilon, SweepResult]) -> None:
    app = open_app(COMPARE, **RULES)
    app.button(key="solve").click().run()
    assert [*app.exception, *app.error, *app.warning] == []
    equal, raw = solved
    table = app.table[1].value
    assert table["B: plain gradient"].iloc[0] == f"+{equal.epsilon:.4g}"
    assert table["A: sign"].iloc[1] == table["B: plain gradient"].iloc[1]
    rights = [result.curves[0].predictions[0] == result.labels for result in (sign, raw)]
    test = mcnemar(*rights)
    assert table["A: sign"].iloc[3] == str(test.only_a)
    assert f"on the {test.only_a + test.only_b} of 100 images" in captions(app)
    assert "gradlab found the ε of B over these images" in captions(app)
    words = compare(paired_difference(*rights)).words("A", "B")
    assert f"{words[0].upper()}{words[1:]}." in said(app)
    (ring,) = [t for t in charts(app)[0]["data"] if t.get("marker", {}).get("symbol") == "diamond-open"]
    assert numbers(ring["y"])[0] == pytest.approx(rights[1].mean())
    assert "solve" not in [button.key for button in app.button]


def test_the_rules_of_a_curve_are_solved_for_too(sign: SweepResult, solved: tuple[EqualEpsilon, SweepResult]) -> None:
    app = open_app(CURVES, **SVHN, rules="sign,raw", rule="sign", epsilon="4/255", view="rules", versus="raw")
    assert "No comparison" in captions(app)
    app.button(key="solve").click().run()
    assert app.table[0].value["plain gradient"].iloc[0] == f"+{solved[0].epsilon:.4g}"
    right = int((solved[1].curves[0].predictions[0] == solved[1].labels).sum())
    assert app.table[0].value["plain gradient"].iloc[2].startswith(f"{right} (")
    assert "gradlab found the ε of plain gradient" in captions(app)


def test_below_5_per_cent_the_mismatch_is_stated(monkeypatch: pytest.MonkeyPatch) -> None:
    def known(job: SweepJob) -> SweepResult:
        batch = gradlab.load_batch("svhn", limit=100)
        grids = {"sign": [-4 / 255, 4 / 255], "random": [-4.1 / 255, 4.1 / 255]}
        return gradlab.sweep(gradlab.load_model("alexnet", "svhn"), batch, list(grids), grids)

    monkeypatch.setattr(SweepJob, "known", known)
    app = open_app(COMPARE, **RULES | {"versus": "random", "match": "l2"})
    gap = re.search(r"to the nearest point that was measured, which is (\d\.\d)% (more|less)", captions(app))
    assert gap
    assert 0 < float(gap[1]) <= 5
    assert "**p =" in captions(app)
    assert "images right" in said(app)
    assert app.button(key="solve")
    app = open_app(COMPARE, **RULES | {"versus": "random", "match": "epsilon"})
    assert re.search(r"Matched by step size, which is 2\.5% more .*; mean L2 [\d.]+ and [\d.]+\.", captions(app))
    assert "solve" not in [button.key for button in app.button]


def test_unequal_budgets_at_equal_epsilon_are_said() -> None:
    app = open_app(COMPARE, **SVHN, compare="models", rule="raw", epsilon="0.1", match="epsilon")
    assert "the two steps change the images by different amounts" in captions(app)


def test_what_cannot_be_reached_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    far = EqualEpsilon(50.0, 1.5, 2.5, 1.5, 100, 100, found=True)
    monkeypatch.setattr(EqualJob, "known", lambda job: Equalled("done", far), raising=False)
    app = open_app(COMPARE, **RULES)
    assert "cannot change these images by a mean L2 of 2.5. Its direction allows 1.5 at most" in "".join(
        i.value for i in app.info
    )
    assert "**p =" not in captions(app)
    assert "solve" not in [button.key for button in app.button]


def test_of_images_that_are_not_here_nothing_is_solved(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cached, "images_at_hand", lambda dataset: 99)
    app = open_app(COMPARE, **RULES)
    assert "gradlab needs the images at hand" in captions(app)
    assert "solve" not in [button.key for button in app.button]


def test_where_the_interval_and_the_exact_test_disagree_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    monkeypatch.setattr(st, "markdown", told.append)
    monkeypatch.setattr(st, "caption", told.append)
    monkeypatch.setattr(st, "table", lambda table: None)
    for many, doubted in ((5, True), (6, False), (1, False)):
        labels = (0,) * 40
        a = small.curve(Rule.SIGN, [0.1], [[0] * 40])
        b = small.curve(Rule.MAX, [0.1], [[1] * many + [0] * (40 - many)])
        sides = [Side(name, small.result(one, labels=labels), one) for name, one in (("A", a), ("B", b))]
        told.clear()
        pair(sides[0], 0, sides[1], "epsilon")
        assert ("the exact test below does not confirm it" in told[0]) == doubted
        assert told[0].startswith("A has more images right" if many > 3 else "Whether A or B has more images right")


def test_it_is_done_in_parts_and_kept() -> None:
    job = EqualJob("svhn", "alexnet", Rule.RAW, 100, LabelSource.PREDICTED, 0.7, -1)
    assert finished(job) is None
    steps = list(begun(job))
    done = [step.share for step in steps]
    assert done == sorted(done)
    assert done[-1] == 1
    assert steps[-1].text == "100 of 100 images"
    last = finished(job)
    assert last is not None
    assert last is steps[-1].result
    assert last.result is not None
    assert last.result.complete
    assert last.equal.epsilon < 0
    assert float(last.result.curves[0].level("l2")[0]) == pytest.approx(0.7, rel=1e-4)
    assert last.result.label_source == LabelSource.PREDICTED
    too_far = replace(job, l2=1e3, side=1)
    *_, end = begun(too_far)
    assert end.result
    assert (end.share, end.result.result, end.result.equal.reached) == (1, None, False)
    assert finished(too_far) is end.result


def test_stored_curves_are_compared_on_the_same_images(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whose order is another: a baseline's are those of the split, a sweep's those of the draw."""
    result = swept("sign", 4 / 255)
    order = np.argsort(result.indices)
    curve = result.curves[0]
    turned = replace(
        result, indices=result.indices[order], labels=result.labels[order],
        clean_predictions=result.clean_predictions[order],
        curves=(replace(curve, predictions=curve.predictions[:, order], l2=curve.l2[:, order]),),
    )  # fmt: skip
    raw = swept("raw", 0.001)

    def known(job: SweepJob) -> SweepResult:
        return replace(turned, curves=(*turned.curves, *raw.curves))

    monkeypatch.setattr(SweepJob, "known", known)
    app = open_app(COMPARE, **RULES)
    app.button(key="solve").click().run()
    right = turned.curves[0].predictions[0] == turned.labels
    l2 = float(turned.curves[0].level("l2")[0])
    point = finished(EqualJob("svhn", "alexnet", Rule.RAW, 100, LabelSource.TRUE, l2, 1))
    assert point is not None
    assert point.result is not None
    other = dict(zip(point.result.indices.tolist(), point.result.curves[0].predictions[0] == point.result.labels,
                     strict=True))  # fmt: skip
    test = mcnemar(right, np.array([other[place] for place in turned.indices.tolist()]))
    assert app.table[1].value["A: sign"].iloc[3] == str(test.only_a)
    assert app.table[1].value["B: plain gradient"].iloc[3] == str(test.only_b)
