"""The page of a result in a browser: light and dark, and nothing is fetched."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from driving import until
from helpers import curve, result

from gradlab.figures.printed import figure_to_html
from gradlab.figures.said import sweep_said
from gradlab.figures.sweep import sweep_figure
from gradlab.report import sweep_to_html
from gradlab.types import Rule

pytestmark = [pytest.mark.browser, pytest.mark.slow]

KNOWN = result(
    curve(Rule.SIGN, [-8 / 255, 0.0, 8 / 255], [[0, 1, 2, 0], [0, 1, 2, 1], [1, 2, 0, 0]], rounded=[[0] * 4] * 3),
    curve(Rule.RAW, [0.5], [[0, 0, 0, 0]], rounded=[[0, 0, 2, 0]]),
)

_WIDTH = "document.querySelector('.plotly-graph-div .main-svg').getBoundingClientRect().width"
# Labels that leave the figure, and labels of an axis that its title lies on.
_CUT = """() => {
    const place = document.querySelector(".plotly-graph-div .main-svg").getBoundingClientRect();
    const boxes = found => [...document.querySelectorAll(`.plotly-graph-div ${found}`)]
        .filter(text => text.textContent.trim()).map(text => [text.textContent, text.getBoundingClientRect()]);
    const titles = boxes(":is(.g-xtitle, .g-ytitle) text");
    return boxes("text").filter(([, box]) => box.left < place.left - 0.5 || box.right > place.right + 0.5
        || box.top < place.top - 0.5 || box.bottom > place.bottom + 0.5)
        .concat(boxes("[class*=tick] text").filter(([, box]) => titles.some(([, title]) =>
            Math.min(box.right, title.right) > Math.max(box.left, title.left)
            && Math.min(box.bottom, title.bottom) > Math.max(box.top, title.top))))
        .map(([text]) => text);
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_browser_draws_it_and_fetches_nothing(scheme: str, new_page: Callable[..., Any], tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    figure, said = figure_to_html(sweep_figure(KNOWN, "l2")), sweep_said(KNOWN, "l2")
    file.write_text(sweep_to_html(KNOWN, figure, axis="l2", said=said), encoding="utf-8")
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
    cut = page.evaluate(_CUT)
    assert page.get_by_role("img", name=said).count() == 1
    assert page.locator("figcaption").inner_text() == said
    assert "achieved mean L2" in page.locator("h1").inner_text()
    page.set_viewport_size({"width": 390, "height": 900})
    until(page, lambda: page.evaluate(_WIDTH) < 390, "the figure is as wide as the phone")
    assert cut == page.evaluate(_CUT) == [], "labels are whole, on a phone as well"
    assert asked == [file.as_uri()]
    assert complaints == []
    assert label == ink
    light, dark = (sum(map(int, re.findall(r"\d+", colour)[:3])) for colour in (paper, ink))
    assert (light > dark) == (scheme == "light")
    assert width <= 0
