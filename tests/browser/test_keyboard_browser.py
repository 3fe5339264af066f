"""By keyboard alone: Tab goes through every page and out again, forwards and back, and keys work every control."""

from collections.abc import Callable
from typing import Any

import pytest
from driving import link, open_drawn, soon, wait_for_change, wait_for_link
from test_gallery_browser import tiles, wait_for_tiles
from test_look_browser import PAGES

playwright = pytest.importorskip("playwright.sync_api", reason="needs playwright (requirements-dev.txt)")
pytestmark = [pytest.mark.browser, pytest.mark.slow]

WALKED = [*PAGES, "/gallery?gallery=one"]
MANY = 150  # stops: more are a loop, or tiles that are one each

# Before the first stop.
_BEGIN = """() => {
    window.stops = new Map();
    document.body.tabIndex = -1;
    document.body.focus();
    document.body.removeAttribute("tabindex");
}"""

# Where the focus is, through all shadow trees; empty outside. A group of choices is one stop.
_PLACE = """() => {
    let one = document.activeElement;
    while (one?.shadowRoot?.activeElement) one = one.shadowRoot.activeElement;
    if (!one || one === document.body || one === document.documentElement) return "";
    one = one.closest("[role=radiogroup], [role=toolbar]") ?? one;
    if (!stops.has(one)) stops.set(one, stops.size + 1);
    const name = one.getAttribute("aria-label") ?? one.textContent;
    return `${stops.get(one)} ${one.tagName.toLowerCase()} ${name.slice(0, 30)}`;
}"""

# What Tab should have come to, and has not.
_MISSED = """() => {
    const found = [];
    const walk = (room) => {
        for (const one of room.querySelectorAll("*")) {
            if (one.shadowRoot) walk(one.shadowRoot);
            if (!one.matches("a[href], button, input, select, textarea, summary, [tabindex]")) continue;
            const group = one.closest("[role=radiogroup], [role=toolbar]");
            if (one.tabIndex < 0 || one.disabled || one.closest("[inert], [aria-hidden=true]")) continue;
            if (!one.checkVisibility({ visibilityProperty: true }) || stops.has(one) || stops.has(group)) continue;
            found.push(one.outerHTML.slice(0, 160));
        }
    };
    walk(document);
    return found;
}"""


def walk(page: Any, key: str) -> list[str]:
    """Press a key until the focus has left the page; where it was."""
    places: list[str] = []
    while len(places) < MANY:
        page.keyboard.press(key)
        place = page.evaluate(_PLACE)
        if not place or place == places[:1]:
            return places
        assert place not in places, f"{key} came back to {place}: {places}"
        places.append(place)
    raise AssertionError(f"{key} found no end: {places}")


@pytest.mark.parametrize("path", WALKED)
def test_the_tab_key_goes_through_the_page_and_back(address: str, new_page: Callable[..., Any], path: str) -> None:
    page = new_page(1440, 1000)
    page.goto(address + path)
    page.locator("[data-testid=stPlotlyChart], .tiles button, .st-key-start, .strip button").first.wait_for()
    wait_for_link(page, dataset="cifar10")

    def through_and_back() -> None:
        page.evaluate(_BEGIN)
        there = walk(page, "Tab")
        assert page.evaluate(_MISSED) == [], there
        assert walk(page, "Shift+Tab") == there[::-1]

    soon(page, through_and_back)  # a page that is drawn anew on the way has other places


