"""`gradlab sweep`: tables, JSON, and every kind of file."""

import csv
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from calling import Call, python, refused

from gradlab.networks import read_cards
from gradlab.report.archive import load_result

SWEEP = ("sweep", "--dataset", "cifar10", "--model", "alexnet", "--rules", "sign,raw", "--limit", "20")
EPSILONS = "--epsilons=-1/255,0,1/255"

TOP = (
    "gradlab software dataset split images planned failed source draw_seed model weights_sha256 labels eight_bit "
    "device precision batch_size seed seconds notices clean_accuracy zero_gradient "
    "interval_factor twins class_balanced curves "
    "checked disagreed unchecked wrong_share_high wrong_high"
).split()
POINT = "epsilon accuracy low high correct probability l2 linf psnr clipped".split()


def check_sweep(content: dict[str, Any]) -> None:
    assert sorted(content) == sorted(TOP)
    assert (content["dataset"], content["split"], content["images"], content["source"]) == (
        "cifar10",
        "test",
        20,
        "sample",
    )
    assert (content["model"], content["labels"], content["eight_bit"], content["seed"]) == ("alexnet", "true", False, 0)
    assert content["weights_sha256"] == next(card.sha256 for card in read_cards() if card.name == "alexnet")
    assert [(curve["rule"], curve["unit"]) for curve in content["curves"]] == [("sign", "pixel"), ("raw", "gradient")]
    for curve in content["curves"]:
        assert list(curve) == ["rule", "unit", "points"]
        assert [point["epsilon"] for point in curve["points"]] == [-1 / 255, 0, 1 / 255]
        for point in curve["points"]:
            assert sorted(point) == sorted(POINT)
            assert point["accuracy"] == point["correct"] / 20
            assert 0 <= point["low"] <= point["accuracy"] <= point["high"] <= 1
        down, zero, up = curve["points"]
        assert zero["accuracy"] == content["clean_accuracy"]
        assert (zero["l2"], zero["linf"], zero["psnr"]) == (0, 0, None)
        assert down["correct"] >= zero["correct"] >= up["correct"]
    assert content["curves"][0]["points"][2]["linf"] == pytest.approx(1 / 255, rel=1e-4)


def test_sweep_prints_nothing_but_json_on_stdout(folder: Path) -> None:
    done = python(*SWEEP, EPSILONS, "--json", "-", cwd=folder)
    assert done.code == 0, done.err
    check_sweep(json.loads(done.out))
    assert "Traceback" not in done.err
    assert list(folder.iterdir()) == []


