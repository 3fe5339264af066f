"""The house stands as CONTRIBUTING.md draws it: who may import whom, read from the source, nothing executed."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parents[1]

# Low to high: a module imports from the rows above its own. Neighbours in a row do not know each other.
LAYERS = """
errors
types | device | memory | shipped
steps | statistics
images | measures | paper
networks
seeing | training
figures | report
experiments
cli | ui
dashboard
"""
LEVEL = {name.strip(): level for level, row in enumerate(LAYERS.split("\n")) for name in row.split("|") if name.strip()}

SERVE = "gradlab.ui.serving.serve"  # the one name of the public API that stands above it: it is loaded when it is used

# A library, and where alone it may be imported (streamlit, plotly) or where it may not (torch).
ONLY_IN = {
    "streamlit": ("gradlab/ui/", "dashboard.py"),
    "plotly": ("gradlab/figures/", "gradlab/figures.py"),
    **dict.fromkeys(("sqlalchemy", "alembic"), ("gradlab/seeing/database/",)),
}
# Rooms and single files, as dotted names.
TORCH_FREE = (
    "figures",
    "report",
    "statistics",
    "seeing.psychometrics",
    "seeing.database",
    "seeing.thresholds",
    "paper",
    "errors",
    "types",
    "shipped",
    "images.splits",
    "ui.pages",
)
# Loading these loads neither torch nor streamlit.
LIGHT = (
    "figures", "report", "statistics", "paper", "seeing.psychometrics", "seeing.database", "seeing.thresholds",
    "images.splits",
)  # fmt: skip
# What of streamlit is used in one file, or one folder, only.
ONE_HOME = {
    "cache_data": "gradlab/ui/cached/",
    "cache_resource": "gradlab/ui/cached/",
    "session_state": "gradlab/ui/state/",
    "query_params": "gradlab/ui/state/",
}


class Import(NamedTuple):
    line: int
    target: str  # as dotted names, from the top: gradlab.ui.pages.sweep
    typing_only: bool  # under `if TYPE_CHECKING:`


def unit_of(path: str) -> str:
    """The row's name that a file belongs to; `__init__` and `__main__` for gradlab's own two."""
    parts = PurePosixPath(path).with_suffix("").parts
    return parts[0] if len(parts) == 1 else parts[1]


def imports(path: str, tree: ast.AST) -> Iterator[Import]:
    """Every import in a file, wherever it stands, relative ones made absolute."""
    guarded = {
        child
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) in {"TYPE_CHECKING", "typing.TYPE_CHECKING"}
        for statement in node.body
        for child in ast.walk(statement)
    }
    package = PurePosixPath(path).parent.parts
    for node in ast.walk(tree):
        targets: list[str] = []
        if isinstance(node, ast.Import):
            targets = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else ()
            source = [*above, *([node.module] if node.module else [])]
            targets = [".".join([*source, alias.name]) for alias in node.names]
        elif isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in {"import_module", "__import__"}:
            targets = [
                arg.value for arg in node.args[:1] if isinstance(arg, ast.Constant) and isinstance(arg.value, str)
            ]
        for target in targets:
            yield Import(getattr(node, "lineno", 0), target, node in guarded)


def broken_layer(path: str, target: str) -> str | None:
    """Why a file may not import something of ours, or None where it may."""
    top, *rest = target.split(".")
    unit = unit_of(path)
    if top == "dashboard":
        return "nothing imports the dashboard"
    if top != "gradlab" or (path, target) == ("gradlab/__init__.py", SERVE):
        return None
    if unit == "__main__":
        return None if rest[:1] == ["cli"] else "__main__ imports the command line only"
    other = rest[0] if rest and rest[0] in LEVEL else "__init__"
    level = {**LEVEL, "__init__": LEVEL["cli"] - 0.5}  # the public API: below the command line and the pages
    if other != unit and level[other] >= level[unit]:
        return f"{unit} stands below or beside {'the public API' if other == '__init__' else other}"
    pages = PurePosixPath("gradlab/ui/pages")
    here = PurePosixPath(path)
    there = PurePosixPath(*target.split(".")[:4])
    if here.parent == pages and here.stem != "__init__" and there.parent == pages and there.name != here.stem:
        return "pages do not import each other"
    return None


def broken_library(path: str, found: Import) -> str | None:
    """Why a file may not import a library, or None where it may."""
    library = found.target.split(".")[0]
    if library in ONLY_IN and not path.startswith(ONLY_IN[library]):
        return f"{library} belongs in {' and '.join(ONLY_IN[library])}"
    if library in {"torch", "torchvision"}:
        if found.typing_only and path.startswith("gradlab/types/"):
            return None
        dotted = path.removeprefix("gradlab/").removesuffix(".py").replace("/", ".")
        if any(f"{dotted}.".startswith(f"{room}.") for room in TORCH_FREE):
            return "no torch here"
    return None


def uses_of_streamlit(tree: ast.AST, found: list[Import]) -> Iterator[tuple[int, str]]:
    """Lines that touch the cache, the session's state or the URL, by attribute or by import."""
    names = {"st", "streamlit"} | {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
        if alias.name == "streamlit"
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in names:
            yield node.lineno, node.attr
    for line, target, _ in found:
        if target.startswith("streamlit."):
            yield line, target.split(".")[-1]


def violations(files: dict[str, str]) -> list[str]:
    """Each breach of the house's rules in {path relative to the root: source}, as `path:line: what: why`."""
    breaches = []
    for path, source in files.items():
        tree = ast.parse(source, path)
        unit = unit_of(path)
        if unit not in {*LEVEL, "__init__", "__main__"}:
            breaches.append(f"{path}:1: {unit}: has no place in the table of layers; give it one")
            continue
        found = list(imports(path, tree))
        for item in found:
            if why := broken_layer(path, item.target) or broken_library(path, item):
                breaches.append(f"{path}:{item.line}: {item.target}: {why}")
        for line, name in uses_of_streamlit(tree, found):
            if not path.startswith(ONE_HOME.get(name, path)):
                breaches.append(f"{path}:{line}: st.{name}: only {ONE_HOME[name]} may use it")
    return breaches


def sources() -> dict[str, str]:
    found = [*sorted((ROOT / "gradlab").rglob("*.py")), *ROOT.glob("dashboard.py")]
    return {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in found}


def test_nobody_imports_upwards() -> None:
    assert violations(sources()) == []


@pytest.mark.parametrize(
    ("path", "source"),
    [
        # upwards, in each way that Python can say it
        ("gradlab/steps/perturb.py", "import gradlab.experiments.sweep"),
        ("gradlab/steps/perturb.py", "import gradlab.ui as u"),
        ("gradlab/steps/perturb.py", "from gradlab import sweep"),
        ("gradlab/steps/perturb.py", "from gradlab.experiments.sweep import sweep"),
        ("gradlab/steps/perturb.py", "def late():\n    from gradlab.experiments.sweep import sweep"),
        ("gradlab/steps/perturb.py", "import importlib\nimportlib.import_module('gradlab.cli')"),
        ("gradlab/steps/perturb.py", "from ..experiments.sweep import sweep"),
        ("gradlab/steps/perturb.py", "from .. import experiments"),
        ("gradlab/images/store.py", "from ..experiments.sweep import sweep"),
        ("gradlab/images/__init__.py", "from ..experiments.sweep import sweep"),
        (
            "gradlab/types/batch.py",
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from gradlab.experiments.sweep import Sweep",
        ),
        ("gradlab/errors.py", "from gradlab.types import Rule"),
        ("gradlab/experiments/sweep.py", "import dashboard"),
        # the public API is no way around
        ("gradlab/experiments/sweep.py", "import gradlab"),
        ("gradlab/experiments/sweep.py", "from gradlab import __version__"),
        ("gradlab/experiments/sweep.py", "from gradlab import load_model"),
        ("gradlab/__init__.py", "from gradlab.ui import state"),
        ("gradlab/__init__.py", "def __getattr__(name):\n    from gradlab.cli import main"),
        ("gradlab/__main__.py", "from gradlab.experiments.sweep import sweep"),
        # neighbours
        ("gradlab/measures/table.py", "from gradlab.images.load import load_batch"),
        ("gradlab/images/load.py", "from gradlab.networks import load_model"),
        ("gradlab/shipped.py", "from gradlab.types import Rule"),
        ("gradlab/figures/sweep.py", "from gradlab.report import to_csv"),
        ("gradlab/cli/one.py", "from gradlab.ui.state import State"),
        ("gradlab/ui/state/link.py", "from gradlab.cli import main"),
        # libraries
        ("gradlab/cli/one.py", "import streamlit as st"),
        ("gradlab/report/one.py", "import plotly.graph_objects as go"),
        ("gradlab/ui/pages/sweep.py", "from plotly import express"),
        ("gradlab/ui/pages/sweep.py", "from sqlalchemy.exc import DBAPIError"),
        ("gradlab/cli/answers.py", "import alembic.command"),
        ("gradlab/figures/sweep.py", "from torch import Tensor"),
        ("gradlab/report/one.py", "import torch.nn as nn"),
        ("gradlab/statistics/one.py", "def f():\n    import torch"),
        ("gradlab/ui/pages/sweep.py", "import torchvision"),
        ("gradlab/ui/pages/sweep.py", "if TYPE_CHECKING:\n    from torch import Tensor"),
        ("gradlab/types/batch.py", "import torch"),
        # streamlit's caches and state
        ("gradlab/ui/controls.py", "import streamlit as st\n@st.cache_data(max_entries=8)\ndef f(): ..."),
        ("gradlab/ui/controls.py", "import streamlit as lit\nlit.cache_resource(f)"),
        ("gradlab/ui/controls.py", "from streamlit import cache_data"),
        ("gradlab/ui/pages/sweep.py", "import streamlit as st\nst.session_state['k'] = 1"),
        ("gradlab/ui/pages/sweep.py", "from streamlit import session_state as s"),
        ("dashboard.py", "import streamlit as st\nst.query_params.clear()"),
        # pages
        ("gradlab/ui/pages/sweep.py", "from gradlab.ui.pages import step"),
        ("gradlab/ui/pages/sweep.py", "from gradlab.ui.pages.step import show"),
        ("gradlab/ui/pages/sweep.py", "from . import step"),
        ("gradlab/ui/pages/sweep.py", "from .step import show"),
        # a module that nobody drew
        ("gradlab/utils.py", "import math"),
    ],
)
def test_a_breach_is_found(path: str, source: str) -> None:
    assert len(violations({path: source})) == 1


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("gradlab/types/batch.py", "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from torch import Tensor"),
        ("gradlab/images/store.py", "from .table import DATASETS\nfrom ..errors import GradlabError"),
        (
            "gradlab/experiments/sweep.py",
            "import torch\nfrom gradlab.steps import perturb\nfrom gradlab.types import Batch",
        ),
        ("gradlab/__init__.py", "def __getattr__(name):\n    from gradlab.experiments.sweep import sweep"),
        ("gradlab/__main__.py", "import sys\nfrom gradlab.cli import main"),
        ("gradlab/cli/one.py", "import gradlab\nfrom gradlab.training import train"),
        ("gradlab/ui/cached/one.py", "import streamlit as st\n@st.cache_data(max_entries=8)\ndef f(): ..."),
        ("gradlab/ui/state/link.py", "import streamlit as st\nst.session_state['k'] = st.query_params['k']"),
        (
            "gradlab/ui/pages/sweep.py",
            "import streamlit as st\nfrom gradlab.ui import cached\nfrom gradlab import figures",
        ),
        ("gradlab/ui/pages/__init__.py", "from gradlab.ui.pages import step, sweep"),
        ("dashboard.py", "import streamlit as st\nfrom gradlab.ui.pages import sweep"),
    ],
)
def test_what_is_allowed_passes(path: str, source: str) -> None:
    assert violations({path: source}) == []


@pytest.mark.parametrize("module", [f"gradlab.{name}" for name in LIGHT])
def test_what_draws_and_writes_results_is_light(module: str) -> None:
    program = f"import sys, {module}; print(*{{'torch', 'streamlit'}} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, ""), done.stderr


def test_the_pages_import_nothing_late_that_plotly_looks_for() -> None:
    # plotly takes what it finds in `sys.modules`: beside a thread that was just importing pandas, a figure failed.
    program = "import sys, gradlab.ui; print({'pandas', 'pyarrow'} <= sys.modules.keys())"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "True"
