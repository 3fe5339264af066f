"""The handle of Explore in a real browser: the backend's pixels, nothing asked of the server, and the keys."""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest
from driving import at_a_frame, link, until, wait_for_link, wait_until_still
from test_app import assert_shows_its_link, backend, pictures

from gradlab.images.table import DATASETS
from gradlab.networks import read_cards
from gradlab.steps.epsilon import default_grid, parse_epsilon
from gradlab.types import Rule

playwright = pytest.importorskip("playwright.sync_api", reason="needs playwright (requirements-dev.txt)")
pytestmark = [pytest.mark.browser, pytest.mark.slow]

THUMB = 36  # px wide
_EXACT = 'note => !note.textContent.includes("computed beforehand")'


def opened(page: Any, address: str, **choices: str) -> None:
    page.goto(address + "/?" + "&".join(f"{name}={value}" for name, value in choices.items()))
    page.locator("[data-testid=stTable]").wait_for()
    wait_for_link(page, **{name: value for name, value in choices.items() if name != "epsilon"})


def handle(page: Any) -> Any:
    return page.get_by_role("slider", name="Step size ε, signed")


def field(page: Any) -> Any:
    return page.get_by_role("textbox", name="Step size ε")


def type_epsilon(page: Any, text: str) -> None:
    field(page).fill(text)
    page.keyboard.press("Enter")


def expect_said(page: Any, text: str) -> None:
    """What is said of the handle; drawn with the next frame."""
    playwright.expect(page.locator(".lab .value")).to_have_text(text)


def note(page: Any) -> Any:
    return page.locator(".lab .source")


def expect_shown(page: Any, picture: np.ndarray) -> None:
    """The perturbed image's place shows these pixels, soon."""
    until(page, lambda: np.array_equal(pictures(page)[2], picture), "the perturbed image's place shows these pixels")


def grab(page: Any) -> tuple[float, float, float]:
    """Press the mouse on the handle; what `geometry` says."""
    middle, half, y = geometry(page)
    page.mouse.move(middle + half * float(handle(page).input_value()), y)
    page.mouse.down()
    return middle, half, y


def geometry(page: Any) -> tuple[float, float, float]:
    """The slider's middle, how far its ends are from there, and its height on the page."""
    wait_until_still(handle(page))
    box = handle(page).bounding_box()
    return box["x"] + box["width"] / 2, (box["width"] - THUMB) / 2, box["y"] + box["height"] / 2


@pytest.mark.parametrize(
    ("dataset", "rule"),
    [
        *((dataset, rule) for dataset in ("cifar10", "fashion_mnist") for rule in Rule),
        ("photos", Rule.SIGN),
        ("photos", Rule.RAW),
    ],
)
def test_the_canvas_is_the_backend_to_the_last_bit(address: str, page: Any, dataset: str, rule: Rule) -> None:
    # Half a level: each value lies as near as can be to where rounding goes the other way.
    size = {"pixel": "0.5/255", "gradient": "0.1", "l2": "0.75"}[rule.unit]
    # An image whose gradient is not tiny: under `raw` the slider has the rule's own grid.
    image = {"cifar10": "6887", "fashion_mnist": "6387", "photos": "3"}[dataset]
    opened(page, address, dataset=dataset, rule=str(rule), epsilon=size, rounded="0", image=image)
    for sign in ("", "-"):
        type_epsilon(page, sign + size)
        wait_for_link(page, epsilon=sign + size)
        assert_shows_its_link(page)
        page.get_by_role("button", name="As saved (8 bit)").click()
        wait_for_link(page, rounded="1")
        assert_shows_its_link(page)
        page.get_by_role("button", name="As saved (8 bit)").click()
        wait_for_link(page, rounded="0")
    handle(page).focus()
    page.keyboard.press("Home")
    wait_for_link(page, epsilon="0/255" if rule.unit == "pixel" else "0")
    page.keyboard.press("Shift+ArrowLeft")
    coarse = -min(epsilon for epsilon in default_grid(rule) if epsilon > 0)
    wait_for_link(page, epsilon=f"{coarse * 255:g}/255" if rule.unit == "pixel" else f"{coarse:g}")
    assert_shows_its_link(page)
    page.get_by_role("radio", name="darker or brighter").click()
    wait_for_link(page, noise="signed")
    assert_shows_its_link(page)


