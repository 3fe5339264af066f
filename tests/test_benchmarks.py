"""The benchmarks run, compare before they time, and refuse who does something else; no test asserts a time."""

import importlib.util
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from mmap import mmap
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor

import gradlab.experiments.work
from benchmarks import gradients, peers
from benchmarks.agreement import TOLERANCE, Disagreement, Reference, compare, reference, refuse
from benchmarks.contenders import CONTENDERS, FLOOR, OURS, PROMISES, Contender, Promise
from benchmarks.libraries import prepare_art, prepare_foolbox, prepare_torchattacks
from benchmarks.memory import resident
from benchmarks.missed import explanation
from benchmarks.scaling import fit
from benchmarks.tables import agreement_table
from benchmarks.task import Predictions, Run, Seen, Setting, Task, load_task, not_shown, some_images
from benchmarks.timing import TRIAL, Ready, ratios, take_turns, warmed_up
from gradlab.experiments.asking import Asking
from gradlab.experiments.stored import gradients_path, load_gradients
from gradlab.images.load import load_batch
from gradlab.networks import find_card

PEERS = ("torchattacks", "foolbox", "ART")
ROOT = Path(__file__).resolve().parents[1]
IMAGES, EPSILONS, REPEATS = 12, 2, 3

pytestmark = [
    pytest.mark.peers,
    # foolbox imports a name of scipy's that scipy 2 will drop
    pytest.mark.filterwarnings("ignore:Please import `gaussian_filter` from:DeprecationWarning"),
]


@pytest.fixture(autouse=True, scope="module")
def _peers_are_there() -> None:
    """Where one is missing the tests are skipped, but never in CI."""
    missing = [name for name in ("torchattacks", "foolbox", "art") if importlib.util.find_spec(name) is None]
    if missing and os.environ.get("CI") != "true":
        pytest.skip(f"{', '.join(missing)} missing: `make test` installs them (requirements-peers.txt)")
    assert not missing


@pytest.fixture(scope="module")
def task() -> Task:
    return load_task("alexnet", IMAGES, EPSILONS, batch_size=5)


@pytest.fixture(scope="module")
def right(task: Task) -> Reference:
    return reference(task)


@pytest.fixture(scope="module")
def peer(task: Task) -> Run:
    return prepare_torchattacks(task, Setting(5))


def run_script(name: str, *options: str) -> str:
    """What a script prints, run as CONTRIBUTING says."""
    command = [sys.executable, f"benchmarks/{name}", *options]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def table_rows(printed: str, first: str) -> list[list[str]]:
    """The cells of the rows below the head that has a cell of that text."""
    lines = [line for line in printed.splitlines() if line.startswith("|")]
    head = next(place for place, line in enumerate(lines) if first in line)
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[head + 2 :]]
    return [row for row in rows if len(row) == lines[head].count("|") - 1]


def test_peers_prints_tables_and_writes_json(tmp_path: Path) -> None:
    sizes = ("--images", str(IMAGES), "--epsilons", str(EPSILONS), "--repeats", str(REPEATS), "--batch-size", "6")
    printed = run_script("peers.py", "--model", "alexnet", *sizes, "--profile", "--json", str(tmp_path / "out.json"))
    names = [contender.name for contender in CONTENDERS]
    assert [row[0] for row in table_rows(printed, "× gradlab")][: len(names)] == names
    assert [row[0] for row in table_rows(printed, "values compared")][: len(names)] == names
    assert table_rows(printed, "| ms | gradlab | floor |")[-1][0] == "all operations"
    assert "convolution" in printed
    assert "compiling and calibrating included" in printed
    assert "gradlab, tried: " in printed
    (name, found), *others = json.loads((tmp_path / "out.json").read_text()).items()
    assert (name, others) == ("alexnet", [])
    assert (found["conditions"]["images"], found["conditions"]["epsilons"]) == (IMAGES, EPSILONS)
    assert found["conditions"]["hardware"] in printed
    for row, contender in zip(found["contenders"], CONTENDERS, strict=True):
        check_json_row(row, contender)


