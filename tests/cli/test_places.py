"""Places of outputs: what is wrong is found before the work; what fails at its end takes nothing else with it."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from calling import Call, shell

from gradlab.cli import COMMANDS, places
from gradlab.experiments.stored import results_path
from gradlab.images.load import load_batch
from gradlab.networks import find_card, read_cards
from gradlab.report.archive import load_result

SWEEP = ("sweep", "--limit", "20", "--rules", "sign", "--epsilons=-1/255,1/255")
PAPER = ("paper", "--model", "alexnet-paper", "--measure")


@pytest.fixture
def no_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """No network is loaded, no picture computed, no database opened."""

    def work(*given: Any, **named: Any) -> None:
        pytest.fail("the work began")

    for name in (
        "networks.load_model", "images.fetch.fetch", "training.run", "seeing.database.open_database",
        "networks.known_cards",
    ):  # fmt: skip
        monkeypatch.setattr(f"gradlab.{name}", work)


# --- what can be known before


@pytest.mark.usefixtures("no_work")
@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("sweep --save result --csv a.csv", "--save result: expected a name that ends in .npz"),
        ("sweep --save result.npy", "--save result.npy: expected a name that ends in .npz"),
        ("sweep --save none/result.npz", "--save none/result.npz: expected a folder that exists, got none"),
        ("sweep --csv none/a.csv", "--csv none/a.csv: expected a folder that exists, got none"),
        ("sweep --html .", "--html .: expected a file's name, got a folder"),
        ("sweep --csv -", "--csv -: expected a file's name; only --json takes - for stdout"),
        ("sweep --json a/b/c", "--json a/b/c: expected a folder that exists, got a/b"),
        (f"sweep --csv {'a' * 300}", "expected a place that may be written to, got: File name too long"),
        ("sweep --csv circle", "--csv circle: expected a place that may be written to, got: Too many levels of"),
        ("sweep --csv astray", "--csv astray: expected a folder that exists, got /nowhere"),
        ("sweep --csv file/a.csv", "--csv file/a.csv: expected a folder that exists, got file"),
        ("sweep --labels target:xyz", "unknown target class 'xyz': expected one of airplane"),
        ("sweep --limit many", "--limit 'many': expected a whole number of images"),
        ("perturb --out x.png --labels target:xyz", "unknown target class 'xyz': expected one of airplane"),
        ("perturb --out x", "--out x: expected a name that ends in .png"),
        ("paper --json none/a.json", "--json none/a.json: expected a folder that exists"),
        ("models --measure --json none/a.json", "--json none/a.json: expected a folder that exists"),
        ("measures --json none/a.json", "--json none/a.json: expected a folder that exists"),
        ("datasets --json none/a.json", "--json none/a.json: expected a folder that exists"),
        ("train --json none/a.json", "--json none/a.json: expected a folder that exists"),
        ("train --runs file", "--runs file: expected a folder, got the file file"),
        ("train --runs file/runs", "--runs file/runs: expected a folder, got the file"),
        ("answers export ABCDE --csv none/a.csv", "--csv none/a.csv: expected a folder that exists"),
        ("answers list --json none/a.json", "--json none/a.json: expected a folder that exists"),
        # two outputs, one file
        ("perturb --out a.png --json a.png", "--json a.png: expected a file of its own, got the one of --out a.png"),
        ("perturb --out a.png --json ./a.png", "--json a.png: expected a file of its own, got the one of --out a.png"),
        ("perturb --out a.png --json ../here/a.png", "expected a file of its own, got the one of --out a.png"),
        ("sweep --csv file --html link", "--html link: expected a file of its own, got the one of --csv file"),
        ("sweep --csv file --html hard", "--html hard: expected a file of its own, got the one of --csv file"),
        ("sweep --csv new --html ahead", "--html ahead: expected a file of its own, got the one of --csv new"),
        ("sweep --csv a.npz --save a.npz", "--csv a.npz: expected a file of its own, got the one of --save a.npz"),
        ("sweep --html a.npz --save a.npz", "--html a.npz: expected a file of its own, got the one of --save a.npz"),
        ("sweep --json a.npz --save a.npz", "--json a.npz: expected a file of its own, got the one of --save a.npz"),
        ("sweep --csv a --json a", "--json a: expected a file of its own, got the one of --csv a"),
        ("sweep --html a --json a", "--json a: expected a file of its own, got the one of --html a"),
        # an output that is an input
        ("models --json assets/models.json", "expected a file of its own, got one that gradlab keeps: "),
        ("paper --json assets/results/alexnet-cifar10.npz", "expected a file of its own, got one that gradlab keeps: "),
        ("sweep --csv assets/weights/alexnet-cifar10.safetensors", "expected a file of its own, got one that gradlab"),
        ("sweep --csv home/cache/gradlab/cifar10/test.safetensors", "expected a file of its own, got one that gradlab"),
        ("train --json runs/alexnet-cifar10.safetensors", "expected a file of its own, got one that gradlab keeps"),
        ("answers export ABCDE --csv answers.sqlite", "expected a file of its own, got one that gradlab keeps: "),
    ],
)
def test_a_place_that_is_wrong_is_found_before_the_work(
    call: Call, folder: Path, copied_assets: Path, monkeypatch: pytest.MonkeyPatch, line: str, said: str
) -> None:
    monkeypatch.setenv("GRADLAB_DATABASE", f"sqlite:///{folder}/answers.sqlite")
    store = Path(os.environ["XDG_CACHE_HOME"]) / "gradlab" / "cifar10"
    store.mkdir(parents=True)
    (folder / "runs").mkdir()
    for kept in (folder / "answers.sqlite", folder / "file", store / "test.safetensors"):
        kept.write_text("kept")
    for name, target in {
        "link": "file", "ahead": "new", "circle": "circle", "astray": "/nowhere/a", "assets": copied_assets,
        "home": folder.parent / "home",
    }.items():  # fmt: skip
        (folder / name).symlink_to(target)
    (folder / "hard").hardlink_to(folder / "file")
    before = sorted(folder.iterdir())
    done = call(*line.split())
    assert (done.code, done.out) == (2, "")
    assert said in done.err
    assert done.err.startswith(f"gradlab {line.split(maxsplit=1)[0]}: ")
    assert done.err.count("\n") == 1
    assert sorted(folder.iterdir()) == before
    assert (folder / "file").read_text() == "kept"


def test_every_flag_that_takes_a_place_is_checked() -> None:
    """A new output gets its check, or this fails."""
    commands = [each for command in COMMANDS.values() for each in (command, *command.actions.values())]
    options = [option for command in commands for option in command.options]
    flags = {flags[0] for flags, about in options if about.get("metavar") in ("PATH", "PNG", "NPZ")}
    assert flags == set(places.OUTPUTS.values())


def test_stdout_is_an_output_too(folder: Path) -> None:
    for line in ("sweep --csv /dev/stdout --json - > all.txt", "sweep --csv all.txt > all.txt"):
        done = shell(f"gradlab {line}", cwd=folder)
        assert done.code == 2
        assert "expected a file of its own, got stdout, where the result goes" in done.err
        assert (folder / "all.txt").read_text() == ""


def test_several_outputs_may_end_in_nothing(call: Call, folder: Path) -> None:
    done = call(*SWEEP, "--csv", "/dev/null", "--html", "/dev/null", "--json", "-")
    assert done.code == 0
    assert json.loads(done.out)["images"] == 20


@pytest.mark.parametrize("command", [("models", "--measure"), ("paper", "--measure"), ("train", "--all")])
def test_what_runs_for_hours_first_looks_for_all_data_sets(
    call: Call, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    """The first is there, the last is not: nothing may have been computed when that is told."""
    asked = []

    def batch(name: str, **how: Any) -> Any:
        asked.append(name)
        if name == "svhn":
            return load_batch(name, **how)
        return load_batch("cifar10", limit=1, source="sample")

    monkeypatch.setattr("gradlab.images.load.load_batch", batch)
    for name in (
        "gradlab.training.publish", "gradlab.training.remeasure", "gradlab.experiments.baseline.stream_baseline",
    ):  # fmt: skip
        monkeypatch.setattr(name, lambda *given: pytest.fail("the work began"))
    done = call(*command)
    assert done.code == 2
    assert "expected svhn in the store" in done.err
    assert len(asked) == len(set(asked)) > 1


# --- what fails at the end


def full(place: str) -> Any:
    def write(*given: Any, **named: Any) -> None:
        raise OSError(28, "No space left on device", place)

    return write


def test_one_output_that_fails_takes_no_other_with_it(
    call: Call, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("needs /dev/full, a device on which there is no space")
    files = {"--save": "r.npz", "--csv": "r.csv", "--html": "r.html", "--json": "r.json"}
    for broken, missing in files.items():
        for place in folder.iterdir():
            place.unlink()
        given = files | ({broken: "/dev/full"} if broken != "--save" else {})
        with monkeypatch.context() as patch:
            if broken == "--save":
                patch.setattr("gradlab.report.archive.save_result", full("r.npz"))
            done = call(*SWEEP, *(word for pair in given.items() for word in pair))
        assert (done.code, done.out) == (2, "")
        last = done.err.splitlines()[-1]
        assert last == f"gradlab sweep: {broken} {given[broken]} was not written: No space left on device"
        assert {place.name for place in folder.iterdir()} == set(files.values()) - {missing}


def test_a_folder_that_goes_while_the_work_is_done(call: Call, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from gradlab.experiments.sweep import stream_sweep

    def stream(*given: Any, **named: Any) -> Any:
        yield from stream_sweep(*given, **named)
        (folder / "sub").rmdir()

    (folder / "sub").mkdir()
    monkeypatch.setattr("gradlab.experiments.sweep.stream_sweep", stream)
    done = call(*SWEEP, "--csv", "sub/a.csv", "--save", "sub/a.npz", "--html", "a.html")
    assert done.code == 2
    assert "--save sub/a.npz was not written: expected a folder that exists, got sub; --csv sub/a.csv was" in done.err
    assert done.out.startswith("alexnet on 20 images")
    assert [place.name for place in folder.iterdir()] == ["a.html"]


def test_a_picture_is_kept_where_its_numbers_are_not(call: Call, folder: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("needs /dev/full, a device on which there is no space")
    done = call("perturb", "--out", "a.png", "--json", "/dev/full")
    assert done == (2, "", "gradlab perturb: --json /dev/full was not written: No space left on device\n")
    assert (folder / "a.png").is_file()


def test_a_stdout_that_is_full(folder: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("needs /dev/full, a device on which there is no space")
    done = shell(f"gradlab {' '.join(SWEEP)} --save a.npz > /dev/full", cwd=folder)
    assert done.code == 2
    last = done.err.splitlines()[-1]
    assert last == "gradlab sweep: the result on stdout was not written: No space left on device"
    assert load_result(folder / "a.npz").images == 20
    for line in ("models", "--help"):
        done = shell(f"gradlab {line} > /dev/full", cwd=folder)
        assert done.code == 2
        assert done.err.count("\n") == 1
        assert "No space left on device" in done.err


def test_a_baseline_that_is_not_saved_is_still_told(
    call: Call, copied_assets: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = load_batch("cifar10", limit=4, source="sample")
    monkeypatch.setattr("gradlab.images.load.load_batch", lambda *names, **options: batch)
    monkeypatch.setattr("gradlab.experiments.stored.save_result", full("x"))
    done = call(*PAPER, "--save-baselines", "--json", "-")
    assert done.code == 2
    assert len(json.loads(done.out)["compared"]) == 3
    last = done.err.splitlines()[-1]
    assert last.startswith(
        "gradlab paper: the baseline of alexnet-paper on cifar10, true labels, was not written: No space"
    )
    assert "predicted labels, was not written: No space left on device" in last


def test_baselines_have_a_place_before_they_are_measured(
    call: Call, copied_assets: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for place in (copied_assets / "results").iterdir():
        place.unlink()
    (copied_assets / "results").rmdir()
    (copied_assets / "results").write_text("")
    monkeypatch.setattr("gradlab.experiments.baseline.stream_baseline", lambda *given: pytest.fail("the work began"))
    done = call(*PAPER, "--save-baselines")
    assert done.err.startswith("gradlab paper: --save-baselines: expected a folder, got the file ")
    assert read_cards()
    assert not results_path(find_card("alexnet-paper", "cifar10")).is_file()