def test_while_the_handle_is_dragged_nothing_is_sent(address: str, page: Any, timings: dict[str, float]) -> None:
    sent: list[Any] = []

    def note_down(frame: Any) -> None:  # playwright wants a function of Python's
        sent.append(frame)

    page.on("websocket", lambda socket: socket.on("framesent", note_down))
    opened(page, address, rule="sign", epsilon="8/255")
    handle(page).scroll_into_view_if_needed()
    middle, half, y = grab(page)
    before = len(sent)
    with frames_counted(page) as frames:
        until = time.perf_counter() + 2
        while time.perf_counter() < until:
            page.mouse.move(middle + half * (0.2 + 0.6 * (time.perf_counter() * 2 % 1)), y)
    timings["frames a second while dragging"] = frames[0]
    # Between two epsilons of the grid: 3.4/255, say.
    page.mouse.move(middle + half * place("3.4/255"), y)
    page.mouse.move(middle + half * place("3.4/255") + 1, y)
    page.wait_for_timeout(100)
    assert len(sent) == before, "a message went to the server while the hand held the handle"
    playwright.expect(note(page)).to_contain_text("the nearest of 43 computed beforehand")
    assert link(page)["epsilon"] == "8/255"
    started = time.perf_counter()
    page.mouse.up()
    at_a_frame(note(page), _EXACT)
    timings["exact after letting go"] = time.perf_counter() - started
    assert len(sent) > before
    wait_for_link(page, rule="sign")
    written = link(page)["epsilon"]
    assert 3 / 255 < parse_epsilon(written) < 4 / 255
    expect_said(page, f"ε = +{written}")
    assert_shows_its_link(page)


def place(epsilon: str) -> float:
    """Where on the slider an epsilon of the rule sign stands, from -1 to 1."""
    return float(np.log10(1 + 255 * parse_epsilon(epsilon)) / np.log10(1 + 64))


@contextmanager
def frames_counted(page: Any) -> Iterator[list[float]]:
    """How many animation frames a second the browser has drawn meanwhile."""
    page.evaluate("""() => {
        window.counted = {frames: 0, since: performance.now(), on: true};
        const count = () => { window.counted.frames++; window.counted.on && requestAnimationFrame(count); };
        requestAnimationFrame(count);
    }""")
    found: list[float] = []
    yield found
    found.append(
        page.evaluate("""() => {
            const {frames, since} = window.counted;
            window.counted.on = false;
            return 1000 * frames / (performance.now() - since);
        }""")
    )


def test_a_finger_drags_the_handle(address: str, new_page: Callable[..., Any]) -> None:
    page = new_page(390, 844, has_touch=True, is_mobile=True)
    opened(page, address, rule="sign", epsilon="8/255")
    handle(page).scroll_into_view_if_needed()
    middle, half, y = geometry(page)
    finger = page.context.new_cdp_session(page)

    def touch(kind: str, *epsilons: str) -> None:
        points = [{"x": middle + half * place(epsilon), "y": y} for epsilon in epsilons]
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    touch("touchStart", "8/255")
    for epsilon in ("12/255", "16/255", "24/255", "29/255"):  # the last lies between two of the grid
        touch("touchMove", epsilon)
    playwright.expect(note(page)).to_contain_text("computed beforehand")
    assert link(page)["epsilon"] == "8/255", "the server hears of it when the finger lets go"
    touch("touchEnd")
    until(page, lambda: link(page)["epsilon"] != "8/255", "the link says what the finger chose")
    wait_for_link(page, rule="sign")
    assert 28 / 255 < parse_epsilon(link(page)["epsilon"]) < 30 / 255
    assert_shows_its_link(page)


