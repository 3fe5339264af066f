"""How the app behaves under the eye: it does not jump, can be presented, saves its figures, has a clean console."""

import re
import time
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from driving import (
    READY,
    assert_fits,
    assert_no_barriers,
    link,
    open_drawn,
    wait_for_change,
    wait_for_charts_ahead,
    wait_for_link,
)
from PIL import Image
from test_app import assert_shows_its_link, download, pictures

playwright = pytest.importorskip("playwright.sync_api", reason="needs playwright (requirements-dev.txt)")
pytestmark = [pytest.mark.browser, pytest.mark.slow]

_WATCH_JUMPS = """() => {
    window.jumps = 0;
    new PerformanceObserver(list => {
        for (const jump of list.getEntries()) window.jumps += jump.value;  // those after an input count, too
    }).observe({type: "layout-shift"});
    window.frames = 0;
    const count = () => { window.frames++; requestAnimationFrame(count); };
    count();
}"""
# Thirty frames in a row, half a second or more, in which nothing jumped.
_QUIET = """() => {
    if (window.last !== window.jumps) { window.last = window.jumps; window.since = window.frames; }
    return window.frames - window.since >= 30;
}"""

_GROUND = "getComputedStyle(document.querySelector('[data-testid=stApp]')).backgroundColor"


def test_nothing_jumps_once_it_is_drawn(address: str, page: Any, timings: dict[str, float]) -> None:
    page.goto(address)
    page.locator("[data-testid=stTable]").wait_for()
    wait_for_link(page, rule="sign")
    wait_for_charts_ahead(page)
    page.evaluate(_WATCH_JUMPS)
    page.wait_for_function(_QUIET)
    page.evaluate("window.jumps = 0")
    page.get_by_role("slider", name="Step size ε, signed").focus()
    for key, epsilon in (("ArrowRight", "0.25/255"), ("Shift+ArrowRight", "1/255"), ("Home", "0/255")):
        page.keyboard.press(key)
        wait_for_link(page, epsilon=epsilon)
    page.get_by_role("radio", name="plain gradient").click()
    wait_for_link(page, rule="raw")
    before = link(page)["image"]
    page.get_by_role("button", name="Next").click()
    wait_for_change(page, "image", before)
    page.wait_for_function(_QUIET)
    jumps = page.evaluate("window.jumps")
    timings["cumulative layout shift (no unit)"] = jumps
    assert jumps < 0.1


def test_a_page_can_be_presented(address: str, new_page: Callable[..., Any]) -> None:
    page = new_page(1920, 1080)
    page.goto(address)
    page.locator("[data-testid=stTable]").wait_for()
    wait_for_link(page, rule="sign")
    small = page.locator(".lab .value").evaluate("one => parseFloat(getComputedStyle(one).fontSize)")
    page.get_by_role("button", name="Present").click()
    wait_for_link(page, present="1")
    playwright.expect(page.locator("[data-testid=stHeader]")).to_be_hidden()
    playwright.expect(page.locator("[data-testid=stSidebar]")).to_be_hidden()
    playwright.expect(page.locator(".lab .value")).to_have_css("font-size", f"{2 * small:g}px")
    page.reload()
    page.locator("[data-testid=stTable]").wait_for()
    wait_for_link(page, present="1")
    playwright.expect(page.locator("[data-testid=stHeader]")).to_be_hidden()
    page.get_by_role("button", name="Leave").click()
    page.locator("[data-testid=stSidebar]").wait_for()
    wait_for_link(page, rule="sign")
    assert "present" not in link(page)


def test_a_presented_figure_has_twice_the_type(address: str, page: Any) -> None:
    for present in ("0", "1"):
        page.goto(f"{address}/curves?model=alexnet-paper&rules=sign&limit=10000&present={present}")
        tick = page.locator(".js-plotly-plot .xtick text").first
        tick.wait_for()
        wait_for_link(page, rules="sign")
        if present == "0":
            small = tick.evaluate("one => parseFloat(getComputedStyle(one).fontSize)")
        else:
            playwright.expect(tick).to_have_css("font-size", f"{2 * small:g}px")


def save(page: Any, chart: str, kind: str, folder: Path) -> Path:
    """Press the button of this name of one chart: those of several come in no order."""
    with page.expect_download() as waiting:
        page.locator(f".st-key-{chart}_files").get_by_role("button", name=kind, exact=True).click()
    path = folder / waiting.value.suggested_filename
    waiting.value.save_as(path)
    return path


_OUTSIDE = """() => {
    const [width, height] = ["width", "height"].map(name => +document.documentElement.getAttribute(name));
    const texts = [...document.querySelectorAll("text")].filter(text => text.textContent.trim());
    const outside = texts.filter(text => {
        const box = text.getBoundingClientRect();
        return box.left < 0 || box.top < 0 || box.right > width || box.bottom > height;
    });
    return [width, height, texts.length, outside.map(text => text.textContent)];
}"""


