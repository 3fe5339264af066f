"""A word that explains itself: under the pointer, with the focus and at a tap, and never off the screen."""

from collections.abc import Callable
from typing import Any

import pytest
from driving import assert_no_barriers, open_drawn, soon, until
from test_look_browser import PAGES

playwright = pytest.importorskip("playwright.sync_api", reason="needs playwright (requirements-dev.txt)")
pytestmark = [pytest.mark.browser, pytest.mark.slow]

_INSIDE = """one => {
    const { left, right, top, bottom } = one.getBoundingClientRect();
    return left >= 0 && top >= 0 && right <= innerWidth && bottom <= innerHeight;
}"""


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (700, 900), (390, 844)])
@pytest.mark.parametrize("path", PAGES)
def test_every_word_of_a_page_explains_itself(
    address: str, new_page: Callable[..., Any], path: str, width: int, height: int
) -> None:
    page = new_page(width, height, has_touch=width == 390)
    open_drawn(page, address + path, dataset="cifar10")
    terms = page.locator("[data-testid=stMain] .term")
    until(page, lambda: terms.count() > 3, "its words are there")
    for n in range(terms.count()):
        term = terms.nth(n)
        told = term.get_by_role("tooltip", include_hidden=True)
        playwright.expect(told).to_be_hidden()
        if width == 390:
            term.tap()
        elif n % 2:
            term.focus()
        else:
            term.hover()
        playwright.expect(told).to_be_visible()

        def inside(told: Any = told) -> None:
            assert told.evaluate(_INSIDE), told.inner_text()

        soon(page, inside)  # the page may still be growing
        term.blur()
        page.mouse.move(0, 0)
    terms.first.focus()
    playwright.expect(terms.first.get_by_role("tooltip")).to_be_visible()
    assert_no_barriers(page)
