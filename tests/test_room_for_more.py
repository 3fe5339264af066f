"""How many files it takes to add something: counted by doing it in a copy of the package, and trying what was added."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Addition:
    """Something that is added.

    Attributes:
        aim: in how many files, at most.
        new: files that are new, and what stands in them.
        edits: a file that is changed, what stands in it, and what is put before that.
        program: uses what was added, and fails if it isn't there; what `IMPORTS` names is imported.
        prepare: what the folder needs besides, that is no code: images for a new data set.
    """

    aim: int
    program: str
    new: dict[str, str] = field(default_factory=dict)
    edits: tuple[tuple[str, str, str], ...] = ()
    prepare: Callable[[Path], None] = lambda folder: None


def one_row(table: str, row: str, before: str, program: str) -> Addition:
    """In one file."""
    return Addition(1, program, edits=((table, before, row),))


RULE = one_row(
    "gradlab/types/rules.py",
    r"""
    HALF = "half", RuleRow(
        lambda given: given.way.sign() / 2, Unit.PIXEL, _levels(1, 8, 64), size=8 / 255, reach=64 / 255,
        words="half", formula=r"\mathrm{sign}(g) / 2", written="sign(g) / 2", help="Half of the sign.",
        colour="#E69F00",
    )  # fmt: skip

""",
    before="    @classmethod\n    def _missing_(",
    program="""
from gradlab.figures.sweep import sweep_figure
from gradlab.report import sweep_to_csv
model, batch = gradlab.load_model("alexnet", "cifar10", "cpu"), gradlab.load_batch("cifar10", limit=10)
result = gradlab.sweep(model, batch, rules=("half", "sign"))
assert len(result.curve(gradlab.Rule("half")).epsilons) == 7
assert "half" in sweep_to_csv(result) and "half" in sweep_figure(result).to_json()
""",
)

NETWORK = Addition(
    aim=2,
    new={
        "gradlab/networks/mean.py": '''"""A network that looks at the mean of each channel alone."""

from torch import nn

from gradlab.networks.normalize import Normalize


def mean(channels: int, size: int, classes: int) -> nn.Module:
    """Untrained; takes (N, channels, size, size)."""
    layers = Normalize(channels), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, classes)
    return nn.Sequential(*layers)
'''
    },
    edits=(
        (
            "gradlab/networks/architectures.py",
            "from gradlab.networks.resnet9 import",
            "from gradlab.networks.mean import mean\n",
        ),
        ("gradlab/networks/architectures.py", '"alexnet": alexnet,', '"mean": mean, '),
    ),
    program="""
import os, torch
from gradlab.cli import main
from gradlab.images.store import write_split
for split in ("train", "test"):
    write_split("cifar10", split, torch.randint(256, (200, 3, 32, 32), dtype=torch.uint8), torch.arange(200) % 10)
os.environ["GRADLAB_ASSETS"] = "trained"
assert main(["train", "--model", "mean", "--epochs", "1"]) == 0
model, batch = gradlab.load_model("mean", "cifar10", "cpu"), gradlab.load_batch("cifar10", limit=10)
result = gradlab.sweep(model, batch, rules=("sign",))
assert (result.model, result.images) == ("mean", 10)
""",
)


def _store(folder: Path) -> None:
    """Images of the toy data set, as `gradlab fetch` keeps those of others, and the sample that is cut from them."""
    program = """
import torch
from gradlab.images.store import write_split
from gradlab.images.make_samples import make_sample
for split in ("train", "test"):
    write_split("toy", split, torch.randint(256, (30, 3, 32, 32), dtype=torch.uint8), torch.arange(30) % 3)
make_sample("toy")
"""
    run(folder, program)


IMAGE_SET = Addition(
    aim=2,
    edits=(
        (
            "gradlab/images/table.py",
            "def dataset_spec(name: str) -> DatasetSpec:\n",
            'DATASETS["toy"] = DatasetSpec(\n'
            '    "toy", "Toy", (3, 32, 32), ("ant", "bee", "cow"), {"test": 30}, "none", "nobody", "https://example.org",\n'
            '    "CIFAR10", "toy", "example.org",\n'
            ")\n\n\n",
        ),
    ),
    prepare=_store,
    program="""
from torch import nn
from gradlab.networks.brought import network_of
from gradlab.networks.registry import registered
module = nn.Sequential(nn.Flatten(), nn.Linear(3072, 3))
with registered(network_of(module, "flat", "toy", classes=3, size=32)):
    batch = gradlab.load_batch("toy", limit=30)
    result = gradlab.sweep(gradlab.load_model("flat", "toy", "cpu"), batch, rules=("sign",))
    assert (result.dataset, result.images, result.classes) == ("toy", 30, ("ant", "bee", "cow"))
    app = AppTest.from_file("dashboard.py", default_timeout=900)
    app.query_params["dataset"], app.query_params["model"] = "toy", "flat"
    app.run()
    assert not app.exception and "Toy" in str(app.sidebar)
