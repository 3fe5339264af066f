"""The page of a result in a browser: light and dark, and nothing is fetched."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from helpers import curve, result

from gradlab.figures.printed import figure_to_html
from gradlab.figures.sweep import sweep_figure
from gradlab.report import sweep_to_html
from gradlab.types import Rule

pytestmark = [pytest.mark.browser, pytest.mark.slow]

KNOWN = result(
    curve(Rule.SIGN, [-8 / 255, 0.0, 8 / 255], [[0, 1, 2, 0], [0, 1, 2, 1], [1, 2, 0, 0]], rounded=[[0] * 4] * 3),
    curve(Rule.RAW, [0.5], [[0, 0, 0, 0]], rounded=[[0, 0, 2, 0]]),
)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_browser_draws_it_and_fetches_nothing(scheme: str, new_page: Callable[..., Any], tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    file.write_text(sweep_to_html(KNOWN, figure_to_html(sweep_figure(KNOWN))), encoding="utf-8")
    asked: list[str] = []
    complaints: list[str] = []
    page = new_page(color_scheme=scheme)
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(file.as_uri())
    page.wait_for_selector(".plotly-graph-div .scatterlayer .trace path")
    ink, paper, label = page.evaluate(
        """() => [getComputedStyle(document.body).color, getComputedStyle(document.body).backgroundColor,
                  getComputedStyle(document.querySelector('.plotly-graph-div .xtick text')).fill]"""
    )
    width = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert asked == [file.as_uri()]
    assert complaints == []
    assert label == ink
    light, dark = (sum(map(int, re.findall(r"\d+", colour)[:3])) for colour in (paper, ink))
    assert (light > dark) == (scheme == "light")
    assert width <= 0
