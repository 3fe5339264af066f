"""A lesson in two browsers: the teacher's at the wall, a student's phone."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from driving import assert_fits, assert_no_barriers, link

playwright = pytest.importorskip("playwright.sync_api", reason="needs playwright (requirements-dev.txt)")
expect = playwright.expect
pytestmark = [pytest.mark.browser, pytest.mark.slow]


def listened(page: Any) -> list[str]:
    said: list[str] = []
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("console", lambda one: said.append(one.text) if one.type == "error" and is_ours(one) else None)
    return said


def is_ours(message: Any) -> bool:
    """Not what Streamlit says when it looks for its server below a page's address first."""
    return "_stcore" not in str(message.location)


def metric(page: Any, name: str) -> Any:
    return page.locator("[data-testid=stMetric]").filter(has_text=name).locator("[data-testid=stMetricValue]")


def opened(teacher: Any, address: str) -> tuple[str, str]:
    """A study, opened; its code and the teacher's key."""
    teacher.goto(f"{address}/see?who=class&rules=sign&trials=10&width=128")
    teacher.get_by_role("button", name="Open a study").click()
    qr = teacher.get_by_role("img", name=re.compile("^QR code of"))
    expect(qr).to_be_visible()
    expect(metric(teacher, "joined")).to_have_text("0")
    joining, code = qr.get_attribute("alt").removeprefix("QR code of ").split("study=")
    assert joining == f"{address}/see?"
    return code, link(teacher)["teach"]


def joined(student: Any, address: str, code: str) -> None:
    """By the code, typed somehow, on a phone."""
    student.goto(f"{address}/see")
    field = student.get_by_role("textbox", name="Join a study")
    field.fill(f" {code.lower()[:2]} {code[2:]}")
    field.press("Enter")
    begin = student.get_by_role("button", name="Begin")
    begin.wait_for()
    assert_fits(student)
    begin.tap()
    student.locator(".begin").tap()


def answered(student: Any, trials: int) -> None:
    for number in range(trials):
        expect(student.locator(".count")).to_have_text(re.compile(f"^Trial {number + 1} of"))
        expect(student.locator(".cover")).to_be_hidden()
        student.locator("button.frame").nth(number % 2).tap()
    expect(student.locator(".count")).to_have_text(re.compile(f"^Trial {trials + 1} of"))
    expect(student.locator(".cover")).to_be_hidden()
    assert_fits(student)


def projected(teacher: Any, owner: str) -> Any:
    """The page for the projector, opened; it is told nothing of the teacher's key."""
    with teacher.expect_popup() as opening:
        teacher.get_by_role("link", name="Open the page for the projector").click()
    wall = opening.value
    expect(metric(wall, "answers")).to_have_text("4")
    expect(wall.locator(".js-plotly-plot").first).to_be_visible()
    assert set(link(wall)) == {"wall", "present", "seen_axis", "guessers"}
    assert owner not in wall.url + wall.content()
    assert_no_barriers(wall)
    return wall


def test_a_lesson(address: str, new_page: Callable[..., Any], tmp_path: Path) -> None:
    teacher = new_page()
    student = new_page(390, 844, has_touch=True)
    said, received = [listened(teacher), listened(student)], list[Any]()
    student.on("websocket", lambda one: one.on("framereceived", lambda data: received.extend([data])))

    code, owner = opened(teacher, address)
    joined(student, address, code)
    answered(student, 4)
    assert_no_barriers(student)
    assert received
    assert not any(owner in str(data) for data in received), "the teacher's key stays with the teacher"

    expect(metric(teacher, "joined")).to_have_text("1")  # without a reload
    expect(metric(teacher, "answers")).to_have_text("4")
    expect(teacher.locator(".js-plotly-plot").first).to_be_visible()
    assert_no_barriers(teacher)
    with teacher.expect_download() as waiting:
        teacher.get_by_role("button", name="Export CSV").click()
    waiting.value.save_as(tmp_path / "study.csv")
    assert len((tmp_path / "study.csv").read_text().splitlines()) == 5

    wall = projected(teacher, owner)
    said.append(listened(wall))

    teacher.get_by_role("button", name="Close the study").click()
    teacher.get_by_role("button", name="Close it for good").click()
    expect(teacher.get_by_text("Closed: no more people can join")).to_be_visible()
    student.locator("button.frame").first.tap()
    expect(student.get_by_text("This study is closed")).to_be_visible()
    expect(metric(teacher, "answers")).to_have_text("4")
    expect(wall.get_by_text("Closed: no more people can join")).to_be_visible()

    teacher.get_by_role("button", name="Delete the study").click()
    teacher.get_by_role("button", name="Delete it").click()
    expect(teacher.get_by_role("button", name="Open a study")).to_be_visible()
    student.reload()
    expect(student.get_by_text("This test is gone")).to_be_visible()
    wall.reload()  # of a closed study nothing more is looked for
    expect(wall.get_by_text("This study is gone")).to_be_visible()
    assert said == [[], [], []]
