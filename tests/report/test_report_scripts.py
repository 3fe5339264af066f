"""What reproduces a result does reproduce it: the command line and the scripts are run, and the numbers compared."""

import ast
import json
import os
import runpy
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers import curve, result

import gradlab
from gradlab.cli import main, parse_arguments
from gradlab.report import explore_code, sweep_code, sweep_command, sweep_to_csv, sweep_to_dict
from gradlab.statistics import normalised_area
from gradlab.steps.epsilon import default_grid
from gradlab.types import Curve, LabelSource, Rule, SweepResult

ROOT = Path(__file__).resolve().parents[2]


def default_curve(rule: Rule) -> Curve:
    grid = list(default_grid(rule))
    return curve(rule, grid, [[0, 1, 2, 0]] * len(grid))


OWN = [-0.1, 0.0, 1 / 3]
DRAWN = replace(
    result(default_curve(Rule.SIGN), default_curve(Rule.RAW)),
    dataset="cifar10",
    model="alexnet",
    indices=np.array([31, 7, 90, 4]),
)
OWN_GRID = replace(DRAWN, curves=tuple(curve(rule, OWN, [[0, 1, 2, 0]] * 3) for rule in (Rule.L2, Rule.SIGN)))
TWO_GRIDS = replace(DRAWN, curves=(default_curve(Rule.SIGN), curve(Rule.RAW, [0.5], [[0, 1, 2, 0]])))
WHOLE = replace(
    result(*(replace(default_curve(Rule.SIGN), predictions=np.zeros((27, 20), np.int16)) for _ in "1"), planned=20),
    labels=np.zeros(20, np.int64),
    indices=np.arange(20),
)


def test_the_command_line_in_full() -> None:
    assert sweep_command(DRAWN) == (
        "python -m gradlab sweep --dataset cifar10 --model alexnet --rules sign,raw --limit 4 --labels true --seed 7 "
        "--source sample --precision float32 --batch-size 128"
    )


@pytest.mark.parametrize(
    ("swept", "words"),
    [
        (OWN_GRID, ["--rules", "l2,sign", "--epsilons=-0.1,0.0,0.3333333333333333"]),
        (replace(DRAWN, label_source=LabelSource.parse("target:T-shirt; rm")), ["--labels", "target:T-shirt; rm"]),
        (replace(DRAWN, planned=2_000), ["--limit", "4"]),  # stopped: a smaller draw begins a larger one
        (replace(DRAWN, failed=np.array([5, 6]), planned=6), ["--limit", "6"]),
        (replace(DRAWN, source="store", precision="bfloat16"), ["--source", "store", "--precision", "bfloat16"]),
        (WHOLE, ["--limit", "all"]),
        (replace(WHOLE, draw_seed=None), ["--limit", "all"]),
        (replace(WHOLE, draw_seed=8), ["--limit", "all"]),
        (replace(WHOLE, indices=np.delete(np.arange(21), 9), failed=np.array([9]), planned=21), ["--limit", "all"]),
        (replace(WHOLE, indices=np.arange(20)[::-1]), ["--limit", "20"]),
        (replace(DRAWN, indices=np.array([0, 1, 2, 3])), ["--limit", "4"]),  # four may come in order by chance
        (replace(DRAWN, curves=(curve(Rule.SIGN, [0.1], [[0] * 4], rounded=[[0] * 4]),)), ["--eight-bit"]),
    ],
)
def test_the_command_line_says_what_was_done(swept: SweepResult, words: list[str]) -> None:
    command = sweep_command(swept)
    assert command is not None
    given = shlex.split(command)
    assert any(given[k : k + len(words)] == words for k in range(len(given)))
    assert ("--eight-bit" in given) == swept.eight_bit


@pytest.mark.parametrize(
    "swept",
    [
        replace(DRAWN, draw_seed=None),
        replace(DRAWN, draw_seed=8),
        replace(DRAWN, weights_sha256=""),
        replace(DRAWN, split="train"),
        replace(WHOLE, planned=21),  # the beginning of a split is no draw
        TWO_GRIDS,
    ],
)
def test_where_no_line_can_there_is_none(swept: SweepResult) -> None:
    assert sweep_command(swept) is None


