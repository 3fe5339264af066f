"""A sweep as JSON and as CSV: exactly the promised keys, and nothing that JSON cannot say."""

import csv
import io
import json
import math
from dataclasses import replace

import numpy as np
import pytest
from helpers import curve, random_batch, result, tiny_cnn
from scipy.stats import binomtest

import gradlab
from gradlab.experiments.sweep import sweep
from gradlab.report import sweep_to_csv, sweep_to_dict, sweep_to_html
from gradlab.statistics import paired_difference
from gradlab.types import Rule

TOP = {
    "gradlab", "dataset", "split", "images", "planned", "failed", "source", "draw_seed", "model", "weights_sha256",
    "labels", "eight_bit", "device", "precision", "batch_size", "software", "seed", "seconds", "notices",
    "clean_accuracy", "zero_gradient", "interval_factor", "twins", "class_balanced", "curves",
    "checked", "disagreed", "unchecked", "wrong_share_high", "wrong_high",
}  # fmt: skip
SHARES = {"accuracy", "low", "high", "correct"}
POINT = {"epsilon", *SHARES, "l2", "linf", "psnr", "probability", "clipped"}

KNOWN = replace(
    result(
        curve(Rule.SIGN, [-0.1, 0.0, 0.1], [[0, 1, 2, 0], [0, 1, 2, 1], [1, 2, 0, 0]]),
        curve(Rule.RAW, [0.5], [[0, 0, 0, 0]]),
    ),
    failed=np.array([31, 7]),
    planned=9,
    zero_gradient=np.array([True, False, False, False]),
    notices=("memory ran out",),
    draw_seed=None,
)
ROUNDED = result(curve(Rule.SIGN, [-0.2, 0.2], [[0, 1, 2, 0], [1, 1, 1, 1]], rounded=[[0, 1, 2, 1], [2, 2, 2, 2]]))


@pytest.mark.parametrize(("swept", "keys"), [(KNOWN, POINT), (ROUNDED, POINT | {"rounded"})])
def test_the_keys_are_those_promised(swept: gradlab.SweepResult, keys: set[str]) -> None:
    data = sweep_to_dict(swept)
    assert set(data) == TOP
    for entry in data["curves"]:
        assert set(entry) == {"rule", "unit", "points"}
        for point in entry["points"]:
            assert set(point) == keys
            rounded = SHARES | {"difference", "difference_low", "difference_high"}
            assert set(point.get("rounded", rounded)) == rounded


def test_the_values_are_those_of_the_sweep() -> None:
    data = sweep_to_dict(KNOWN)
    curves = data.pop("curves")
    assert data == {
        "gradlab": gradlab.__version__, "dataset": "zoo", "split": "test", "images": 4, "planned": 9,
        "failed": [31, 7], "source": "sample", "draw_seed": None, "model": "tiny", "weights_sha256": "abc",
        "labels": "true", "eight_bit": False, "device": "CPU (a test)", "precision": "float32",
        "batch_size": 128, "software": "gradlab 0.1.0, torch 2.0.0", "seed": 7, "seconds": 1.235,
        "notices": ["memory ran out"], "clean_accuracy": 0.75, "zero_gradient": 0.25,
        "interval_factor": None, "twins": None, "class_balanced": None,
        "checked": 0, "disagreed": 0, "unchecked": 0, "wrong_share_high": None, "wrong_high": 0.0,
    }  # fmt: skip
    assert [(entry["rule"], entry["unit"]) for entry in curves] == [("sign", "pixel"), ("raw", "gradient")]
    sign, raw = (entry["points"] for entry in curves)
    assert [point["epsilon"] for point in sign] == [-0.1, 0.0, 0.1]
    assert [point["correct"] for point in sign] == [4, 3, 1]
    assert [point["accuracy"] for point in sign] == [1.0, 0.75, 0.25]
    assert [point["psnr"] for point in sign] == [pytest.approx(20, rel=1e-6), None, pytest.approx(20, rel=1e-6)]
    assert (raw[0]["l2"], raw[0]["linf"], raw[0]["clipped"]) == (1.0, 0.5, 0.5)
    assert raw[0]["probability"] == pytest.approx(1 / 1.5)


def test_the_interval_is_wilsons() -> None:
    for point in [*sweep_to_dict(KNOWN)["curves"][0]["points"], sweep_to_dict(ROUNDED)["curves"][0]["points"][0]]:
        for shares in (point, point.get("rounded", point)):
            theirs = binomtest(shares["correct"], 4).proportion_ci(0.95, method="wilson")
            assert (shares["low"], shares["high"]) == pytest.approx((theirs.low, theirs.high))


def test_the_rounded_images_are_counted_on_their_own() -> None:
    points = sweep_to_dict(ROUNDED)["curves"][0]["points"]
    assert [(p["correct"], p["rounded"]["correct"]) for p in points] == [(4, 3), (1, 1)]
    assert points[0]["rounded"]["accuracy"] == 0.75
    assert sweep_to_dict(ROUNDED)["eight_bit"] is True


