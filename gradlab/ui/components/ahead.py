"""Charts ahead of time: the browser reads plotly while a page without charts is looked at."""

from functools import cache
from typing import Any

import streamlit as st

# Streamlit reads plotly (4.7 MB) when it draws the first chart, and for half a second to one nothing else is drawn. The
# file's name is in its main script; should that change, nothing is read ahead, and all works as before.
_JS = r"""
const QUIET = 1500; // ms without a hand at work, before the browser is kept busy
let begun = false, acted = 0;

const act = () => { acted = performance.now(); };

async function readAhead() {
  const main = [...document.scripts].find(({ src }) => /\/static\/js\/index\.[\w-]+\.js$/.test(src));
  const name = main && (await (await fetch(main.src)).text()).match(/PlotlyChart\.[\w-]+\.js/)?.[0];
  if (!name) return;
  const link = document.createElement("link");
  const address = link.href = new URL(name, main.src).href;
  link.rel = "modulepreload"; // fetched now, which keeps nobody waiting
  document.head.append(link);
  whenQuiet(() => import(address).then(() => performance.mark("charts ahead")).catch(() => {}));
}

function whenQuiet(then) {
  const left = QUIET - (performance.now() - acted);
  if (left > 0) setTimeout(() => whenQuiet(then), left);
  else (window.requestIdleCallback ?? setTimeout)(then);
}

export default function () {
  if (begun) return;
  begun = true;
  act();
  for (const kind of ["pointerdown", "pointermove", "keydown", "wheel"]) {
    addEventListener(kind, act, { capture: true, passive: true });
  }
  readAhead().catch(() => {});
}
"""


def charts_ahead() -> None:
    """Where the page says nothing more: let the browser read what the other pages need."""
    _component()(key="ahead", height=1)


@cache
def _component() -> Any:
    return st.components.v2.component("gradlab.ahead", html="<i hidden></i>", js=_JS)
