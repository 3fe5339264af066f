"""The app in a real browser: what AppTest can't see, above all the pictures."""

import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
from PIL import Image

import gradlab
from gradlab.epsilon import parse_epsilon
from gradlab.explore import explore
from gradlab.figures.pixels import noise_picture, signed_picture, to_picture

playwright = pytest.importorskip("playwright.sync_api", reason="needs playwright (requirements-dev.txt)")
pytestmark = [pytest.mark.browser, pytest.mark.slow]
ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60_000
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The app as `make app` serves it, on a free port, with the embedded samples only."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    folder = tmp_path_factory.mktemp("server")
    command = [sys.executable, "-m", "streamlit", "run", "dashboard.py", "--server.port", str(port)]
    surroundings = os.environ | {"GRADLAB_DATA": str(folder)}
    with (folder / "log").open("w") as log:
        server = subprocess.Popen(command, cwd=ROOT, env=surroundings, stdout=log, stderr=log)
    try:
        wait_for(f"http://127.0.0.1:{port}/_stcore/health", server)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(20)
    assert "Traceback" not in (folder / "log").read_text()


def wait_for(url: str, server: "subprocess.Popen[bytes]") -> None:
    for _ in range(240):
        assert server.poll() is None, "the server ended"
        try:
            with urllib.request.urlopen(url, timeout=2) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.25)
    pytest.fail("the server did not answer within a minute")


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator["playwright.Browser"]:
    with playwright.sync_playwright() as driver:
        instance = driver.chromium.launch(executable_path=chromium, args=FLAGS)
        yield instance
        instance.close()


@pytest.fixture
def page(browser: "playwright.Browser") -> Iterator["playwright.Page"]:
    context = browser.new_context(viewport={"width": 1440, "height": 1000})
    context.set_default_timeout(PATIENCE)
    yield context.new_page()
    context.close()


def link(page: "playwright.Page") -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(page.url).query).items()}


def pictures(page: "playwright.Page") -> list[np.ndarray]:
    """The large pictures as the browser got them, in order: image, noise, perturbed, signed difference."""
    sources = page.locator("[data-testid=stImage] img").evaluate_all("all => all.map(one => one.src)")
    contents = [page.request.get(source).body() for source in sources[:4]]
    return [np.asarray(Image.open(BytesIO(content)).convert("RGB")) for content in contents]


def wait_for_link(page: "playwright.Page", **wanted: str) -> float:
    """Wait until the link says so and the page has come to rest; the seconds that it took."""
    started = time.perf_counter()
    while not (wanted.items() <= link(page).items() and at_rest(page)):
        assert time.perf_counter() - started < PATIENCE / 1000, f"expected {wanted}, the link says {link(page)}"
        page.wait_for_timeout(20)
    return time.perf_counter() - started


def at_rest(page: "playwright.Page") -> bool:
    return bool(
        page.evaluate(
            "() => document.querySelector('[data-testid=stApp]')?.dataset.testScriptState === 'notRunning'"
            " && !document.querySelector('[data-stale=true]')"
        )
    )


def backend(view: dict[str, str]) -> list[np.ndarray]:
    """What the pictures of a view have to be."""
    one = gradlab.load_batch(view["dataset"], indices=[int(view["image"])], source="sample")
    model = gradlab.load_model(view["model"], view["dataset"])
    seen = explore(model, one, view["rule"], parse_epsilon(view["epsilon"]), labels=view["labels"])
    delta, gain = seen.perturbed.image - seen.clean.image, int(view["gain"])
    made = (
        to_picture(seen.clean.image), noise_picture(delta, gain),
        to_picture(seen.perturbed.image), signed_picture(delta, gain),
    )  # fmt: skip
    return [np.asarray(picture.convert("RGB")) for picture in made]


def assert_shows_its_link(page: "playwright.Page") -> None:
    shown, wanted = pictures(page), backend(link(page))
    for name, one, other in zip(("image", "noise", "perturbed", "difference"), shown, wanted, strict=True):
        assert one.shape == other.shape
        # One level of 255 apart at most: this process and the server may add up a convolution in another order.
        assert np.abs(one.astype(int) - other).max() <= 1, f"the {name} is not what the backend says"


