"""The page Landscape in a real browser: it opens from a link, its plane fills and can be stopped, the link stays."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from driving import assert_fits, link, soon, wait_for_change, wait_for_link

playwright = pytest.importorskip("playwright.sync_api", reason="needs playwright (requirements-dev.txt)")
pytestmark = [pytest.mark.browser, pytest.mark.slow]
VIEW = {"rule": "sign", "epsilon": "-8/255", "reach": "32/255", "across": "2", "labels": "predicted"}
LINK = "landscape?" + "&".join(f"{name}={value}" for name, value in VIEW.items())


def plane(page: "playwright.Page") -> "playwright.Locator":
    return page.locator(".st-key-plane .js-plotly-plot")


def test_it_opens_from_a_link_fills_its_plane_and_survives_a_reload(
    address: str, page: "playwright.Page", timings: dict[str, float]
) -> None:
    said: list[str] = []
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(f"{address}/{LINK}")
    plane(page).wait_for()
    wait_for_link(page, **VIEW)
    playwright.expect(plane(page).locator(".xtitle").first).to_contain_text("step size ε in n/255")
    playwright.expect(page.locator("[data-testid=stProgress]"), "what filled it is gone").to_have_count(0)
    playwright.expect(page.get_by_role("button", name="Stop")).to_have_count(0)
    page.get_by_text("41 × 41 cells").wait_for()

    page.get_by_role("button", name="Another random direction").click()
    timings["landscape, another plane"] = wait_for_link(page, across="3")
    page.get_by_text("How this was measured").click()
    page.get_by_text("seed 3)").wait_for()

    before = link(page)
    page.reload()
    plane(page).wait_for()
    wait_for_link(page, **before)
    page.get_by_text("How this was measured").click()
    page.get_by_text("seed 3)").wait_for()
    assert said == []


def test_another_image_is_drawn_anew(address: str, page: "playwright.Page", timings: dict[str, float]) -> None:
    page.goto(f"{address}/{LINK}")
    plane(page).wait_for()
    wait_for_link(page, **VIEW)
    place = link(page)["image"]
    page.get_by_role("button", name="Next").click()
    timings["landscape, line and plane"] = wait_for_change(page, "image", place)
    wait_for_link(page, **VIEW)
    page.get_by_text(f"test image {link(page)['image']} of CIFAR-10").wait_for()


def test_a_plane_is_stopped_and_gone_on_with(address: str, page: "playwright.Page") -> None:
    page.goto(f"{address}/landscape?model=resnet9&rule=l2")
    page.get_by_text(re.compile(r"[1-9][\d,]* of 1,681 cells")).wait_for()
    page.get_by_role("button", name="Stop").click()
    page.get_by_role("button", name="Go on").wait_for()
    page.get_by_text(re.compile(r"So far [\d,]+ of 1,681 are computed")).wait_for()
    wait_for_link(page, rule="l2")
    plane(page).wait_for()
    page.get_by_role("button", name="Go on").click()
    page.get_by_role("button", name="Go on").wait_for(state="detached")
    page.get_by_role("button", name="Stop").wait_for(state="detached")
    wait_for_link(page, rule="l2")
    playwright.expect(page.get_by_text(re.compile("So far .* are computed"))).to_have_count(0)
    plane(page).wait_for()


def test_nothing_is_wider_than_the_screen(address: str, new_page: Callable[..., Any]) -> None:
    page = new_page(390, 900)
    page.goto(f"{address}/{LINK}")
    plane(page).wait_for()
    wait_for_link(page, **VIEW)

    def within() -> None:
        for figure in page.locator("[data-testid=stPlotlyChart]").all():
            box = figure.bounding_box()
            assert 0 <= box["x"] <= box["x"] + box["width"] <= page.viewport_size["width"]

    assert_fits(page)
    soon(page, within)
    assert_fits(page, 1440)
    soon(page, within)
