"""The page Compare in a real browser: each comparison from a link, on a phone too; and a transfer while it grows."""

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from driving import assert_fits, link, wait_for_change, wait_for_link, wait_until_still

import gradlab
from gradlab.experiments.transfer import transfer

playwright = pytest.importorskip("playwright.sync_api", reason="needs playwright (requirements-dev.txt)")
pytestmark = [pytest.mark.browser, pytest.mark.slow]

LINKS = {
    "models": {"model": "alexnet", "other": "alexnet-paper", "rule": "raw", "epsilon": "-0.3", "axis": "l2"},
    "rules": {"model": "alexnet-paper", "rule": "sign", "versus": "random", "match": "epsilon", "gain": "8"},
    "transfer": {"dataset": "svhn", "rule": "l2", "epsilon": "0.5", "limit": "100", "labels": "predicted"},
}


def address_of(address: str, kind: str) -> str:
    return f"{address}/compare?compare={kind}&" + "&".join(f"{name}={value}" for name, value in LINKS[kind].items())


@pytest.mark.parametrize("kind", LINKS)
def test_a_link_opens_fits_the_screen_and_survives_a_reload(
    address: str, new_page: Callable[..., Any], kind: str
) -> None:
    page = new_page(390, 900)
    said: list[str] = []
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(address_of(address, kind))
    page.get_by_role("button", name="SVG").wait_for()
    wait_for_link(page, compare=kind, **LINKS[kind])
    assert_fits(page, 1440)
    # Its pictures come a moment after the page has come to rest.
    playwright.expect(page.locator("[data-testid=stImage]")).to_have_count(0 if kind == "transfer" else 5)
    playwright.expect(page.locator("[data-testid=stAlert]")).to_have_count(0)
    before = link(page)
    page.reload()
    page.get_by_role("button", name="SVG").wait_for()
    wait_for_link(page, **before)
    assert link(page) == before
    assert said == []


def test_on_a_phone_two_photographs_stand_side_by_side(address: str, new_page: Callable[..., Any]) -> None:
    page = new_page(390, 900)
    page.goto(f"{address}/compare?dataset=photos&compare=rules")
    pictures = page.locator("[data-testid=stImage] img")
    playwright.expect(pictures).to_have_count(5)
    pictures.nth(4).scroll_into_view_if_needed()
    _, a, b, noise_a, noise_b = (pictures.nth(k).bounding_box() for k in range(5))
    for left, right in ((a, b), (noise_a, noise_b)):
        assert left["y"] == pytest.approx(right["y"], abs=1)
        assert left["x"] + left["width"] < right["x"]
        assert left["width"] > 150


def test_a_transfer_is_stopped_gone_on_with_and_ends_in_the_backends_matrix(
    address: str, page: "playwright.Page"
) -> None:
    page.goto(f"{address}/compare?compare=transfer&dataset=fashion_mnist&rule=sign&epsilon=8/255&limit=500")
    page.get_by_text(re.compile(r"[1-9]\d* of 500 images")).wait_for()
    page.get_by_role("button", name="Stop").click()
    page.get_by_role("button", name="Go on").wait_for()
    page.get_by_text("Framed: made and tested on the same network").wait_for()
    playwright.expect(page.locator("[data-testid=stProgress]")).to_contain_text("of 500 images")
    page.get_by_role("button", name="Go on").click()
    page.locator("[data-testid=stProgress]").wait_for(state="detached")
    page.get_by_text("500 test images of Fashion-MNIST").wait_for()
    wait_for_link(page, compare="transfer", limit="500")
    figure = page.locator("[data-testid=stPlotlyChart] .nsewdrag")
    figure.wait_for()
    wait_until_still(figure)
    figure.hover()
    page.locator(".hovertext", has_text="tested on").wait_for()
    playwright.expect(page.locator(".hovertext")).to_contain_text("of 500 images right")
    models = {name: gradlab.load_model(name, "fashion_mnist") for name in ("alexnet", "resnet9")}
    found = transfer(models, gradlab.load_batch("fashion_mnist", limit=500, source="sample"), "sign", 8 / 255)
    written = page.locator("[data-testid=stPlotlyChart] .annotation-text").all_text_contents()
    shares = np.vstack([found.clean_correct, found.correct]) / 500
    # In reading order; of 500, one image more or less: convolutions may be added up in another order.
    assert [float(text.rstrip("%")) for text in written] == pytest.approx((100 * shares).ravel().tolist(), abs=0.21)


def test_from_one_comparison_to_the_next(address: str, page: "playwright.Page") -> None:
    page.goto(address_of(address, "models"))
    page.get_by_role("heading", name="Over all images").wait_for()
    wait_for_link(page, compare="models")
    place = link(page)["image"]
    page.get_by_role("button", name="Next").click()
    wait_for_change(page, "image", place)
    place = link(page)["image"]
    page.get_by_role("radio", name="two kinds of noise").click()
    wait_for_link(page, compare="rules", image=place, rule="raw", epsilon="-0.3")
    page.get_by_role("radio", name="transfer").click()
    page.get_by_text(re.compile(r"\d+ of \d+ images")).wait_for()
    # While it computes, another choice is heard.
    page.get_by_role("radio", name="two networks").click()
    wait_for_link(page, compare="models", image=place, other="alexnet-paper")
    page.get_by_role("heading", name="Over all images").wait_for()


# While it is computed: how many of some controls the page has.
_UNDER_WAY = """keys => /[1-9][0-9]* of 500 images/.test(document.body.innerText)
    && document.querySelector(".st-key-halt") && keys.map(key => document.querySelectorAll(`.st-key-${key}`).length)"""


def test_a_transfer_has_no_controls_of_the_pictures_before_it(address: str, page: "playwright.Page") -> None:
    page.goto(f"{address}/compare?model=resnet9")
    page.get_by_role("button", name="SVG").wait_for()
    keys = ["gain", "match", "other", "axis", "go_Next"]
    assert [page.locator(f".st-key-{key}").count() for key in keys] == [1] * 5
    page.locator(".st-key-compare").get_by_text("transfer").click()
    found = page.wait_for_function(_UNDER_WAY, arg=keys).json_value()
    page.get_by_role("button", name="Stop").click()
    assert found == [0] * 5
    page.get_by_role("button", name="Go on").wait_for()
    network = page.get_by_role("combobox", name="Network")
    playwright.expect(network).to_be_disabled()
    page.get_by_text("Transfer shows all networks").wait_for()
    page.get_by_role("radio", name="two networks").click()
    playwright.expect(network).to_be_enabled()
    wait_for_link(page, compare="models", model="resnet9")
