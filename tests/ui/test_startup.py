"""What the server imports before it answers is what the pages need."""

import asyncio
import subprocess
import sys

import pytest
from apps import ROOT

from gradlab import memory
from gradlab.ui import startup

PROGRAM = """
import asyncio, sys
from gradlab.ui.startup import ready

async def begin():
    async with ready(None):
        return set(sys.modules)

before = asyncio.run(begin())
from streamlit.testing.v1 import AppTest
app = AppTest.from_file("dashboard.py", default_timeout=900).run()
assert not app.exception
print(*sorted(name for name in set(sys.modules) - before if name.startswith(("gradlab", "plotly")) or name == "torch"))
"""


def test_the_first_visitor_waits_for_no_import_of_ours() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == ""


def test_freed_memory_is_given_back_while_the_server_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    options: list[tuple[int, int]] = []

    class Library:
        malloc_trim = staticmethod(asked.append)
        mallopt = staticmethod(lambda *option: options.append(option))

    async def serve() -> None:
        async with startup.ready(None):
            while len(asked) < 2:
                await asyncio.sleep(0.001)

    monkeypatch.setattr(startup, "_EVERY", 0.001)
    monkeypatch.setattr(memory.sys, "platform", "linux")
    monkeypatch.setattr(memory.ctypes, "CDLL", lambda name: Library)
    asyncio.run(asyncio.wait_for(serve(), 60))
    assert set(asked) == {0}
    assert options == [(-4, 0), (-1, 2**30), (-8, 1)], "what is freed is kept, in one pool"


@pytest.mark.parametrize("platform", ["linux", "darwin", "win32"])
def test_a_server_without_that_function_goes_without(platform: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async def serve() -> None:
        async with startup.ready(None):
            await asyncio.sleep(0.01)

    monkeypatch.setattr(startup, "_EVERY", 0.001)
    monkeypatch.setattr(memory.sys, "platform", platform)
    monkeypatch.setattr(memory.ctypes, "CDLL", lambda name: object())
    asyncio.run(serve())