def test_explore_follows_every_control_and_its_link_shows_the_same_view(
    address: str, page: "playwright.Page", browser: "playwright.Browser", timings: dict[str, float]
) -> None:
    started = time.perf_counter()
    page.goto(address)
    page.locator("[data-testid=stTable]").wait_for()
    wait_for_link(page, rule="sign", epsilon="8/255")
    timings["first view"] = time.perf_counter() - started
    assert_shows_its_link(page)

    page.get_by_role("slider").first.focus()
    page.keyboard.press("ArrowRight")
    timings["epsilon"] = wait_for_link(page, epsilon="9/255")
    assert_shows_its_link(page)

    page.get_by_role("radio", name="no sign").click()
    timings["rule"] = wait_for_link(page, rule="raw", epsilon="0.2")
    assert_shows_its_link(page)

    page.get_by_role("radio", name="− descend").click()
    timings["direction"] = wait_for_link(page, epsilon="-0.2")
    assert_shows_its_link(page)

    page.get_by_role("radio", name="predicted").click()
    wait_for_link(page, labels="predicted")
    before = link(page)["image"]
    page.get_by_role("button", name="Next").click()
    while link(page)["image"] == before:
        page.wait_for_timeout(20)
    timings["image"] = wait_for_link(page, epsilon="-0.2")
    assert_shows_its_link(page)

    other = browser.new_context(viewport={"width": 1440, "height": 1000}).new_page()
    other.set_default_timeout(PATIENCE)
    other.goto(page.url)
    other.locator("[data-testid=stTable]").wait_for()
    wait_for_link(other, **link(page))
    assert [picture.tolist() for picture in pictures(other)] == [picture.tolist() for picture in pictures(page)]
    assert other.locator("[data-testid=stTable]").inner_text() == page.locator("[data-testid=stTable]").inner_text()
    other.context.close()


def test_a_thumbnail_chooses_its_image(address: str, page: "playwright.Page") -> None:
    page.goto(address)
    page.locator("[data-testid=stTable]").wait_for()
    wait_for_link(page, rule="sign")
    third = page.locator("button[aria-pressed]").nth(2)
    place = third.get_attribute("title").rsplit(" ", 1)[1]
    third.click()
    wait_for_link(page, image=place)
    assert_shows_its_link(page)
    assert page.locator('button[aria-pressed="true"]').get_attribute("title").endswith(place)


def test_curves_are_drawn_stopped_and_gone_on_with(address: str, page: "playwright.Page") -> None:
    page.goto(f"{address}/curves?limit=2000&rules=sign,raw,l2,max,random")
    page.get_by_text(re.compile(r"[1-9]\d* of 2000 images")).wait_for()
    page.get_by_role("button", name="Stop").click()
    page.get_by_role("button", name="Go on").wait_for()
    page.get_by_text("The images at a point").wait_for()
    assert "of 2000 images" in page.locator("[data-testid=stProgress]").inner_text()
    stopped_at = int(page.locator("[data-testid=stProgress]").inner_text().split()[0])
    assert 0 < stopped_at < 2000
    wait_for_link(page, limit="2000")
    page.get_by_role("button", name="Go on").click()
    page.get_by_role("button", name="Stop").click()
    page.get_by_role("button", name="Go on").wait_for()
    assert int(page.locator("[data-testid=stProgress]").inner_text().split()[0]) >= stopped_at


def test_a_click_on_the_curve_chooses_the_point(address: str, page: "playwright.Page") -> None:
    page.goto(f"{address}/curves?limit=100&rules=sign")
    page.get_by_text("The images at a point").wait_for()
    wait_for_link(page, limit="100")
    points = page.locator("[data-testid=stPlotlyChart] .scatterlayer .points path")
    count = points.count()
    points.nth(count - 4).click(force=True)
    wait_for_link(page, epsilon="24/255", rule="sign")
    page.get_by_text("sign, ε = +24/255").wait_for()


def test_nonsense_links_show_notices_and_a_working_page(address: str, page: "playwright.Page") -> None:
    page.goto(f"{address}/?dataset=%00&model=<script>&rule=9&epsilon=NaN&image=-3&gain=x&labels=&unknown=1")
    page.locator("[data-testid=stTable]").wait_for()
    wait_for_link(page, dataset="cifar10", model="alexnet", rule="sign", epsilon="8/255")
    assert page.get_by_text("was left out").count() >= 5
    assert_shows_its_link(page)


@pytest.mark.parametrize("width", [390, 1440])
@pytest.mark.parametrize("path", ["/", "/curves?limit=100&rules=sign"])
def test_nothing_is_wider_than_the_screen(address: str, browser: "playwright.Browser", width: int, path: str) -> None:
    page = browser.new_context(viewport={"width": width, "height": 900}).new_page()
    page.set_default_timeout(PATIENCE)
    page.goto(address + path)
    page.locator("[data-testid=stPlotlyChart]").first.wait_for()
    wait_for_link(page, rule="sign")
    main = "document.querySelector('[data-testid=stMain]')"
    assert page.evaluate(f"{main}.scrollWidth <= {main}.clientWidth")
    page.context.close()
