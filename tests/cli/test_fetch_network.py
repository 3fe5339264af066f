"""`gradlab fetch network NAME`, with a server on the loopback for torchvision's."""

import json
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Event

import pytest
from calling import ROOT, Call
from serving import TINY, Server, offer, pickled, serving, torchvision_module

from gradlab.shipped import __version__

KEY = f"torchvision-{TINY}"
# In a process of its own, which knows the digits of the weights that chance drew.
PROGRAM = f"""
import sys
from types import SimpleNamespace
from gradlab import cli
from gradlab.networks import fetch_torchvision
real = fetch_torchvision.weights_of("{TINY}")
said = SimpleNamespace(url=sys.argv[1], meta=real.meta, transforms=real.transforms)
fetch_torchvision.weights_of = lambda name: said
sys.exit(cli.main(["fetch", "network", "{TINY}"]))
"""


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    with serving() as found:
        yield found


@pytest.fixture
def networks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GRADLAB_DATA", str(tmp_path / "store"))
    return tmp_path / "store" / "networks"


def start(path: str, **more: object) -> subprocess.Popen[str]:
    surroundings = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-W", "error", "-c", PROGRAM, path]
    return subprocess.Popen(
        command,
        env=surroundings,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **more,  # type: ignore[call-overload]
    )


def test_a_network_is_fetched_once_and_then_known(
    call: Call, server: Server, networks: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    offer(server, monkeypatch, pickled(torchvision_module().state_dict()))
    done = call("fetch", "network", TINY)
    assert (done.code, done.out) == (0, f"{networks / KEY}\n")
    assert f"gradlab fetch: {TINY} is now in the store: --dataset photos --model {KEY}\n" in done.err
    again = call("fetch", "network", f"torchvision/{TINY}")
    assert (again.code, again.out) == (0, done.out)
    assert again.err == (
        f"gradlab fetch: torchvision/{TINY} was in the store already, and is left as it is: "
        f"--dataset photos --model {KEY}\n"
    )
    listed = json.loads(call("models", "--json", "-").out)
    assert listed["gradlab"] == __version__
    assert [row["parameters"] for row in listed["models"] if row["name"] == KEY] == [1_366_792]
    refused = call("models", "--json", str(networks / KEY / "config.json"))
    assert refused.code == 2
    assert "expected a file of its own, got one that gradlab keeps" in refused.err


def test_the_list_says_what_there_is(call: Call, networks: Path) -> None:
    done = call("fetch", "network", "--list")
    assert done.code == 0
    assert [line.split()[0] for line in done.out.splitlines()[1:]] == [
        "alexnet", "vgg16", "resnet18", "resnet50", "mobilenet_v3_large", "convnext_tiny", "vit_b_16",
    ]  # fmt: skip
    assert "timm/resnet18.a1_in1k" in done.err


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("network", "expected `network NETWORK` or `network --list`"),
        ("network alexnet --from .", "--from is for data sets"),
        ("network alexnet --list", "expected `network NETWORK` or `network --list`"),
        ("cifar10 alexnet", "expected a data set alone, or `network NETWORK`, got cifar10 alexnet"),
        ("cifar10 --list", "expected a data set alone, or `network NETWORK`, got cifar10 --list"),
        (
            "network alexnte",
            "unknown network to fetch 'alexnte' (did you mean alexnet?): expected one of alexnet, vgg16",
        ),
        ("network timm/", "unknown network of the Hub 'timm/': expected one of timm/NAME"),
    ],
)
def test_what_makes_no_sense_is_one_line(call: Call, networks: Path, line: str, said: str) -> None:
    done = call("fetch", *line.split())
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("gradlab fetch: ")
    assert done.err.count("\n") == 1
    assert said in done.err
    assert list(networks.glob("*")) == []


def test_ctrl_c_amid_a_download_leaves_nothing(server: Server, networks: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = offer(server, monkeypatch, pickled(torchvision_module().state_dict()))
    server.hangs = Event()
    process = start(f"{server.url}{path}")
    assert server.halfway.wait(300)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=300)
    assert (process.returncode, out) == (130, "")
    assert err.splitlines()[-1] == "gradlab fetch: interrupted"
    assert "Traceback" not in err
    assert list(networks.iterdir()) == []


def test_a_limit_of_the_system_leaves_nothing(server: Server, networks: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = offer(server, monkeypatch, pickled(torchvision_module().state_dict()))
    limit = (2_000_000, 2_000_000)  # bytes of a file: amid the download, as on a disk that is full
    process = start(f"{server.url}{path}", preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, limit))
    out, err = process.communicate(timeout=300)
    assert (process.returncode, out) == (2, ""), err
    assert err.splitlines()[-1] == (
        f"gradlab fetch: expected to write torchvision/{TINY} into {networks / KEY}, got: File too large; "
        "nothing of it was kept"
    )
    assert list(networks.iterdir()) == []
