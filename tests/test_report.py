"""A sweep as JSON: exactly the promised keys, and nothing that JSON cannot say."""

import json
import math
from dataclasses import replace

import numpy as np
import pytest
from helpers import curve, random_batch, result, tiny_cnn
from scipy.stats import binomtest

import gradlab
from gradlab.report import sweep_to_dict
from gradlab.sweep import sweep
from gradlab.types import LabelSource, Rule

TOP = {
    "gradlab", "dataset", "split", "images", "source", "model", "weights_sha256", "labels", "eight_bit", "device",
    "seed", "seconds", "clean_accuracy", "curves",
}  # fmt: skip
POINT = {"epsilon", "accuracy", "low", "high", "correct", "l2", "linf", "psnr"}

KNOWN = result(
    curve(Rule.SIGN, [-0.1, 0.0, 0.1], [[0, 1, 2, 0], [0, 1, 2, 1], [1, 2, 0, 0]]),
    curve(Rule.RAW, [0.5], [[0, 0, 0, 0]]),
)


def test_the_keys_are_those_promised() -> None:
    data = sweep_to_dict(KNOWN)
    assert set(data) == TOP
    for entry in data["curves"]:
        assert set(entry) == {"rule", "unit", "points"}
        for point in entry["points"]:
            assert set(point) == POINT


def test_the_values_are_those_of_the_sweep() -> None:
    data = sweep_to_dict(KNOWN)
    curves = data.pop("curves")
    assert data == {
        "gradlab": gradlab.__version__, "dataset": "zoo", "split": "test", "images": 4, "source": "sample",
        "model": "tiny", "weights_sha256": "abc", "labels": "true", "eight_bit": False, "device": "CPU (a test)",
        "seed": 7, "seconds": 1.235, "clean_accuracy": 0.75,
    }  # fmt: skip
    assert [(entry["rule"], entry["unit"]) for entry in curves] == [("sign", "pixel"), ("raw", "gradient")]
    sign, raw = (entry["points"] for entry in curves)
    assert [point["epsilon"] for point in sign] == [-0.1, 0.0, 0.1]
    assert [point["correct"] for point in sign] == [4, 3, 1]
    assert [point["accuracy"] for point in sign] == [1.0, 0.75, 0.25]
    assert [point["psnr"] for point in sign] == [pytest.approx(20, rel=1e-6), None, pytest.approx(20, rel=1e-6)]
    assert (raw[0]["l2"], raw[0]["linf"]) == (1.0, 0.5)


def test_the_interval_is_wilsons() -> None:
    for point in sweep_to_dict(KNOWN)["curves"][0]["points"]:
        theirs = binomtest(point["correct"], 4).proportion_ci(0.95, method="wilson")
        assert (point["low"], point["high"]) == pytest.approx((theirs.low, theirs.high))


def test_means_and_the_median_are_over_the_images() -> None:
    uneven = replace(
        curve(Rule.SIGN, [0.1], [[0, 0, 0, 0]]),
        l2=np.array([[0, 0, 0, 4]], np.float32),
        linf=np.array([[0, 0, 1, 1]], np.float32),
        psnr=np.array([[10, 20, 40, math.inf]], np.float32),
    )
    (point,) = sweep_to_dict(result(uneven))["curves"][0]["points"]
    assert (point["l2"], point["linf"], point["psnr"]) == (1.0, 0.5, 30.0)


def test_every_sweep_becomes_strict_json() -> None:
    for epsilons in (None, [0.0]):
        swept = sweep(tiny_cnn(), random_batch(5), tuple(Rule), epsilons, labels=LabelSource.PREDICTED)
        data = sweep_to_dict(swept)
        assert json.loads(json.dumps(data, allow_nan=False)) == data
        points = [point for entry in data["curves"] for point in entry["points"]]
        assert all(0 <= p["low"] <= p["accuracy"] <= p["high"] <= 1 for p in points)
        assert all(p["accuracy"] == p["correct"] / 5 for p in points)
        assert all((p["psnr"] is None) == (p["l2"] == 0) for p in points)
        assert data["labels"] == "predicted"
