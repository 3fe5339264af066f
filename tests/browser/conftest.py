"""The app in a browser; and times measured there: written into the log at the end, for machines are noisy."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from driving import PATIENCE, served

FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
_TIMINGS: dict[str, float] = {}


@pytest.fixture
def timings() -> dict[str, float]:
    """What was waited for, and how many seconds that took."""
    return _TIMINGS


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if _TIMINGS:
        terminalreporter.section("seconds in the browser, from the act to the page at rest")
        for name, seconds in _TIMINGS.items():
            terminalreporter.write_line(f"{name:<38}{seconds:6.2f} s")


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The app as `make app` serves it."""
    with served(tmp_path_factory.mktemp("server")) as found:
        yield found


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Any]:
    playwright = pytest.importorskip("playwright.sync_api")
    playwright.expect.set_options(timeout=15_000)
    with playwright.sync_playwright() as driver:
        instance = driver.chromium.launch(executable_path=chromium, args=FLAGS)
        yield instance
        instance.close()


@pytest.fixture
def new_page(browser: Any) -> Iterator[Callable[[], Any]]:
    """Open a page in a context of its own: another visitor."""
    contexts = []

    def open_page() -> Any:
        contexts.append(browser.new_context(viewport={"width": 1440, "height": 1000}))
        contexts[-1].set_default_timeout(PATIENCE)
        return contexts[-1].new_page()

    yield open_page
    for context in contexts:
        context.close()


@pytest.fixture
def page(new_page: Callable[[], Any]) -> Any:
    return new_page()
