import csv
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from calling import ROOT, Call, Done, python
from PIL import Image

from gradlab import cli
from gradlab.cli.arguments import COMMANDS
from gradlab.errors import BadValueError
from gradlab.images.load import load_batch
from gradlab.images.store import write_split
from gradlab.images.table import DATASETS
from gradlab.measures import METRICS, OPTIONAL, learned
from gradlab.networks import load_model, read_cards
from gradlab.report.archive import load_result
from gradlab.steps.perturb import perturb, to_eight_bit
from gradlab.training import RECIPES

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


# --- what it does


def test_sweep_prints_nothing_but_json_on_stdout(folder: Path) -> None:
    done = python(*SWEEP, EPSILONS, "--json", "-", cwd=folder)
    assert done.code == 0, done.err
    check_sweep(json.loads(done.out))
    assert "Traceback" not in done.err
    assert list(folder.iterdir()) == []


def test_progress_is_drawn_on_stderr(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    from tqdm import tqdm

    monkeypatch.setattr(
        "gradlab.cli.commands.progress_bar",
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


def test_measures_says_what_each_is_and_what_lpips_would_download(
    call: Call, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    monkeypatch.setattr(learned, "find_spec", lambda name: None)
    done = call("measures", "--json", "-")
    rows = {row["name"]: row for row in json.loads(done.out)["measures"]}
    assert rows.keys() == METRICS.keys() | OPTIONAL.keys()
    assert [name for name, row in rows.items() if not row["available"]] == ["lpips"]
    assert rows["ciede2000_mean"]["source"]["url"] == "https://doi.org/10.1002/col.20070"
    assert rows["psnr"]["noticeable"] == "none known"
    assert "pip install 'gradlab[lpips]'" in done.err
    printed = call("measures")
    assert [line.split()[0] for line in printed.out.splitlines()] == ["name", *rows]
    refused = call("measures", "--download-lpips")
    assert (refused.code, refused.out) == (2, "")
    assert "needs the package lpips" in refused.err


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


def test_models_lists_the_shipped_weights(call: Call) -> None:
    done = call("models", "--json", "-")
    content = json.loads(done.out)
    assert (done.code, done.err, list(content)) == (0, "", ["gradlab", "models"])
    names = [card["name"] for card in content["models"]]
    assert names == [card.name for card in read_cards()]
    assert {"alexnet", "alexnet-paper", "resnet9"} == set(names)
    assert content["models"][0]["recipe"]["name"] == "alexnet"
    lines = call("models").out.splitlines()
    expected = [
        "name",
        "dataset",
        "parameters",
        "clean_accuracy",
        "without_twins",
        "measured_on",
        "trained_on",
        "epochs",
        "fitted",
    ]
    assert lines[0].split() == expected
    assert [line.split()[0] for line in lines[1:]] == names
    shares = {(row["name"], row["dataset"]): row["without_twins"] for row in content["models"]}
    assert {dataset for (_, dataset), share in shares.items() if share is not None} == {"cifar10"}
    assert f"{shares['resnet9', 'cifar10']:.2%}" == "91.15%"


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


def test_datasets_says_what_is_at_hand(call: Call) -> None:
    done = call("datasets", "--json", "-")
    content = json.loads(done.out)
    assert (done.code, done.err, list(content)) == (0, "", ["gradlab", "datasets"])
    assert [row["name"] for row in content["datasets"]] == list(DATASETS)
    assert {(row["train"], row["test"], row["sample"], row["problem"]) for row in content["datasets"]} == {
        (None, None, 2_000, None)
    }
    assert [line.split()[0] for line in call("datasets").out.splitlines()] == ["name", *DATASETS]


@pytest.mark.parametrize("epsilon", ["8/255", "-3/255", "0.0213"])
def test_perturb_writes_the_perturbed_image(call: Call, folder: Path, epsilon: str) -> None:
    place = int(load_batch("cifar10", limit=2_000, source="sample").indices[7])
    options = ("--index", str(place), "--epsilon", epsilon, "--device", "cpu")
    done = call("perturb", *options, "--out", "x.png", "--json", "-")
    assert (done.code, done.err) == (0, "")
    batch, model = load_batch("cifar10", indices=[place], source="sample"), load_model("alexnet", "cifar10", "cpu")
    step = {"8/255": 8 / 255, "-3/255": -3 / 255, "0.0213": 0.0213}[epsilon]
    expected = to_eight_bit(perturb(model, batch.images, batch.labels, epsilon=step, rule="sign"))
    with Image.open(folder / "x.png") as picture:
        assert picture.format == "PNG"
        written = torch.from_numpy(np.array(picture)).permute(2, 0, 1)
    assert torch.equal(written, (expected[0] * 255).round().to(torch.uint8))
    content = json.loads(done.out)
    assert (content["index"], content["label"]) == (place, batch.classes[int(batch.labels)])
    assert (content["epsilon"], content["rule"]) == (step, "sign")
    clean, perturbed, rounded = content["forms"]
    assert (clean["l2"], clean["psnr"]) == (0, None)
    assert perturbed["linf"] == pytest.approx(abs(step), rel=1e-4)
    assert rounded["linf"] * 255 == pytest.approx(round(abs(step) * 255), abs=1e-3)
    with torch.inference_mode():
        assert rounded["prediction"] == batch.classes[int(model(expected).argmax())]


def test_perturb_needs_no_place_and_no_store(call: Call, folder: Path) -> None:
    done = call("perturb", "--rule", "random", "--seed", "3", "--out", "x.PNG")
    place = int(load_batch("cifar10", limit=1, seed=3, source="sample").indices[0])
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith(f"alexnet on image {place} of cifar10/test (sample): ")
    assert len(done.out.splitlines()) == 5
    assert (folder / "x.PNG").is_file()


def test_train_makes_weights_and_a_card(
    call: Call, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRADLAB_ASSETS", str(tmp_path / "new"))
    generator = torch.Generator().manual_seed(0)
    for split, count in (("train", 130), ("test", 20)):
        images = torch.randint(256, (count, 3, 32, 32), generator=generator, dtype=torch.uint8)
        write_split("cifar10", split, images, torch.arange(count) % 10)
    train = ("train", "--epochs", "1", "--seed", "4", "--precision", "float32", "--device", "cpu", "--json", "-")
    done = call(*train)
    (card,) = json.loads(done.out)["models"]
    assert (done.code, card["name"], card["steps"], card["trained_on"]) == (
        0,
        "alexnet",
        1,
        "130 images of the train split",
    )
    assert (card["recipe"]["epochs"], card["recipe"]["seed"]) == (1, 4)
    assert "epoch 1: loss " in done.err
    assert (folder / "runs" / "alexnet-cifar10.safetensors").is_file()
    assert (tmp_path / "new" / "weights" / "alexnet-cifar10.safetensors").is_file()
    assert json.loads(call(*train, "--resume").out)["models"] == [card]
    (card,) = json.loads(call("models", "--measure", "--json", "-").out)["models"]
    assert abs(card["measured"] - card["correct"]) <= 1  # on another device, perhaps
    monkeypatch.setattr("gradlab.training.RECIPES", {key: RECIPES[key] for key in list(RECIPES)[:2]})
    every = call(*train, "--all", "--resume")  # the first has a checkpoint, the second begins
    cards = json.loads(every.out)["models"]
    assert [row["name"] for row in cards] == ["alexnet", "alexnet-paper"]
    assert cards[0]["sha256"] == card["sha256"]
    other = call(*train, "--resume", "--seed", "5")
    assert (other.code, other.out, other.err.count("\n")) == (2, "", 1)
    assert "made by another recipe" in other.err


def test_app_serves_the_dashboard_of_this_project(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    started = []

    def run(command: list[str], *, cwd: Path, check: bool) -> subprocess.CompletedProcess[str]:
        started.append(command)
        assert (cwd / command[command.index("run") + 1]).is_file()
        return subprocess.CompletedProcess(command, len(started) - 1)

    monkeypatch.setattr(subprocess, "run", run)
    assert call("app", "--port", "9000") == (0, "", "")
    assert started[0][1:5] == ["-m", "streamlit", "run", "dashboard.py"]
    assert started[0][started[0].index("--server.port") + 1] == "9000"
    assert call("app").code == 1  # as streamlit ended


def test_help_names_every_command() -> None:
    done = python("--help", cwd=ROOT)
    assert (done.code, done.err) == (0, "")
    assert all(text.split(",")[0] in " ".join(done.out.split()) for text in COMMANDS.values())
    assert set(cli._RUN) == set(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_has_help(call: Call, command: str) -> None:
    done = call(command, "--help")
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith(f"usage: gradlab {command} ")


def test_version(call: Call) -> None:
    assert call("--version") == (0, "gradlab 0.1.0\n", "")


def test_ctrl_c_is_no_traceback(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(options: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setitem(cli._RUN, "datasets", interrupt)
    assert call("datasets") == (130, "", "gradlab datasets: interrupted\n")


# --- what it refuses


def refused(done: Done, folder: Path, *words: str) -> None:
    assert done.code == 2, done
    assert done.out == ""
    assert "Traceback" not in done.err
    assert done.err.startswith("gradlab")
    assert done.err.endswith("\n")
    assert done.err.count("\n") == 1, done.err
    assert "\r" not in done.err  # no bar
    for word in words:
        assert word in done.err
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("", "required COMMAND"),
        ("swep", "invalid choice 'swep'"),
        ("--bogus", "gradlab"),
        ("sweep --bogus", "unrecognized --bogus"),
        ("sweep --rules", "--rules expected one argument"),
        ("fetch", "required name"),
        ("fetch cifar11", "unknown data set 'cifar11' cifar10"),
        ("fetch cifar10 --from nowhere", "nowhere cifar-10-batches-py"),
        ("sweep --dataset cifar11", "'cifar11' expected cifar10"),
        ("sweep --model alexnte", "'alexnte' did you mean alexnet-paper"),
        ("sweep --rules sgin", "unknown rule 'sgin' sign, raw, l2, max, random"),
        ("sweep --rules sign,", "unknown rule ''"),
        ("sweep --rules sign,sign", "each once sign, sign"),
        ("sweep --rules=", "unknown rule ''"),
        ("sweep --labels wrong", "unknown label source 'wrong' true, predicted"),
        ("sweep --device tpu", "unknown device 'tpu' auto, cuda, mps, cpu"),
        ("sweep --device cuda:99", "device 'cuda:99' is not on this machine"),
        ("sweep --epsilons nan", "epsilon nan finite number"),
        ("sweep --epsilons 0,inf", "epsilon inf finite number"),
        ("sweep --epsilons -inf", "--epsilons"),
        ("sweep --epsilons=-inf", "epsilon -inf finite number"),
        ("sweep --epsilons abc", "epsilon 'abc' finite number 8/255"),
        ("sweep --epsilons 1/0", "epsilon '1/0' finite number"),
        ("sweep --epsilons=", "epsilon '' finite number"),
        ("sweep --epsilons 1,,2", "epsilon '' finite number"),
        ("sweep --limit 0", "limit at least 1 got 0"),
        ("sweep --limit -1", "limit at least 1 got -1"),
        ("sweep --limit abc", "--limit 'abc' whole number"),
        ("sweep --limit 1.5", "--limit '1.5' whole number"),
        ("sweep --limit 2001", "at most 2000 got 2001 gradlab fetch cifar10"),
        ("sweep --limit 10001", "at most 10000 got 10001"),
        ("sweep --limit all", "whole test split gradlab fetch cifar10"),
        ("sweep --seed -1", "--seed from 0 to 4294967295 '-1'"),
        ("sweep --seed 99999999999999999999", "--seed 4294967295"),
        ("sweep --seed x", "--seed whole number 'x'"),
        ("sweep --json no/such/folder.json", "--json no/such/folder.json folder that exists"),
        ("sweep --json .", "--json . got a folder"),
        ("sweep --json=", "--json"),
        ("models --json /dev/null/x", "--json /dev/null/x"),
        ("models --measure", "gradlab fetch cifar10"),
        ("datasets extra", "unrecognized extra"),
        ("app --port 70000", "--port 65535 '70000'"),
        ("train --dataset svhn --model alexnet-paper", "unknown recipe 'alexnet-paper for svhn' alexnet for cifar10"),
        ("train --epochs 0", "--epochs at least 1 '0'"),
        ("train --precision float8", "--precision float8"),
        ("train", "gradlab fetch cifar10"),
        ("train --resume", "gradlab fetch cifar10"),
        ("perturb", "required --out"),
        ("perturb --out x.jpg", "--out x.jpg .png"),
        ("perturb --out png", "--out png"),
        ("perturb --out no/x.png", "--out no/x.png folder that exists"),
        ("perturb --out x.png --json no/x.json", "--json no/x.json folder that exists"),
        ("perturb --out x.png --index -1", "--index at least 0 '-1'"),
        ("perturb --out x.png --index 10000", "indices from 0 to 9999 got 10000"),
        ("perturb --out x.png --index 0", "no image 0 gradlab fetch cifar10"),
        ("perturb --out x.png --index one", "--index 'one'"),
        ("perturb --out x.png --rule sgin", "unknown rule 'sgin'"),
        ("perturb --out x.png --epsilon nan", "epsilon nan finite number"),
        ("perturb --out x.png --epsilon 1e999", "epsilon inf finite number"),
        ("perturb --out x.png --labels wrong", "unknown label source 'wrong'"),
        ("perturb --out x.png --device tpu", "unknown device 'tpu'"),
        ("perturb --out x.png --dataset imagenet", "'imagenet' cifar10"),
    ],
)
def test_bad_input_is_one_line(call: Call, folder: Path, line: str, words: str) -> None:
    refused(call(*line.split()), folder, *words.split())


def test_bad_input_is_one_line_in_a_process_of_its_own(folder: Path) -> None:
    refused(python("sweep", "--rules", "sign,sign", "--limit", "5", cwd=folder), folder, "each once")


def test_corrupt_weights(call: Call, folder: Path, copied_assets: Path) -> None:
    path = copied_assets / "weights" / "alexnet-cifar10.safetensors"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 16
    path.write_bytes(content)
    refused(call("sweep", "--limit", "5"), folder, str(path), "expected sha256", "got")
    refused(call("perturb", "--out", "x.png"), folder, str(path), "expected sha256")


@pytest.mark.parametrize(
    ("missing", "arguments"),
    [
        ("samples/cifar10.webp", ("sweep", "--limit", "5")),
        ("samples/cifar10.json", ("perturb", "--out", "x.png")),
        ("weights/alexnet-cifar10.safetensors", ("sweep", "--limit", "5")),
        ("models.json", ("sweep", "--limit", "5")),
        ("models.json", ("models",)),
    ],
)
def test_a_missing_file(
    call: Call, folder: Path, copied_assets: Path, missing: str, arguments: tuple[str, ...]
) -> None:
    (copied_assets / missing).unlink()
    refused(call(*arguments), folder, str((copied_assets / missing).with_suffix("")))


def test_broken_models_json(call: Call, folder: Path, copied_assets: Path) -> None:
    (copied_assets / "models.json").write_text('{"models": [{}]}')
    refused(call("models", "--json", "-"), folder, "models.json is not a table of weights")


def test_a_place_that_may_not_be_written_to(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Asked of the system, which lets the superuser write everywhere: so it is told to refuse here."""
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    with pytest.raises(BadValueError, match="--json result.json: expected a place that may be written to"):
        cli.check_outputs(cli.parse_arguments(["models", "--json", "result.json"]))


def test_a_disk_that_is_full(call: Call, folder: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("needs /dev/full, a device on which there is no space")
    refused(call("datasets", "--json", "/dev/full"), folder, "No space left on device")