def check_json_row(row: dict[str, Any], contender: Contender) -> None:
    assert row["name"] == contender.name
    assert len(row["seconds"]) == REPEATS
    assert min(row["seconds"]) == row["time"]["low"] <= row["time"]["median"] <= row["time"]["high"]
    assert row["bar"] is None  # of so few images nothing was promised
    assert row["setting"] in row["trials"]
    assert row["preparing"] >= 0
    agreement = row["agreement"]
    assert agreement["predictions"] == IMAGES * EPSILONS
    assert agreement["largest"] <= TOLERANCE
    assert (agreement["values"] > 0.5 * IMAGES * EPSILONS * 3 * 32 * 32) == contender.shows
    if contender.exact:
        assert agreement["unexplained"] == row["differing"] == 0
    assert row["differing"] <= 0.1 * IMAGES * EPSILONS  # the floor's bfloat16 gets nearly all right


def test_bars_are_those_of_each_network_in_each_peers_own_best_setting() -> None:
    assert {name: [promise.bars[peer] for peer in PEERS] for name, promise in PROMISES.items()} == {
        "alexnet": [5, 7, 6],
        "resnet9": [6, 8, 7],
        "efficientnet_lite0": [3, 3, 3],
    }
    names = {contender.name for contender in CONTENDERS}
    for promise in PROMISES.values():
        assert set(promise.bars) <= names
        assert not any("as it comes" in name for name in promise.bars)


