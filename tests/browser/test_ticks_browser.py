"""The labels of every figure in a browser: on a phone, a wide screen and paper, and as large as for a projector."""

import json
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Any

import plotly
import plotly.graph_objects as go
import pytest
from every_figure import figures

from gradlab.figures.printed import on_paper
from gradlab.figures.style import enlarged

if TYPE_CHECKING:
    import playwright.sync_api as playwright

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PLOTLY = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"
# Each axis's labels with their boxes, and how far each is turned.
READ = """async ([figure, width]) => {
  const place = document.querySelector("div");
  Plotly.purge(place);
  await Plotly.newPlot(place, figure.data, { ...figure.layout, width }, { displayModeBar: false });
  const axes = {};
  for (const text of place.querySelectorAll("[class*=tick] text")) {
    if (!text.textContent.trim()) continue;
    const box = text.getBoundingClientRect(), matrix = text.getScreenCTM();
    const turned = Math.round(Math.atan2(matrix.b, matrix.a) * 180 / Math.PI);
    (axes[text.closest("[class*=tick]").getAttribute("class")] ??= []).push(
      [text.textContent, turned, box.left, box.right, box.top, box.bottom]);
  }
  return axes;
}"""


@cache
def every_figure() -> list[tuple[str, go.Figure]]:
    return list(figures())


@pytest.fixture
def sheet(page: "playwright.Page") -> Any:
    page.set_content("<body style='margin:0'><div></div></body>")
    page.add_script_tag(path=str(PLOTLY))
    return page


def touch(one: list[Any], other: list[Any]) -> bool:
    """Side by side they overlap, and not only in the room that a line has above and below its letters."""
    side_by_side = min(one[3], other[3]) - max(one[2], other[2])
    above = min(one[5], other[5]) - max(one[4], other[4])
    return side_by_side > 0.5 and above > 3


# The page leaves a figure less of a phone's 390 px where it is as large as for a projector.
@pytest.mark.parametrize(("factor", "width"), [(1, 358), (2, 326), (1, 1000), (2, 1000)])
def test_no_label_touches_another_and_none_is_turned_alone(sheet: "playwright.Page", factor: float, width: int) -> None:
    for name, figure in every_figure():
        here = max(width, 868 if "panels" in name else 0)  # it scrolls in a frame of its own
        shown = json.loads((enlarged(go.Figure(figure), factor) if factor > 1 else figure).to_json())
        for axis, labels in sheet.evaluate(READ, [shown, here]).items():
            assert len({turned for _, turned, *_ in labels}) == 1, (name, axis, labels)
            touching = [(one[0], other[0]) for one, other in combinations(labels, 2) if touch(one, other)]
            assert not touching, (name, axis, touching)


# Texts that are cut at an edge, and pairs of notes and entries of the legend that lie on each other.
PRINT = """async figure => {
  const place = document.querySelector("div");
  Plotly.purge(place);
  await Plotly.newPlot(place, figure.data, figure.layout, { displayModeBar: false, staticPlot: true });
  const whole = place.querySelector(".main-svg").getBoundingClientRect();
  const parts = ".legend, .annotation, .g-xtitle, .g-ytitle";
  const boxes = [...place.querySelectorAll("text")].filter(text => text.textContent.trim())
    .map(text => [text.textContent, text.getBoundingClientRect(), text.closest(parts)]);
  const cut = boxes.filter(([, box]) => box.left < whole.left - 0.5 || box.right > whole.right + 0.5
    || box.top < whole.top - 0.5 || box.bottom > whole.bottom + 0.5).map(([text]) => text);
  const named = boxes.filter(([, , of]) => of), touching = [];
  for (const [n, [text, box, of]] of named.entries()) for (const [other, there, its] of named.slice(n + 1)) {
    const wide = Math.min(box.right, there.right) - Math.max(box.left, there.left);
    const high = Math.min(box.bottom, there.bottom) - Math.max(box.top, there.top);
    if (wide > 0.5 && high > 3 && of !== its) touching.push([text, other]);
  }
  return [whole.width, whole.height, cut, touching];
}"""


def test_in_print_every_label_is_whole_and_none_lies_on_another(sheet: "playwright.Page") -> None:
    for name, figure in every_figure():
        printed = json.loads(on_paper(figure).to_json())
        width, height, cut, touching = sheet.evaluate(PRINT, printed)
        assert (width, height) == (printed["layout"]["width"], printed["layout"]["height"]), name
        assert not cut, (name, cut)
        assert not touching, (name, touching)
