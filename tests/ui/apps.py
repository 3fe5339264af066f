"""The app in AppTest: opened by a link, and what it shows read off it."""

import base64
import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
from streamlit import config
from streamlit.components.v2.bidi_component.main import _make_trigger_id
from streamlit.proto.WidgetStates_pb2 import WidgetState
from streamlit.testing.v1 import AppTest

from gradlab.networks import find_card
from gradlab.ui import words

ROOT = Path(__file__).resolve().parents[2]
CURVES = "gradlab/ui/pages/curves.py"

config.get_config_options()  # read once, from the folder that one is in: before a test goes to another


def open_app(page: str | None = None, **link: str) -> AppTest:
    """The app in a new session, opened by a link."""
    app = AppTest.from_file(str(ROOT / "dashboard.py"), default_timeout=900)
    if page:
        # AppTest opens the default page first, and a page of its own after; the link belongs to the second.
        app.run().switch_page(page)
    for name, value in link.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    return app


def open_alone(page: str, **link: str) -> AppTest:
    """A page, opened by this link and nothing else: AppTest has opened Explore before, which left its own."""
    app = AppTest.from_file(str(ROOT / "dashboard.py"), default_timeout=900).run().switch_page(page)
    app.query_params.clear()
    for name, value in link.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    return app


def link(app: AppTest) -> dict[str, str]:
    return {name: value[0] if isinstance(value, list) else value for name, value in app.query_params.items()}


def notices(app: AppTest) -> str:
    """What the warnings say, as a reader sees it: without the backslashes that keep it from being Markdown."""
    return "\n".join(warning.value for warning in app.warning).replace("\\", "")


def captions(app: Any) -> str:
    return "\n".join(caption.value for caption in app.caption)


def charts(app: AppTest) -> list[dict[str, Any]]:
    """The figures of the page, in order."""
    return [json.loads(chart.proto.spec) for chart in app.get("plotly_chart")]


def said(app: AppTest) -> list[str]:
    """What the figures of the page say, in order: each above it, and read out in its place."""
    written = [markdown.value for markdown in app.markdown]
    alts = [chart.proto.alt for chart in app.get("plotly_chart")]
    assert all(words.plain(alt) in written for alt in alts), (alts, written)
    return alts


def component(app: AppTest, name: str) -> dict[str, Any]:
    """What a component of ours was given."""
    (found,) = (one for one in app.get("bidi_component") if one.proto.component_name == name)
    data: dict[str, Any] = json.loads(found.proto.json)
    return data


def send(app: AppTest, name: str, **values: Any) -> None:
    """Let a component of ours say something, as its script would, and run the page."""
    (found,) = (one for one in app.get("bidi_component") if one.proto.component_name == name)
    states = app._tree.get_widget_states()
    said = json.dumps([{"event": event, "value": value} for event, value in values.items()])
    states.widgets.append(WidgetState(id=_make_trigger_id(found.proto.id, "events"), json_trigger_value=said))
    app._run(states)
    assert not app.exception


def numbers(values: Any) -> np.ndarray:
    """An array as plotly writes it: a list, or base64 with a type."""
    if isinstance(values, dict):
        flat = np.frombuffer(base64.b64decode(values["bdata"]), np.dtype(values["dtype"]))
        return flat.reshape([int(n) for n in str(values["shape"]).split(",")]) if "shape" in values else flat
    return np.asarray(values)


def assets_with(folder: Path, **names: list[str]) -> Path:
    """An assets folder with networks of these names for each data set: all of them `alexnet` of CIFAR-10.

    Networks are kept by name between tests: give them names that no shipped network of that data set has.
    """
    (folder / "weights").mkdir(parents=True)
    (folder / "samples").symlink_to(ROOT / "assets/samples")
    original = find_card("alexnet", "cifar10")
    cards = [replace(original, name=name, dataset=dataset) for dataset in names for name in names[dataset]]
    for card in cards:
        (folder / "weights" / card.file).symlink_to(ROOT / "assets/weights" / original.file)
    (folder / "models.json").write_text(json.dumps({"models": [asdict(card) for card in cards]}))
    return folder
