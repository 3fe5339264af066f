"""Times measured in the browser: written into the log at the end, never asserted, for machines are noisy."""

import pytest

_TIMINGS: dict[str, float] = {}


@pytest.fixture
def timings() -> dict[str, float]:
    """What was waited for, and how many seconds that took."""
    return _TIMINGS


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if _TIMINGS:
        terminalreporter.section("seconds in the browser, from the act to the page at rest")
        for name, seconds in _TIMINGS.items():
            terminalreporter.write_line(f"{name:<12}{seconds:6.2f} s")