def test_the_command_line_is_understood() -> None:
    command = sweep_command(replace(OWN_GRID, label_source=LabelSource.parse("target:street car")))
    assert command is not None
    options = parse_arguments(shlex.split(command)[3:])
    assert (options.dataset, options.model, options.rules) == ("cifar10", "alexnet", "l2,sign")
    assert [float(text) for text in options.epsilons.split(",")] == OWN
    assert (options.limit, options.labels, options.seed) == ("4", "target:street car", 7)
    assert (options.source, options.precision, options.batch_size) == ("sample", "float32", 128)
    assert options.eight_bit is False


def keywords(script: str, function: str) -> dict[str, Any]:
    """What a script gives a function by keyword, names as what was last assigned to them."""
    names = {
        target.id: node.value
        for node in ast.parse(script).body
        if isinstance(node, ast.Assign) and isinstance(target := node.targets[0], ast.Name)
    }
    (call,) = (n for n in ast.walk(ast.parse(script)) if isinstance(n, ast.Call) and ast.unparse(n.func) == function)
    values = {word.arg: word.value for word in call.keywords}
    return {
        str(name): ast.literal_eval(names[value.id] if isinstance(value, ast.Name) else value)
        for name, value in values.items()
    }


SAMPLE: dict[str, Any] = {"split": "test", "source": "sample"}


@pytest.mark.parametrize(
    ("swept", "wanted"),
    [
        (DRAWN, {"limit": 4, "seed": 7}),
        (replace(DRAWN, planned=2_000, draw_seed=3), {"limit": 4, "seed": 3}),
        (WHOLE, {"limit": None}),
        (replace(WHOLE, split="train", source="store"), {"limit": None, "split": "train", "source": "store"}),
        (replace(WHOLE, planned=30), {"indices": list(range(20))}),
        (replace(DRAWN, draw_seed=None), {"indices": [31, 7, 90, 4]}),
        (replace(DRAWN, draw_seed=None, failed=np.array([5]), planned=5), {"indices": [31, 7, 90, 4, 5]}),
        (replace(WHOLE, indices=np.arange(20) * 3701, draw_seed=None), {"indices": list(range(0, 74_020, 3701))}),
    ],
)
def test_the_script_takes_the_same_images(swept: SweepResult, wanted: dict[str, Any]) -> None:
    script = sweep_code(swept)
    assert keywords(script, "gradlab.load_batch") == SAMPLE | wanted
    assert max(map(len, script.splitlines())) <= 120


@pytest.mark.parametrize(
    ("swept", "grids"),
    [(DRAWN, None), (OWN_GRID, OWN), (TWO_GRIDS, {"sign": list(default_grid(Rule.SIGN)), "raw": [0.5]})],
)
def test_the_script_does_the_same_with_them(swept: SweepResult, grids: object) -> None:
    swept = replace(swept, seed=11, precision="bfloat16", batch_size=64)
    options = keywords(sweep_code(swept), "gradlab.sweep")
    rules = [str(c.rule) for c in swept.curves]
    assert options == {
        "rules": rules, "epsilons": grids, "labels": "true", "eight_bit": False, "seed": 11, "precision": "bfloat16",
        "batch_size": 64,
    }  # fmt: skip


def test_nothing_in_a_result_becomes_code() -> None:
    evil = 'x"\nimport os\r#\\'
    swept = replace(DRAWN, dataset=evil, model=evil, device=evil, software=evil, precision=evil, source=evil)
    swept = replace(swept, label_source=LabelSource("target", evil))
    for script in (sweep_code(swept), sweep_code(replace(swept, weights_sha256="")), explore_code(
        evil, evil, 3, "sign", 0.5, swept.label_source
    )):  # fmt: skip
        lines = {ast.unparse(node) for node in ast.parse(script).body if isinstance(node, ast.Import | ast.ImportFrom)}
        assert lines <= {
            "import gradlab",
            "from gradlab.report import sweep_to_csv",
            "from gradlab.statistics import normalised_area",
        }
    assert keywords(sweep_code(swept), "gradlab.sweep")["labels"] == f"target:{evil}"


def test_a_network_of_ones_own_is_left_to_fill_in() -> None:
    script = sweep_code(replace(DRAWN, weights_sha256="", model="Sequential"))
    assert "\nmodel = ...  # your own Sequential: it takes images in [0, 1] and gives logits\n" in script


