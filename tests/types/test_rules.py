"""One row a rule: a copy of the package with one row more knows that rule everywhere."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from gradlab.types import Rule, Unit

ROOT = Path(__file__).resolve().parents[2]
BEFORE = "    @classmethod\n    def _missing_("
TOY = r"""
    TOY = "toy", RuleRow(
        lambda given: given.way.sign() * (given.way.abs() >= given.way.flatten(1).abs().median(1)[0][:, None, None, None]),
        Unit.PIXEL, _levels(1, 4, 16, 64, 128), size=16 / 255, reach=64 / 255,
        words="toy words", formula=r"\mathrm{toy}(g)", written="toy(g)",
        help="The sign of the larger half of the values.",
        colour="#E69F00", dash="longdash",
    )  # fmt: skip

"""  # noqa: E501


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package, the page and the checks of `a_rule_more.py`, in a folder where the table has one row more."""
    folder = tmp_path_factory.mktemp("copy")
    shutil.copytree(ROOT / "gradlab", folder / "gradlab", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("dashboard.py", "pyproject.toml"):
        shutil.copy(ROOT / name, folder / name)
    for name in ("conftest.py", "annotations.py", "helpers.py", "postgres.py", "ui/apps.py", "types/a_rule_more.py"):
        (folder / "tests" / name).parent.mkdir(exist_ok=True, parents=True)
        shutil.copy(ROOT / "tests" / name, folder / "tests" / name)
    (folder / "assets").symlink_to(ROOT / "assets")
    table = folder / "gradlab/types/rules.py"
    before, after = table.read_text(encoding="utf-8").split(BEFORE)
    table.write_text(before.rstrip() + TOY + BEFORE + after, encoding="utf-8")
    return folder


@pytest.mark.slow
def test_a_rule_is_added_by_its_row_alone(copy: Path) -> None:
    paths = [str(copy), str(copy / "tests"), str(copy / "tests/ui")]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/types/a_rule_more.py"], cwd=copy,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert " passed" in done.stdout


@pytest.mark.parametrize("rule", list(Rule))
def test_what_a_row_says_fits(rule: Rule) -> None:
    row = rule.row
    assert len(rule) <= 16, "the database keeps no more of a name"
    assert rule.isidentifier(), "a link and the command line separate names by commas"
    assert list(row.grid) == sorted(set(row.grid))
    assert row.grid[0] > 0
    assert row.grid[-1] <= row.unit.row.last
    assert row.size in row.grid
    assert row.reach in row.grid
    assert row.help[-1] == "."
    assert row.unit is Unit.PIXEL or not row.alike, "what moves every value by epsilon has pixel units"


def test_no_two_rules_look_alike() -> None:
    for name in ("words", "formula", "written", "colour"):
        assert len({getattr(rule.row, name) for rule in Rule}) == len(Rule)


@pytest.mark.parametrize(
    ("unit", "number", "over"), [(Unit.PIXEL, 2.0, "/255"), (Unit.GRADIENT, 2 / 255, ""), (Unit.L2, 2 / 255, "")]
)
def test_how_a_unit_is_written(unit: Unit, number: float, over: str) -> None:
    assert (unit.shown(2 / 255), unit.over) == (pytest.approx(number), over)
    assert Unit(str(unit)) is unit
    assert list(unit.row.ticks) == sorted(unit.row.ticks)