""",
)

MEASURE = one_row(
    "gradlab/measures/table.py",
    """
METRICS["half"] = Metric(
    "half of L∞", lambda a, b: linf_distance(a, b) / 2, "", True, ".4g", "0 (identical) to 1/2",
    "Half of the largest change", _CARLINI, *_NO_NORM,
)

""",
    before="# What is there only where a person saw to it.\n",
    program="""
model, batch = gradlab.load_model("alexnet", "cifar10", "cpu"), gradlab.load_batch("cifar10", limit=1)
found = gradlab.explore(model, batch, "sign", 8 / 255).perturbed.measures
assert abs(found["half"] - found["linf"] / 2) < 1e-7
app = AppTest.from_file("dashboard.py", default_timeout=900).run()
assert not app.exception and any("half of L∞" in str(shown.value) for shown in app.table)
""",
)

PAGE = Addition(
    aim=4,
    new={
        "gradlab/ui/pages/toy.py": '''"""Toy: how many images of a class the sample has."""

import streamlit as st

from gradlab.ui import cached, controls, state
from gradlab.ui.components.look import look


def page() -> None:
    """The whole page."""
    look()
    dataset, model, labels = controls.subject()
    rule = controls.kind_of_noise()
    size = st.select_slider("Toys", [1, 2, 3], key="toys")
    state.write_link(("dataset", "model", "labels", "rule", "toys"))
    st.write(f"{len(cached.sample(dataset)):,} images, {size} toys under {rule}")


page()
'''
    },
    edits=(
        (
            "dashboard.py",
            "        ],\n",
            '            st.Page("gradlab/ui/pages/toy.py", title="Toy", icon=":material/toys:", url_path="toy"),\n',
        ),
        (
            "gradlab/ui/state/choices.py",
            '    "across": Choice(',
            '    "toys": Choice(1, number_of("number of toys", (1, 2, 3))),\n',
        ),
    ),
    program="""
app = AppTest.from_file("dashboard.py", default_timeout=900).run()
app.query_params.update({"dataset": "svhn", "toys": "3", "rule": "raw"})
app.switch_page("gradlab/ui/pages/toy.py").run()
assert not app.exception
assert [shown.value for shown in app.markdown if "toys" in shown.value] == ["2,000 images, 3 toys under raw"]
assert app.query_params["toys"] in ("3", ["3"])
""",
)


IMPORTS = "import gradlab\nfrom streamlit.testing.v1 import AppTest\n"


def run(folder: Path, program: str) -> None:
    surroundings = {
        **os.environ, "PYTHONPATH": str(folder), "GRADLAB_DATA": str(folder / "store"), "CUDA_VISIBLE_DEVICES": "",
        "GRADLAB_DATABASE": f"sqlite:///{folder}/answers.sqlite",
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", IMPORTS + program],
        cwd=folder,
        env=surroundings,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The package and its dashboard, to be changed."""
    shutil.copytree(ROOT / "gradlab", tmp_path / "gradlab", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "dashboard.py", tmp_path)
    (tmp_path / "assets" / "samples").mkdir(parents=True)
    for path in [*(ROOT / "assets").iterdir(), *(ROOT / "assets" / "samples").iterdir()]:
        if path.name != "samples":
            (tmp_path / path.relative_to(ROOT)).symlink_to(path)
    return tmp_path


@pytest.mark.parametrize(
    "addition", [RULE, NETWORK, IMAGE_SET, MEASURE, PAGE], ids=["rule", "network", "image set", "measure", "page"]
)
def test_adding_something_takes_few_files(copy: Path, addition: Addition) -> None:
    for name, content in addition.new.items():
        assert not (copy / name).exists()
        (copy / name).write_text(content, encoding="utf-8")
    for name, line, before in addition.edits:
        text = (copy / name).read_text(encoding="utf-8")
        assert text.count(line) == 1, f"{name}: {line}"
        (copy / name).write_text(text.replace(line, before + line), encoding="utf-8")
    addition.prepare(copy)
    run(copy, addition.program)
    assert len(addition.new) + len({name for name, _, _ in addition.edits}) <= addition.aim


@pytest.mark.parametrize(
    "addition", [RULE, NETWORK, IMAGE_SET, MEASURE, PAGE], ids=["rule", "network", "image set", "measure", "page"]
)
def test_without_it_the_program_fails(copy: Path, addition: Addition) -> None:
    """Else it would show nothing."""
    with pytest.raises(AssertionError):
        run(copy, addition.program)
