"""Does the server's memory grow? `python -m benchmarks.soak --minutes 30` clicks through the app and watches.

A real Chromium opens every page with every network once; what the server then holds is the base. After that, choices
are made at random (with a seed) until the time is up; memory is read while no page is open. Linux, with Chromium and
playwright (requirements-dev.txt).
"""

import argparse
import os
import random
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from gradlab.networks import read_cards
from gradlab.types import Rule

ROOT = Path(__file__).resolve().parents[1]
PAGES = ("", "gallery", "curves", "landscape", "compare", "paper")
VIEWS = ("images", "classes", "confusion", "flips", "rules")
MODES = ("models", "rules", "transfer")


def main() -> None:
    """Click, and print the server's memory once a minute."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    from playwright.sync_api import sync_playwright

    with served() as (address, server), sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium(), args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 1440, "height": 1000})
        for card in read_cards():
            for name in PAGES:
                _open(page, f"{address}/{name}?dataset={card.dataset}&model={card.name}&limit=100")
        _click(page, address, server, options)
        browser.close()


def _click(page: Any, address: str, server: int, options: argparse.Namespace) -> None:
    chance, base, started = random.Random(options.seed), _at_rest(page, server), time.monotonic()
    print(f"every page with every network: {base:.0f} MB", flush=True)
    acts, minute, now = 0, 0, base
    while time.monotonic() - started < 60 * options.minutes:
        _act(page, address, chance)
        acts += 1
        if time.monotonic() - started >= 60 * (minute + 1):
            minute, now = int((time.monotonic() - started) // 60), _at_rest(page, server)
            print(f"after {minute} minutes, {acts} acts: {now:.0f} MB ({now - base:+.0f})", flush=True)


def _act(page: Any, address: str, chance: random.Random) -> None:
    """Open a page by a link of chance; then press something on it."""
    card, rule, name = chance.choice(read_cards()), chance.choice(list(Rule)), chance.choice(PAGES)
    size = {
        "pixel": f"{chance.randint(1, 64)}/255",
        "gradient": f"{chance.random():.2f}",
        "l2": f"{chance.random():.2f}",
    }
    link = {
        "dataset": card.dataset, "model": card.name, "rule": rule, "rules": f"{rule},sign",
        "epsilon": chance.choice(("", "-")) + size[rule.unit], "view": chance.choice(VIEWS),
        "limit": chance.choice((100, 500)), "mode": chance.choice(MODES), "rounded": chance.choice((0, 1)),
    }  # fmt: skip
    _open(page, f"{address}/{name}?" + "&".join(f"{key}={value}" for key, value in link.items()))
    buttons = page.get_by_role("button", name=re.compile("Next|Previous|Random|8-bit|descend"))
    with suppress(Exception):  # a button that is just replaced cannot be pressed
        if count := buttons.count():
            buttons.nth(chance.randrange(count)).click(timeout=2000)
    _rest(page)


def _open(page: Any, url: str) -> None:
    page.goto(url)
    _rest(page)


def _rest(page: Any) -> None:
    """Wait until nothing runs any more; a computation that takes long is left alone."""
    at_rest = "document.querySelector('[data-testid=stApp]')?.dataset.testScriptState === 'notRunning'"
    with suppress(Exception):
        page.wait_for_timeout(300)
        page.wait_for_function(f"() => {at_rest}", timeout=20_000)


def _at_rest(page: Any, server: int) -> float:
    """The server's memory once nobody looks at a page, and what was under way has ended."""
    page.goto("about:blank")
    page.wait_for_timeout(15_000)
    return memory_of(server)


def chromium() -> str:
    """Where Chromium is; without one, the program ends."""
    names = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
    if (found := next(filter(None, map(shutil.which, names)), None)) is None:
        sys.exit("expected Chromium on the PATH, found none")
    return found


def memory_of(process: int) -> float:
    """The resident memory of a process, in MB of 10⁶ bytes."""
    text = Path(f"/proc/{process}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+) kB", text)[1]) * 1024 / 1e6  # type: ignore[index]


@contextmanager
def served() -> Iterator[tuple[str, int]]:
    """The app on a free port of this machine: its address and its process."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "dashboard.py", "--server.port", str(port)]
    server = subprocess.Popen(command, cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}, stdout=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(240):
            with suppress(OSError), urllib.request.urlopen(f"{address}/_stcore/health", timeout=2):
                break
            time.sleep(0.25)
        yield address, server.pid
    finally:
        server.terminate()
        server.wait(20)


if __name__ == "__main__":
    main()