def test_keys_move_the_handle(address: str, page: Any) -> None:
    opened(page, address, rule="sign", epsilon="8/255")
    handle(page).focus()
    for key, epsilon in (
        ("ArrowRight", "9/255"), ("ArrowDown", "8/255"), ("Shift+ArrowRight", "12/255"), ("PageUp", "16/255"),
        ("Home", "0/255"), ("ArrowLeft", "-0.25/255"), ("Shift+ArrowLeft", "-1/255"),
    ):  # fmt: skip
        page.keyboard.press(key)
        wait_for_link(page, epsilon=epsilon)
    expect_said(page, "ε = −1/255")
    playwright.expect(handle(page)).to_have_attribute("aria-valuetext", "−1/255")
    playwright.expect(note(page)).not_to_contain_text("nearest")


def test_keys_in_quick_succession_do_not_end_the_page(address: str, page: Any) -> None:
    opened(page, address, rule="sign", epsilon="0.25/255")
    for _ in range(8):  # without maxCachedMessageAge, the page died at the second to fourth
        handle(page).focus()
        for key in ("Home", "Shift+ArrowLeft"):
            page.keyboard.press(key)
        wait_for_link(page, epsilon="-0.25/255")
        for key in ("ArrowRight", "ArrowRight", "ArrowRight"):
            page.keyboard.press(key)
        page.wait_for_timeout(600)
    assert not page.get_by_role("dialog").count(), "Streamlit tells of a connection error"


def test_a_key_is_not_undone_by_the_answer_to_an_earlier_one(address: str, page: Any) -> None:
    opened(page, address, rule="sign", epsilon="2/255")
    handle(page).focus()
    page.keyboard.press("Home")
    page.keyboard.down("Shift")
    page.keyboard.down("ArrowLeft")
    wait_for_link(page, epsilon="0/255")  # the answer to Home comes while the next key is held
    page.wait_for_timeout(100)
    page.keyboard.up("ArrowLeft")
    page.keyboard.up("Shift")
    wait_for_link(page, epsilon="-0.25/255")
    assert_shows_its_link(page)


def test_what_a_control_says_moves_the_handle(address: str, page: Any) -> None:
    opened(page, address, rule="sign", epsilon="8/255")
    handle(page).focus()
    page.keyboard.press("ArrowRight")
    wait_for_link(page, epsilon="9/255")
    for typed, taken in (("-9/255", "-9/255"), ("7.3/255", "7.3/255"), ("8", "8/255")):
        type_epsilon(page, typed)
        wait_for_link(page, epsilon=taken)
        expect_said(page, f"ε = {taken if taken < '0' else '+' + taken}".replace("-", "−"))
    page.get_by_text("8 was read as 8/255").wait_for()
    type_epsilon(page, "eight")
    page.get_by_text("expected a finite number").wait_for()
    playwright.expect(field(page)).to_have_value("8/255")
    assert_shows_its_link(page)


def test_the_clean_image_is_shown_while_b_is_held_and_in_turns(address: str, page: Any) -> None:
    opened(page, address, rule="sign", epsilon="32/255")
    clean, _, perturbed = backend(link(page))
    handle(page).focus()
    page.keyboard.down("b")
    expect_shown(page, clean)
    page.keyboard.up("b")
    expect_shown(page, perturbed)

    flicker = page.get_by_role("button", name="Flicker")
    flicker.click()
    playwright.expect(flicker).to_have_attribute("aria-pressed", "true")
    expect_shown(page, clean)
    expect_shown(page, perturbed)
    handle(page).focus()
    page.keyboard.press("PageUp")
    wait_for_link(page, epsilon="48/255")
    perturbed = backend(link(page))[2]
    for shown in (perturbed, clean, perturbed):  # it goes on when the page has run
        expect_shown(page, shown)
    flicker.click()
    playwright.expect(flicker).to_have_attribute("aria-pressed", "false")
    expect_shown(page, perturbed)
    deadline = time.perf_counter() + 1.5
    while time.perf_counter() < deadline:
        np.testing.assert_array_equal(pictures(page)[2], perturbed)
        page.wait_for_timeout(20)


