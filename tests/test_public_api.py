"""What `import gradlab` promises."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import gradlab

ROOT = Path(__file__).resolve().parents[1]


def run(program: str) -> str:
    """What a program prints in a fresh Python."""
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize("name", gradlab.__all__)
def test_each_name_loads(name: str) -> None:
    value = getattr(gradlab, name)
    assert callable(value)
    assert value.__name__ == name
    assert value.__doc__


def test_the_names_are_complete() -> None:
    """Those that load when they are used are those that mypy is told of."""
    told = [
        alias.name
        for node in ast.walk(ast.parse((ROOT / "gradlab" / "__init__.py").read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module not in ("importlib", "typing", "gradlab.shipped")
        for alias in node.names
    ]
    assert sorted(gradlab.__all__) == sorted(told)
    run("from gradlab import *; perturb, sweep, Rule")


def test_a_name_that_does_not_exist() -> None:
    with pytest.raises(AttributeError, match="^module 'gradlab' has no attribute 'pertrub'$"):
        gradlab.pertrub  # noqa: B018
    assert not hasattr(gradlab, "_nothing")


@pytest.mark.parametrize(
    "imports",
    [
        "import gradlab.steps.perturb, gradlab.experiments.sweep",
        "import gradlab; gradlab.sweep; import gradlab.experiments.sweep, gradlab.steps.perturb",
        "import importlib, gradlab; importlib.import_module('gradlab.experiments.sweep'); gradlab.perturb",
        "from gradlab.experiments.sweep import stream_sweep; import gradlab.figures.sweep",
        "import gradlab.experiments.explore, gradlab.report",
        "from gradlab import perturb; import gradlab; assert perturb is gradlab.perturb",
    ],
)
def test_functions_stay_functions_beside_their_modules(imports: str) -> None:
    program = f"{imports}; import gradlab; print(type(gradlab.perturb).__name__, type(gradlab.sweep).__name__)"
    assert run(program) == "function function"


def test_other_submodules_stay_modules() -> None:
    assert run("import gradlab.report; print(type(gradlab.report).__name__)") == "module"


def test_import_is_light() -> None:
    assert run("import sys, gradlab; print({'torch', 'numpy', 'plotly', 'streamlit'} & set(sys.modules))") == "set()"


@pytest.mark.parametrize("room", gradlab._ROOMS)
def test_a_public_room_is_there_without_an_import_of_its_own_and_light(room: str) -> None:
    program = f"import sys, gradlab; room = gradlab.{room}; print(type(room).__name__, 'torch' in sys.modules)"
    assert run(program) == "module False"


def lines_of_scripts() -> Iterator[str]:
    """The lines in every string of the modules that write scripts."""
    for path in (ROOT / "gradlab" / "report" / "scripts").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield from node.value.splitlines()


def test_scripts_of_the_pages_use_public_names_only() -> None:
    found = [match for line in lines_of_scripts() if (match := re.match(r"(?:from|import) gradlab\b(.*)", line))]
    rooms = {match[1].split(" import ")[0] for match in found}
    assert rooms == {"", ".report", ".seeing", ".statistics", ".types"}
    for match in found:
        if " import " in match[1]:
            room = getattr(gradlab, match[1].split(" import ")[0][1:])
            names = [name.strip() for name in match[1].split(" import ")[1].split(",")]
            assert set(filter(None, names)) <= vars(room).keys()
    called = {name for line in lines_of_scripts() for name in re.findall(r"\bgradlab\.(\w+)\(", line)}
    assert {"sweep", "load_baseline", "chosen"} <= called <= set(gradlab.__all__)


@pytest.mark.parametrize(
    "package", [path.parent.relative_to(ROOT).as_posix() for path in (ROOT / "gradlab").rglob("__init__.py")]
)
def test_no_name_hides_a_module_of_its_package(package: str) -> None:
    """Else `gradlab.sweep` would be a module or a function, depending on who imported what before."""
    folder = ROOT / package
    modules = {path.stem for path in folder.iterdir() if path.suffix == ".py" or (path / "__init__.py").is_file()}
    bound = {
        alias.asname or alias.name
        for node in ast.walk(ast.parse((folder / "__init__.py").read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module != package.replace("/", ".")
        for alias in node.names
    }
    assert not (bound | (set(gradlab.__all__) if package == "gradlab" else set())) & modules
