"""Several visitors at once: they share one device, and nobody waits for the end of another's sweep.

What was measured stands in the log, in place of a bound: machines are noisy.
"""

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from driving import link, served, until, wait_for_change, wait_for_link

pytest.importorskip("playwright.sync_api", reason="needs playwright (requirements-dev.txt)")
pytestmark = [pytest.mark.browser, pytest.mark.slow]
SWEEP = "curves?limit=2000&rules=sign,raw,l2,max,random&rounded=1"
MODELS = ("alexnet", "alexnet-paper")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("watched")


@pytest.fixture(scope="module")
def watched(folder: Path) -> Iterator[str]:
    """The app, keeping a diary of its computing."""
    with served(folder, [str(Path(__file__).with_name("watched.py"))]) as address:
        yield address


def diary(folder: Path, model: str, since: float = 0.0) -> list[float]:
    """When the sweep of a model was given the device."""
    lines = [line.split() for line in (folder / "diary").read_text().splitlines()]
    return [float(when) for when, who in lines if who == model and float(when) >= since]


def two_sweeps(address: str, new_page: Callable[[], Any], more: str = "") -> dict[str, Any]:
    """A page for each model, whose sweep is under way."""
    pages = {model: new_page() for model in MODELS}
    for model, page in pages.items():
        page.goto(f"{address}/{SWEEP}&model={model}{more}")
    for page in pages.values():
        page.get_by_text(re.compile(r"[1-9]\d* of 2000 images")).wait_for()
    return pages


def done(page: Any) -> int:
    return int(page.locator("[data-testid=stProgress]").inner_text().split()[0])


def test_two_sweeps_go_on_together_and_a_third_visitor_is_served(
    watched: str, folder: Path, new_page: Callable[[], Any], timings: dict[str, float]
) -> None:
    sweeping = two_sweeps(watched, new_page)
    began, before = time.time(), {model: done(page) for model, page in sweeping.items()}

    third = new_page()
    started = time.perf_counter()
    third.goto(watched)
    third.locator("[data-testid=stTable]").wait_for()
    wait_for_link(third, rule="sign")
    timings["first view, beside two sweeps"] = time.perf_counter() - started
    waits = []
    for _ in range(5):
        place = link(third)["image"]
        third.get_by_role("button", name="Next").click()
        waits.append(wait_for_change(third, "image", place))
    timings["image, beside two sweeps"] = sorted(waits)[2]

    def turns() -> list[int]:
        return [len(diary(folder, model, since=began)) for model in MODELS]

    until(third, lambda: max(turns()) >= 10, "the sweeps go on")
    assert min(turns()) > max(turns()) / 2, "one sweep is served much more often than the other"
    for model, page in sweeping.items():
        until(page, lambda page=page, model=model: done(page) != before[model], f"the sweep of {model} goes on")
        assert done(page) < 2000, "the third visitor was served before the sweeps had ended"


def test_a_closed_tab_stops_its_sweep(
    watched: str, folder: Path, new_page: Callable[[], Any], timings: dict[str, float]
) -> None:
    sweeping = two_sweeps(watched, new_page, "&labels=target:cat")  # which no test has finished
    closed, other = MODELS
    sweeping[closed].close()
    at = time.time()

    def alone() -> bool:
        return len(diary(folder, other, since=max(at, *diary(folder, closed)))) >= 10

    until(sweeping[other], alone, "the other sweep goes on, and that of the closed tab does not")
    timings["from closing a tab to its last chunk"] = max(0.0, max(diary(folder, closed)) - at)
    assert done(sweeping[other]) < 2000, "it was not at its end by itself"


def test_what_is_computed_is_used_after_a_reload_in_a_second_tab_and_for_a_rule_less(
    watched: str, new_page: Callable[[], Any]
) -> None:
    view = f"{watched}/{SWEEP}&model=alexnet&labels=target:frog"

    def under_way(page: Any, until: int) -> int:
        """The least number of images that is said to be done until so many are."""
        found: int = page.wait_for_function(
            """until => {
                const bar = document.querySelector("[data-testid=stProgress]");
                const told = bar?.innerText.match(/^(\\d+) of 2000 images/);
                if (!told) return false;
                window.least = Math.min(window.least ?? Infinity, Number(told[1]));
                return Number(told[1]) >= until && window.least;
            }""",
            arg=until,
            polling=20,
        ).json_value()
        page.evaluate("() => { delete window.least; }")
        return found

    def halted(page: Any) -> int:
        """Stopped, so that nothing goes on while another page is loaded; how far it has come."""
        page.get_by_role("button", name="Stop").click()
        page.get_by_role("button", name="Go on").wait_for()
        return done(page)

    page, other = new_page(), new_page()
    page.goto(view)
    under_way(page, 100)
    before = halted(page)
    page.reload()
    assert under_way(page, before + 1) >= before, "a page that is loaded anew began anew"
    before = halted(page)
    other.goto(view)
    assert under_way(other, before + 1) >= before, "a second tab began anew"
    before = halted(other)
    other.get_by_role("button", name="random", exact=True).click()
    assert under_way(other, before + 1) >= before, "with a rule less it began anew"
    assert "random" not in link(other)["rules"]
