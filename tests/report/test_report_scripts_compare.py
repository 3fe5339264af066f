"""The scripts of the page Compare are run: they print what the backend says."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from helpers import printed

import gradlab
from gradlab.report import compare_code, sweep_to_csv, transfer_code, transfer_to_csv
from gradlab.statistics import compare, match_epsilon, mcnemar, paired_difference
from gradlab.types import Rule, SweepResult

ROOT = Path(__file__).resolve().parents[2]
PLACE = int(gradlab.load_batch("cifar10", limit=1, seed=4, source="sample").indices[0])


def side(model: str, rule: Rule, labels: str, limit: int = 20, rules: tuple[Rule, ...] = ()) -> SweepResult:
    """A sweep as one of the two sides: with its own curve only."""
    batch = gradlab.load_batch("cifar10", limit=limit, source="sample")
    swept = gradlab.sweep(gradlab.load_model(model, "cifar10"), batch, rules or (rule,), labels=labels, batch_size=16)
    return replace(swept, curves=(swept.curve(rule),))


def image_lines(a: SweepResult, b: SweepResult, epsilon: float, match: str) -> list[str]:
    """What both steps do to the one image."""
    one, labels = gradlab.load_batch("cifar10", indices=[PLACE], source="sample"), a.label_source
    models = [gradlab.load_model(side.model, "cifar10") for side in (a, b)]
    first = gradlab.explore(models[0], one, a.curves[0].rule, epsilon, labels=labels)
    wanted = first.perturbed.measures["l2"]
    up, down = gradlab.epsilon_for_l2(models[1], one, b.curves[0].rule, wanted, labels=labels)
    other = epsilon if match == "epsilon" else down if epsilon < 0 else up
    second = gradlab.explore(models[1], one, b.curves[0].rule, other, labels=labels)
    return [
        f"{name} {one.classes[seen.clean.prediction]} -> {one.classes[seen.perturbed.prediction]} "
        f"{seen.perturbed.probabilities.max()!s} {seen.perturbed.measures}"
        for name, seen in (("A", first), ("B", second))
    ]


def points(a: SweepResult, b: SweepResult, epsilon: float, match: str) -> list[tuple[SweepResult, int]]:
    """The two points of the curves: the second at the same epsilon, or swept anew at an equal mean L2."""
    one, other = a.curves[0], b.curves[0]
    k = int(np.abs(one.epsilons - epsilon).argmin())
    if match == "epsilon":
        return [(a, k), (b, match_epsilon(float(one.epsilons[k]), other.epsilons, other.epsilons, one.epsilons[k]))]
    model, how = gradlab.load_model(b.model, "cifar10"), {"labels": b.label_source, "batch_size": 16}
    images = gradlab.load_batch("cifar10", limit=b.images, source="sample")
    equal = gradlab.equal_epsilon(model, images, other.rule, float(one.level("l2")[k]), one.epsilons[k], **how)
    assert equal.reached
    return [(a, k), (gradlab.sweep(model, images, [other.rule], [equal.epsilon], **how), 0)]


def point_lines(a: SweepResult, b: SweepResult, epsilon: float, match: str) -> list[str]:
    """What is printed of them."""
    return [
        f"{name} {curve.epsilons[k]} L2 {curve.level('l2')[k]} right {result.correct(curve)[k]} of {result.images}"
        for name, (result, k) in zip("AB", points(a, b, epsilon, match), strict=True)
        for curve in result.curves[:1]
    ]


def paired_lines(a: SweepResult, b: SweepResult, epsilon: float, match: str) -> list[str]:
    """What is printed of them together, where the images are the same."""
    right = [result.curves[0].predictions[k] == result.labels for result, k in points(a, b, epsilon, match)]
    return [compare(paired_difference(*right)).words("A", "B"), str(mcnemar(*right))]


def test_two_networks(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    a, b = side("alexnet", Rule.SIGN, "predicted"), side("alexnet-paper", Rule.SIGN, "predicted")
    script = compare_code(a, b, PLACE, -3 / 255, "l2", "sample")
    lines = printed(script, tmp_path, capsys).splitlines()
    table = sweep_to_csv(a, b).splitlines()
    assert lines[:2] == image_lines(a, b, -3 / 255, "l2")
    assert lines[2 : 2 + len(table)] == table
    assert lines[-4:-2] == point_lines(a, b, -3 / 255, "l2")
    assert lines[-2:] == paired_lines(a, b, -3 / 255, "l2")
    assert len(script.splitlines()) < 45
    assert max(len(line) for line in script.splitlines() if not line.startswith("#")) <= 120


@pytest.mark.parametrize(("match", "epsilon"), [("epsilon", 8 / 255), ("l2", 0.0)])
def test_two_rules_of_one_unit(match: str, epsilon: float, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rules = (Rule.SIGN, Rule.MAX)
    a, b = (side("alexnet", rule, "target:cat", rules=rules) for rule in (Rule.MAX, Rule.SIGN))
    lines = printed(compare_code(a, b, PLACE, epsilon, match, "sample"), tmp_path, capsys).splitlines()
    assert lines[:2] == image_lines(a, b, epsilon, match)
    assert set(sweep_to_csv(a, b).splitlines()) <= set(lines)
    assert lines[-4:-2] == point_lines(a, b, epsilon, match)
    assert lines[-2:] == paired_lines(a, b, epsilon, match)


def test_a_budget_out_of_reach_is_told_and_nobody_wins(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    a, b = side("alexnet", Rule.L2, "true"), side("alexnet-paper", Rule.L2, "true")
    script = compare_code(a, b, PLACE, 0.5, "l2", "sample").replace('float(curve_a.level("l2")[k])', "99.0")
    last = printed(script, tmp_path, capsys).splitlines()[-1]
    assert last.startswith("B cannot reach a mean L2 of 99.0 but at most ")


def test_other_images_are_loaded_apart_and_not_paired(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    a, b = side("alexnet", Rule.L2, "true"), side("alexnet-paper", Rule.L2, "true", limit=10)
    lines = printed(compare_code(a, b, PLACE, 0.5, "l2", "sample"), tmp_path, capsys).splitlines()
    assert lines[-2:] == point_lines(a, b, 0.5, "l2")


def test_the_transfer_runs_in_a_fresh_python() -> None:
    models = {name: gradlab.load_model(name, "cifar10") for name in ("alexnet", "alexnet-paper")}
    batch = gradlab.load_batch("cifar10", limit=12, source="sample")
    result = gradlab.transfer(models, batch, "raw", -0.2, labels="target:ship", seed=3)
    done = subprocess.run(
        [sys.executable, "-c", transfer_code(result)], cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (0, transfer_to_csv(result) + "\n"), done.stderr


def test_nothing_in_a_result_becomes_code() -> None:
    evil = 'x"\nimport os\r#\\'
    a = side("alexnet", Rule.SIGN, "true", limit=10)
    models = {"alexnet": gradlab.load_model("alexnet", "cifar10")}
    made = gradlab.transfer(models, gradlab.load_batch("cifar10", limit=10), "sign", 0.1)
    bad = {"dataset": evil, "device": evil, "software": evil, "source": evil}
    b = replace(a, **bad, model=evil, precision=evil)
    known = (compare_code(b, b, 1, 0.1, "l2", evil), transfer_code(replace(made, **bad, models=(evil,))))
    for code in (*known, compare_code(replace(a, weights_sha256="", model=evil), b, 1, 0.1, "epsilon")):
        compile(code, "code", "exec")
        assert not any(line.startswith("import os") for line in code.splitlines())
