"""Every page on narrow screens, on a phone under a finger, and on paper: nothing is cut, and all is dark on light."""

from collections.abc import Callable
from typing import Any

import pytest
from driving import link, open_drawn, soon, until, wait_for_link, wait_until_still
from test_look_browser import PAGES

playwright = pytest.importorskip("playwright.sync_api", reason="needs playwright (requirements-dev.txt)")
pytestmark = [pytest.mark.browser, pytest.mark.slow]

NARROW = (720, 800, 960)  # px; 720 is also 1440 at 200 %
PAPER = 680  # px, A4 without the margins of print.css

# What sticks out of the page's column, and labels that are not all there: of what can be seen.
_CUT = """() => {
    const main = document.querySelector("[data-testid=stMainBlockContainer]"), room = main.getBoundingClientRect();
    const shown = (one) => one.checkVisibility() && one.getBoundingClientRect().width > 1;
    const said = (one, why) => `${one.tagName} ${one.textContent.slice(0, 40)}: ${why}`;
    const scrolls = (one) => one.closest(".st-key-panels, [data-testid=stTable], pre");
    const found = [];
    const all = "button, label, p, input:not([type=range]), h1, h2, h3, h4, img, svg.main-svg";
    const labels = "button, button *, " + ["ButtonGroup", "Checkbox"].map((one) => `[data-testid=st${one}] *`).join();
    for (const one of main.querySelectorAll(all)) {
        const { left, right } = one.getBoundingClientRect();
        if (shown(one) && !scrolls(one) && (left < room.left - 1 || right > room.right + 1)) {
            found.push(said(one, `${left} to ${right} of ${room.left} to ${room.right}`));
        }
    }
    for (const one of main.querySelectorAll(labels)) {
        if (shown(one) && one.scrollWidth > one.clientWidth + 1 && getComputedStyle(one).display !== "inline") {
            found.push(said(one, `${one.scrollWidth} px in ${one.clientWidth}`));
        }
    }
    return found;
}"""

# On paper nothing scrolls: whatever is wider than the sheet, or than the frame that hides it, is lost.
_LOST = """() => {
    const found = [], width = document.documentElement.clientWidth;
    const walk = (room) => {
        for (const one of room.querySelectorAll("*")) {
            if (one.shadowRoot) walk(one.shadowRoot);
            if (!one.checkVisibility() || one.closest("defs, .draglayer, .katex-mathml, [type=range]")) continue;
            const { left, right, width: wide, height } = one.getBoundingClientRect();
            if (wide < 2 || height < 2) continue;
            const name = `${one.tagName}.${one.getAttribute("class")} ${one.textContent.slice(0, 40)}`;
            if (left < -1 || right > width + 1) found.push(`${name}: ${left} to ${right}`);
            const style = getComputedStyle(one);
            if (style.overflowX !== "visible" && !one.closest("svg, input") && one.scrollWidth > one.clientWidth + 1) {
                found.push(`${name}: ${one.scrollWidth} px in ${one.clientWidth}`);
            }
        }
    };
    walk(document.querySelector("[data-testid=stMain]"));
    return found;
}"""

# Text that is lighter than mid-grey, and grounds that are darker, but for cells of a colour and what stands in them.
_PALE = """(selector) => {
    const found = [], grey = (colour) => {
        const [r, g, b, a = 1] = (colour.match(/[\\d.]+/g) ?? [0, 0, 0, 0]).map(Number);
        return a < 0.5 || Math.max(r, g, b) - Math.min(r, g, b) > 60 ? undefined : (r + g + b) / 3;
    };
    for (const one of document.querySelectorAll(selector)) {
        if (!one.checkVisibility()) continue;
        const style = getComputedStyle(one);
        if (style.fillOpacity === "0") continue;
        const text = one.tagName === "text", ground = one.classList.contains("bg");
        const light = grey(text || ground ? style.fill : style.color), under = grey(style.backgroundColor);
        const white = text && style.fill === "rgb(255, 255, 255)";  // in a dark cell
        if (ground ? light < 200 : light > 150 && !white) found.push(`${one.textContent.slice(0, 40)}: ${light}`);
        if (under < 200) found.push(`${one.tagName} on ${style.backgroundColor}`);
    }
    return found;
}"""


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_whole_on_narrow_screens_and_on_paper(address: str, new_page: Callable[..., Any], path: str) -> None:
    page = new_page(1440, 900, color_scheme="dark")
    open_drawn(page, address + path, dataset="cifar10")
    _assert_nothing(page, _CUT)
    for width in NARROW:
        page.set_viewport_size({"width": width, "height": 450})
        page.wait_for_function("width => innerWidth === width", arg=width)
        _assert_nothing(page, _CUT)
    page.set_viewport_size({"width": 1440, "height": 900})
    for chart in page.locator(".js-plotly-plot").all():
        wait_until_still(chart)
    _assert_figures_fit_when_printed(page)
    page.set_viewport_size({"width": PAPER, "height": 960})
    page.emulate_media(media="print")
    for room in ("stSidebar", "stHeader"):
        playwright.expect(page.get_by_test_id(room)).to_be_hidden()
    playwright.expect(page.locator(".st-key-printed")).to_contain_text("CIFAR-10")
    playwright.expect(page.get_by_role("button", name="Next")).to_have_count(0)
    _assert_nothing(page, _LOST)
    _assert_nothing(page, _PALE, ".stApp, .stApp p, .stApp td, .stApp th")


