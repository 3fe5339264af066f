"""The tool that looks for tests which fail on a busy machine: it finds them, and leaves no loop behind."""

import re
from pathlib import Path
from typing import Any

import pytest

from benchmarks.steady import SUITE, Outcome, busy, main, table

ROOT = Path(__file__).resolve().parents[1]
TESTS = """
import os

def test_good():
    pass

def test_every_second_time():
    path = os.path.join(os.path.dirname(__file__), "seen")
    seen = os.path.exists(path)
    os.remove(path) if seen else open(path, "w").close()
    assert not seen
"""


@pytest.fixture
def tests(tmp_path: Path) -> str:
    (tmp_path / "test_some.py").write_text(TESTS)
    return str(tmp_path / "test_some.py")


def test_what_fails_once_is_named(tests: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["--runs", "3", "--busy", "1", "--", "-p", "no:cacheprovider", tests]) == 1
    rows = capfd.readouterr().out.splitlines()[-6:]
    assert rows[0] == "| run | passed | failed | seconds |"
    assert [re.sub(r" \d+ \|$", "", row) for row in rows[2:5]] == ["| 1 | 2 | 0 |", "| 2 | 1 | 1 |", "| 3 | 2 | 0 |"]
    assert rows[5].endswith("test_some::test_every_second_time: failed in 1 of 3 runs")


def test_where_all_pass_it_ends_well(tests: str) -> None:
    assert main(["--runs", "2", "--busy", "0", "--", "-p", "no:cacheprovider", "-k", "good", tests]) == 0


def test_no_tests_are_no_success(tests: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["--runs", "1", "--busy", "0", "--", "-p", "no:cacheprovider", "-k", "none", tests]) == 1
    assert capfd.readouterr().out.endswith("Run 1 ended with 5, though no test failed.\n")


def test_its_loops_are_busy_and_end_with_it() -> None:
    def interrupted() -> None:
        with busy(2) as loops:
            running.extend(loops)
            assert [loop.poll() for loop in loops] == [None, None]
            raise KeyboardInterrupt

    running: list[Any] = []
    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert all(loop.poll() is not None for loop in running)


def test_a_test_is_named_once_with_how_often_it_failed() -> None:
    told = table([Outcome(1, ("a", "b"), 1.4), Outcome(2, ("a",), 1.6)])
    assert told.splitlines()[-2:] == ["a: failed in 2 of 2 runs", "b: failed in 1 of 2 runs"]


def test_the_suite_is_that_of_make_test() -> None:
    lines = re.findall(r"pytest (.*)", (ROOT / "Makefile").read_text())
    for part in SUITE:
        words = " ".join(f'"{word}"' if " " in word else word for word in part)
        assert any(words in line for line in lines), words
