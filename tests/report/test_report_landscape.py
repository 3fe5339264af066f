"""The landscape as CSV, and as code."""

import csv
import io
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from gradlab.report import landscape_code, loss_line_to_csv, loss_plane_to_csv
from gradlab.types import LabelSource, LossLine, LossPlane, Provenance, Rule

ROOT = Path(__file__).resolve().parents[2]
CLASSES = ("ant", "bee")
GRID = np.array([-0.5, 0.0, 0.5])


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_the_line_is_a_row_an_epsilon() -> None:
    line = LossLine(Rule.L2, 1, GRID, np.array([np.nan, 1.5, 4.0]), np.array([-1, 1, 0], np.int16), 2.0)
    found = rows(loss_line_to_csv(line, CLASSES))
    assert found[0] == {
        "rule": "l2", "unit": "l2", "loss_of": "bee", "epsilon": "-0.5", "loss": "", "if_linear": "0.5",
        "prediction": "",
    }  # fmt: skip
    assert [(row["epsilon"], row["loss"], row["if_linear"], row["prediction"]) for row in found[1:]] == [
        ("0.0", "1.5", "1.5", "bee"), ("0.5", "4.0", "2.5", "ant"),
    ]  # fmt: skip


def test_the_plane_is_a_row_a_computed_cell() -> None:
    loss = np.arange(9.0).reshape(3, 3)
    computed = np.ones((3, 3), np.bool_)
    computed[2, 2] = False
    plane = LossPlane(Rule.SIGN, 0, GRID, loss, np.tile(np.array([0, 0, 1], np.int16), (3, 1)), computed, 1.0, 0.0, 7)
    found = rows(loss_plane_to_csv(plane, CLASSES))
    assert len(found) == 8
    assert found[2] == {
        "rule": "sign", "unit": "pixel", "loss_of": "ant", "across": "7", "epsilon": "0.5", "eta": "-0.5",
        "loss": "2.0", "prediction": "bee",
    }  # fmt: skip
    assert (found[3]["epsilon"], found[3]["eta"], found[3]["loss"]) == ("-0.5", "0.0", "3.0")


def test_both_say_in_their_last_columns_where_they_come_from() -> None:
    origin = Provenance("zoo", "test", "memory", "56", "tiny", "12", LabelSource.TRUE, 0, "CPU", "gradlab 1", 7)
    said = np.zeros(3, np.int32)
    line = LossLine(Rule.L2, 1, GRID, np.ones(3), said, 2.0, origin)
    square = np.ones((3, 3))
    plane = LossPlane(Rule.L2, 1, GRID, square, said[None] + said[:, None], square > 0, 1.0, 0.0, 7, origin)
    wanted = {
        "dataset": "zoo", "split": "test", "image": "7", "model": "tiny", "weights_sha256": "12", "images_sha256": "56",
    }  # fmt: skip
    for table in (loss_line_to_csv(line, CLASSES), loss_plane_to_csv(plane, CLASSES)):
        assert all(list(row.items())[-6:] == list(wanted.items()) for row in rows(table))


@pytest.mark.slow
def test_the_code_runs_and_prints_both() -> None:
    code = landscape_code("cifar10", "alexnet", 6887, Rule.SIGN, 8 / 255, "target:cat", 3)
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    first, *tables = done.stdout.split("rule,unit,loss_of,")
    assert first.startswith("lowest loss of the negative direction ")
    assert [len(table.split()) for table in tables] == [1 + 201, 1 + 41 * 41]
    assert "sign,pixel,cat,3," in tables[1]


def test_a_name_cannot_break_out_of_the_code() -> None:
    code = landscape_code("cifar10", 'a", b)\nimport os #', 1, "sign", 0.1, 'target:x"\n', 0)
    compile(code, "code", "exec")
    assert "\nimport os" not in code
