"""No page claims what nobody knows: whether a network is right, without labels; that images are a test split's.

Walked are all pages, with their helps and explained words, over the four kinds of images that are no official split:
the photographs, a folder whose pictures have no labels, one whose subfolders are classes, and a visitor's pictures.
"""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import Any

import numpy as np
import pytest
import streamlit as st
from apps import charts, open_app
from google.protobuf.json_format import MessageToDict
from PIL import Image
from streamlit.testing.v1 import AppTest
from test_style import elements, texts
from toys import toy_images, toy_network

from gradlab.images import registry as images
from gradlab.networks import registry as networks
from gradlab.types import Response

PAGE = "gradlab/ui/pages/{}.py"
SUBJECTS = ("photos", "unlabelled", "labelled", "visitor's")
STEP = {"rule": "sign", "epsilon": "8/255", "rules": "sign,raw", "image": "0"}
PAGES = {
    "explore": {},
    "gallery": {},
    "gallery, one image": {"gallery": "one", "rows": "sign"},
    **{f"curves, {view}": {"view": view} for view in ("images", "classes", "confusion", "flips", "rules", "measures")},
    "landscape": {},
    "compare, rules": {"compare": "rules", "versus": "raw"},
    "compare, models": {"compare": "models"},
    "compare, transfer": {"compare": "transfer"},
    "see": {},
}
# What only who has a network's training images and its test images apart can say.
OF_A_SPLIT = re.compile(r"test images?\b|\btest split|train split|2,000|official|the sample\b", re.IGNORECASE)
# What only who knows the labels can say.
OF_LABELS = re.compile(
    r"accurac|right answer|\bis right|right on\b|\bgets? (?:\w+ )?(?:right|wrong)|how wrong|[✓✗]|true class|\btrue:"
    r"|correctly|right before|right after|mistake|class-balanced|equally many",
    re.IGNORECASE,
)
# What says that nobody knows; and of a network, elsewhere: its card, and what its check tries.
HONEST = re.compile(
    r"It stands for accuracy where nobody knows the true classes\."
    r"|a person is right in 75 %|gradlab does not count what is right|Nobody knows what is right here\."
    r"|The percentage is the clean accuracy: how many unchanged images it gets right\."
    r"|Classifies [\d.]+% of (?:200 photographs|[\d,]+ images of the test split of \S+) \(?.*?correctly"
    r"|Trained on [\d,]+ images of the train split|on new photographs it is right less often"
    r"|its gradient, its classes, its accuracy\."
)


def shown(app: AppTest) -> str:
    """All that is drawn, read out or explained, but for code."""
    drawn = [
        text
        for block in (app.main, app.sidebar)
        for proto in elements(block)
        if not type(proto).__name__.startswith("BidiComponent")  # its script; what it is given counts, below
        for text in texts(MessageToDict(proto))
    ]
    spoken = [chart.proto.alt for chart in app.get("plotly_chart")]
    given = [one.proto.json for one in app.get("bidi_component")]
    axes = [json.dumps(chart["layout"], ensure_ascii=False) for chart in charts(app)]
    hovers = [str(trace.get("hovertemplate", "")) for chart in charts(app) for trace in chart["data"]]
    return HONEST.sub("", "\n".join([*drawn, *spoken, *given, *axes, *hovers]))


def claimed(app: AppTest, pattern: re.Pattern[str]) -> list[str]:
    """Each claim of a kind, with what stands around it."""
    assert not app.exception
    assert not app.error, [error.value for error in app.error]
    text = shown(app)
    assert len(text) > 1_000, "the page is there"
    return [text[max(0, one.start() - 60) : one.end() + 40] for one in pattern.finditer(text)]


@contextmanager
def known(subject: str) -> Iterator[dict[str, str]]:
    """The link to a subject; its images and its networks are known meanwhile."""
    st.cache_resource.clear()
    if subject == "photos":
        yield {"dataset": "photos"}
    elif subject == "visitor's":
        yield {}
    else:
        with (
            images.registered(toy_images("toy", subject == "labelled")),
            networks.registered(toy_network("toy")),
            networks.registered(toy_network("toy", "other")),
        ):
            yield {"dataset": "toy", "model": "tiny"}
    st.cache_resource.clear()


def opened(subject: str, link: dict[str, str]) -> AppTest:
    """A session over a subject."""
    if subject != "visitor's":
        return open_app(**STEP, **link)
    app = open_app(dataset="own")
    app.get("file_uploader")[-1].set_value([(f"{n}.png", picture(n), "image/png") for n in range(3)]).run()
    return app


def turned(app: AppTest, page: str, **link: str) -> AppTest:
    """The session on another page, by a link."""
    kept = {name: app.session_state[name] for name in ("dataset", "model")}
    app.switch_page(PAGE.format(page.partition(",")[0]))
    for name, value in (kept | STEP | PAGES[page] | link).items():
        app.query_params[name] = value
    return app.run()


def picture(seed: int) -> bytes:
    pixels = np.random.default_rng(seed).integers(0, 256, (40, 40, 3), np.uint8)
    Image.fromarray(pixels).save(out := BytesIO(), "PNG")
    return out.getvalue()


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Networks for small images look at a visitor's pictures first: there is less to wait for."""
    monkeypatch.setattr("gradlab.ui.state.own.BEGIN", "cifar10")


@pytest.mark.parametrize("subject", SUBJECTS)
def test_no_page_claims_what_nobody_knows(subject: str) -> None:
    found = {}
    with known(subject) as link:
        app = opened(subject, link)
        for page in PAGES:
            turned(app, page)
            told = claimed(app, OF_A_SPLIT) + (claimed(app, OF_LABELS) if subject != "labelled" else [])
            found |= {page: told} if told else {}
    assert found == {}


def test_the_first_sentence_of_curves_goes_by_the_class_that_is_pushed_away_from() -> None:
    with known("labelled") as link:
        app = opened("labelled", link)
        for labels, of in {"true": "the right answer", "predicted": "what the network says"}.items():
            turned(app, "curves, images", labels=labels)
            first = next(one.proto.body for one in app.main.get("html") if "See how" in one.proto.body)
            told = re.sub("<span.*?</span>|<[^>]+>", "", first)
            assert told == f"See how often the network is right as the step grows, away from {of} and towards it."


@pytest.mark.parametrize("subject", ["photos", "unlabelled"])
def test_nor_does_the_answer_of_a_blind_test(subject: str, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADLAB_DATABASE", f"sqlite:///{tmp_path}/answers.sqlite")
    with known(subject) as link:
        app = turned(opened(subject, link), "see", rules="sign", trials="10")
        app.button(key="start").click().run()
        while any(one.proto.component_name == "gradlab.blind" for one in app.get("bidi_component")):
            key, question = app.session_state["asked"]
            app.session_state["unsent"] = (key, Response.to(question, 0, 1.0))
            app.run()
            assert not app.exception
        app.button(key="measure_network").click().run()
        assert "keeps the class of" in shown(app)
        assert "share that keeps its class there" in str(app.table[0].value)
        assert claimed(app, OF_A_SPLIT) == claimed(app, OF_LABELS) == []
