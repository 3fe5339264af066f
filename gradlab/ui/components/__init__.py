"""Parts of pages that Streamlit doesn't have. Those with a script of their own have files of their name beside them."""

from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

_HERE = Path(__file__).parent


@cache
def component(name: str, html: str = "") -> Any:
    """One of our components: `shared.js` and its scripts as one, its style, and its HTML unless that is given."""
    scripts = (_HERE / "shared.js", *sorted(_HERE.glob(f"{name}.*.js")), _HERE / f"{name}.js")
    js = "\n".join(script.read_text(encoding="utf-8") for script in scripts)
    css = text(f"{name}.css") if (_HERE / f"{name}.css").is_file() else None
    return st.components.v2.component(f"gradlab.{name}", html=html or text(f"{name}.html"), css=css, js=js)


@cache
def text(name: str) -> str:
    """The text of a file of this folder."""
    return (_HERE / name).read_text(encoding="utf-8")
