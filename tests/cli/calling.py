"""A command line that was run, in this process or in another."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]


class Done(NamedTuple):
    code: int
    out: str
    err: str


Call = Callable[..., Done]


def python(*arguments: str, cwd: Path, encoding: str = "utf-8", **environment: str) -> Done:
    """`python -m gradlab` in a process of its own, which reads and writes text in some encoding."""
    command = [sys.executable, "-W", "error", "-m", "gradlab", *arguments]
    surroundings = os.environ | {"PYTHONPATH": str(ROOT)} | environment
    done = subprocess.run(command, cwd=cwd, env=surroundings, capture_output=True, check=False)
    return Done(done.returncode, done.stdout.decode(encoding), done.stderr.decode(encoding))


def shell(line: str, *, cwd: Path, unbuffered: str = "") -> Done:
    """A line for bash, in which `gradlab` is this one; the exit code is that of `gradlab` in a pipe, too."""
    script = f'gradlab() {{ {sys.executable} -W error -m gradlab "$@"; }}; {line}; exit ${{PIPESTATUS[0]}}'
    surroundings = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": unbuffered}
    done = subprocess.run(
        ["bash", "-c", script], cwd=cwd, env=surroundings, capture_output=True, text=True, check=False
    )
    return Done(done.returncode, done.stdout, done.stderr)


def refused(done: Done, folder: Path, *words: str) -> None:
    """One line on stderr says what was wrong, and nothing was written."""
    assert done.code == 2, done
    assert done.out == ""
    assert "Traceback" not in done.err
    assert done.err.startswith("gradlab")
    assert done.err.endswith("\n")
    assert done.err.count("\n") == 1, done.err
    assert "\r" not in done.err  # no bar
    for word in words:
        assert word in done.err
    assert list(folder.iterdir()) == []
