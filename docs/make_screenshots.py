"""The pictures of the app in this folder: `python docs/make_screenshots.py` makes them anew.

It needs requirements-dev.txt and Chromium. Every page in light and dark at 1440 px and in dark at 390 px; and Explore
under the hand, as an animation.
"""

import shutil
import sys
import tempfile
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent / "tests/browser")]

from driving import at_rest, served  # noqa: E402
from playwright.sync_api import sync_playwright  # noqa: E402

PAGES = {
    "explore": "?rule=raw&epsilon=0.1",
    "gallery": "gallery",
    "curves": "curves?model=alexnet-paper&rules=sign,raw,l2&view=confusion",
    "landscape": "landscape",
    "compare": "compare",
    "paper": "paper?model=alexnet-paper",
}
LOOKS = {"light": (1440, "light"), "dark": (1440, "dark"), "phone": (390, "dark")}
READY = "[data-testid=stTable], [data-testid=stPlotlyChart]"
STEPS = 22  # frames on the way out, and as many back


def main(chosen: list[str]) -> None:
    """All pages, or those that are named."""
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))))
    with tempfile.TemporaryDirectory() as folder, served(Path(folder)) as address, sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        for name in chosen or PAGES:
            for look in LOOKS:
                _picture(browser, f"{address}/{PAGES[name]}", name, look)
        if not chosen or "explore" in chosen:
            _animation(browser, address)
        browser.close()


def _picture(browser: Any, url: str, name: str, look: str) -> None:
    width, scheme = LOOKS[look]
    page = _opened(browser, url, width, scheme)
    height = int(page.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight"))
    page.set_viewport_size({"width": width, "height": min(height, 3 * 1440 if width < 1440 else 1800)})
    page.wait_for_timeout(1500)
    picture = Image.open(BytesIO(page.screenshot())).convert("RGB")
    small = picture.resize((picture.width * 2 // 3, picture.height * 2 // 3), Image.Resampling.LANCZOS)
    small.save(HERE / f"{name}-{look}.webp", quality=80, method=6)
    page.context.close()


def _animation(browser: Any, address: str) -> None:
    page = _opened(browser, f"{address}/?rule=sign&epsilon=0", 1180, "light")
    page.get_by_role("slider", name="Epsilon").focus()
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
    return picture.resize((picture.width * 4 // 5, picture.height * 4 // 5), Image.Resampling.LANCZOS)


def _opened(browser: Any, url: str, width: int, scheme: str) -> Any:
    page = browser.new_context(viewport={"width": width, "height": 1000}, color_scheme=scheme).new_page()
    page.set_default_timeout(120_000)
    page.goto(url)
    page.locator(READY).first.wait_for()
    _rest(page)
    return page


def _rest(page: Any) -> None:
    page.wait_for_timeout(150)
    while not at_rest(page):
        page.wait_for_timeout(50)


if __name__ == "__main__":
    main(sys.argv[1:])