def printed(swept: SweepResult) -> str:
    """What the script of a sweep has to print."""
    lines = [f"clean accuracy {swept.clean_accuracy}", sweep_to_csv(swept)]
    for line in swept.curves:
        up, down = normalised_area(line.epsilons, swept.correct(line) / swept.images, swept.clean_accuracy)
        lines.append(f"{line.rule} mean accuracy, epsilon > 0: {up} epsilon < 0: {down}")
    return "\n".join(lines) + "\n"


def alexnet_sweep(options: dict[str, Any], batch: dict[str, Any]) -> Iterator[SweepResult]:
    model = gradlab.load_model("alexnet", "cifar10")
    return gradlab.stream_sweep(model, gradlab.load_batch("cifar10", source="sample", **batch), **options)


SWEEPS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "the default": ({"rules": ["sign", "random"]}, {"limit": 6}),
    "all that can be chosen": (
        {
            "rules": ["raw", "l2"], "epsilons": {Rule.RAW: [-1 / 3, 0.1], Rule.L2: [0.7]}, "labels": "target:cat",
            "eight_bit": True, "seed": 5, "precision": "float32",
        },
        {"limit": 11, "seed": 3},
    ),
    "stopped": ({"rules": ["max"], "epsilons": [0.1], "batch_size": 7, "seed": 2}, {"limit": 30, "seed": 2}),
}  # fmt: skip


@pytest.mark.parametrize("name", SWEEPS)
def test_the_script_prints_the_same_numbers(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    swept = next(alexnet_sweep(*SWEEPS[name]))
    assert swept.complete == (name != "stopped")
    script = tmp_path / "script.py"
    script.write_text(sweep_code(swept), encoding="utf-8")
    runpy.run_path(str(script))
    assert capsys.readouterr().out == printed(swept)


def test_the_script_of_named_images_runs_in_a_fresh_python(tmp_path: Path) -> None:
    places = [int(place) for place in gradlab.load_batch("cifar10", limit=5, seed=1, source="sample").indices]
    (swept,) = alexnet_sweep({"rules": ["sign"], "epsilons": [-0.01, 0.02]}, {"indices": places})
    script = tmp_path / "script.py"
    script.write_text(sweep_code(swept), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, str(script)], cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (0, printed(swept)), done.stderr


def test_the_command_line_gives_the_same_numbers(capsys: pytest.CaptureFixture[str]) -> None:
    options = {"rules": ["sign", "l2"], "epsilons": [-1 / 3, 0.02], "labels": "predicted", "eight_bit": True, "seed": 4}
    (swept,) = alexnet_sweep(options, {"limit": 6, "seed": 4})
    command = sweep_command(swept)
    assert command is not None
    assert main([*shlex.split(command)[3:], "--json", "-"]) == 0
    again, ours = json.loads(capsys.readouterr().out), sweep_to_dict(swept)
    assert again.pop("seconds") > 0
    del ours["seconds"]
    assert again == ours


@pytest.mark.parametrize(
    ("rule", "epsilon", "labels"),
    [("sign", 8 / 255, "true"), (Rule.RAW, -1 / 3, LabelSource.PREDICTED), ("random", 0.0, "target:ship")],
)
def test_the_script_of_explore_prints_what_the_page_shows(
    rule: Rule | str, epsilon: float, labels: LabelSource | str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    batch = gradlab.load_batch("cifar10", limit=1, seed=9)
    place = int(batch.indices[0])
    seen = gradlab.explore(gradlab.load_model("alexnet", "cifar10"), batch, rule, epsilon, labels=labels)
    script = tmp_path / "script.py"
    script.write_text(explore_code("cifar10", "alexnet", place, rule, epsilon, labels), encoding="utf-8")
    runpy.run_path(str(script))
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"true class {batch.classes[seen.label]}"
    assert lines[1] == (
        f"loss of {batch.classes[seen.used_label]} {seen.loss} L2 norm of its gradient {seen.gradient_l2}"
    )
    for line, form, view in zip(
        lines[2:5], ("clean", "perturbed", "8-bit"), (seen.clean, seen.perturbed, seen.rounded), strict=True
    ):
        named = batch.classes[view.prediction]
        assert line == f"{form} {named} {view.probabilities.max()!s} {view.measures} changed {view.changed}"
    assert [line.split() for line in lines[5:]] == [
        [name, str(seen.clean.probabilities[k]), str(seen.perturbed.probabilities[k])]
        for k, name in enumerate(batch.classes)
    ]