def test_at_half_a_level_there_is_no_rounded_figure() -> None:
    """0.1 is 25.5/255."""
    half = result(curve(Rule.SIGN, [0.1, 0.2], [[0, 1, 2, 0]] * 2, rounded=[[0, 1, 2, 1]] * 2))
    at, beyond = sweep_to_dict(half)["curves"][0]["points"]
    assert at["rounded"] == dict.fromkeys(SHARES | {"difference", "difference_low", "difference_high"})
    assert beyond["rounded"]["difference"] == -0.25
    assert (at["correct"], beyond["rounded"]["correct"]) == (4, 3)
    assert sweep_to_csv(half).splitlines()[1].endswith(",,,,")
    assert "not defined" in sweep_to_html(half, "")


def test_means_and_the_median_are_over_the_images() -> None:
    uneven = replace(
        curve(Rule.SIGN, [0.1], [[0, 0, 0, 0]]),
        probability=np.array([[1, 0, 0, 0]], np.float32),
        l2=np.array([[0, 0, 0, 4]], np.float32),
        linf=np.array([[0, 0, 1, 1]], np.float32),
        psnr=np.array([[10, 20, 40, math.inf]], np.float32),
        clipped=np.array([[0.5, 0, 0, 0]], np.float32),
    )
    (point,) = sweep_to_dict(result(uneven))["curves"][0]["points"]
    assert [point[name] for name in ("probability", "l2", "linf", "psnr", "clipped")] == [0.25, 1.0, 0.5, 30.0, 0.125]


@pytest.mark.parametrize("eight_bit", [False, True])
def test_every_sweep_becomes_strict_json(eight_bit: bool) -> None:
    for epsilons in (None, [0.0]):
        swept = sweep(tiny_cnn(), random_batch(5), tuple(Rule), epsilons, labels="predicted", eight_bit=eight_bit)
        data = sweep_to_dict(swept)
        assert json.loads(json.dumps(data, allow_nan=False)) == data
        points = [point for entry in data["curves"] for point in entry["points"]]
        assert all(0 <= p["low"] <= p["accuracy"] <= p["high"] <= 1 for p in points)
        assert all(p["accuracy"] == p["correct"] / 5 for p in points)
        assert all((p["psnr"] is None) == (p["l2"] == 0) for p in points)
        assert all(("rounded" in p) == eight_bit for p in points)
        assert data["labels"] == "predicted"
        assert data["eight_bit"] == eight_bit


@pytest.mark.parametrize("swept", [KNOWN, ROUNDED])
def test_the_csv_has_the_same_numbers_to_the_last_digit(swept: gradlab.SweepResult) -> None:
    rows = list(csv.DictReader(io.StringIO(sweep_to_csv(swept))))
    points = [
        (entry["rule"], entry["unit"], point) for entry in sweep_to_dict(swept)["curves"] for point in entry["points"]
    ]
    assert len(rows) == len(points)
    for row, (rule, unit, point) in zip(rows, points, strict=True):
        flat = {name: value for name, value in point.items() if name != "rounded"}
        flat |= {f"rounded_{name}": value for name, value in point.get("rounded", {}).items()}
        about = [row.pop(name) for name in ("dataset", "split", "source", "model", "labels", "images", "rule", "unit")]
        assert about == ["zoo", "test", "sample", "tiny", "true", "4", rule, unit]
        check = ("precision", "checked", "disagreed", "unchecked", "wrong_share_high", "wrong_high")
        assert [row.pop(name) for name in check] == ["float32", "0", "0", "0", "", "0.0"]
        assert {name: float(text) if text else None for name, text in row.items()} == flat


def test_rounding_is_compared_image_by_image() -> None:
    first, last = sweep_to_dict(ROUNDED)["curves"][0]["points"]
    before, after = (np.array(rows) == ROUNDED.labels for rows in ([[0, 1, 2, 0], [1] * 4], [[0, 1, 2, 1], [2] * 4]))
    for point, right, rounded in zip((first, last), before, after, strict=True):
        found = paired_difference(rounded, right)
        shown = point["rounded"]
        assert (shown["difference"], shown["difference_low"], shown["difference_high"]) == (
            found.difference, found.low, found.high,
        )  # fmt: skip
        assert shown["difference"] == pytest.approx(shown["accuracy"] - point["accuracy"])


def test_the_csv_is_plain_text() -> None:
    lines = sweep_to_csv(ROUNDED).split("\n")
    assert lines[0] == (
        "dataset,split,source,model,labels,images,precision,checked,disagreed,unchecked,wrong_share_high,wrong_high,"
        "rule,unit,epsilon,accuracy,low,high,correct,probability,l2,linf,psnr,"
        "clipped,rounded_accuracy,rounded_low,rounded_high,rounded_correct,rounded_difference,rounded_difference_low,"
        "rounded_difference_high"
    )
    assert lines[1].startswith("zoo,test,sample,tiny,true,4,float32,0,0,0,,0.0,sign,pixel,-0.2,1.0,")
    assert len(lines) == 4
    assert lines[-1] == ""