def test_many_tiles_are_one_stop_and_arrows_go_between_them(address: str, page: Any) -> None:
    page.goto(f"{address}/gallery?model=alexnet")
    wait_for_tiles(page)
    wait_for_link(page, model="alexnet")
    every = tiles(page)
    playwright.expect(page.locator(".tiles button[tabindex='0']")).to_have_count(1)
    every.first.focus()
    across = page.locator(".tiles .group").evaluate(
        "one => getComputedStyle(one).gridTemplateColumns.split(' ').length"
    )
    place = 0
    for key, goal in (
        ("ArrowRight", 1), ("ArrowRight", 2), ("ArrowLeft", 1), ("ArrowDown", 1 + across), ("ArrowUp", 1),
        ("End", 99), ("ArrowRight", 99), ("Home", 0), ("ArrowLeft", 0), ("ArrowUp", 0), ("ArrowDown", across),
    ):  # fmt: skip
        page.keyboard.press(key)
        place = goal
        playwright.expect(every.nth(place)).to_be_focused()
        playwright.expect(every.nth(place)).to_have_attribute("tabindex", "0")
    page.keyboard.press("Tab")
    playwright.expect(page.locator(".tiles button:focus")).to_have_count(0)
    page.keyboard.press("Shift+Tab")
    playwright.expect(every.nth(place)).to_be_focused()
    page.get_by_role("radio", name="One image").focus()
    page.keyboard.press("Enter")
    wait_for_link(page, gallery="one")
    wait_for_tiles(page, 20)
    stop = page.locator(".tiles button[tabindex='0']")
    playwright.expect(stop).to_have_count(1)
    playwright.expect(stop).to_have_class("middle")
    stop.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    page.locator("[data-testid=stTable]").wait_for()
    wait_for_link(page, rule="sign", epsilon="0.25/255")


def test_buttons_sliders_choices_and_expanders_are_worked_by_keys(address: str, page: Any) -> None:
    open_drawn(page, f"{address}/landscape?rule=sign&epsilon=8/255", epsilon="8/255")
    for key in ("Space", "Enter"):
        before = link(page)["image"]
        page.get_by_role("button", name="Next").focus()
        page.keyboard.press(key)
        wait_for_change(page, "image", before)
    page.get_by_role("slider", name="Step size").focus()
    page.keyboard.press("ArrowRight")
    wait_for_link(page, epsilon="9/255")
    page.get_by_role("radio", name="sign", exact=True).focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    playwright.expect(page.get_by_role("radio", name="L2")).to_be_focused()
    page.keyboard.press("Enter")
    wait_for_link(page, rule="l2")
    code = page.get_by_test_id("stExpander").filter(has_text="This view as code")
    code.locator("summary").focus()
    page.keyboard.press("Enter")
    playwright.expect(code.locator("pre").first).to_be_visible()
    page.keyboard.press("Space")
    playwright.expect(code.locator("pre").first).to_be_hidden()


def test_pills_switches_lists_pages_and_popovers_are_worked_by_keys(address: str, page: Any) -> None:
    open_drawn(page, f"{address}/curves?limit=100&rules=sign", rules="sign")
    page.get_by_role("button", name="plain gradient", exact=True).focus()
    page.keyboard.press("Space")
    wait_for_link(page, rules="sign,raw")
    page.get_by_role("switch", name="Also as saved (8 bit)").focus()
    page.keyboard.press("Space")
    wait_for_link(page, rounded="1")

    page.goto(f"{address}/gallery?model=alexnet&epsilon=8/255")
    wait_for_tiles(page)
    wait_for_link(page, model="alexnet")
    page.locator("[data-testid=stSelectbox]").filter(has_text="Show").locator("input").focus()
    page.keyboard.type("flipped: another")
    page.get_by_role("option", name="flipped: another class").wait_for()
    page.keyboard.press("Enter")
    wait_for_link(page, show="flipped")
    page.get_by_role("button", name="Page 2", exact=True).focus()
    page.keyboard.press("Enter")
    wait_for_link(page, sheet="2")

    open_drawn(page, address, rule="sign")
    page.get_by_role("button", name="Other pictures").focus()
    page.keyboard.press("Enter")
    playwright.expect(page.get_by_role("button", name="Clean image, PNG")).to_be_visible()
    page.keyboard.press("Escape")
    playwright.expect(page.get_by_role("button", name="Clean image, PNG")).to_be_hidden()
