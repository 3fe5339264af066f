"""The front of the command line: help, exit codes, and what is refused in one line."""

import os
from dataclasses import replace
from pathlib import Path

import pytest
from calling import ROOT, Call, python, refused

from gradlab import cli
from gradlab.cli import COMMANDS
from gradlab.errors import BadValueError


def test_help_names_every_command() -> None:
    done = python("--help", cwd=ROOT)
    assert (done.code, done.err) == (0, "")
    shown = " ".join(done.out.split())
    assert all(f"{name} {command.help.split(',')[0]}" in shown for name, command in COMMANDS.items())


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

    monkeypatch.setitem(COMMANDS, "datasets", replace(COMMANDS["datasets"], run=interrupt))
    assert call("datasets") == (130, "", "gradlab datasets: interrupted\n")


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
