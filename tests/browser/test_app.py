"""The app in a real browser: what AppTest can't see, above all the pictures."""

import json
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from driving import assert_fits, link, open_drawn, soon, wait_for_change, wait_for_link, wait_until_still
from PIL import Image

import gradlab
from gradlab.experiments.explore import explore
from gradlab.figures.pixels import noise_picture, signed_picture, to_picture
from gradlab.images.table import DATASETS
from gradlab.networks import read_cards
from gradlab.report.archive import load_result
from gradlab.steps.epsilon import parse_epsilon

playwright = pytest.importorskip("playwright.sync_api", reason="needs playwright (requirements-dev.txt)")
pytestmark = [pytest.mark.browser, pytest.mark.slow]


def pictures(page: "playwright.Page") -> list[np.ndarray]:
    """The pictures as the browser drew them, (H, W, 3), in order: image, noise, perturbed."""
    read = """all => all.map(one => {
        const data = one.getContext("2d").getImageData(0, 0, one.width, one.height).data;
        return [one.width, [...data]];
    })"""
    drawn = page.locator(".scene canvas").evaluate_all(read)
    return [np.array(data, np.uint8).reshape(width, width, 4)[..., :3] for width, data in drawn]


def backend(view: dict[str, str]) -> list[np.ndarray]:
    """What the pictures of a view have to be."""
    one = gradlab.load_batch(view["dataset"], indices=[int(view["image"])], source="sample")
    model = gradlab.load_model(view["model"], view["dataset"])
    seen = explore(model, one, view["rule"], parse_epsilon(view.get("epsilon", "0")), labels=view["labels"])
    after = seen.rounded if view["rounded"] == "1" else seen.perturbed
    delta, gain = after.image - seen.clean.image, int(view["gain"])
    noise = (signed_picture if view.get("noise") == "signed" else noise_picture)(delta, gain, 1)
    made = to_picture(seen.clean.image, 1), noise, to_picture(after.image, 1)
    return [np.asarray(picture.convert("RGB")) for picture in made]


def assert_shows_its_link(page: "playwright.Page") -> None:
    """The pictures are those of the link; they are drawn a moment after the page has come to rest."""
    wanted = backend(link(page))

    def shown() -> None:
        for name, one, other in zip(("image", "noise", "perturbed"), pictures(page), wanted, strict=True):
            np.testing.assert_array_equal(one, other, f"the {name} is not what the backend says, to the last bit")

    soon(page, shown)


def test_explore_follows_every_control_and_its_link_shows_the_same_view(
    address: str, page: "playwright.Page", new_page: Callable[..., Any], timings: dict[str, float]
) -> None:
    started = time.perf_counter()
    page.goto(address)
    page.locator("[data-testid=stTable]").wait_for()
    wait_for_link(page, rule="sign")
    timings["first view, the first visitor"] = time.perf_counter() - started
    assert_shows_its_link(page)

    page.get_by_role("slider", name="Step size ε, signed").focus()
    page.keyboard.press("Shift+ArrowLeft")
    timings["epsilon"] = wait_for_link(page, epsilon="-0.25/255")
    assert_shows_its_link(page)

    page.get_by_role("radio", name="plain gradient").click()
    timings["rule"] = wait_for_link(page, rule="raw")
    page.get_by_text("Equal change: L2 is").wait_for()
    assert_shows_its_link(page)
    epsilon = link(page)["epsilon"]

    page.get_by_role("radio", name="predicted").click()
    wait_for_link(page, labels="predicted")
    before = link(page)["image"]
    page.get_by_role("button", name="Next").click()
    timings["image"] = wait_for_change(page, "image", before)
    assert link(page)["epsilon"] == epsilon
    assert_shows_its_link(page)

    other = new_page(1440, 1000)
    started = time.perf_counter()
    other.goto(page.url)
    other.locator("[data-testid=stTable]").wait_for()
    wait_for_link(other, **link(page))
    timings["first view, the next visitor"] = time.perf_counter() - started
    assert_shows_its_link(other)
    playwright.expect(other.locator("[data-testid=stTable]")).to_have_text(
        page.locator("[data-testid=stTable]").text_content()
    )


