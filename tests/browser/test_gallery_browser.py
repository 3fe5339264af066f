"""The page Gallery in a real browser: a hundred tiles, how soon they are there, and where a click on one leads."""

import re
import time
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from driving import PATIENCE, assert_fits, link, soon, until, wait_for_charts_ahead, wait_for_link

playwright = pytest.importorskip("playwright.sync_api", reason="needs playwright (requirements-dev.txt)")
pytestmark = [pytest.mark.browser, pytest.mark.slow]

ALL = 100


def tiles(page: "playwright.Page") -> "playwright.Locator":
    return page.locator(".tiles button")


def names(page: "playwright.Page") -> list[str]:
    return tiles(page).evaluate_all("all => all.map(one => one.getAttribute('aria-label'))")


def wait_for_tiles(page: "playwright.Page", count: int = ALL) -> None:
    tiles(page).nth(count - 1).wait_for()


@pytest.mark.parametrize("model", ["alexnet", "resnet9"])
def test_a_hundred_tiles_are_soon_there(
    address: str, page: "playwright.Page", timings: dict[str, float], model: str
) -> None:
    page.goto(f"{address}/?model={model}")
    page.locator("[data-testid=stTable]").wait_for()
    wait_for_link(page, model=model)
    wait_for_charts_ahead(page)
    started = time.perf_counter()
    page.get_by_role("link", name="Gallery").click()
    wait_for_tiles(page)
    timings[f"gallery, 100 tiles, {model}"] = time.perf_counter() - started
    wait_for_link(page, gallery="many", model=model)
    for key, epsilon in (("ArrowRight", "9/255"), ("ArrowRight", "10/255")):
        page.get_by_role("slider").first.focus()
        page.keyboard.press(key)
        timings[f"gallery, another epsilon, {model}"] = wait_for_link(page, epsilon=epsilon)
    started = time.perf_counter()
    page.goto(f"{address}/gallery?model={model}&epsilon=6/255")
    wait_for_tiles(page)
    timings[f"gallery, from a link, {model}"] = time.perf_counter() - started
    wait_for_link(page, epsilon="6/255")
    assert len(set(names(page))) == ALL
    shown = (
        tiles(page).locator(".picture").evaluate_all("all => all.map(one => getComputedStyle(one).backgroundPosition)")
    )
    assert len(set(shown)) == ALL, "each shows its own part of the sheet"


def test_a_click_on_a_tile_opens_the_image_on_explore(address: str, page: "playwright.Page") -> None:
    page.goto(f"{address}/gallery?model=alexnet&rule=raw&epsilon=-0.3&show=won&order=flip&labels=true")
    tiles(page).nth(4).wait_for()
    wait_for_link(page, show="won", epsilon="-0.3")
    chosen = names(page)[4]
    before, after = chosen.partition(",")[0].split(" → ")
    place = chosen.partition("test image ")[2].partition(",")[0]
    tiles(page).nth(4).click()
    page.locator("[data-testid=stTable]").wait_for()
    wait_for_link(page, image=place, rule="raw", epsilon="-0.3", model="alexnet")
    assert "gallery" not in link(page)
    notes = page.locator(".scene .note")
    playwright.expect(notes.nth(0)).to_have_text(re.compile(f"^network: {before},"))
    playwright.expect(notes.nth(2)).to_have_text(re.compile(f"^network: {after},"))
    page.get_by_role("link", name="Gallery").click()
    wait_for_link(page, show="won", order="flip", epsilon="-0.3")
    tiles(page).nth(4).wait_for()
    until(page, lambda: names(page)[4:5] == [chosen], "the choices are still there")


def test_a_tile_of_one_image_is_opened_with_the_keyboard(address: str, page: "playwright.Page") -> None:
    page.goto(f"{address}/gallery?gallery=one&model=alexnet&rows=sign,l2")
    wait_for_tiles(page, 54)
    wait_for_link(page, rows="sign,l2")
    place = link(page)["image"]
    tile = page.get_by_role("group", name="L2 · ε").get_by_role("button", name="L2, ε = −0.75", exact=False)
    tile.focus()
    assert tile.evaluate("one => one.matches(':focus-visible')")
    playwright.expect(tile).to_have_css("outline-style", "solid")
    page.keyboard.press("Enter")
    page.locator("[data-testid=stTable]").wait_for()
    wait_for_link(page, image=place, rule="l2", epsilon="-0.75")


def test_a_link_shows_the_same_after_a_reload(address: str, page: "playwright.Page") -> None:
    page.goto(
        f"{address}/gallery?model=alexnet&epsilon=4/255&classes=cat,dog&show=flipped&order=flip&pool=1000&sheet=2"
    )
    tiles(page).nth(0).wait_for()
    wait_for_link(page, sheet="2", classes="cat,dog", show="flipped", order="flip", pool="1000")
    shown, said = names(page), link(page)
    assert all(" → " in name for name in shown)
    page.reload()
    tiles(page).nth(0).wait_for()
    wait_for_link(page, **said)
    until(page, lambda: names(page) == shown, "the same tiles are there")


