"""What is known to the registry alone is shown, linked and written as what is shipped is."""

import json
from collections.abc import Iterator

import pytest
import streamlit as st
from apps import CURVES, captions, link, notices, open_app
from streamlit.testing.v1 import AppTest
from toys import toys

import gradlab
from gradlab.cli import main
from gradlab.report import sweep_to_dict, sweep_to_html
from gradlab.report.scripts import explore_code, gallery_code, sweep_code, sweep_command

TOY = {"dataset": "toy", "model": "tiny"}


@pytest.fixture(params=[True, False], ids=["labelled", "unlabelled"])
def labelled(request: pytest.FixtureRequest) -> Iterator[bool]:
    """A toy image set and its network are known; nothing is kept of others that had the same key."""
    st.cache_resource.clear()
    with toys(labelled=request.param):
        yield request.param
    st.cache_resource.clear()


def quiet(app: AppTest) -> None:
    assert not app.exception
    assert not app.error


@pytest.mark.parametrize("page", [None, "gradlab/ui/pages/landscape.py", "gradlab/ui/pages/gallery.py"])
def test_a_page_opens_by_a_link(labelled: bool, page: str | None) -> None:
    labels = "true" if labelled else "predicted"
    app = open_app(page, **TOY, image="4", rule="sign", epsilon="8/255", labels=labels)
    quiet(app)
    assert app.selectbox(key="dataset").value == "toy"
    assert "Toy colours" in app.selectbox(key="dataset").options
    assert app.selectbox(key="model").options == ["tiny"], "nobody measured it"
    assert (link(app)["dataset"], link(app)["model"]) == ("toy", "tiny")
    assert link(app)["labels"] == labels
    assert notices(app) == ""


def test_explore_shows_its_image_and_its_classes(labelled: bool) -> None:
    app = open_app(**TOY, image="4", rule="sign", epsilon="8/255")
    assert link(app)["labels"] == ("true" if labelled else "predicted")
    assert any(" · image 4 of Toy colours" in markdown.value for markdown in app.markdown)
    assert any(f"**{'green' if labelled else 'unknown'}** ·" in markdown.value for markdown in app.markdown)
    assert "green" in captions(app), "the label of the loss"
    assert any('load_model("tiny", "toy")' in code.value for code in app.code)


def test_curves_are_computed_of_all_its_images(labelled: bool) -> None:
    app = open_app(CURVES, **TOY)
    quiet(app)
    assert link(app)["limit"] == "12"
    assert "12 images of Toy colours" in captions(app)
    assert ("Nobody knows the labels of these images" in notices(app)) != labelled
    again = open_app(CURVES, **TOY, limit="12", rules="sign,l2", rule="l2", epsilon="0.5")
    quiet(again)
    assert link(again)["limit"] == "12"
    for view in ("images", "classes", "confusion", "flips", "rules"):
        again.segmented_control(key="view").set_value(view).run()
        quiet(again)


def test_a_link_that_asks_for_labels_that_nobody_knows(labelled: bool) -> None:
    app = open_app(**TOY, labels="true")
    quiet(app)
    assert ("nobody knows the labels of Toy colours" in notices(app)) != labelled
    assert app.segmented_control(key="labels").options == [
        *(["true class"] if labelled else []), "predicted class", "chosen class",
    ]  # fmt: skip
    target = open_app(**TOY, labels="target:blue")
    quiet(target)
    assert link(target)["labels"] == "target:blue"


def test_whoever_leaves_it_finds_the_shipped_ones_as_they_were(labelled: bool) -> None:
    app = open_app(**TOY)
    app.selectbox(key="dataset").set_value("cifar10").run()
    quiet(app)
    assert link(app)["model"] == "alexnet"


def test_scripts_and_reports_name_its_key(labelled: bool) -> None:
    model, batch = gradlab.load_model("tiny", "toy", "cpu"), gradlab.load_batch("toy", limit=None)
    result = gradlab.sweep(model, batch, labels="predicted")
    assert 'gradlab.load_model("tiny", "toy")' in sweep_code(result)
    assert 'gradlab.load_batch("toy", split="test", source="memory"' in sweep_code(result)
    drawn = gradlab.sweep(model, gradlab.load_batch("toy", limit=6), labels="predicted")
    assert "--dataset toy --model tiny" in str(sweep_command(drawn))
    for script in (
        explore_code("toy", "tiny", 4, "sign", 8 / 255, "predicted", "memory"),
        gallery_code("toy", "tiny", "sign", 8 / 255, "predicted", side=1, images=12),
        sweep_code(result),
    ):
        exec(compile(script, "script", "exec"), {})  # noqa: S102 - it is our own, and this is what it is for
    content = sweep_to_dict(result)
    assert content["dataset"] == "toy"
    assert "images that somebody brought" in sweep_to_html(result, "")


def test_the_command_line_knows_it(labelled: bool, capsys: pytest.CaptureFixture[str]) -> None:
    assert call(capsys, "datasets", "--json", "-")["datasets"][-1]["name"] == "toy"
    assert call(capsys, "models", "--json", "-")["models"][-1]["name"] == "tiny"
    found = call(capsys, "sweep", "--dataset", "toy", "--model", "tiny", "--limit", "all", "--labels", "predicted",
                 "--json", "-")  # fmt: skip
    assert (found["dataset"], found["model"], found["images"]) == ("toy", "tiny", 12)
    for command in ("datasets", "models", "paper"):
        assert main([command]) == 0
        assert ("toy" in capsys.readouterr().out) != (command == "paper")
    usual = call(capsys, "sweep", "--dataset", "toy", "--model", "tiny", "--limit", "all", "--json", "-")
    assert usual["labels"] == ("true" if labelled else "predicted")
    if not labelled:
        assert main(["sweep", "--dataset", "toy", "--model", "tiny", "--limit", "all", "--labels", "true"]) == 2
        assert "expected known labels for the label source true, got 12 of 12 images without" in capsys.readouterr().err


def call(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, object]:
    assert main(list(words)) in (0, None)
    content: dict[str, object] = json.loads(capsys.readouterr().out)
    return content
