"""A store that the environment names and that cannot serve: what was used in its stead is said."""

import json
import os
from pathlib import Path

import pytest
import torch
from calling import Call

from gradlab.images.store import store_fault, write_split

SWEEP = ("sweep", "--limit", "5", "--rules", "sign", "--epsilons", "1/255", "--json", "-")
PERTURB = ("perturb", "--out", "a.png", "--json", "-")
INSTEAD = "; the images are from the embedded sample\n"


@pytest.fixture
def named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The place that $GRADLAB_DATA names; nothing is there."""
    monkeypatch.setenv("GRADLAB_DATA", str(tmp_path / "named"))
    return tmp_path / "named"


def fill(splits: tuple[str, ...]) -> None:
    for split in splits:
        write_split("cifar10", split, torch.zeros(20, 3, 32, 32, dtype=torch.uint8), torch.arange(20) % 10)


@pytest.mark.parametrize("command", [SWEEP, PERTURB])
@pytest.mark.parametrize(
    ("there", "got"),
    [
        ("nothing", "got no such folder"),
        ("a file", "got something that is no folder"),
        ("an empty folder", "got one without both of its splits"),
        ("one split", "got one without both of its splits"),
        ("a locked folder", "got one that may not be read"),
    ],
)
def test_the_sample_in_its_stead_is_said(
    call: Call, named: Path, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...], there: str, got: str
) -> None:
    if there == "a file":
        named.write_text("")
    elif there != "nothing":
        named.mkdir()
    if there == "one split":
        fill(("test",))
    if there == "a locked folder":  # the superuser may read everything: the system is told to refuse
        may = os.access
        monkeypatch.setattr(os, "access", lambda path, mode: Path(path) != named and may(path, mode))
    done = call(*command)
    assert done.code == 0
    expected = f"gradlab {command[0]}: GRADLAB_DATA={named}: expected a folder with cifar10, {got}{INSTEAD}"
    assert done.err.startswith(expected)
    assert json.loads(done.out)["source"] == "sample"


def test_where_it_serves_nothing_is_said(call: Call, named: Path) -> None:
    fill(("train", "test"))
    done = call(*PERTURB)
    assert (done.code, done.err) == (0, "")
    assert json.loads(done.out)["source"] == "store"


def test_where_the_sample_is_asked_for_nothing_is_said(call: Call, named: Path) -> None:
    assert "GRADLAB_DATA" not in call(*SWEEP, "--source", "sample").err


@pytest.mark.parametrize("value", [None, ""])
def test_where_no_store_is_named_nothing_is_said(
    call: Call, monkeypatch: pytest.MonkeyPatch, value: str | None
) -> None:
    if value is not None:
        monkeypatch.setenv("GRADLAB_DATA", value)
    assert call(*PERTURB).err == ""
    assert call("datasets").err == ""


@pytest.mark.parametrize("line", ["sweep --limit all", "sweep --limit 3000", "perturb --out a.png --index 0"])
def test_what_only_the_store_could_serve_is_refused_with_the_reason(call: Call, named: Path, line: str) -> None:
    done = call(*line.split())
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
    assert done.err.endswith(f"(GRADLAB_DATA={named}: expected a folder with cifar10, got no such folder)\n")


@pytest.mark.parametrize(
    "line", ["train", "paper --model alexnet --measure", "models --measure", "sweep --source store"]
)
def test_what_needs_the_store_names_it(call: Call, named: Path, line: str) -> None:
    done = call(*line.split())
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
    assert f"expected cifar10 in the store, {named}/cifar10, and it is not there" in done.err


def test_the_list_of_data_sets_says_it_too(call: Call, named: Path) -> None:
    done = call("datasets")
    assert done.err == f"gradlab datasets: GRADLAB_DATA={named}: expected a folder with data sets, got no such folder\n"
    named.mkdir()
    assert call("datasets").err == ""  # what of them is there, the list says itself


def test_a_home_of_nobody_is_no_traceback(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADLAB_DATA", "~nobody-of-this-name/data")
    assert "GRADLAB_DATA=~nobody-of-this-name/data: expected a folder" in call(*PERTURB).err
    assert store_fault() is not None