def test_a_thumbnail_chooses_its_image(address: str, page: "playwright.Page") -> None:
    page.goto(address)
    page.locator("[data-testid=stTable]").wait_for()
    wait_for_link(page, rule="sign")
    third = page.locator(".strip button").nth(2)
    place = third.get_attribute("title").rsplit(" ", 1)[1]
    third.click()
    wait_for_link(page, image=place)
    assert_shows_its_link(page)
    playwright.expect(page.locator(".strip [aria-pressed=true]")).to_have_attribute("title", re.compile(f" {place}$"))


def test_another_network_and_another_data_set_are_soon_there(
    address: str, page: "playwright.Page", timings: dict[str, float]
) -> None:
    page.goto(address)
    page.locator("[data-testid=stTable]").wait_for()
    wait_for_link(page, rule="sign")
    cards = read_cards()
    titles = {card.dataset: DATASETS[card.dataset].title for card in cards}
    for dataset, title in [*titles.items()][::-1]:
        if link(page)["dataset"] != dataset:
            timings[f"data set, {title}"] = choose(page, "Data set", title, dataset=dataset)
        for card in cards:
            if card.dataset == dataset and link(page)["model"] != card.name:
                timings[f"network, {card.name} of {title}"] = choose(page, "Network", f"{card.name} ·", model=card.name)
                assert_shows_its_link(page)
    first, second = (card.name for card in cards if card.dataset == "cifar10"), link(page)["model"]
    other = next(name for name in first if name != second)
    for name in (other, second):
        timings["network, seen before"] = choose(page, "Network", f"{name} ·", model=name)
    assert {f"data set, {title}" for title in titles.values()} - {"data set, CIFAR-10"} <= timings.keys()


def choose(page: "playwright.Page", box: str, option: str, **wanted: str) -> float:
    """Pick from a list; the seconds from the click on the option to the page at rest."""
    page.locator("[data-testid=stSelectbox]").filter(has_text=box).locator("input").click()
    page.get_by_role("option", name=option).first.click()
    return wait_for_link(page, **wanted)


def test_what_was_measured_beforehand_is_there_at_once(
    address: str, page: "playwright.Page", timings: dict[str, float]
) -> None:
    page.goto(f"{address}/curves?model=alexnet-paper&limit=100&rules=sign")
    page.get_by_role("heading", name="A point of the curve").wait_for()
    wait_for_link(page, limit="100")
    page.get_by_role("slider", name="Images").focus()
    started = time.perf_counter()
    page.keyboard.press("End")
    wait_for_link(page, limit="10000")
    timings["curves, measured beforehand"] = time.perf_counter() - started
    page.get_by_text("How this was measured").click()
    page.get_by_text("measured beforehand", exact=True).wait_for()
    page.get_by_text("only the 2,000 in the sample").wait_for()
    playwright.expect(page.locator("[data-testid=stProgress]")).to_have_count(0)


def test_curves_are_drawn_stopped_and_gone_on_with(address: str, page: "playwright.Page") -> None:
    page.goto(f"{address}/curves?limit=2000&rules=sign,raw,l2,max,random")
    page.get_by_text(re.compile(r"[1-9]\d* of 2000 images")).wait_for()
    page.get_by_role("button", name="Stop").click()
    page.get_by_role("button", name="Go on").wait_for()
    page.get_by_role("heading", name="A point of the curve").wait_for()
    playwright.expect(page.locator("[data-testid=stProgress]")).to_contain_text("of 2000 images")
    stopped_at = int(page.locator("[data-testid=stProgress]").inner_text().split()[0])
    assert 0 < stopped_at < 2000
    wait_for_link(page, limit="2000")
    page.get_by_role("button", name="Go on").click()
    page.get_by_role("button", name="Stop").click()
    page.get_by_role("button", name="Go on").wait_for()
    assert int(page.locator("[data-testid=stProgress]").inner_text().split()[0]) >= stopped_at


def test_a_click_on_the_curve_chooses_the_point(address: str, page: "playwright.Page") -> None:
    page.goto(f"{address}/curves?limit=100&rules=sign")
    page.get_by_role("heading", name="A point of the curve").wait_for()
    wait_for_link(page, limit="100")
    points = page.locator("[data-testid=stPlotlyChart] .scatterlayer .points path")
    points.last.wait_for()
    wait_until_still(page.locator("[data-testid=stPlotlyChart]").first)
    points.nth(points.count() - 4).click(force=True)
    wait_for_link(page, epsilon="24/255", rule="sign")
    page.get_by_text("sign, ε = +24/255").wait_for()


