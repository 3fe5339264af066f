"""The app in a browser; and times measured there: written into the log at the end, for machines are noisy.

Each worker has one server and one browser, which its tests share. A test has contexts of its own: other visitors, who
share with those before them only what the server keeps for all.
"""

from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest
from driving import PATIENCE, served

FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-dev-shm-usage", "--process-per-site",
]  # fmt: skip
_TIMINGS: dict[str, float] = {}
_CONTEXTS = pytest.StashKey[list[tuple[Any, list[Any]]]]()


@pytest.fixture
def timings() -> dict[str, float]:
    """What was waited for, and how many seconds that took: who asks for it is marked `measures`, and runs alone."""
    return _TIMINGS


@pytest.hookimpl(tryfirst=True)  # before those are chosen that the marks on the command line name
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "timings" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.measures)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """With a test that fails stands what its pages showed just then: what it waited for in vain tells little."""
    report = yield
    if report.when == "call" and report.failed:
        pages = [page for context, _ in item.stash.get(_CONTEXTS, []) for page in context.pages]
        report.sections += [(f"shown at {page.url}", _shown(page)) for page in pages]
    return report


def _shown(page: Any) -> str:
    try:
        return str(page.locator("body").inner_text(timeout=5_000))[:2_000]
    except Exception as error:  # whatever is wrong with the page, the test's own failure is what matters
        return repr(error)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if _TIMINGS:
        terminalreporter.section("seconds in the browser, from the act to the page at rest")
        for name, seconds in _TIMINGS.items():
            unit = "" if name.endswith(")") else " s"  # what is not in seconds says so itself
            terminalreporter.write_line(f"{name:<38}{seconds:6.2f}{unit}")


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the server keeps its log and the answers of people."""
    return tmp_path_factory.mktemp("server")


@pytest.fixture(scope="session")
def url(folder: Path) -> str:
    """The database of the server's."""
    return f"sqlite:///{folder}/answers.sqlite?timeout=0.3"


@pytest.fixture(scope="session")
def address(folder: Path, url: str) -> Iterator[str]:
    """The app as `make app` serves it, with a database of its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRADLAB_DATABASE", url)
        with served(folder) as found:
            yield found


@pytest.fixture(autouse=True)
def _no_traceback(request: pytest.FixtureRequest) -> Iterator[None]:
    """What the shared server says of an error is the failure of the test that was running."""
    log = request.getfixturevalue("folder") / "log" if "address" in request.fixturenames else None
    before = log.stat().st_size if log and log.exists() else 0
    yield
    if log and log.exists():
        said = log.read_bytes()[before:].decode()
        assert "Traceback" not in said, said


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Any]:
    playwright = pytest.importorskip("playwright.sync_api")
    playwright.expect.set_options(timeout=PATIENCE)
    with playwright.sync_playwright() as driver:
        instance = driver.chromium.launch(executable_path=chromium, args=FLAGS, timeout=2 * PATIENCE)
        yield instance
        instance.close()


@pytest.fixture(scope="session")
def free_contexts() -> dict[str, list[Any]]:
    """Contexts that no test uses, by their options: their process has read the scripts of the app, which takes long."""
    return {}


@pytest.fixture
def new_page(
    request: pytest.FixtureRequest, browser: Any, free_contexts: dict[str, list[Any]]
) -> Iterator[Callable[..., Any]]:
    """Open a page in a context of its own, of so many px: another visitor, of whom nothing is kept afterwards.

    Who measures is a visitor who comes for the first time.
    """
    pool = {} if request.node.get_closest_marker("measures") else free_contexts
    used = request.node.stash[_CONTEXTS] = []

    def open_page(width: int = 1440, height: int = 1000, **options: Any) -> Any:
        free = pool.setdefault(repr(options), [])
        context = free.pop() if free else browser.new_context(**options)
        context.set_default_timeout(PATIENCE)
        used.append((context, free))
        page = context.new_page()
        page.set_viewport_size({"width": width, "height": height})
        return page

    yield open_page
    for context, free in used:
        if pool is not free_contexts:
            context.close()
            continue
        for page in context.pages[:-1]:
            page.close()
        for page in context.pages:
            page.evaluate("() => location.protocol === 'about:' || localStorage.clear()")
            if page.url.startswith("http"):
                page.goto(urljoin(page.url, "/_stcore/health"))  # it keeps the process of these pages alive
        context.clear_cookies()
        free.append(context)


@pytest.fixture
def page(new_page: Callable[..., Any]) -> Any:
    return new_page()
