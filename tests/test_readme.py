"""The README says what the shipped results say."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def making() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_tables", ROOT / "docs/make_tables.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_its_parts_are_made_of_the_shipped_results(making: ModuleType) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for name, content in making.parts().items():
        part = f"<!-- {name} -->\n{content}\n<!-- /{name} -->"
        assert part in readme, f"python docs/make_tables.py makes it anew:\n{part}"


def test_a_part_is_put_between_its_comments(making: ModuleType) -> None:
    text = "Above\n\n<!-- a -->\nold\n\nlines\n<!-- /a -->\n\n<!-- b -->\n\n<!-- /b -->\n"
    assert making.replaced(text, "a", "new") == text.replace("old\n\nlines", "new")
    assert making.replaced(text, "b", r"\1") == text.replace("<!-- b -->\n\n", "<!-- b -->\n\\1\n")
    with pytest.raises(SystemExit, match="expected one part between <!-- c --> and <!-- /c -->"):
        making.replaced(text, "c", "new")
