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


def test_its_tables_are_made_of_the_shipped_results(making: ModuleType) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for table in making.tables():
        assert table in readme, f"python docs/make_tables.py makes it anew:\n{table}"


def test_a_table_is_put_in_place_of_the_one_with_the_same_head(making: ModuleType) -> None:
    text = "Above\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\nBelow"
    assert making.replaced(text, "| a | b |\n| --- | --- |\n| 3 | 4 |") == (
        "Above\n\n| a | b |\n| --- | --- |\n| 3 | 4 |\n\nBelow"
    )