def test_pictures_come_before_the_flips_which_can_be_halted(address: str, page: "playwright.Page") -> None:
    page.goto(f"{address}/gallery?model=resnet9&labels=target:cat&epsilon=2/255&pool=500")
    wait_for_tiles(page)
    page.get_by_text("epsilons tried, outward from 0").wait_for()
    page.get_by_role("button", name="Stop").click()
    page.get_by_role("button", name="Go on").wait_for()
    wait_for_link(page, pool="500")
    playwright.expect(tiles(page)).to_have_count(ALL)
    until(page, lambda: not any("never flips" in name for name in names(page)), "no tile claims what is not known")
    page.get_by_role("button", name="Go on").click()
    page.locator("[data-testid=stProgress]").wait_for(state="detached", timeout=3 * PATIENCE)
    wait_for_link(page, pool="500")
    wait_for_tiles(page)
    known = ("flips", "flipped")
    until(page, lambda: all(any(word in name for word in known) for name in names(page)), "of each tile it is known")


@pytest.mark.parametrize("path", ["gallery?model=alexnet", "gallery?model=alexnet&gallery=one"])
def test_nothing_is_wider_than_the_screen(address: str, new_page: Callable[..., Any], path: str) -> None:
    page = new_page(390, 900)
    page.goto(f"{address}/{path}")
    wait_for_tiles(page)
    wait_for_link(page, model="alexnet")
    assert_fits(page, 1440)


def test_epsilon_0_stays_in_the_middle_until_someone_scrolls(address: str, new_page: Callable[..., Any]) -> None:
    page = new_page(1440, 900)
    page.goto(f"{address}/gallery?model=alexnet")
    wait_for_tiles(page)
    wait_for_link(page, model="alexnet")
    page.get_by_role("radio", name="One image").click()
    wait_for_link(page, gallery="one")
    rows = page.locator(".tiles.rows")

    def off() -> float:
        wide, here, at = rows.evaluate("one => [one.scrollWidth, one.clientWidth, one.scrollLeft]")
        assert wide > here, "the rows scroll in their own frame"
        return float(abs(at - (wide - here) / 2))

    for width in (1440, 1300, 390, 1500):
        page.set_viewport_size({"width": width, "height": 900})
        until(page, lambda: off() <= 1, "epsilon 0 is in the middle")
    rows.evaluate("one => { one.scrollLeft = 40; }")
    page.set_viewport_size({"width": 1300, "height": 900})
    page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    assert rows.evaluate("one => one.scrollLeft") == 40, "what was scrolled to is kept"


@pytest.mark.parametrize("present", ["0", "1"])
@pytest.mark.parametrize("rule", ["sign", "raw"])
def test_on_a_phone_no_mark_of_the_histogram_touches_another(
    address: str, new_page: Callable[..., Any], rule: str, present: str
) -> None:
    page = new_page(390, 900)
    page.goto(f"{address}/gallery?model=alexnet&rule={rule}&present={present}")
    figure = page.locator(".st-key-flip_epsilons .js-plotly-plot")
    figure.locator(".xtick text").first.wait_for()
    wait_for_link(page, rule=rule)
    read = "all => all.map(one => [one.textContent, one.getBoundingClientRect().toJSON()])"

    def apart() -> None:
        marks = [(text, box) for text, box in figure.locator(".xtick text").evaluate_all(read) if text.strip()]
        assert len(marks) >= 5
        assert all(left["right"] < right["left"] for (_, left), (_, right) in pairwise(marks)), marks
        ((text, note),) = figure.locator(".annotation-text").evaluate_all(read)
        assert text.startswith("never: ")
        assert note["bottom"] < min(box["top"] for _, box in marks)
        assert 0 <= note["left"] < note["right"] <= 390

    soon(page, apart)


@pytest.mark.parametrize("view", ["classes", "confusion"])
def test_small_panels_scroll_in_their_own_frame_on_a_phone(
    address: str, new_page: Callable[..., Any], view: str
) -> None:
    page = new_page(390, 900)
    page.goto(f"{address}/curves?limit=100&rules=sign,raw&view={view}")
    last = "class_panels" if view == "classes" else "flows-other-side"
    page.locator(f".st-key-{last} .js-plotly-plot").wait_for()
    wait_for_link(page, view=view)

    def scrolls() -> None:
        wide, here = page.locator(".st-key-panels").evaluate("one => [one.scrollWidth, one.clientWidth]")
        assert wide > 800 > here

    if view == "classes":
        soon(page, scrolls)
    assert_fits(page, 1440)
