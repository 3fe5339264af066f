"""What is around every page: its address in the browser's history, and a server that goes away and comes back."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from driving import (
    begin_serving,
    end_serving,
    free_port,
    link,
    open_drawn,
    until,
    wait_for_change,
    wait_for_link,
    wait_for_server,
)

pytest.importorskip("playwright.sync_api", reason="needs playwright (requirements-dev.txt)")
pytestmark = [pytest.mark.browser, pytest.mark.slow]
VIEW = "?dataset=svhn&model=resnet9&rule=l2&epsilon=0.5"


def press(page: Any, key: str) -> None:
    """Move epsilon, by a key: the page's own part runs alone then."""
    before = link(page)["epsilon"]
    page.get_by_role("slider", name="Step size ε, signed").focus()
    page.keyboard.press(key)
    wait_for_change(page, "epsilon", before)


def entries(page: Any) -> int:
    found: int = page.evaluate("history.length")
    return found


def wait_for_page(page: Any, path: str) -> None:
    page.wait_for_function("path => location.pathname === path && location.search", arg=path)


def test_back_leads_to_the_page_before_with_its_last_choices(address: str, page: Any) -> None:
    open_drawn(page, f"{address}/{VIEW}", dataset="svhn", rule="l2", epsilon="0.5")
    first = entries(page)
    for key in ("ArrowRight", "ArrowRight", "ArrowLeft", "ArrowRight"):
        press(page, key)
    assert entries(page) == first, "a choice is no entry"
    explore = link(page)
    assert explore["epsilon"] != "0.5"

    page.get_by_role("link", name="Curves").click()
    wait_for_page(page, "/curves")
    wait_for_link(page, dataset="svhn", model="resnet9", rule="l2", epsilon=explore["epsilon"])
    page.get_by_role("link", name="Landscape").click()
    wait_for_page(page, "/landscape")
    wait_for_link(page, dataset="svhn", model="resnet9", rule="l2")
    assert entries(page) == first + 2, "each page is one"

    page.go_back()
    wait_for_page(page, "/curves")
    wait_for_link(page, dataset="svhn", model="resnet9", rule="l2")
    page.go_back()
    wait_for_page(page, "/")
    wait_for_link(page, **explore)
    press(page, "ArrowLeft")  # what a link or the way back said does not come again
    wait_for_link(page, dataset="svhn")  # at rest: a run that goes on may still write the link of its own page
    page.go_forward()
    wait_for_page(page, "/curves")


def test_the_first_page_comes_compressed_and_says_that_it_is_loading(
    address: str, new_page: Callable[..., Any]
) -> None:
    page = new_page(java_script_enabled=False)
    said = page.goto(address)
    assert said.headers["content-encoding"] == "gzip"
    page.get_by_role("status").get_by_text("gradlab is loading").wait_for()
    script = page.locator("script[src]").get_attribute("src")
    answer = page.request.get(f"{address}/{script}", headers={"accept-encoding": "gzip"})
    assert answer.headers["content-encoding"] == "gzip"
    assert int(answer.headers["content-length"]) < len(answer.body()) / 2


def test_a_server_that_comes_back_is_told_the_choices_and_hears_the_next_one(
    tmp_path: Path, new_page: Callable[..., Any]
) -> None:
    port, page = free_port(), new_page()
    message = page.get_by_role("alert").filter(has_text="The server is not answering")
    server = begin_serving(tmp_path, port)
    try:
        wait_for_server(port, server)
        open_drawn(page, f"http://127.0.0.1:{port}/{VIEW}", dataset="svhn", rule="l2", epsilon="0.5")
        before = link(page)["image"]
        page.get_by_role("button", name="Next").click()
        wait_for_change(page, "image", before)
        press(page, "ArrowRight")
        chosen, entered = link(page), entries(page)
        assert message.count() == 0

        end_serving(server)
        message.wait_for()
        assert page.locator(".stBidiComponent:not([inert])").count() == 0, "what they send would be lost"
        with page.expect_console_message(lambda said: "server is not responding" in said.text):
            pass  # Streamlit has asked for a while, and now says so, too, in a dialog over the page
        until(page, lambda: page.get_by_role("dialog").count() == 0, "its dialog is closed")
        assert message.is_visible()

        server = begin_serving(tmp_path, port)
        wait_for_server(port, server)
        message.wait_for(state="detached")
        wait_for_link(page, **chosen)
        press(page, "ArrowRight")
        wait_for_link(page, **{name: text for name, text in chosen.items() if name != "epsilon"})
        assert entries(page) == entered
        page.goto("about:blank")  # nothing of it is left to go back to
    finally:
        end_serving(server)
    assert "Traceback" not in (tmp_path / "log").read_text()
