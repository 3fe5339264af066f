"""Explore for somebody who comes for the first time: what is in sight, by keys alone, and how many clicks it takes."""

from collections.abc import Callable
from typing import Any

import pytest
from driving import at_a_frame, link, open_drawn, soon, until, wait_for_change, wait_for_link, wait_until_still

playwright = pytest.importorskip("playwright.sync_api", reason="needs playwright (requirements-dev.txt)")
pytestmark = [pytest.mark.browser, pytest.mark.slow]

# In the order in which they stand.
FIRST = (".st-key-what", ".st-key-rule", ".rail", ".scene canvas", ".scene .note", ".tools", ".strip")
WALL = (".st-key-rule", ".rail", ".scene canvas", ".scene .note", ".tools")


def boxes(page: Any, selectors: tuple[str, ...]) -> list[dict[str, float]]:
    return [page.locator(selector).first.bounding_box() for selector in selectors]


def assert_in_sight(page: Any, selectors: tuple[str, ...], height: int) -> None:
    def in_sight() -> None:
        found = boxes(page, selectors)
        assert [box["y"] for box in found] == sorted(box["y"] for box in found), "they stand in this order"
        for selector, box in zip(selectors, found, strict=True):
            assert box["y"] >= 0, selector
            assert box["y"] + box["height"] <= height, f"{selector} ends {box['y'] + box['height'] - height} px below"

    soon(page, in_sight)


@pytest.mark.parametrize(
    "link",
    ["", "?dataset=cifar100&epsilon=4/255", "?dataset=svhn&model=resnet9&labels=predicted", "?dataset=photos"],
)
def test_all_of_it_is_above_the_fold(address: str, new_page: Callable[..., Any], link: str) -> None:
    page = new_page(1440, 900)
    open_drawn(page, f"{address}/{link}", rule="sign")
    assert_in_sight(page, FIRST, 900)
    image, bars = boxes(page, (".perturbed canvas", ".beliefs"))
    assert bars["x"] > image["x"] + image["width"], "the bars stand beside the images"
    assert bars["y"] + bars["height"] <= 900


@pytest.mark.parametrize("size", [(1920, 1080), (1280, 720), (1024, 768)])
def test_on_a_projector_all_that_is_worked_with_is_inside(
    address: str, new_page: Callable[..., Any], size: tuple[int, int]
) -> None:
    page = new_page(*size, color_scheme="dark")
    open_drawn(page, f"{address}/?present=1", rule="sign")
    assert_in_sight(page, WALL, size[1])
    leave = page.get_by_role("button", name="Leave")
    wait_until_still(leave)
    under = leave.evaluate("""one => {
        const {x, y, right, bottom} = one.getBoundingClientRect();
        const own = one.closest("[data-testid=stElementContainer]");
        return [...document.querySelectorAll("[data-testid=stElementContainer]")].filter(other => {
            const box = other.getBoundingClientRect();
            return other !== own && box.height && box.x < right && x < box.right && box.y < bottom && y < box.bottom;
        }).map(other => other.className);
    }""")
    assert under == [], "the way out covers nothing"


def test_on_a_phone_the_handle_stands_under_both_images(address: str, new_page: Callable[..., Any]) -> None:
    page = new_page(390, 844)
    open_drawn(page, address, rule="sign")

    def in_place() -> None:
        image, perturbed, rail = boxes(page, (".image canvas", ".perturbed canvas", ".rail"))
        assert image["y"] == perturbed["y"]
        assert image["x"] + image["width"] < perturbed["x"]
        assert 0 < rail["y"] - (image["y"] + image["height"]) < 100
        assert rail["y"] + rail["height"] <= 844

    soon(page, in_place)


def test_every_control_of_the_step_works_by_keys(address: str, page: Any) -> None:
    open_drawn(page, f"{address}/?epsilon=32/255", epsilon="32/255")
    for name in ("Flicker", "As saved (8 bit)", "True size (1:1)"):
        button = page.get_by_role("button", name=name)
        for key, pressed in (("Enter", "true"), ("Space", "false")):
            button.press(key)
            playwright.expect(button).to_have_attribute("aria-pressed", pressed)
            wait_for_link(page, epsilon="32/255")
    note = page.locator(".perturbed .note")
    for key in ("Enter", "Space"):
        page.get_by_role("button", name="Hold to compare").focus()
        page.keyboard.down(key)
        playwright.expect(note).to_have_text("the clean image, to compare")
        page.keyboard.up(key)
        playwright.expect(note).to_contain_text("network: ")


def test_the_keyboard_passes_through_the_step_in_both_directions(address: str, page: Any) -> None:
    open_drawn(page, f"{address}/?epsilon=8/255", epsilon="8/255")
    inside = """() => {
        let found = document.activeElement;
        while (found.shadowRoot?.activeElement) found = found.shadowRoot.activeElement;
        return [found.tagName, found.getAttribute("aria-label") ?? found.textContent, found.className].join("|");
    }"""
    page.get_by_role("switch", name="Equal change").or_(page.get_by_role("checkbox", name="Equal change")).first.focus()
    way = [page.evaluate(inside)]
    while "go_Previous" not in way[-1] and "Previous" not in way[-1]:
        page.keyboard.press("Tab")
        way.append(page.evaluate(inside))
        assert len(way) < 30, way
    stops = [
        "Step size ε, signed",
        "The clean image",
        "The added noise",
        "The perturbed image",
        "Hold",
        "Flicker",
        "As saved",
        "True",
    ]
    found = [next((n for n, one in enumerate(way) if stop in one), -1) for stop in stops]
    assert found == sorted(found), way
    assert -1 not in found, way
    assert sum("test image" in one for one in way) == 1, "the strip is one stop"
    back = [way[-1]]
    for _ in way[1:]:
        page.keyboard.press("Shift+Tab")
        back.append(page.evaluate(inside))
    assert back[::-1] == way


