"""How long a frame takes while the handle is dragged over a photograph, and the exact numbers when it is let go.

What was measured stands in the log, in place of a bound: machines are noisy.
"""

import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from driving import at_a_frame, link, open_drawn, wait_for_link
from test_app import assert_shows_its_link

pytest.importorskip("playwright.sync_api", reason="needs playwright (requirements-dev.txt)")
pytestmark = [pytest.mark.browser, pytest.mark.slow]

FRAMES = 180
# What is asked for a frame is called in that order: before the handle is drawn, the drawing, after it. A message that
# is sent then arrives when the browser has laid out and painted.
DRAG = """async (slider, frames) => {
    const channel = new MessageChannel(), drawing = [], painted = [], shown = new Set(), starts = [];
    const value = slider.getRootNode().querySelector(".value");
    for (let n = 0; n < frames; n++) {
        const [before, after, end] = await new Promise(done => {
            let before;
            requestAnimationFrame(start => {
                starts.push(start);
                before = performance.now();
            });
            slider.value = 0.95 * Math.sin(n / 9.7);
            slider.dispatchEvent(new Event("input", { bubbles: true }));
            requestAnimationFrame(() => {
                const after = performance.now();
                channel.port1.onmessage = () => done([before, after, performance.now()]);
                channel.port2.postMessage("");
            });
        });
        drawing.push(after - before);
        painted.push(end - before);
        shown.add(value.textContent);
    }
    return { drawing, painted, between: starts.slice(1).map((start, n) => start - starts[n]), shown: shown.size };
}"""
EXACT = 'note => !note.textContent.includes("computed beforehand")'


@pytest.mark.parametrize(
    ("width", "rule", "more"), [(1440, "sign", ""), (390, "sign", ""), (390, "raw", "&rounded=1&noise=signed")]
)
def test_a_photograph_is_drawn_at_each_frame(
    address: str, new_page: Callable[..., Any], timings: dict[str, float], width: int, rule: str, more: str
) -> None:
    page = new_page(width, 900)
    open_drawn(page, f"{address}/?dataset=photos&image=3&rule={rule}{more}", dataset="photos", rule=rule)
    before, slider = link(page), page.get_by_role("slider", name="Step size ε, signed")
    found = slider.evaluate(DRAG, FRAMES)
    of = f"{rule}{' (rounded, darker or brighter)' if more else ''} at {width} px"
    for what, said in (("drawing", "drawing a frame"), ("painted", "with painting"), ("between", "frame to frame")):
        for share in (50, 95):
            timings[f"{said}, {of}, {share} % (ms)"] = float(np.percentile(found[what], share))
    assert found["shown"] > FRAMES / 4, "each frame shows where the handle is"
    assert link(page) == before, "nothing is sent while the handle is dragged"
    started = time.perf_counter()
    slider.dispatch_event("change")  # between two steps of the grid
    at_a_frame(page.locator(".lab .source"), EXACT)
    timings[f"exact after letting go, {of}"] = time.perf_counter() - started
    page.wait_for_function("new URLSearchParams(location.search).get('epsilon')")
    wait_for_link(page, dataset="photos")
    assert_shows_its_link(page)
