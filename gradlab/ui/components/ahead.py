"""Charts ahead of time: the browser reads plotly while a page without charts is looked at."""

from functools import cache
from typing import Any

import streamlit as st

# Streamlit reads plotly (4.7 MB) when it draws the first chart, and for half a second to one nothing else is drawn. The
# file's name is in its main script; should that change, nothing is read ahead, and all works as before.
_JS = r"""
const WAIT = 700, AGAIN = 1500; // ms

async function readAhead() {
  const main = [...document.scripts].find(({ src }) => /\/static\/js\/index\.[\w-]+\.js$/.test(src));
  const name = main && (await (await fetch(main.src)).text()).match(/PlotlyChart\.[\w-]+\.js/)?.[0];
  if (name) await import(new URL(name, main.src).href);
}

function whenIdle() {
  if (document.querySelector(":active:is(input, button)")) return setTimeout(whenIdle, AGAIN); // a hand is at work
  (window.requestIdleCallback ?? setTimeout)(() => readAhead().catch(() => {}));
}

let begun = false;

export default function () {
  if (!begun) setTimeout(whenIdle, WAIT);
  begun = true;
}
"""


def charts_ahead() -> None:
    """Where the page says nothing more: let the browser read what the other pages need."""
    _component()(key="ahead", height=1)


@cache
def _component() -> Any:
    return st.components.v2.component("gradlab.ahead", html="<i hidden></i>", js=_JS)