def test_arrows_go_along_the_strip_and_enter_chooses(address: str, page: Any) -> None:
    open_drawn(page, address, rule="sign")
    before = link(page)["image"]
    page.locator(".strip [aria-pressed=true]").focus()
    page.keyboard.press("ArrowRight")
    chosen = page.evaluate("document.activeElement.shadowRoot?.activeElement?.title ?? document.activeElement.title")
    page.keyboard.press("Enter")
    wait_for_change(page, "image", before)
    assert chosen.endswith(f" {link(page)['image']}")
    at_a_frame(
        page.locator(".strip"), "one => one.getRootNode().activeElement?.getAttribute('aria-pressed') === 'true'"
    )


def test_at_its_true_size_each_pixel_is_one_of_the_screens(address: str, new_page: Callable[..., Any]) -> None:
    page = new_page(1440, 900, device_scale_factor=2)
    open_drawn(page, f"{address}/?epsilon=8/255", epsilon="8/255")
    page.get_by_role("button", name="True size (1:1)").click()
    until(page, lambda: page.locator(".image canvas").bounding_box()["width"] == 16, "32 pixels take 16 px of two each")
    playwright.expect(page.locator(".source")).to_contain_text("shown at its own size, 4 mm wide")


class Clicks:
    """Counts what a hand does: clicks, and drags of a handle."""

    def __init__(self, page: Any) -> None:
        self.page, self.count = page, 0

    def click(self, place: Any) -> None:
        place.click()
        self.count += 1

    def drag(self, share: float) -> None:
        """Take the handle from where it is to a share of the slider's half, and let go."""
        handle = self.page.get_by_role("slider", name="Step size ε, signed")
        wait_until_still(handle)
        box, at = handle.bounding_box(), float(handle.input_value())
        middle, half = box["x"] + box["width"] / 2, (box["width"] - 36) / 2
        height = box["y"] + box["height"] / 2
        self.page.mouse.move(middle + half * at, height)
        self.page.mouse.down()
        self.page.mouse.move(middle + half * share, height, steps=8)
        self.page.mouse.up()
        self.count += 1


def test_to_flip_an_image_takes_one_drag(address: str, page: Any) -> None:
    open_drawn(page, address, rule="sign")
    hand = Clicks(page)
    playwright.expect(page.locator(".perturbed .note")).to_contain_text("right")
    hand.drag(0.6)
    playwright.expect(page.locator(".perturbed .note")).to_contain_text("wrong")
    playwright.expect(page.locator(".image .note")).to_contain_text("right")
    assert hand.count <= 2


def test_to_see_sign_against_plain_gradient_at_equal_change_takes_two(address: str, page: Any) -> None:
    open_drawn(page, address, rule="sign")
    hand = Clicks(page)
    hand.drag(0.5)
    wait_for_change(page, "epsilon", "")
    numbers = page.locator(".numbers").inner_text()
    hand.click(page.locator(".st-key-rule").get_by_role("radio").nth(1))
    wait_for_link(page, rule="raw")
    page.get_by_text("Equal change: L2 is").wait_for()
    playwright.expect(page.locator(".numbers")).to_contain_text(numbers.partition(" ·")[0])
    assert hand.count <= 2


def test_to_repair_a_mistake_takes_two(address: str, page: Any) -> None:
    open_drawn(page, address, rule="sign")
    hand, before = Clicks(page), link(page)["image"]
    hand.click(page.get_by_role("button", name="Repair a mistake"))
    wait_for_change(page, "image", before)
    playwright.expect(page.locator(".image .note")).to_contain_text("wrong")
    hand.drag(-0.5)
    playwright.expect(page.locator(".perturbed .note")).to_contain_text("right")
    assert hand.count <= 2


def test_to_make_a_figure_for_a_paper_takes_three(address: str, page: Any) -> None:
    open_drawn(page, address, rule="sign")
    hand = Clicks(page)
    hand.drag(0.6)
    wait_for_change(page, "epsilon", "")
    hand.click(page.get_by_role("button", name="Figure for a paper"))
    with page.expect_download() as waiting:
        hand.click(page.get_by_role("button", name="Figure, PNG"))
    assert waiting.value.suggested_filename.endswith(".png")
    assert hand.count <= 4


def test_to_find_out_whether_one_sees_it_takes_three_to_the_first_trial(address: str, page: Any) -> None:
    open_drawn(page, address, rule="sign")
    hand = Clicks(page)
    hand.click(page.get_by_role("link", name="See it?", exact=True))
    page.locator(".st-key-start").wait_for()
    hand.click(page.locator(".st-key-start").get_by_role("button"))
    begin = page.locator(".test .begin")
    begin.wait_for()
    hand.click(begin)
    page.locator(".test canvas, .test img").first.wait_for()
    assert hand.count <= 3
