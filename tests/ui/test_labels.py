"""Which label the loss is taken for: the control, the link, and what the pages say of it."""

from pathlib import Path

import pytest
from apps import CURVES, assets_with, captions, link, notices, open_app, send

SENTENCES = {
    "true": ("leads away from the **true** class", "leads towards the **true** class"),
    "predicted": (
        "leads away from the class that the network **predicted**",
        "leads towards the class that the network **predicted**",
    ),
    "target:ship": (
        "leads away from **ship**, the chosen class",
        "leads towards **ship**, the chosen class: a targeted attack",
    ),
}


@pytest.mark.parametrize("labels", SENTENCES)
def test_explore_says_what_the_chosen_direction_does(labels: str) -> None:
    up, down = SENTENCES[labels]
    app = open_app(labels=labels, epsilon="8/255")
    assert f"The step {up}" in captions(app)
    assert f"The step {down}" not in captions(app)
    send(app, "gradlab.scrub", epsilon=-8 / 255)
    assert f"The step {down}" in captions(app)
    assert f"The step {up}" not in captions(app)


@pytest.mark.parametrize("labels", SENTENCES)
def test_curves_say_what_both_directions_do(labels: str) -> None:
    app = open_app(CURVES, labels=labels, limit="100", rules="sign")
    up, down = SENTENCES[labels]
    assert f"**Right of 0** (ε > 0) the step {up}" in captions(app)
    assert f"**Left of 0** (ε < 0) the step {down}" in captions(app)
    assert link(app)["labels"] == labels


def test_a_target_is_chosen_among_the_classes_of_the_data_set() -> None:
    app = open_app()
    assert not [box for box in app.selectbox if box.key == "target"]
    app.segmented_control(key="labels").set_value("target").run()
    assert link(app)["labels"] == "target:airplane"
    assert not app.warning
    assert len(app.selectbox(key="target").options) == 10
    app.selectbox(key="target").set_value("frog").run()
    assert link(app)["labels"] == "target:frog"
    send(app, "gradlab.scrub", epsilon=-8 / 255)
    assert "of **frog**" in captions(app)
    app.segmented_control(key="labels").set_value("predicted").run()
    assert link(app)["labels"] == "predicted"
    app.segmented_control(key="labels").set_value("target").run()
    assert link(app)["labels"] == "target:frog", "the class is remembered"


def test_a_target_that_the_data_set_has_not_is_replaced_with_a_notice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRADLAB_ASSETS", str(assets_with(tmp_path / "assets", cifar10=["alexnet"], svhn=["other"])))
    app = open_app(dataset="cifar10", labels="target:frog")
    app.selectbox(key="dataset").set_value("svhn").run()
    assert link(app)["labels"] == "target:0"
    assert "SVHN has no class frog. The class is 0 now" in notices(app)
    assert app.table


def test_a_link_cannot_put_markdown_into_a_notice() -> None:
    app = open_app(labels="![x](http://example.org/x.png)", model=":red[alarm]")
    shown = "\n".join(warning.value for warning in app.warning)
    assert "example.org" in shown
    assert "alarm" in shown
    assert "![" not in shown.replace("\\!", "").replace("\\[", "")
    assert ":red[" not in shown
