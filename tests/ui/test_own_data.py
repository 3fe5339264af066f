"""Pages over a folder of a person's own pictures: labelled or not, with class names that are markup."""

import io
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import streamlit as st
from apps import CURVES, captions, charts, link, notices, open_app
from PIL import Image
from streamlit.testing.v1 import AppTest
from toys import toy_module

import gradlab
from gradlab.images import registry as images
from gradlab.images.fitting import Target
from gradlab.images.folder import image_set_from
from gradlab.networks import registry as networks
from gradlab.networks.brought import network_of
from gradlab.ui import cached

EVIL = ("<b>red `x` $y$", "[green](x) :red[a] _b_", "**blue** | #1 ~~c~~ &amp;")
MINE = {"dataset": "mine", "model": "tiny"}
PAGES = {name: f"gradlab/ui/pages/{name}.py" for name in ("curves", "gallery", "landscape", "compare", "see")}


def folder(root: Path, *, classes: bool) -> Path:
    """Twelve pictures, the channel of each one's class brighter than the others, and two files that are none."""
    chance = np.random.default_rng(0)
    for k in range(12):
        pixels = chance.integers(60, 180, (24, 30, 3), np.uint8)
        pixels[..., k % 3] += 40
        file = io.BytesIO()
        Image.fromarray(pixels).save(file, "PNG")
        put(root / (EVIL[k % 3] if classes else "") / f"{k}.png", file.getvalue())
    put(root / (EVIL[0] if classes else "") / "<i>broken.png", b"no picture")
    if classes:
        put(root / "*unicorn*" / "1.png", file.getvalue())
    return root


def put(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


@pytest.fixture(params=[True, False], ids=["labelled", "unlabelled"])
def labelled(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[bool]:
    """A folder of pictures and two networks for its classes are known."""
    st.cache_resource.clear()
    found = image_set_from(
        folder(tmp_path / "my <b>pictures", classes=request.param), "mine", Target.of(classes=EVIL, size=20)
    )
    nets = [network_of(toy_module(), name, "mine", classes=3, size=20) for name in ("tiny", "other")]
    with images.registered(found), networks.registered(nets[0]), networks.registered(nets[1]):
        yield request.param
    st.cache_resource.clear()


# Each of the signs without a backslash before it.
RAW = re.compile(
    "|".join(rf"(?<!\\){sign}" for sign in ("<b>", "<i>", "`x", r"\$y", r"\[green", ":red", r"\*blue", "~~c"))
)


def markup(app: AppTest) -> list[str]:
    """Whatever of the names would be drawn otherwise than as it is written."""
    kinds = ("markdown", "caption", "warning", "error", "info", "success", "subheader", "table")
    texts = [str(one.value) for kind in kinds for one in getattr(app, kind)]
    for kind in ("radio", "selectbox", "button", "toggle", "multiselect"):
        texts += [f"{one.label} {one.help}" for one in getattr(app, kind)]
    return [text for text in texts if RAW.search(text)]


def open_page(page: str | None, **more: str) -> AppTest:
    app = open_app(page, **MINE, **more)
    assert not app.error, app.error[0].value
    return app


def test_what_was_left_out_is_told_beside_the_data_set(labelled: bool) -> None:
    said = captions(open_page(None).sidebar).replace("\\", "")
    assert "1 file is left out, since it can't be read as a picture" in said
    assert "<i>broken.png" in said
    assert ("3 of 4 class names match the network's. Without a match, and left out: *unicorn*." in said) == labelled


@pytest.mark.parametrize("page", [None, *PAGES.values()], ids=["explore", *PAGES])
def test_names_are_shown_as_they_are(labelled: bool, page: str | None) -> None:
    labels = "true" if labelled else f"target:{EVIL[0]}"
    app = open_page(page, labels=labels, epsilon="8/255", rule="sign", image="4")
    assert link(app)["dataset"] == "mine"
    assert markup(app) == []


@pytest.mark.parametrize("view", ["images", "classes", "confusion", "flips", "rules"])
def test_curves_and_their_views(labelled: bool, view: str) -> None:
    app = open_page(CURVES, rules="sign,raw", rule="sign", epsilon="8/255", view=view, eight_bit="1")
    assert link(app)["limit"] == "12"
    assert "12 images of" in captions(app)
    assert markup(app) == []
    assert ("the share that keeps the class" in notices(app)) != labelled


def test_the_networks_are_compared_where_labels_are_known(labelled: bool) -> None:
    app = open_app(PAGES["compare"], **MINE, compare="transfer", rule="sign", epsilon="8/255")
    assert markup(app) == []
    assert bool(charts(app)) or not labelled


def test_a_blind_test_of_them_can_be_taken(labelled: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADLAB_DATABASE", f"sqlite:///{tmp_path}/answers.sqlite")
    app = open_page(PAGES["see"], rules="sign", trials="10")
    app.button(key="start").click().run()
    assert [*app.exception, *app.error, *app.warning] == []
    _, question = app.session_state["asked"]
    assert question.place in range(12)


def test_pages_keep_no_more_of_them_than_there_is_room_for(labelled: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cached.images, "_LEAFED", 1)
    monkeypatch.setattr(cached.images, "_FEWEST", 5)
    assert len(cached.sample("mine")) == 5
    assert cached.images_at_hand("mine") == 12
    result = gradlab.sweep(gradlab.load_model("tiny", "mine", "cpu"), gradlab.load_batch("mine", limit=None), ("sign",),
                           labels="predicted")  # fmt: skip
    here, source = cached.showable(result)
    assert (here.all(), source) == (True, "memory"), "others are read again"
    assert cached.load_few("mine", [11, 0], source).indices.tolist() == [11, 0]
    here, source = cached.showable(replace(result, images_sha256="of other files"))
    assert (here.sum(), source) == (5, "sample")
