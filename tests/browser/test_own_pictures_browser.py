"""A visitor drops a picture, drags epsilon, and sees the class change; nobody else sees the picture."""

import base64
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from driving import link, wait_for_link
from PIL import Image

pytestmark = pytest.mark.browser

PHOTOGRAPHS = Path(__file__).resolve().parents[2] / "assets/samples/photos.webp"
DROPPED = """([place, name, text]) => {
    const bytes = Uint8Array.from(atob(text), letter => letter.charCodeAt(0)), given = new DataTransfer();
    given.items.add(new File([bytes], name, { type: "image/png" }));
    const target = document.querySelector(place);
    if (name === "pasted.png") {
        document.body.dispatchEvent(new ClipboardEvent("paste", { clipboardData: given, bubbles: true }));
        return;
    }
    for (const kind of ["dragenter", "dragover", "drop"]) {
        target.dispatchEvent(new DragEvent(kind, { dataTransfer: given, bubbles: true, cancelable: true }));
    }
}"""
ZONE = "[data-testid=stFileUploaderDropzone]"


def cat() -> str:
    """The first of the free photographs, the cat, wider than high, as a PNG in base64."""
    picture = Image.new("RGB", (300, 224), "white")
    picture.paste(Image.open(PHOTOGRAPHS).convert("RGB").crop((0, 0, 224, 224)), (38, 0))
    picture.save(out := BytesIO(), "PNG")
    return base64.b64encode(out.getvalue()).decode()


def test_a_dropped_picture_its_square_and_another_visitor(address: str, new_page: Callable[..., Any]) -> None:
    page = new_page()
    page.goto(f"{address}/?dataset=own")
    page.locator(ZONE).wait_for()
    page.evaluate(DROPPED, [ZONE, "my cat.png", cat()])
    page.get_by_text("picture 1 of 1").wait_for()
    wait_for_link(page, model="efficientnet_lite0", labels="predicted")
    key = link(page)["dataset"]

    # Epsilon: the class changes.
    said = page.get_by_text("network:")
    first = said.nth(1).inner_text()
    assert said.nth(0).inner_text() == first
    page.get_by_role("slider", name="Step size").focus()
    for _ in range(12):
        page.keyboard.press("ArrowRight")
    page.wait_for_function("new URLSearchParams(location.search).get('epsilon')")
    wait_for_link(page, dataset=key)
    assert said.nth(1).inner_text().split(",")[0] != first.split(",")[0]

    # The square, by keyboard; and one more picture, pasted.
    page.get_by_role("button", name="Your pictures").click()
    square = page.get_by_role("button", name="The square of my cat.png that networks get")
    square.press("-")
    square.press("ArrowLeft")
    page.get_by_text("221 × 221 of 300 × 224 pixels, 35 from the left, 0 from the top").wait_for()
    page.evaluate(DROPPED, [ZONE, "pasted.png", cat()])
    page.get_by_role("button", name="The square of pasted.png that networks get").wait_for()
    page.get_by_role("button", name="Look at it").click()
    page.get_by_text("picture 2 of 2").wait_for()
    wait_for_link(page, image="1")
    assert link(page)["dataset"] != key, "the pictures are others now"

    # Whoever has the link.
    other = new_page()
    other.goto(f"{address}/?dataset={link(page)['dataset']}&image=1")
    other.get_by_text("got some that another one has brought").wait_for()
    wait_for_link(other, dataset="cifar10")
    assert "pasted.png" not in other.locator("body").inner_text()
