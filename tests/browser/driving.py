"""The app served to a browser, and waiting for what the browser shows."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import TimeoutError as PlaywrightTimeout

ROOT = Path(__file__).resolve().parents[2]
# ms; no test measures by it: it only keeps one that waits in vain from waiting for ever. A machine with five times as
# much to do as it has cores was seen to take more than 60,000.
PATIENCE = 180_000
# What a check meets between two drawings of a page: something is not there yet, is there twice, or has no place.
NOT_YET = (AssertionError, LookupError, TypeError, ValueError, PlaywrightError)
READY = "[data-testid=stTable], [data-testid=stPlotlyChart], .st-key-start"  # what a page has once it is drawn

_AT_REST = """wanted => {
    const here = new URLSearchParams(location.search);
    return Object.entries(wanted).every(([name, value]) => here.get(name) === value)
        && document.querySelector("[data-testid=stApp]")?.dataset.testScriptState === "notRunning"
        && !document.querySelector("[data-stale=true]");
}"""
_PAINTED = "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
_STILL = """(() => {
    let same = 0, last = "";
    return one => {
        const {x, y, width, height} = one.getBoundingClientRect(), now = [x, y, width, height].join();
        same = now === last ? same + 1 : 0;
        last = now;
        return same >= 10;
    };
})()"""
_AT_A_FRAME = """async (place, wanted) => {
    const holds = %s, end = performance.now() + %d;
    while (!holds(place, wanted)) {
        if (performance.now() > end) throw new Error(`waited in vain for ${wanted ?? ""}: ${place.textContent}`);
        await new Promise(requestAnimationFrame);
    }
}"""


@contextmanager
def served(folder: Path, program: Sequence[str] = ("-m", "streamlit")) -> Iterator[str]:
    """The app's address on a free port, with the embedded samples only; its log may hold no traceback."""
    port = free_port()
    server = begin_serving(folder, port, program)
    try:
        wait_for_server(port, server)
        yield f"http://127.0.0.1:{port}"
    finally:
        end_serving(server)
    text = (folder / "log").read_text()
    assert "Traceback" not in text, text


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def begin_serving(folder: Path, port: int, program: Sequence[str] = ("-m", "streamlit")) -> "subprocess.Popen[bytes]":
    """The app's process, which may not answer yet; what it says is in the folder's `log`."""
    command = [sys.executable, *program, "run", "dashboard.py", "--server.port", str(port)]
    surroundings = os.environ | {"GRADLAB_DATA": str(folder), "PYTHONPATH": str(ROOT)}
    with (folder / "log").open("a") as log:
        return subprocess.Popen(command, cwd=ROOT, env=surroundings, stdout=log, stderr=log)


def end_serving(server: "subprocess.Popen[bytes]") -> None:
    server.terminate()
    server.wait(PATIENCE / 1000)


def wait_for_server(port: int, server: "subprocess.Popen[bytes]") -> None:
    _wait_for(f"http://127.0.0.1:{port}/_stcore/health", server)


def _wait_for(url: str, server: "subprocess.Popen[bytes]") -> None:
    deadline = time.perf_counter() + 2 * PATIENCE / 1000
    while time.perf_counter() < deadline:
        assert server.poll() is None, "the server ended"
        try:
            with urllib.request.urlopen(url, timeout=10) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.1)
    pytest.fail("the server does not answer")


def link(page: Any) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(page.url).query).items()}


def wait_for_link(page: Any, **wanted: str) -> float:
    """Wait until the link says so and the page has come to rest; the seconds that it took."""
    started = time.perf_counter()
    try:
        page.wait_for_function(_AT_REST, arg=wanted)
    except PlaywrightTimeout as error:
        raise AssertionError(f"expected {wanted} and a page at rest, the link says {link(page)}") from error
    page.evaluate(_PAINTED)
    return time.perf_counter() - started


def open_drawn(page: Any, address: str, **wanted: str) -> None:
    """Open an address, and wait until the page is drawn and its link has these values."""
    page.goto(address)
    page.locator(READY).first.wait_for()
    wait_for_link(page, **wanted)


def wait_for_change(page: Any, name: str, before: str) -> float:
    """Wait until the link says something else, and the page has come to rest; the seconds that it took."""
    started = time.perf_counter()
    until(page, lambda: link(page).get(name, before) != before, f"the link's {name} is no longer {before}")
    wait_for_link(page)
    return time.perf_counter() - started


def wait_until_still(place: Any) -> None:
    """Wait until something has stood at its place for ten frames: figures and images still move what is around them."""
    at_a_frame(place, _STILL)


def at_a_frame(place: Any, holds: str, wanted: Any = None) -> None:
    """Wait until a function of JavaScript says so of a place: asked there at each frame, as soon as it can be seen."""
    place.evaluate(_AT_A_FRAME % (holds, PATIENCE), wanted)


def until(page: Any, holds: Callable[[], bool], what: str) -> None:
    """Wait until something holds that the page shows: what is drawn comes a moment after the page is at rest."""

    def check() -> None:
        assert holds(), f"expected that {what}"

    soon(page, check)


def soon(page: Any, check: Callable[[], None]) -> None:
    """Make a check that holds as soon as everything has its place: a page finds its width after it is at rest."""
    deadline = time.perf_counter() + PATIENCE / 1000
    while True:
        try:
            return check()
        except NOT_YET:
            if time.perf_counter() > deadline:
                raise
            page.wait_for_timeout(20)


def wait_for_charts_ahead(page: Any) -> None:
    """Wait, on the page Explore, until the browser has read what charts are drawn with."""
    page.wait_for_function("performance.getEntriesByName('charts ahead').length")


def assert_fits(page: Any, *widths: int) -> None:
    """The page is not wider than the screen; nor than windows of these widths, which it is then shown in."""

    def fits() -> None:
        wide, here = page.locator("[data-testid=stMain]").evaluate("main => [main.scrollWidth, main.clientWidth]")
        assert wide <= here, f"the page is {wide - here} px wider than the screen"

    soon(page, fits)
    for width in widths:
        page.set_viewport_size(page.viewport_size | {"width": width})
        page.wait_for_function("width => innerWidth === width", arg=width)
        page.evaluate(_PAINTED)
        soon(page, fits)


def assert_no_barriers(page: Any) -> None:
    """What axe-core can tell of the levels A and AA of WCAG 2.1: contrast, names of images and buttons, roles."""

    def open_to_all() -> None:
        found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}).response
        # Not in axe-playwright's own words: they break on a target in a shadow tree, which is a list in a list.
        assert not found["violations"], [
            (one["id"], node["target"], node["failureSummary"]) for one in found["violations"] for node in one["nodes"]
        ]

    soon(page, open_to_all)