def test_both_networks_are_measured_by_default_and_a_missed_bar_is_explained(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    somebody = Contender("somebody", lambda task: [Setting(4)], prepare_torchattacks)
    ours, floor = (replace(one, settings=lambda task: [Setting(4)]) for one in (OURS, FLOOR))
    monkeypatch.setattr(peers, "CONTENDERS", (ours, floor, somebody))
    monkeypatch.setattr(peers, "OURS", ours)
    monkeypatch.setattr(peers, "FLOOR", floor)
    bars = {"alexnet": 1e-9, "resnet9": 1e9}  # met, and missed
    promises = {name: Promise({"somebody": own}, images=4, repeats=1, epsilons=2) for name, own in bars.items()}
    monkeypatch.setattr(peers, "PROMISES", promises)
    assert peers.main(["--json", str(tmp_path / "out.json")]) == 0
    printed = capsys.readouterr().out
    assert [line for line in printed.splitlines() if line.startswith("## ")] == ["## alexnet", "## resnet9"]
    found = json.loads((tmp_path / "out.json").read_text())
    assert {name: own["contenders"][-1]["bar"] for name, own in found.items()} == bars
    met, missed = printed.split("## resnet9")
    told = r"missed: somebody [0-9.]+ of [0-9.]+; the bare floor itself is [0-9.]+ times"
    for part, times in ((met, 0), (missed, 1)):
        assert len(re.findall(told, part)) == times
        assert part.count("| ms | gradlab | floor |") == part.count("profiled: gradlab's operations take") == times


def test_another_task_than_the_promised_one_has_no_bars(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(peers, "CONTENDERS", (replace(OURS, settings=lambda task: [Setting(4)]),))
    monkeypatch.setattr(peers, "PROMISES", {"alexnet": Promise({"gradlab": 1e9}, images=5, repeats=1, epsilons=1)})
    assert peers.main(["--images", "4"]) == 0
    printed = capsys.readouterr().out
    assert "MISSED" not in printed
    assert "missed:" not in printed


def test_some_can_be_measured_alone(capsys: pytest.CaptureFixture[str]) -> None:
    sizes = ("--images", "4", "--epsilons", "1", "--repeats", "1", "--batch-size", "4")
    assert peers.main(["--model", "alexnet", "--only", "torchattacks", *sizes, "--profile"]) == 0
    assert [row[0] for row in table_rows(capsys.readouterr().out, "× gradlab")] == ["gradlab", "torchattacks"]
    with pytest.raises(SystemExit, match="got nobody"):
        peers.main(["--model", "alexnet", "--only", "nobody", *sizes])


def test_a_missed_bar_is_set_beside_the_floor() -> None:
    def one(name: str, seconds: float, bar: float | None) -> dict[str, Any]:
        return {"name": name, "seconds": [seconds] * 2, "bar": bar, "ratio": {"median": seconds}}

    rows = [one("gradlab", 1, None), one("floor", 0.8, 0.9), one("near", 4, 4.5), one("far", 4, 6), one("met", 4, 3)]
    times = {"gradlab": {"convolution": 70.0, "eq": 5.0}, "floor": {"convolution": 60.0, "cat": 2.0}}
    assert explanation(rows, times).splitlines() == [
        "missed: floor 0.80 of 0.90",
        "missed: near 4.00 of 4.50; the bare floor itself is 5.00 times as fast",
        "missed: far 4.00 of 6.00; the bare floor itself is 5.00 times as fast, below the bar itself",
        "profiled: gradlab's operations take 75.0 ms, the floor's 62.0 ms; the largest differences: convolution +10.0,"
        " eq +5.0, cat -2.0",
    ]
    assert explanation(rows[:1], times) == ""


def test_gradlab_finds_out_once_how_to_ask_and_takes_each_gradient_anew(
    task: Task, monkeypatch: pytest.MonkeyPatch
) -> None:
    called: list[str] = []

    def counting(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*args: Any, **kwargs: Any) -> Any:
            called.append(name)
            return function(*args, **kwargs)

        return counted

    monkeypatch.setattr(Asking, "find_out", counting("found out", Asking.find_out))
    module = gradlab.experiments.work
    monkeypatch.setattr(module, "gradient_of", counting("gradient", module.gradient_of))
    ours = replace(OURS, settings=lambda task: [Setting(task.batch_size)])
    ready = warmed_up(task, ours)
    ready.run(not_shown)
    assert called.count("found out") == 1
    assert called.count("gradient") == 3 * len(task.parts(task.batch_size))


def test_preparing_is_what_comes_before_the_first_usual_run(task: Task) -> None:
    made: list[int] = []

    def prepare(task: Task, setting: Setting) -> Run:
        made.append(len(task.epsilons))
        asked = []

        def run(seen: Seen) -> Predictions:
            time.sleep(0 if asked else 0.2)
            asked.append(True)
            return np.zeros((1, 1), np.int64)

        return run

    whole = warmed_up(task, Contender("somebody", lambda task: [Setting(1)], prepare, whole=True))
    assert made == [EPSILONS]
    assert whole.preparing > 0.15 > whole.trials[str(whole.setting)]
    four = replace(task, epsilons=(0.1, 0.2, 0.3, 0.4))
    warmed_up(four, Contender("somebody", lambda task: [Setting(1)], prepare))
    assert made == [EPSILONS, TRIAL, 4]


def test_images_whose_float32_gradient_is_lost_are_counted_and_refuse_nobody(task: Task) -> None:
    """Logits a thousand times as large: what the network is sure of, softmax in float32 rounds to 1."""

    class Louder(torch.nn.Module):
        def forward(self, logits: Tensor) -> Tensor:
            return 1000 * logits

    sure = replace(task, model=torch.nn.Sequential(task.model, Louder()).eval())
    right = reference(sure)
    found = compare(prepare_torchattacks(sure, Setting(5)), right)
    assert 0 < found.lost < IMAGES
    assert found.lost == int((~right.whole).sum())
    assert not right.sure[~right.whole].any()
    contender = Contender("somebody", lambda task: [Setting(5)], prepare_torchattacks)
    refuse(contender, found, right)
    (row,) = table_rows(agreement_table({"somebody": found}), "whose gradient is lost")
    assert row[4] == str(found.lost)


def test_scaling_prints_a_table_a_line_and_the_memory(tmp_path: Path) -> None:
    sizes = ("--images", "16,8", "--epsilons", "1,2,4", "--repeats", "1", "--memory-images", "16")
    printed = run_script("scaling.py", *sizes, "--json", str(tmp_path / "out.json"))
    assert [row[0] for row in table_rows(printed, "4 epsilons")] == ["8", "16"]
    assert "Linear in both" in printed
    found = json.loads((tmp_path / "out.json").read_text())
    assert [(one["images"], one["epsilons"]) for one in found["times"]] == [(n, k) for n in (8, 16) for k in (1, 2, 4)]
    assert (found["memory"]["images"], found["memory"]["epsilons"]) == (16, 54)
    assert 1e6 < found["memory"]["bytes"] < 1.5e9
    assert f"{found['memory']['bytes'] / 1e9:.2f} GB" in printed


def test_curves_are_those_of_plain_float32(tmp_path: Path) -> None:
    sizes = ("--images", "8", "--repeats", "1", "--batch-size", "4", "--device", "cpu")
    printed = run_script("curves.py", *sizes, "--json", str(tmp_path / "out.json"))
    assert [row[0] for row in table_rows(printed, "× gradlab")] == ["gradlab", "torchattacks"]
    found = json.loads((tmp_path / "out.json").read_text())
    assert found["conditions"]["epsilons"] == 42
    assert [row["compared"] for row in found["contenders"]] == [42 * 8, 21 * 8]
    assert [row["differing"] for row in found["contenders"]] == [0, 0]


def twice_as_far(run: Run) -> Run:
    return lambda seen: run(lambda row, part, images: seen(row, part, images.mul(2).clamp(0, 1)))


def a_little_off(run: Run) -> Run:
    return lambda seen: run(lambda row, part, images: seen(row, part, images + 2 * TOLERANCE))


def one_nan(run: Run) -> Run:
    def spoiled(images: Tensor) -> Tensor:
        return torch.full_like(images, torch.nan)

    return lambda seen: run(lambda row, part, images: seen(row, part, spoiled(images) if part.start else images))


def one_epsilon_unseen(run: Run) -> Run:
    return lambda seen: run(lambda row, part, images: seen(row, part, images) if row else None)


def one_wrong_prediction(run: Run) -> Run:
    def wrong(seen: Seen) -> Predictions:
        said = run(seen).copy()
        said[-1, -1] = (said[-1, -1] + 1) % 10
        return said

    return wrong


WRONG = {
    twice_as_far: "images within 1e-06 of gradlab's, got",
    a_little_off: "images within 1e-06 of gradlab's, got [12].*e-06 off",
    one_nan: "images within 1e-06 of gradlab's, got inf",
    one_epsilon_unseen: "values to compare, got",
    one_wrong_prediction: "predictions of plain float32, got 1 others among 24",
}


@pytest.mark.parametrize(("spoil", "message"), WRONG.items(), ids=lambda value: getattr(value, "__name__", ""))
def test_a_wrong_peer_is_refused(spoil: Callable[[Run], Run], message: str, peer: Run, right: Reference) -> None:
    contender = Contender("somebody", lambda task: [Setting(5)], prepare_torchattacks)
    refuse(contender, compare(peer, right), right)
    with pytest.raises(Disagreement, match=f"somebody: expected .*{message}"):
        refuse(contender, compare(spoil(peer), right), right)


def test_a_wrong_peer_ends_the_benchmark_untimed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = Contender(
        "somebody", lambda task: [Setting(5)], lambda task, setting: one_nan(prepare_torchattacks(task, setting))
    )
    ours = replace(OURS, settings=lambda task: OURS.settings(task)[:1])
    monkeypatch.setattr(peers, "CONTENDERS", (ours, wrong))
    assert peers.main(["--model", "alexnet", "--images", "12", "--epsilons", "1", "--repeats", "1"]) == 1
    captured = capsys.readouterr()
    assert captured.err.splitlines()[-1].startswith("somebody: expected images")
    assert "× gradlab" not in captured.out


def test_other_predictions_of_ours_are_refused_and_of_the_floor_are_not(task: Task, right: Reference) -> None:
    run = OURS.prepare(task, OURS.settings(task)[0])
    refuse(OURS, compare(run, right), right)
    with pytest.raises(Disagreement, match="gradlab: expected the predictions"):
        refuse(OURS, compare(one_wrong_prediction(run), right), right)
    floor = FLOOR.prepare(task, FLOOR.settings(task)[0])
    found = compare(one_wrong_prediction(floor), right)
    assert found.differing >= 1
    refuse(FLOOR, found, right)


def test_a_sign_in_doubt_is_counted_and_may_change_a_prediction(peer: Run, right: Reference) -> None:
    """The last image's first value goes the other way, and the last prediction is another one."""

    def other_way(seen: Seen) -> Predictions:
        def turned(row: int, part: slice, images: Tensor) -> None:
            if part.stop == IMAGES:
                images = images.clone()
                images[-1, 0, 0, 0] = 1 - images[-1, 0, 0, 0].round()
            seen(row, part, images)

        return one_wrong_prediction(peer)(turned)

    contender = Contender("somebody", lambda task: [Setting(5)], prepare_torchattacks)
    sure = right.sure.clone()
    sure[-1, 0, 0, 0] = False
    doubtful = replace(right, sure=sure)
    before = compare(peer, doubtful).unsure  # values that cancel in float32
    found = compare(other_way, doubtful)
    assert (found.unsure - before, found.differing, found.unexplained) == (EPSILONS, 1, 0)
    refuse(contender, found, doubtful)
    sure[-1, 0, 0, 0] = True
    with pytest.raises(Disagreement, match="expected images"):
        refuse(contender, compare(other_way, doubtful), doubtful)


@pytest.fixture(scope="module")
def confident() -> tuple[Task, Reference]:
    """A network that is sure of most of these images, and what is right there."""
    task = load_task("alexnet", 40, EPSILONS, batch_size=20, dataset="svhn")
    return task, reference(task)


@pytest.mark.parametrize("prepare", [prepare_torchattacks, prepare_foolbox, prepare_art])
def test_images_whose_gradient_is_lost_are_counted_and_not_refused(
    prepare: Callable[[Task, Setting], Run], confident: tuple[Task, Reference]
) -> None:
    task, right = confident
    contender = Contender("somebody", lambda task: [Setting(20)], prepare)
    found = compare(prepare(task, Setting(20, "contiguous")), right)
    refuse(contender, found, right)
    assert 3 <= found.lost == int((~right.whole).sum()) <= 10
    assert found.elsewhere == found.lost, "each library steps elsewhere there"
    assert found.differing > 0
    assert not right.sure[~right.whole].any()
    assert found.values == EPSILONS * int(right.sure.sum()) > 0.5 * right.images.numel()
    (row,) = table_rows(agreement_table({"somebody": found}), "images whose gradient is lost")
    assert row[4:6] == [str(found.lost)] * 2


def test_who_is_wrong_where_the_gradient_is_whole_is_refused_on_a_confident_network_too(
    confident: tuple[Task, Reference],
) -> None:
    task, right = confident
    contender = Contender("somebody", lambda task: [Setting(20)], prepare_torchattacks)
    run = prepare_torchattacks(task, Setting(20, "contiguous"))
    with pytest.raises(Disagreement, match="expected images within"):
        refuse(contender, compare(a_little_off(run), right), right)


def test_gradients_measures_what_is_missing_and_keeps_the_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "results").mkdir()
    monkeypatch.setattr("gradlab.experiments.stored.assets_root", lambda: tmp_path)
    few = ("--images", "20", "--dataset", "svhn", "--save")
    assert gradients.main([*few, "--model", "alexnet"]) == 0
    (row,) = load_gradients([find_card("alexnet", "svhn")])
    assert (row.images, row.split, row.source, row.lost) == (20, "test", "sample", 0)
    assert "torchattacks" in row.software
    assert list(tmp_path.rglob("*.*")) == [gradients_path()]
    capsys.readouterr()
    monkeypatch.setattr(gradients, "measured", lambda card, batch: pytest.fail("it is there already"))
    assert gradients.main([*few, "--model", "alexnet"]) == 0
    assert capsys.readouterr().out == ""


@pytest.mark.slow
@pytest.mark.parametrize(("model", "dataset"), [("alexnet", "svhn"), ("alexnet", "fashion_mnist")])
def test_what_is_shipped_of_gradients_comes_out_here(model: str, dataset: str) -> None:
    """All of two networks' rows, by the libraries themselves; another processor rounds otherwise."""
    card = find_card(model, dataset)
    (shipped,) = load_gradients([card])
    here = gradients.measured(card, load_batch(dataset, limit=shipped.images, source="sample"))
    assert (here.images, here.clean, here.lost) == (shipped.images, shipped.clean, shipped.lost)
    assert here.turned == pytest.approx(shipped.turned, abs=2)
    assert here.wrong_signs == pytest.approx(shipped.wrong_signs, rel=0.02)
    for who, counts in shipped.right.items():
        assert here.right[who] == pytest.approx(counts, abs=0.002 * shipped.images), who


def test_each_leads_a_round_and_ratios_are_taken_within_rounds() -> None:
    order: list[str] = []

    def contender(name: str) -> Ready:
        def run(seen: Seen) -> Predictions:
            order.append(name)
            return np.zeros((1, 1), np.int64)

        ours = Contender(name, lambda task: [], prepare_torchattacks)
        return Ready(ours, Setting(1), run, {})

    times = take_turns([contender("a"), contender("b"), contender("c")], 3, torch.device("cpu"))
    assert "".join(order) == "abc" + "abc" + "bca" + "cab"
    assert {name: len(own.seconds) for name, own in times.items()} == {"a": 3, "b": 3, "c": 3}
    found = ratios([2.0, 9.0, 40.0], [1.0, 3.0, 10.0])
    assert (found.median, found.low, found.high) == (3.0, 2.0, 4.0)


def test_the_fitted_line_tells_linear_from_quadratic() -> None:
    sizes = [(n, k) for n in (10, 20, 40) for k in (1, 2, 4)]
    straight = fit([{"images": n, "epsilons": k, "seconds": n * (0.5 + 0.25 * k)} for n, k in sizes])
    assert straight == pytest.approx({"per_image": 0.5, "per_image_and_epsilon": 0.25, "largest_error": 0.0})
    bent = fit([{"images": n, "epsilons": k, "seconds": n * n * k} for n, k in sizes])
    assert bent["largest_error"] > 0.3


def test_the_peak_of_memory_outlasts_what_was_freed() -> None:
    before = resident()
    block = mmap(-1, 400_000_000)  # of the system itself: what an array gives back may be kept for the next one
    np.frombuffer(block, np.uint8)[::4096] = 1
    during = resident()
    block.close()
    after = resident()
    assert during[0] - before[0] > 350_000_000
    assert during[0] - after[0] > 350_000_000
    assert after[1] > 0.99 * during[0]  # the system counts by the page, and not at once


def test_a_sample_that_is_too_small_is_repeated(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GRADLAB_DATA", str(tmp_path))
    batch = some_images("cifar10", 2003)
    assert len(batch) == len(batch.images) == len(batch.indices) == 2003
    torch.testing.assert_close(batch.images[2000:], batch.images[:3], rtol=0, atol=0)
    assert not torch.equal(batch.images[0], batch.images[1])
    assert batch.seed is None


def test_photographs_are_repeated_or_come_from_a_folder_and_stand_for_what_the_network_says(tmp_path: Path) -> None:
    task = load_task("efficientnet_lite0", 8, 1, dataset="photos")
    assert task.batch.images.shape == (8, 3, 224, 224)
    torch.testing.assert_close(task.batch.images[6:], task.batch.images[:2], rtol=0, atol=0)
    assert task.batch.labels.tolist() == task.batch.labels[[0, 1, 2, 3, 4, 5, 0, 1]].tolist()
    assert task.batch.classes[int(task.batch.labels[0])] == "Egyptian cat"
    for place in range(2):
        pixels = task.batch.images[place].mul(255).byte().permute(1, 2, 0).numpy()
        Image.fromarray(pixels).save(tmp_path / f"{place}.png")
    drawn = load_task("efficientnet_lite0", 2, 1, dataset="photos", folder=tmp_path).batch
    torch.testing.assert_close(drawn.images, task.batch.images[drawn.indices], rtol=0, atol=0)
    assert drawn.labels.tolist() == task.batch.labels[drawn.indices].tolist()


def test_epsilons_are_spaced_to_the_largest_and_parts_cover_all(task: Task) -> None:
    assert task.epsilons == pytest.approx((16 / 255, 32 / 255))
    assert task.parts(5) == [slice(0, 5), slice(5, 10), slice(10, 12)]
    assert task.parts(None) == [slice(0, 12)]
    not_shown(0, slice(0, 1), task.batch.images)
