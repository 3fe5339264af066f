"""The pictures of the app in this folder: `python docs/make_screenshots.py` makes them anew.

It needs requirements-dev.txt, Chromium and pdftoppm (poppler). Every page in light and dark: at 1440 px, on a phone
(390 px) and on a projector (1920 px); its first two sheets, printed; and Explore under the hand, as an animation. Who
takes the test of *See it?* is simulated.
"""

import os
import random
import shutil
import subprocess
import sys
import tempfile
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent / "tests/browser")]

from driving import served, wait_for_link  # noqa: E402
from playwright.sync_api import sync_playwright  # noqa: E402

import gradlab  # noqa: E402
from gradlab.networks import find_card  # noqa: E402
from gradlab.seeing.blind import Wish, ask, draw_protocol, prepare  # noqa: E402
from gradlab.seeing.database import open_database  # noqa: E402
from gradlab.seeing.psychometrics import chance_correct  # noqa: E402
from gradlab.types import Observer, Response  # noqa: E402

PAGES = {
    "explore": "?epsilon=4/255",
    "photographs": "?dataset=photos&image=0&epsilon=4/255",
    "gallery": "gallery",
    "curves": "curves?model=alexnet-paper&rules=sign,raw,l2&view=confusion",
    "landscape": "landscape",
    "compare": "compare",
    "see": "see?test=",
    "seen": "see?seen_axis=psnr&test=",
    "paper": "paper?model=alexnet-paper",
}
WIDTHS = {"": 1440, "phone-": 390, "wall-": 1920}
WALL = 1080  # what a projector shows at once, px
SHEETS = 2
READY = "[data-testid=stTable], [data-testid=stPlotlyChart], .test .begin"
ANSWERED = {"see": 5, "seen": None}  # how many trials the simulated person has answered; None: all
SEES = {"sign": Observer(3.5 / 255), "raw": Observer(3.0)}
STEPS = 22  # frames on the way out, and as many back


def main(chosen: list[str]) -> None:
    """All pages, or those that are named."""
    chromium = next(
        filter(None, map(shutil.which, ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")))
    )
    with tempfile.TemporaryDirectory() as folder:
        os.environ["GRADLAB_DATABASE"] = f"sqlite:///{folder}/answers.sqlite"
        with served(Path(folder)) as address, sync_playwright() as driver:
            browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
            _pictures(browser, address, chosen)
            browser.close()


def _pictures(browser: Any, address: str, chosen: list[str]) -> None:
    for name in chosen or PAGES:
        path = PAGES[name] + (_person(ANSWERED[name]) if name in ANSWERED else "")
        for look, width in WIDTHS.items():
            for scheme in ("light", "dark"):
                _picture(browser, f"{address}/{path}", f"{name}-{look}{scheme}", width, scheme)
        _printed(browser, f"{address}/{path}", name)
    if not chosen or "explore" in chosen:
        _animation(browser, address)


def _person(answered: int | None) -> str:
    """The key of somebody simulated who has answered so many trials of a test."""
    network, card = gradlab.load_model("alexnet", "cifar10"), find_card("alexnet", "cifar10")
    images, chance = gradlab.load_batch("cifar10", limit=2000, source="sample"), random.Random(7)
    protocol = draw_protocol(network, card, images, Wish())
    deck, database = prepare(protocol, network, card, images), open_database()
    person = database.join(database.open_study(protocol, solo=True).code)
    given: list[Response] = []
    while answered is None or len(given) < answered:
        question = ask(deck, person.seed, [response.answer for response in given])
        if question is None:
            break
        right = chance.random() < chance_correct(SEES[question.trial.scale], question.trial)
        chosen = question.right if right else 1 - question.right
        given.append(database.give(person.key, Response.to(question, chosen, 1.5)))
    database.close()
    return person.key


def _picture(browser: Any, url: str, name: str, width: int, scheme: str) -> None:
    wall = width == WIDTHS["wall-"]
    page = _opened(browser, f"{url}{'&' if '?' in url else '?'}present=1" if wall else url, width, scheme)
    if not wall:
        height = int(page.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight"))
        page.set_viewport_size({"width": width, "height": min(height, 3 * 1440 if width < 1440 else 2300)})
        page.wait_for_timeout(1500)
    picture = Image.open(BytesIO(page.screenshot())).convert("RGB")
    share = 1 / 2 if wall else 2 / 3
    small = picture.resize((int(picture.width * share), int(picture.height * share)), Image.Resampling.LANCZOS)
    small.save(HERE / f"{name}.webp", quality=80, method=6)
    page.context.close()


def _printed(browser: Any, url: str, name: str) -> None:
    """The first sheets, side by side; printed from the dark theme, which paper does not have."""
    page = _opened(browser, url, 1440, "dark")
    with tempfile.TemporaryDirectory() as folder:
        page.pdf(path=f"{folder}/page.pdf", format="A4")
        command = ["pdftoppm", "-r", "72", "-l", str(SHEETS), "-png", f"{folder}/page.pdf", f"{folder}/sheet"]
        subprocess.run(command, check=True)
        sheets = [Image.open(sheet).convert("RGB") for sheet in sorted(Path(folder).glob("sheet*.png"))]
    whole = Image.new("RGB", (sum(sheet.width + 8 for sheet in sheets) - 8, sheets[0].height), "#8a8a8a")
    for n, sheet in enumerate(sheets):
        whole.paste(sheet, (n * (sheet.width + 8), 0))
    whole.save(HERE / f"{name}-printed.webp", quality=80, method=6)
    page.context.close()


def _animation(browser: Any, address: str) -> None:
    page = _opened(browser, f"{address}/?rule=sign&epsilon=0", 1440, "light")
    page.get_by_role("slider", name="Step size ε, signed").focus()
    frames = [_frame(page, "ArrowRight") for _ in range(STEPS)]
    frames += frames[::-1]
    frames[0].save(
        HERE / "explore.webp", save_all=True, append_images=frames[1:], duration=120, loop=0, quality=70, method=6
    )
    page.context.close()


def _frame(page: Any, key: str) -> Image.Image:
    page.keyboard.press(key)
    _rest(page)
    box = page.locator(".lab").bounding_box()
    around = {"x": box["x"] - 16, "y": box["y"] - 12, "width": box["width"] + 32, "height": box["height"] + 24}
    picture = Image.open(BytesIO(page.screenshot(clip=around, full_page=True))).convert("RGB")
    return picture.resize((picture.width * 2 // 3, picture.height * 2 // 3), Image.Resampling.LANCZOS)


def _opened(browser: Any, url: str, width: int, scheme: str) -> Any:
    page = browser.new_context(
        viewport={"width": width, "height": WALL if width == 1920 else 1000}, color_scheme=scheme
    ).new_page()
    page.set_default_timeout(600_000)
    page.goto(url)
    page.locator(READY).first.wait_for()
    page.keyboard.press("Enter")  # begins a test of seeing, and does nothing elsewhere
    _rest(page)
    return page


def _rest(page: Any) -> None:
    page.wait_for_timeout(150)
    wait_for_link(page)


if __name__ == "__main__":
    main(sys.argv[1:])