def test_a_figure_is_saved_as_it_is_printed(address: str, new_page: Callable[..., Any], tmp_path: Path) -> None:
    page = new_page(700, 1000, color_scheme="dark")
    page.goto(f"{address}/curves?model=alexnet-paper&rules=sign,raw&limit=10000&axis=l2&rounded=1&view=flips")
    page.get_by_role("heading", name="A point of the curve").wait_for()
    wait_for_link(page, view="flips")
    png, svg = save(page, "curve", "PNG", tmp_path), save(page, "curve", "SVG", tmp_path)
    stem = "gradlab-cifar10-alexnet-paper-10000-sign-raw-over-l2"
    assert [png.name, svg.name] == [f"{stem}.png", f"{stem}.svg"]

    picture = Image.open(png).convert("RGBA")
    assert picture.size == (2000, 840), "whatever the window is"
    ends = [(x, y) for x in (2, picture.width - 3) for y in (2, picture.height - 3)]
    assert {picture.getpixel(place) for place in ends} == {(255, 255, 255, 255)}, "white, although the page is dark"

    drawn = svg.read_text(encoding="utf-8")
    fonts = {font.strip(" '\"").replace("&quot;", "") for font in re.findall(r"font-family: ?([^;]+);", drawn)}
    assert {font.split(",")[0] for font in fonts} == {"Arial"}, "no font that only the page has"
    texts = [node.text for node in ET.fromstring(drawn).iter() if node.tag.endswith("text") and node.text]
    assert "accuracy" in texts
    paper = new_page(1100, 900)
    paper.goto(svg.as_uri())
    width, height, count, outside = paper.evaluate(_OUTSIDE)
    assert (width, height, outside) == (*picture.size, [])
    assert count > 10

    shown = page.locator(".js-plotly-plot").first
    assert shown.evaluate("plot => plot._fullLayout.paper_bgcolor") != "white", "the page's own is as it was"
    numbers = save(page, "flips", "CSV", tmp_path)
    assert numbers.name == "gradlab-cifar10-alexnet-paper-10000-sign-raw-flips.csv"
    lines = numbers.read_text().splitlines()
    assert lines[0] == "rule,unit,image,climbing,descending"
    assert len(lines) == 1 + 2 * 10_000


@pytest.mark.parametrize("rounded", ["0", "1"])
def test_each_picture_of_explore_is_saved_as_it_is_drawn(address: str, page: Any, rounded: str, tmp_path: Path) -> None:
    page.goto(f"{address}/?epsilon=-3.5/255&gain=32&rounded={rounded}")
    page.locator("[data-testid=stTable]").wait_for()
    wait_for_link(page, gain="32", rounded=rounded)
    assert_shows_its_link(page)
    clean, noise, perturbed = pictures(page)
    page.get_by_role("radio", name="darker or brighter").click()
    wait_for_link(page, noise="signed")
    assert_shows_its_link(page)
    difference = pictures(page)[1]
    form = ", 8-bit" if rounded == "1" else ""
    saved = {"Perturbed image, PNG": perturbed}
    saved |= {
        "Clean image, PNG": clean,
        f"Noise ×32{form}, PNG": noise,
        f"Signed difference ×32{form}, PNG": difference,
    }
    for name, drawn in saved.items():
        if drawn is clean:
            page.get_by_role("button", name="Other pictures").click()
        file = download(page, name, tmp_path)
        assert file.name.startswith("gradlab-cifar10-alexnet-")
        np.testing.assert_array_equal(np.asarray(Image.open(file)), drawn, err_msg=name)
    assert len(list(tmp_path.iterdir())) == 4, "no two have the same name"


PAGES = ["/", "/gallery", "/curves?limit=100&rules=sign", "/landscape", "/compare?limit=100", "/see", "/paper"]


def test_a_page_change_keeps_what_was_chosen(address: str, page: Any, timings: dict[str, float]) -> None:
    page.goto(f"{address}/?dataset=cifar10&model=alexnet-paper&rule=l2&epsilon=-0.42")
    page.locator("[data-testid=stTable]").wait_for()
    wait_for_link(page, model="alexnet-paper", rule="l2", epsilon="-0.42")
    image = link(page)["image"]
    wait_for_charts_ahead(page)
    addresses = {"See it?": "see", "Explore": ""}
    for round_trip in ("first", "again"):
        for name in ("Gallery", "Curves", "Landscape", "Compare", "See it?", "Paper", "Explore"):
            started = time.perf_counter()
            page.get_by_role("link", name=name, exact=True).click()
            page.wait_for_url(re.compile(f"{address}/{addresses.get(name, name.lower())}[?].*"))
            page.locator(READY).first.wait_for()
            timings[f"to the page {name}, {round_trip}, drawn"] = time.perf_counter() - started
            wait_for_link(page, model="alexnet-paper")
            timings[f"to the page {name}, {round_trip}, at rest"] = time.perf_counter() - started
            if name not in ("See it?", "Paper"):
                assert (link(page)["rule"], link(page)["epsilon"]) == ("l2", "-0.42")
    assert link(page)["image"] == image


def overheard(page: Any) -> list[str]:
    """What the page's console says from now on of what went wrong."""
    said: list[str] = []

    def hear(message: Any) -> None:
        # Below a page's address Streamlit looks for its server first, finds none, and then looks at the root.
        if message.type in {"error", "warning"} and "_stcore" not in str(message.location):
            said.append(f"{message.type}: {message.text}")

    page.on("console", hear)
    page.on("pageerror", lambda error: said.append(str(error)))
    return said


@pytest.mark.parametrize("path", PAGES)
def test_every_page_fits_a_phone_and_a_wall(address: str, new_page: Callable[..., Any], path: str) -> None:
    page = new_page(390, 1200)
    said = overheard(page)
    open_drawn(page, address + path, dataset="cifar10")
    assert_fits(page, 2560)
    assert said == []


@pytest.mark.parametrize("path", PAGES)
def test_nothing_is_a_barrier_by_night_and_by_day(address: str, new_page: Callable[..., Any], path: str) -> None:
    page = new_page(1440, 1000, color_scheme="dark")
    said = overheard(page)
    open_drawn(page, address + path, dataset="cifar10")
    assert_no_barriers(page)
    night = page.evaluate(_GROUND)
    page.emulate_media(color_scheme="light")
    page.wait_for_function(f"night => {_GROUND} !== night", arg=night)
    assert_no_barriers(page)
    assert said == []
