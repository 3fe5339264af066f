"""The app in AppTest: opened by a link, and what it shows read off it."""

import base64
import json
from pathlib import Path
from typing import Any

import numpy as np
from streamlit.testing.v1 import AppTest

ROOT = Path(__file__).resolve().parents[2]
CURVES = "gradlab/ui/pages/curves.py"


def open_app(page: str | None = None, **link: str) -> AppTest:
    """The app in a new session, opened by a link."""
    app = AppTest.from_file(str(ROOT / "dashboard.py"), default_timeout=120)
    if page:
        # AppTest opens the default page first, and a page of its own after; the link belongs to the second.
        app.run().switch_page(page)
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


def captions(app: AppTest) -> str:
    return "\n".join(caption.value for caption in app.caption)


def charts(app: AppTest) -> list[dict[str, Any]]:
    """The figures of the page, in order."""
    return [json.loads(chart.proto.spec) for chart in app.get("plotly_chart")]


def numbers(values: Any) -> np.ndarray:
    """An array as plotly writes it: a list, or base64 with a type."""
    if isinstance(values, dict):
        flat = np.frombuffer(base64.b64decode(values["bdata"]), np.dtype(values["dtype"]))
        return flat.reshape([int(n) for n in str(values["shape"]).split(",")]) if "shape" in values else flat
    return np.asarray(values)