def test_a_pixel_shows_its_numbers(address: str, page: Any) -> None:
    opened(page, address, rule="sign", epsilon="8/255")
    clean, _, perturbed = backend(link(page))
    canvas = page.locator(".scene canvas").nth(2)
    wait_until_still(canvas)
    box = canvas.bounding_box()
    canvas.click(position={"x": box["width"] * 10.5 / 32, "y": box["height"] * 20.5 / 32})
    where = page.locator(".zoom .where")
    where.wait_for()
    playwright.expect(where).to_contain_text("Column 10, row 20 of 32×32")
    for channel, name in enumerate("RGB"):
        playwright.expect(where).to_contain_text(f"{name} {clean[20, 10, channel]} → {perturbed[20, 10, channel]}")
    playwright.expect(page.locator(".cells div:visible")).to_have_count(49)
    page.keyboard.press("ArrowRight")
    playwright.expect(where).to_contain_text("Column 11, row 20")
    page.keyboard.press("Escape")
    where.wait_for(state="hidden")
    page.keyboard.press("Enter")
    where.wait_for()
    page.get_by_role("button", name="Close").press("Enter")
    where.wait_for(state="hidden")
    playwright.expect(canvas).to_be_focused()


def test_a_photograph_has_its_numbers_and_a_bar_for_any_class(address: str, page: Any) -> None:
    opened(page, address, dataset="photos", rule="sign", epsilon="8/255", image="3")
    clean, _, perturbed = backend(link(page))
    canvas = page.locator(".scene canvas").nth(2)
    wait_until_still(canvas)
    box = canvas.bounding_box()
    canvas.click(position={"x": box["width"] * 100.5 / 224, "y": box["height"] * 60.5 / 224})
    where = page.locator(".zoom .where")
    playwright.expect(where).to_contain_text(" of 224×224")
    column, row = map(int, re.findall(r"Column (\d+), row (\d+)", where.inner_text())[0])
    assert abs(column - 100) <= 1, "a pixel of the image is hardly larger than one of the screen"
    assert abs(row - 60) <= 1
    playwright.expect(where).to_contain_text(f"R {clean[row, column, 0]} → {perturbed[row, column, 0]}.0")
    page.keyboard.press("Escape")
    where.wait_for(state="hidden")

    bars, search = page.locator(".bars .bar"), page.get_by_role("combobox", name="Add a class")
    playwright.expect(bars).to_have_count(10)
    search.fill("tabby")
    search.press("Enter")
    playwright.expect(bars).to_have_count(11)
    playwright.expect(page.locator(".bars .name").last).to_contain_text("tabby")
    page.get_by_role("button", name="Take the bar of tabby", exact=False).click()
    playwright.expect(bars).to_have_count(10)
    wait_for_link(page, epsilon="8/255")


def test_the_handle_of_a_photograph_gets_finer_by_itself(address: str, page: Any) -> None:
    opened(page, address, dataset="photos", rule="random", epsilon="8/255", image="4")
    handle(page).scroll_into_view_if_needed()
    middle, half, y = grab(page)
    page.mouse.move(middle + half * place("3.4/255"), y)
    playwright.expect(note(page)).to_contain_text("the nearest of 43 computed beforehand")
    playwright.expect(page.locator(".perturbed .note b").first).not_to_be_empty()
    assert link(page)["epsilon"] == "8/255", "the page has not run again"
    page.mouse.up()


@pytest.mark.parametrize("dataset", list(DATASETS))
def test_each_data_set_has_its_bars(address: str, page: Any, dataset: str) -> None:
    if dataset not in {card.dataset for card in read_cards()}:
        pytest.skip(f"no weights for {dataset}")
    opened(page, address, dataset=dataset, rule="raw", epsilon="0.1")
    bars = page.locator(".beliefs .bar")
    playwright.expect(bars).to_have_count(10)
    playwright.expect(page.locator(".beliefs")).to_contain_text("✓")
    assert_shows_its_link(page)