def test_files_hold_what_the_page_shows(address: str, page: "playwright.Page", tmp_path: Path) -> None:
    page.goto(f"{address}/curves?limit=100&rules=sign,l2&rounded=1&labels=target:cat")
    page.get_by_role("heading", name="A point of the curve").wait_for()
    wait_for_link(page, labels="target:cat")
    model, batch = gradlab.load_model("alexnet", "cifar10"), gradlab.load_batch("cifar10", limit=100, source="sample")
    result = gradlab.sweep(model, batch, ("sign", "l2"), labels="target:cat", eight_bit=True)

    report = download(page, "HTML report", tmp_path).read_text()
    assert "<h1>" in report
    assert "Plotly.newPlot" in report
    assert f"{result.clean_accuracy:.2%}" in report
    values = json.loads(download(page, "JSON", tmp_path).read_text())
    assert (values["labels"], values["clean_accuracy"]) == ("target:cat", result.clean_accuracy)
    table = download(page, "CSV", tmp_path).read_text().splitlines()
    assert len(table) == 1 + sum(len(curve.epsilons) for curve in result.curves)
    back = load_result(download(page, "Result file", tmp_path))
    # Another process and thread: where two logits are as good as equal, it may say something else.
    for curve, other in zip(result.curves, back.curves, strict=True):
        assert (curve.predictions != other.predictions).mean() < 0.001

    page.goto(f"{address}/?epsilon=-8/255&labels=target:cat")
    page.locator("[data-testid=stTable]").wait_for()
    wait_for_link(page, epsilon="-8/255")
    small = np.asarray(Image.open(download(page, "Perturbed image, PNG", tmp_path)))
    assert np.abs(small.astype(int) - backend(link(page))[2]).max() <= 1
    numbers = json.loads(download(page, "Numbers, JSON", tmp_path).read_text())
    assert (numbers["index"], numbers["labels"]) == (int(link(page)["image"]), "target:cat")


def download(page: "playwright.Page", name: str, folder: Path) -> Path:
    with page.expect_download() as waiting:
        page.get_by_role("button", name=name, exact=True).click()
    path = folder / waiting.value.suggested_filename
    waiting.value.save_as(path)
    return path


def test_nonsense_links_show_notices_and_a_working_page(address: str, page: "playwright.Page") -> None:
    page.goto(f"{address}/?dataset=%00&model=<script>&rule=9&epsilon=NaN&image=-3&gain=x&labels=&unknown=1")
    page.locator("[data-testid=stTable]").wait_for()
    wait_for_link(page, dataset="cifar10", model="alexnet", rule="sign")
    page.get_by_text("was left out").nth(4).wait_for()
    assert_shows_its_link(page)


@pytest.mark.parametrize("path", ["/", "/curves?limit=100&rules=sign"])
def test_nothing_is_fetched_from_elsewhere(address: str, page: "playwright.Page", path: str) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    open_drawn(page, address + path, rule="sign")
    assert asked
    assert [url for url in asked if not url.startswith((address, "data:", "blob:"))] == []


@pytest.mark.parametrize("path", ["/", "/curves?limit=100&rules=sign,raw&view=rules"])
def test_nothing_is_wider_than_the_screen(address: str, new_page: Callable[..., Any], path: str) -> None:
    page = new_page(390, 900)
    open_drawn(page, address + path, rule="sign")
    assert_fits(page, 1440)


def test_on_a_phone_titles_stay_in_their_frame_and_pictures_stand_side_by_side(
    address: str, new_page: Callable[..., Any]
) -> None:
    page = new_page(390, 900)
    page.goto(f"{address}/curves?limit=100&rules=sign,raw,l2&view=images")
    page.locator(".st-key-gallery img").nth(11).wait_for()
    wait_for_link(page, rule="sign")
    titles = page.locator("[data-testid=stPlotlyChart]").first.locator(".infolayer [class$=title] text")
    titles.nth(2).wait_for()

    def in_place() -> None:
        for title in titles.all():
            box = title.bounding_box()
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= 390, title.inner_text()
        tops = [image.bounding_box()["y"] for image in page.locator(".st-key-gallery img").all()]
        assert [round(top - tops[0]) for top in tops[:3]] == [0, 0, 0]
        assert tops[3] > tops[0]

    soon(page, in_place)
    assert_fits(page, 1440)
