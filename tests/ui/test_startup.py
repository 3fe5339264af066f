"""What the server imports before it answers is what the pages need."""

import subprocess
import sys

from apps import ROOT

PROGRAM = """
import asyncio, sys
from gradlab.ui.startup import ready

async def begin():
    async with ready(None):
        return set(sys.modules)

before = asyncio.run(begin())
from streamlit.testing.v1 import AppTest
app = AppTest.from_file("dashboard.py", default_timeout=120).run()
assert not app.exception
print(*sorted(name for name in set(sys.modules) - before if name.startswith(("gradlab", "plotly")) or name == "torch"))
"""


def test_the_first_visitor_waits_for_no_import_of_ours() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == ""