def _assert_nothing(page: Any, finds: str, *among: str) -> None:
    def nothing() -> None:
        assert page.evaluate(finds, *among) == []

    soon(page, nothing)


def _assert_figures_fit_when_printed(page: Any) -> None:
    """A browser that prints asks no script after `beforeprint`: what a figure is then is what stands on the paper."""
    page.evaluate(
        """finds => addEventListener("beforeprint", () => {
        const all = [...document.querySelectorAll(".js-plotly-plot")];
        window.printed = all.map((one) => [...one.querySelectorAll(".main-svg")].map((picture) =>
            [Number(picture.getAttribute("width")), picture.getAttribute("viewBox")]));
        window.pale = (0, eval)(finds)(".main-svg text, .bglayer .bg, .legend .bg");
    })""",
        _PALE,
    )
    size = "all => all.map(one => one.querySelector('.main-svg').getAttribute('width'))"
    before = page.locator(".js-plotly-plot").evaluate_all(size)
    assert page.pdf(format="A4").startswith(b"%PDF")
    assert page.evaluate("pale") == []
    for figure in page.evaluate("printed"):
        assert figure
        for width, box in figure:
            assert width <= PAPER
            assert box.startswith(f"0 0 {width:g} ")
    until(page, lambda: page.locator(".js-plotly-plot").evaluate_all(size) == before, "figures are as they were")
    playwright.expect(page.locator(".main-svg[viewBox]")).to_have_count(0)


@pytest.mark.parametrize("path", PAGES[1:])
def test_a_phone_says_first_what_a_page_is_for_and_shows_all_kinds_of_noise(
    address: str, new_page: Callable[..., Any], path: str
) -> None:
    page = new_page(390, 844)
    open_drawn(page, address + path, dataset="cifar10")
    purpose = page.locator(".st-key-purpose")
    playwright.expect(purpose).to_be_in_viewport(ratio=1)
    assert len(purpose.inner_text().split()) > 8
    first = page.locator("[data-testid=stMainBlockContainer] p:visible").first
    playwright.expect(first).to_have_text(purpose.inner_text(), use_inner_text=True)
    kinds = page.get_by_role("radiogroup", name="Kind of noise")
    if path.startswith(("/gallery", "/landscape", "/compare")):
        for width in (390, 320):
            page.set_viewport_size({"width": width, "height": 844})
            playwright.expect(kinds.get_by_role("radio")).to_have_count(5)

            def inside(width: int = width) -> None:
                boxes = [one.bounding_box() for one in kinds.get_by_role("radio").all()]
                assert all(box["x"] >= 0 and box["x"] + box["width"] <= width for box in boxes)
                assert max(box["y"] for box in boxes) < 500

            soon(page, inside)


def test_a_finger_that_wipes_over_a_slider_scrolls_the_page(address: str, new_page: Callable[..., Any]) -> None:
    page = new_page(390, 844, has_touch=True)
    open_drawn(page, f"{address}/landscape?rule=sign&epsilon=8/255", epsilon="8/255")
    slider = page.get_by_test_id("stSlider").filter(has_text="Step size")
    track = slider.locator("[style*=touch-action]").first
    main = page.get_by_test_id("stMain")
    touch = page.context.new_cdp_session(page)

    def finger(kind: str, *places: tuple[float, float]) -> None:
        points = [{"x": across, "y": along} for across, along in places]
        touch.send("Input.dispatchTouchEvent", {"type": f"touch{kind}", "touchPoints": points})

    def right_end() -> tuple[float, float]:
        wait_until_still(track)
        box = track.bounding_box()
        return box["x"] + 0.9 * box["width"], box["y"] + box["height"] / 2

    x, y = right_end()
    finger("Start", (x, y))
    for step in range(1, 16):
        finger("Move", (x, y - 12 * step))
    finger("End")
    until(page, lambda: main.evaluate("one => one.scrollTop") > 50, "the page was scrolled")
    wait_for_link(page, epsilon="8/255")
    assert slider.locator("input").get_attribute("aria-valuetext") == "8/255"

    wait_until_still(track)  # it scrolls on for a moment
    main.evaluate("one => { one.scrollTop = 0; }")
    x, y = right_end()
    finger("Start", (x, y))
    finger("End")
    until(page, lambda: link(page)["epsilon"] not in ("8/255", "0/255"), "a tap chooses a value")
    far = link(page)["epsilon"]
    wait_for_link(page, epsilon=far)
    x, y = right_end()
    finger("Start", (x, y))
    for step in range(1, 16):
        finger("Move", (x - 14 * step, y))
    finger("End")
    until(page, lambda: link(page)["epsilon"] != far, "a finger that goes sideways drags the handle")
