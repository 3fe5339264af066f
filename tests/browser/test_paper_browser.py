"""The page Paper in a real browser: its switch changes the figure, and a measurement is begun, halted and given up."""

import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from driving import ROOT, assert_fits, served, wait_for_link

import gradlab
from gradlab.experiments.baseline import equal_steps, stream_baseline, stream_equal
from gradlab.experiments.stored import load_baseline, save_baseline
from gradlab.networks import find_card
from gradlab.paper import PAPER_MODEL
from gradlab.types import LabelSource

playwright = pytest.importorskip("playwright.sync_api", reason="needs playwright (requirements-dev.txt)")
pytestmark = [pytest.mark.browser, pytest.mark.slow]
LINK = "paper?dataset=cifar10&model=alexnet-paper"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The app with the baselines of a few images as the only shipped ones."""
    assets = tmp_path_factory.mktemp("shipped") / "assets"
    shutil.copytree(ROOT / "assets", assets, ignore=shutil.ignore_patterns("results"))
    model, batch = gradlab.load_model(*PAPER_MODEL), gradlab.load_batch("cifar10", limit=8, source="sample")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRADLAB_ASSETS", str(assets))
        for labels in (LabelSource.TRUE, LabelSource.PREDICTED):
            *_, last = stream_baseline(model, batch, labels)
            assert last.result is not None
            save_baseline(find_card(*PAPER_MODEL), last.result)
        steps = equal_steps(load_baseline(*PAPER_MODEL))
        *_, last = stream_equal(model, batch, steps)
        assert last.result is not None
        save_baseline(find_card(*PAPER_MODEL), last.result)
        with served(tmp_path_factory.mktemp("server")) as found:
            yield found


def expect_axis(page: "playwright.Page", text: str) -> None:
    """Wait for what the figure of the fair comparison says of its axis: figures are drawn after the page is at rest."""
    playwright.expect(page.locator(".st-key-fair .xtitle").first).to_contain_text(text)


def test_the_switch_changes_the_figure_and_nothing_fails(address: str, page: "playwright.Page") -> None:
    said: list[str] = []
    page.on("pageerror", lambda error: said.append(str(error)))
    # Streamlit looks for its server below the page's own path first, and the browser notes that nothing is there.
    page.on(
        "console",
        lambda one: said.append(one.text) if one.type == "error" and "_stcore" not in one.location["url"] else None,
    )
    page.goto(f"{address}/{LINK}")
    page.get_by_role("heading", name="The claims, measured").wait_for()
    wait_for_link(page, model="alexnet-paper", budget="l2", rounded="0")
    page.get_by_role("cell", name="The clean accuracy is").wait_for()
    expect_axis(page, "mean L2")
    page.get_by_role("radio", name="L∞").click()
    wait_for_link(page, budget="linf")
    expect_axis(page, "mean L∞")
    page.get_by_role("radio", name="allocation").click()
    wait_for_link(page, fairness="allocation")
    expect_axis(page, "mean L2")
    page.get_by_role("radio", name="34 dB").click()
    wait_for_link(page, visible="34")
    page.get_by_text("only images of 34 dB or more").first.wait_for()
    page.get_by_role("radio", name="all kinds of noise, on average").click()
    wait_for_link(page, fairness="average")
    for name, key, title in (("SSIM", "ssim", "mean SSIM"), ("PSNR", "psnr", "median PSNR")):
        page.get_by_role("radio", name=name).click()
        wait_for_link(page, budget=key)
        expect_axis(page, title)
    page.get_by_text("As saved (8 bit)").first.click()
    wait_for_link(page, budget="psnr", rounded="1")
    assert said == []


def test_a_measurement_is_begun_halted_and_given_up(address: str, page: "playwright.Page") -> None:
    page.goto(f"{address}/{LINK}")
    page.get_by_role("button", name="Measure again").click()
    page.get_by_text("of 2,000 images").wait_for()
    playwright.expect(page.get_by_role("button", name="Measure again")).to_be_disabled()
    page.get_by_role("radio", name="PSNR").click()
    page.get_by_role("button", name="Stop").click()
    page.get_by_role("button", name="Go on").wait_for()
    wait_for_link(page, budget="psnr")
    page.get_by_role("button", name="Go on").click()
    page.get_by_role("button", name="Stop").wait_for()
    playwright.expect(page.get_by_role("button", name="Go on"), "it made room for the other").to_have_count(0)
    page.get_by_role("button", name="Give up").click()
    page.get_by_role("button", name="Give up").wait_for(state="detached")
    playwright.expect(page.get_by_role("button", name="Measure again")).to_be_enabled()


def test_nothing_is_wider_than_the_screen(address: str, new_page: Callable[..., Any]) -> None:
    page = new_page(390, 900)
    page.goto(f"{address}/{LINK}")
    page.locator("[data-testid=stPlotlyChart]").first.wait_for()
    wait_for_link(page, budget="l2")
    assert_fits(page, 1440)
