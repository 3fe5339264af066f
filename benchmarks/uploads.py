"""What visitors' uploads leave in the server's memory: `python -m benchmarks.uploads` brings much, leaves, and looks.

A real Chromium drops twenty pictures of 10 MB and removes them, and again; files that are no pictures; files that no
page takes; two hundred at once; and a network of 178 MB. After each visit the page is closed and the server's memory is
read: at once, and when the server had time to tidy up. What it holds after a first visit with one picture is the base.
Linux, with Chromium and playwright (requirements-dev.txt).
"""

import argparse
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urljoin

import numpy as np
from PIL import Image

from benchmarks.soak import chromium, memory_of, served

PICTURES, FILES = 20, 200
_PATIENCE = 600_000  # ms
_AFTER = (0, 20)  # seconds after a visitor has left
_LONG_AFTER = 140  # seconds after the last one has: Streamlit no longer waits for anybody to come back


@dataclass(frozen=True)
class Visitor:
    """A page in a browser, the server's address, and what gives its memory in MB."""

    page: Any
    address: str
    memory: Callable[[], float]


Visit = Callable[[Visitor], None]


def main() -> None:
    """Bring, leave, and print the server's memory."""
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    from playwright.sync_api import sync_playwright

    with TemporaryDirectory() as folder, served() as (address, server), sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium(), args=["--no-sandbox", "--disable-gpu"])
        print(f"the server, before anybody came: {memory_of(server):.0f} MB", flush=True)
        for title, visit in _visits(Path(folder)):
            context = browser.new_context(viewport={"width": 1440, "height": 1000})
            context.set_default_timeout(_PATIENCE)
            visit(Visitor(context.new_page(), address, lambda: memory_of(server)))
            context.close()
            print(f"{title}: " + ", ".join(_after(server)), flush=True)
        browser.close()
        time.sleep(_LONG_AFTER - _AFTER[-1])
        print(f"{_LONG_AFTER} s after the last one has left: {memory_of(server):.0f} MB")


def _after(server: int) -> Iterator[str]:
    began = time.monotonic()
    for seconds in _AFTER:
        time.sleep(max(0.0, began + seconds - time.monotonic()))
        yield f"{memory_of(server):.0f} MB {seconds} s after leaving"


def _visits(folder: Path) -> Iterator[tuple[str, Visit]]:
    """What each visitor does."""
    pictures = [_picture(folder / f"{number}.png", number) for number in range(PICTURES)]
    others = [_other(folder / f"other-{number}.png", number) for number in range(PICTURES)]
    small = [_picture(folder / f"small-{number}.png", number, 500) for number in range(FILES)]
    yield "one picture (the base)", lambda at: _bring(at, small[:1])
    for k in (1, 2):
        yield f"{PICTURES} pictures of 10 MB ({k})", lambda at: _bring_and_remove(at, pictures)
    yield f"{PICTURES} files of 10 MB that are no pictures", lambda at: _refused(at, others)
    yield f"{PICTURES - 1} files of 10 MB that no page takes", lambda at: _not_taken(at, small[0], others[1:])
    yield f"{FILES} files at once", lambda at: _bring(at, small)
    yield "a network of 178 MB", lambda at: _bring_network(at, _network(folder))
    yield "one picture again", lambda at: _bring(at, small[:1])


def _bring(at: Visitor, files: list[str]) -> None:
    at.page.goto(f"{at.address}/?dataset=own")
    at.page.locator("input[type=file]").set_input_files(files)
    at.page.get_by_text(f"picture 1 of {min(len(files), PICTURES)}").wait_for()
    at.page.wait_for_function("document.querySelector('[data-testid=stApp]').dataset.testScriptState === 'notRunning'")


def _bring_and_remove(at: Visitor, files: list[str]) -> None:
    from playwright.sync_api import expect

    _bring(at, files)
    there = at.memory()
    at.page.get_by_role("button", name="Your pictures").click()
    remove, square = (
        at.page.get_by_role("button", name="Remove it"),
        at.page.get_by_role("button", name="The square of"),
    )
    for left in reversed(range(len(files))):
        expect(square).to_have_count(1, timeout=_PATIENCE)
        before = str(square.get_attribute("aria-label"))
        remove.click()
        if left:
            expect(square).not_to_have_attribute("aria-label", before, timeout=_PATIENCE)
    remove.wait_for(state="detached")
    at.page.wait_for_timeout(20_000)
    print(f"  with the pictures {there:.0f} MB, 20 s after they were removed {at.memory():.0f} MB", flush=True)


def _refused(at: Visitor, files: list[str]) -> None:
    at.page.goto(f"{at.address}/?dataset=own")
    at.page.locator("input[type=file]").set_input_files(files)
    at.page.get_by_text("expected a picture").first.wait_for()


def _not_taken(at: Visitor, picture: str, files: list[str]) -> None:
    """As no browser of ours does: sent, and the page is told nothing of it."""
    sent: list[Any] = []

    def note(request: Any) -> None:
        if "/upload_file/" in request.url:
            sent.append(request)

    at.page.on("request", note)
    _bring(at, [picture])
    headers = {name: value for name, value in sent[-1].headers.items() if name == "x-xsrftoken"}
    for number, file in enumerate(files):
        answer = at.page.context.request.put(
            urljoin(sent[-1].url, f"not-taken-{number}"), headers=headers, multipart={"file": Path(file)}
        )
        assert answer.ok, answer.text()
    print(f"  with the files {at.memory():.0f} MB", flush=True)


def _bring_network(at: Visitor, files: list[str]) -> None:
    at.page.goto(f"{at.address}/?dataset=photos")
    at.page.get_by_text("network:").nth(1).wait_for()
    at.page.get_by_role("button", name="Your network").click()
    at.page.locator("input[type=file]").set_input_files(files)
    at.page.get_by_text("12 checks").wait_for()
    print(f"  with the network {at.memory():.0f} MB", flush=True)


def _picture(path: Path, seed: int, size: int = 1800) -> str:
    pixels = np.random.default_rng(seed).integers(0, 256, (size, size, 3), np.uint8)
    Image.fromarray(pixels).save(path, compress_level=0)
    return str(path)


def _other(path: Path, seed: int) -> str:
    path.write_bytes(np.random.default_rng(seed).bytes(9_900_000))
    return str(path)


def _network(folder: Path) -> list[str]:
    """ResNet-101 with weights drawn by chance."""
    import timm
    from safetensors.torch import save_file

    save_file(timm.create_model("resnet101", num_classes=1000).state_dict(), folder / "model.safetensors")
    takes = {"input_size": [3, 224, 224], "mean": [0.5] * 3, "std": [0.5] * 3}
    config = {"architecture": "resnet101", "num_classes": 1000, "pretrained_cfg": takes}
    (folder / "config.json").write_text(json.dumps(config))
    return [str(folder / "config.json"), str(folder / "model.safetensors")]


if __name__ == "__main__":
    main()
