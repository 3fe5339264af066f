"""Is a test steady? `python -m benchmarks.steady` runs the suite three times while two busy loops run beside it.

What follows `--` goes to pytest, in place of the whole suite: `python -m benchmarks.steady --runs 20 -- -k handle`.
Ends with 1 where any test failed in any run, and names it; so a test that passes only on an idle machine is found.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
# The suite, as `make test` runs it.
SUITE = (
    ("-m", "not browser", "-n", "auto", "--dist", "worksteal"),
    ("-m", "not measures", "-n", "3", "--dist", "worksteal", "tests/browser"),
    ("-m", "measures", "tests/browser"),
)
# Ends by itself where nobody is left to end it.
_LOOP = f"import os\nwhile os.getppid() == {os.getpid()}:\n    sum(range(100_000))"


@dataclass(frozen=True)
class Outcome:
    """What a run of tests came to.

    Attributes:
        passed: how many tests did.
        failed: the names of those that did not, by an error in what they are set up with, too.
        seconds: that it took.
        code: what the last part of it that did not end with 0 ended with.
    """

    passed: int
    failed: tuple[str, ...]
    seconds: float
    code: int = 0

    @property
    def good(self) -> bool:
        """Whether all went well; a run that found no tests, or was interrupted, did not."""
        return not self.failed and self.code == 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Run, print a table, and say whether all passed in all runs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=3, help="in a row (default 3)")
    parser.add_argument("--busy", type=int, default=2, help="busy loops beside them (default 2)")
    parser.add_argument("pytest", nargs="*", help="options and names for pytest, after --")
    options = parser.parse_args(arguments)
    parts = (tuple(options.pytest),) if options.pytest else SUITE
    with busy(options.busy):
        outcomes = [run(parts) for _ in range(options.runs)]
    print(table(outcomes))
    return 0 if all(outcome.good for outcome in outcomes) else 1


@contextmanager
def busy(loops: int) -> Iterator[list["subprocess.Popen[bytes]"]]:
    """So many processes that do nothing as fast as they can."""
    running = [subprocess.Popen([sys.executable, "-c", _LOOP]) for _ in range(loops)]
    try:
        yield running
    finally:
        for process in running:
            process.kill()
            process.wait()


def run(parts: Sequence[Sequence[str]]) -> Outcome:
    """Run each part of a suite once, with pytest's own words on the way."""
    began, passed, code = time.monotonic(), 0, 0
    failed: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "report.xml"
        for part in parts:
            file.unlink(missing_ok=True)
            command = [sys.executable, "-m", "pytest", "-q", f"--junitxml={file}", *part]
            code = subprocess.run(command, cwd=ROOT, check=False).returncode or code
            good, bad = read(file)
            passed, failed = passed + good, failed + bad
    return Outcome(passed, tuple(failed), time.monotonic() - began, code)


def read(report: Path) -> tuple[int, list[str]]:
    """How many tests passed, and which failed; of a run that wrote no report, none did either."""
    cases = ET.parse(report).findall(".//testcase") if report.exists() else []
    failed = [case for case in cases if case.find("failure") is not None or case.find("error") is not None]
    skipped = sum(case.find("skipped") is not None for case in cases)
    names = dict.fromkeys(f"{case.get('classname')}::{case.get('name')}" for case in failed)
    return len(cases) - len(failed) - skipped, list(names)


def table(outcomes: Sequence[Outcome]) -> str:
    """A row for each run; and below it each test that failed, with how often."""
    rows = ["| run | passed | failed | seconds |", "|--:|--:|--:|--:|"]
    for number, outcome in enumerate(outcomes, start=1):
        rows.append(f"| {number} | {outcome.passed:,} | {len(outcome.failed)} | {outcome.seconds:.0f} |")
        if outcome.code and not outcome.failed:
            rows.append(f"Run {number} ended with {outcome.code}, though no test failed.")
    names = [name for outcome in outcomes for name in outcome.failed]
    told = [f"{name}: failed in {names.count(name)} of {len(outcomes)} runs" for name in dict.fromkeys(names)]
    return "\n".join([*rows, *told])


if __name__ == "__main__":
    sys.exit(main())