def test_progress_is_drawn_on_stderr(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    from tqdm import tqdm

    monkeypatch.setattr(
        "gradlab.cli.sweep.progress_bar",
        lambda total, unit: tqdm(total=total, unit=unit, file=sys.stderr, mininterval=0, delay=1e-9),
    )
    done = call(*SWEEP, EPSILONS, "--json", "-")
    assert "20/20" in done.err
    check_sweep(json.loads(done.out))


def test_sweep_writes_a_file(call: Call, folder: Path) -> None:
    done = call(*SWEEP, EPSILONS, "--json", "result.json")
    assert (done.code, done.out) == (0, "")
    check_sweep(json.loads((folder / "result.json").read_text(encoding="utf-8")))


def test_sweep_prints_a_table(call: Call, folder: Path) -> None:
    done = call(*SWEEP, EPSILONS)
    head, how, twins, _, *sign = done.out.splitlines()
    assert how == "Evaluated in float32"
    assert head.startswith("alexnet on 20 images of cifar10/test (sample), true labels, clean ")
    assert twins.endswith("a twin in the train split (ciFAIR).")
    assert sorted(sign[0].split()) == sorted(["rule", *POINT])
    assert [line.split()[:2] for line in sign[1:4]] == [["sign", "−1/255"], ["sign", "0"], ["sign", "+1/255"]]
    assert sign[4] == ""
    assert [line.split()[0] for line in sign[5:]] == ["rule", "raw", "raw", "raw"]
    assert (done.code, list(folder.iterdir())) == (0, [])


def test_options_of_a_sweep_reach_it(call: Call) -> None:
    options = ("--labels", "predicted", "--eight-bit", "--seed", "5", "--limit", "11", "--rules", " random , l2")
    content = json.loads(call("sweep", *options, "--epsilons", "-0.01,2e-2", "--json", "-", "--device", "cpu").out)
    assert (content["labels"], content["eight_bit"], content["seed"], content["images"]) == ("predicted", True, 5, 11)
    assert [curve["rule"] for curve in content["curves"]] == ["random", "l2"]
    assert [point["epsilon"] for point in content["curves"][0]["points"]] == [-0.01, 0.02]
    for point in content["curves"][0]["points"]:
        assert point["linf"] == pytest.approx(abs(point["epsilon"]), rel=1e-4)
        assert point["rounded"].keys() == {
        "accuracy", "low", "high", "correct", "difference", "difference_low", "difference_high",
    }  # fmt: skip


def test_a_sweep_goes_into_every_kind_of_file(call: Call, folder: Path) -> None:
    files = {f"--{kind}": f"result.{kind}" for kind in ("csv", "html", "json")} | {"--save": "result.npz"}
    options = [word for pair in files.items() for word in pair]
    done = call(*SWEEP, EPSILONS, "--labels", "target:frog", "--source", "sample", *options)
    assert (done.code, done.out) == (0, "")
    assert {path.name for path in folder.iterdir()} == set(files.values())
    content, result = json.loads((folder / "result.json").read_text()), load_result(folder / "result.npz")
    assert content["labels"] == str(result.label_source) == "target:frog"
    assert content["clean_accuracy"] == result.clean_accuracy
    rows = list(csv.DictReader((folder / "result.csv").read_text().splitlines()))
    points = [point for curve in content["curves"] for point in curve["points"]]
    assert [float(row["accuracy"]) for row in rows] == [point["accuracy"] for point in points]
    page = (folder / "result.html").read_text(encoding="utf-8")
    assert result.weights_sha256 in page
    assert "python -m gradlab sweep --dataset cifar10" in page


def test_a_target_that_is_no_class(call: Call) -> None:
    done = call(*SWEEP, "--labels", "target:dragon")
    assert done.code == 2
    assert done.err.startswith("gradlab sweep: unknown target class 'dragon': expected one of airplane,")
    assert done.err.count("\n") == 1


def test_without_epsilons_each_rule_has_its_grid(call: Call) -> None:
    content = json.loads(call("sweep", "--rules", "sign", "--limit", "1", "--json", "-").out)
    epsilons = [point["epsilon"] for point in content["curves"][0]["points"]]
    assert len(epsilons) == 27
    assert epsilons == sorted(epsilons)
    assert epsilons[13] == 0


def test_a_sweep_without_twins(call: Call, folder: Path) -> None:
    """Of the first sample images, drawn with seed 0, some have a twin: they are left out, and the notice says so."""
    about = ("sweep", "--rules", "sign", "--epsilons", "0", "--limit", "200", "--json", "-")
    whole, done = json.loads(call(*about).out), call(*about, "--without-twins")
    rest, twins = json.loads(done.out), whole["twins"]["images"]
    assert twins > 0
    assert (rest["images"], rest["planned"], rest["twins"]["images"]) == (200 - twins, 200 - twins, 0)
    assert rest["clean_accuracy"] == pytest.approx(whole["twins"]["clean_accuracy_without"])
    assert rest["draw_seed"] is None
    assert f"Left out: {twins} test images that have a twin" in rest["notices"][0]
    assert rest["notices"][0] in done.err
    table = call(*about[:-2]).out
    assert f"{twins} of these images" in table
    for dataset in ("svhn", "cifar100"):
        refused(call(*about, "--without-twins", "--dataset", dataset), folder, f"got {dataset}")


def test_what_svhns_figures_stand_for_is_said(call: Call) -> None:
    about = ("sweep", "--dataset", "svhn", "--rules", "sign", "--epsilons", "0,2/255", "--limit", "100")
    found = json.loads(call(*about, "--json", "-").out)
    at = found["class_balanced"]["clean_accuracy_at_split_frequencies"]
    assert 0.8 < at < 1
    assert found["interval_factor"]["lowest"] <= found["interval_factor"]["pooled"]
    shown = call(*about).out
    assert f"at its class frequencies clean accuracy is {at:.1%}" in shown
    assert f"{found['interval_factor']['pooled']:.2f} times as wide" in shown
