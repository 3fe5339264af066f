"""What is freed is kept, so that the system need not hand out its pages anew."""

import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
# Pieces as large as those between two layers, 40 MB: the share of their pages that the system hands out anew, and what
# is left of them once they are given back. Without large pages, which would be few.
PROGRAM = """
import ctypes, resource, sys, threading
from pathlib import Path
from gradlab.memory import give_back, keep_freed

if sys.argv[1] == "keep":
    keep_freed()

import torch

PR_SET_THP_DISABLE = 41
ctypes.CDLL(None).prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0)

def faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt

def pieces(count):
    for _ in range(count):
        torch.zeros(10_000_000)

def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / 2**20

def measure():
    pieces(20)
    before = faults()
    pieces(20)
    print((faults() - before) / (20 * 40_000_000 / resource.getpagesize()))

thread = threading.Thread(target=measure)
thread.start()
thread.join()
measure()
several = [torch.zeros(10_000_000) for _ in range(5)]
full = resident()
del several
kept = resident()
give_back()
print(full - kept > 150, full - resident() > 150)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="needs glibc")
def test_what_is_freed_is_kept_until_it_is_given_back() -> None:
    plain = {name: value for name, value in os.environ.items() if not name.startswith("MALLOC_")}

    def run(how: str) -> list[str]:
        command = [sys.executable, "-c", PROGRAM, how]
        return subprocess.run(command, cwd=ROOT, env=plain, capture_output=True, text=True, check=True).stdout.split()

    *before, fell, _ = run("leave")
    *after, stayed_low, given_back = run("keep")
    assert min(map(float, before)) > 0.9
    assert max(map(float, after)) < 0.01
    assert (fell, stayed_low, given_back) == ("True", "False", "True")
