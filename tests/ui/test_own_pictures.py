"""A visitor's own pictures on the pages: brought, cut, looked at by networks of several data sets; nobody else's."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import streamlit as st
from apps import captions, component, link, notices, open_app, send
from PIL import Image
from streamlit.runtime.caching.cache_resource_api import clear_session_cache
from streamlit.runtime.scriptrunner import ScriptRunner
from streamlit.testing.v1 import AppTest

from gradlab.errors import BadValueError
from gradlab.images.own import is_own
from gradlab.images.registry import image_set, image_sets, known_image_set
from gradlab.ui import cached
from gradlab.ui.cached import devices

LANDSCAPE, GALLERY = "gradlab/ui/pages/landscape.py", "gradlab/ui/pages/gallery.py"


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Networks for small images look at them first: there is less to wait for."""
    monkeypatch.setattr("gradlab.ui.state.own.BEGIN", "cifar10")
    yield
    st.cache_resource.clear()


def picture(name: str = "cat.png", seed: int = 0, size: tuple[int, int] = (90, 60)) -> tuple[str, bytes, str]:
    """A file as the uploader takes it."""
    wide, tall = size
    pixels = np.kron(np.random.default_rng(seed).integers(0, 256, (tall // 6, wide // 6, 3)), np.ones((6, 6, 1)))
    Image.fromarray(pixels.astype(np.uint8)).save(out := BytesIO(), "PNG")
    return name, out.getvalue(), "image/png"


def bring(app: AppTest, *files: tuple[str, bytes, str]) -> AppTest:
    app.get("file_uploader")[-1].set_value(list(files)).run()
    assert not app.exception
    return app


def opened(*files: tuple[str, bytes, str]) -> AppTest:
    """A session with these pictures, on Explore."""
    app = open_app(dataset="own")
    return bring(app, *(files or (picture(),)))


def test_choosing_your_pictures_asks_for_some_and_explore_shows_them() -> None:
    app = open_app()
    assert "Your pictures" in app.selectbox(key="dataset").options
    app.selectbox(key="dataset").set_value("own").run()
    assert "nobody else can see them" in captions(app)
    bring(app, picture("cat.png"), picture("dog.png", 1))
    key = link(app)["dataset"]
    assert is_own(key)
    assert (image_set(key).space, image_set(key).titles) == ("cifar10", ("cat.png", "dog.png"))
    assert link(app)["model"] == "alexnet"
    assert any(r"**cat.png** · picture 1 of 2" in markdown.value for markdown in app.markdown)
    assert "a link to it works here only" in captions(app)
    assert not app.error
    assert notices(app) == ""


def test_what_was_read_is_not_lost_when_the_run_ends_right_then(monkeypatch: pytest.MonkeyPatch) -> None:
    """Streamlit ends a run wherever it touches the session: another one takes in what this one has read."""
    app = open_app(dataset="own")
    read = cached.bring

    def ended(*given: Any) -> None:
        read(*given)
        st.stop()  # as when another run was asked for meanwhile

    monkeypatch.setattr(cached, "bring", ended)
    bring(app, picture("cat.png"), ("notes.png", b"no picture", "image/png"), picture("dog.png", 1))
    assert link(app)["dataset"] == "own"
    app.get("file_uploader")[-1].set_value([])
    app.run()
    assert image_set(link(app)["dataset"]).titles == ("cat.png", "dog.png")
    assert "notes.png" in notices(app)
    assert "notes.png" not in notices(app.run())


def test_a_label_is_the_network_s_or_chosen_and_never_true() -> None:
    app = opened()
    assert app.segmented_control(key="labels").options == ["predicted class", "chosen class"]
    app.segmented_control(key="labels").set_value("target").run()
    app.selectbox(key="target").set_value("cat").run()
    assert link(app)["labels"] == "target:cat"
    assert component(app, "gradlab.scrub")
    assert "true class" not in captions(app)


def test_networks_of_all_data_sets_look_at_them() -> None:
    app = opened()
    offered = app.selectbox(key="own_network").options
    assert {"efficientnet_lite0 · Photographs", "alexnet · CIFAR-10", "resnet9 · Fashion-MNIST"} <= set(offered)
    for name, shape in (("fashion_mnist/alexnet", (1, 28, 28)), ("photos/efficientnet_lite0", (3, 224, 224))):
        before = link(app)["dataset"]
        app.selectbox(key="own_network").set_value(name).run()
        assert not app.error
        key = link(app)["dataset"]
        assert (image_set(key).shape, image_set(key).space) == (shape, name.partition("/")[0])
        assert key != before
        assert app.selectbox(key="dataset").value == key
        assert link(app)["model"] == name.partition("/")[2]


@pytest.mark.parametrize("page", [LANDSCAPE, GALLERY, "gradlab/ui/pages/curves.py", "gradlab/ui/pages/compare.py"])
def test_other_pages_take_them(page: str) -> None:
    app = opened()
    key = link(app)["dataset"]
    app.switch_page(page)
    app.run()
    assert not app.exception
    assert not app.error
    assert link(app)["dataset"] == key


def test_each_bad_file_has_a_line_and_the_rest_goes_on() -> None:
    app = opened(("page.png", b"<!DOCTYPE html><html></html>", "image/png"), picture(), ("none.gif", b"", "image/gif"))
    assert image_set(link(app)["dataset"]).titles == ("cat.png",)
    said = notices(app)
    assert "page.png: expected a picture (JPEG, PNG, WebP, GIF, BMP or TIFF), got an HTML page." in said
    assert "none.gif: expected a picture" in said
    assert "got an empty file" in said


def test_only_bad_files_leave_the_page_as_it_is() -> None:
    app = open_app(dataset="own")
    bring(app, ("a.jpg", b"%PDF-1.4", "image/jpeg"))
    assert "a.jpg: expected a picture" in notices(app)
    assert app.get("file_uploader"), "and asks again"
    bring(app, *(picture(f"{number}.png", number, (12, 12)) for number in range(22)))
    assert len(image_set(link(app)["dataset"]).titles) == 20


def test_the_square_is_moved_and_the_network_gets_another_image() -> None:
    app = opened()
    first = link(app)["dataset"]
    app.button(key="bring").click().run()
    given = component(app, "gradlab.square")
    assert (given["size"], given["box"], given["title"]) == ([90, 60], [15, 0, 60], "cat.png")
    tell(app, "box", [0, 0, 30])
    assert component(app, "gradlab.square")["box"] == [0, 0, 30]
    app.button(key="look_at_it").click().run()
    assert not app.get("file_uploader"), "the dialog is closed"
    second = link(app)["dataset"]
    assert second != first
    assert known_image_set(first) is None
    assert image_set(second).read("test", "auto", True).images.shape == (1, 3, 32, 32)


def test_a_square_that_no_browser_of_ours_sends() -> None:
    app = opened()
    app.button(key="bring").click().run()
    for sent in ([80, 0, 60], [0, 0, 0], ["a", 0, 1], [1.5, 0, 9], [True, 0, 9], {"left": 1}, "x", None):
        tell(app, "box", sent)
        assert not app.exception
        assert component(app, "gradlab.square")["box"] == [15, 0, 60]


def tell(app: AppTest, event: str, value: object) -> None:
    send(app, "gradlab.square", **{event: value})


def test_one_is_removed_and_with_the_last_the_page_asks_again() -> None:
    app = opened(picture(), picture("dog.png", 1))
    for left in (("dog.png",), ()):
        app.button(key="bring").click().run()
        app.button(key="remove_it").click().run()
        app.run()
        key = link(app)["dataset"]
        assert not app.exception
        if left:
            assert image_set(key).titles == left
    assert app.get("file_uploader")


def as_session(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """AppTest gives all sessions one name."""
    monkeypatch.setattr(ScriptRunner, "__init__", lambda self, session_id, **how: BEGIN(self, session_id=name, **how))


BEGIN = ScriptRunner.__init__


def test_another_session_sees_nothing_of_them_but_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    as_session(monkeypatch, "mine")
    mine = opened()
    key = link(mine)["dataset"]
    as_session(monkeypatch, "other")
    other = open_app(dataset=key, image="0")
    assert "expected pictures of this session, got some that another one has brought" in notices(other)
    assert link(other)["dataset"] == "cifar10"
    assert "cat.png" not in str(other.main)
    assert key not in {known.key for known in image_sets()}
    other.selectbox(key="dataset").set_value("own").run()
    assert other.get("file_uploader"), "of its own it has none"
    as_session(monkeypatch, "mine")
    mine.run()
    assert link(mine)["dataset"] == key


def test_images_are_read_for_nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = ["mine"]
    monkeypatch.setattr("gradlab.ui.cached.own.session_id", lambda: asked[0])
    app = opened()
    key = link(app)["dataset"]
    assert len(image_set(key).read("test", "auto", True).labels) == 1
    asked[0] = "other"
    with pytest.raises(BadValueError, match="nobody else can see"):
        image_set(key).read("test", "auto", True)


def test_with_the_session_all_of_it_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    as_session(monkeypatch, "mine")
    app = opened()
    app.switch_page(GALLERY)
    app.run()
    key, kept = link(app)["dataset"], devices._kept("cpu")
    assert image_set(key).titles == ("cat.png",)
    kept[f"a result of {key}"] = 1
    pictures = app.session_state["own"]
    clear_session_cache("mine")
    assert known_image_set(key) is None
    assert pictures.pictures == ()
    assert not [name for name in kept if key in repr(name)]


def test_nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    opened()
    assert list(tmp_path.iterdir()) == []
