"""The script of every page runs where nothing but gradlab itself is there, and gives the numbers of the page."""

import re
import runpy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import streamlit as st
from apps import CURVES, charts, link, numbers, open_alone
from streamlit.testing.v1 import AppTest
from test_see_page import SEE, deck_of

from gradlab.report import answers_to_rows, rows_to_csv
from gradlab.seeing.blind import ask
from gradlab.seeing.database import open_database
from gradlab.statistics import mcnemar
from gradlab.types import Response, Rule, SweepResult
from gradlab.ui.cached.seeing import _opened

COMPARE, GALLERY = "gradlab/ui/pages/compare.py", "gradlab/ui/pages/gallery.py"
EXPLORE, LANDSCAPE = "gradlab/ui/pages/explore.py", "gradlab/ui/pages/landscape.py"


@pytest.fixture(autouse=True)
def _no_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Only the embedded samples, and a folder of one's own to run scripts in."""
    (tmp_path / "store").mkdir()
    monkeypatch.setenv("GRADLAB_DATA", str(tmp_path / "store"))
    monkeypatch.chdir(tmp_path)
    st.cache_resource.clear()
    yield
    st.cache_resource.clear()


def ran(app: AppTest) -> dict[str, Any]:
    """What the names of the page's script stand for when it has run."""
    (script,) = (block.value for block in app.code if block.language == "python")
    Path("script.py").write_text(script, encoding="utf-8")
    return runpy.run_path("script.py")


@pytest.mark.parametrize(
    ("page", "chosen"),
    [
        (EXPLORE, {}),
        (EXPLORE, {"labels": "predicted", "rule": "raw", "epsilon": "-0.5"}),
        (LANDSCAPE, {}),
        (GALLERY, {"pool": "100"}),
        (GALLERY, {"pool": "100", "labels": "target:cat", "order": "after", "epsilon": "4.1/255"}),
        (GALLERY, {"gallery": "one", "rows": "sign,raw"}),
    ],
)
def test_a_script_that_computes_needs_no_more_than_the_sample(page: str, chosen: dict[str, str]) -> None:
    app = open_alone(page, model="alexnet", **chosen)
    assert [*app.error] == []
    assert ran(app)


def right_on_page(app: AppTest, result: SweepResult) -> dict[str, np.ndarray]:
    """How many the first chart says are right, by rule."""
    found: dict[str, np.ndarray] = {}
    for trace in charts(app)[0]["data"]:  # that after rounding comes second
        if trace.get("meta") and "markers" in trace["mode"]:
            found.setdefault(trace["meta"], np.rint(numbers(trace["y"]).astype(float) * result.images))
    return found


# The whole test split, which is not here: measured beforehand, as the page says.
@pytest.mark.parametrize(
    ("chosen", "images"),
    [
        ({}, 10_000),
        ({"rules": "max,random", "rounded": "1"}, 10_000),
        ({"without_twins": "1"}, 9_714),
        ({"dataset": "svhn"}, 1_999),
        ({"limit": "100", "rules": "sign"}, 100),
        ({"limit": "100", "rules": "sign", "labels": "predicted"}, 100),
    ],
)
def test_the_script_of_curves_reads_what_was_measured_beforehand(chosen: dict[str, str], images: int) -> None:
    app = open_alone(CURVES, model="alexnet", **chosen)
    (script, *commands) = (block.value for block in app.code)
    result = ran(app)["result"]
    assert result.images == images
    assert ("load_baseline" in script) == ("limit" not in chosen)
    assert len(commands) == ("limit" in chosen), "a command that measures only where the images are"
    found = right_on_page(app, result)
    assert found.keys() == {str(curve.rule) for curve in result.curves}
    for curve in result.curves:
        np.testing.assert_array_equal(found[str(curve.rule)], result.correct(curve))
    assert (result.curves[0].rounded is not None) == ("rounded" in chosen)


@pytest.mark.parametrize(
    "chosen", [{"compare": "models"}, {"compare": "rules"}, {"compare": "rules", "versus": "max", "match": "epsilon"}]
)
def test_the_script_of_a_comparison_reads_what_was_measured_beforehand(
    chosen: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    app = open_alone(COMPARE, model="alexnet", epsilon="8/255", **chosen)
    found = ran(app)
    points = app.table[-1].value.iloc[:, 1:]
    for n, name in enumerate("ab"):
        right = found[f"right_{name}"]
        assert points.iloc[2, n] == f"{right.sum():,} ({right.mean():.1%})"
        assert len(right) == 10_000
    if len(points) > 3:
        test = mcnemar(found["right_a"], found["right_b"])
        assert points.iloc[3].tolist() == [f"{test.only_a:,}", f"{test.only_b:,}"]
    else:
        assert "too far apart to be compared" in capsys.readouterr().out


def test_the_script_of_a_transfer() -> None:
    app = open_alone(COMPARE, model="alexnet", limit="100", compare="transfer")
    result = ran(app)["result"]
    shown = numbers(charts(app)[0]["data"][0]["z"])
    np.testing.assert_array_equal(shown, np.vstack([result.clean_correct, result.correct]) / result.images)


def test_the_script_of_what_one_sees(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADLAB_DATABASE", f"sqlite:///{tmp_path}/answers.sqlite")
    database = open_database()
    try:
        app = open_alone(SEE, model="alexnet", rules="sign", trials="10")
        app.button(key="start").click().run()
        key = link(app)["test"]
        deck, person = deck_of(database, key), database.participant(key)
        given: list[Response] = []
        while question := ask(deck, person.seed, [one.answer for one in given]):
            given.append(database.give(key, Response.to(question, question.right, 1.0)))
        app.run()
        (file,) = re.findall(r'open\("([^"]+)"', app.code[0].value)
        Path(file).write_text(rows_to_csv(answers_to_rows([[one.answer for one in given]])), encoding="utf-8")
        (found,) = ran(app)["found"]
    finally:
        _opened.clear()
        database.close()
    assert found.fit.trials == len([one for one in given if not one.catch])
    assert str(found.rule) == Rule.SIGN
    table = app.table[0].value
    share = table[table.iloc[:, 0] == "images shown: clean accuracy"].iloc[0, 1]
    assert share == f"{found.shown.clean.share:.1%} of {found.shown.images:,}"
