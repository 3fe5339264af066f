"""The tables of the README: `python docs/make_tables.py` makes them anew of what lies in assets/results.

A table is known by its first row; tests/test_readme.py holds that they are what this makes.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from gradlab import report  # noqa: E402
from gradlab.datasets import DATASETS  # noqa: E402
from gradlab.models import find_card, read_cards  # noqa: E402
from gradlab.paper import PAPER_MODEL  # noqa: E402
from gradlab.stored import load_gradients, load_stored  # noqa: E402

README = ROOT / "README.md"


def tables() -> list[str]:
    """Each table in Markdown."""
    cards, titles = read_cards(), {name: spec.title for name, spec in DATASETS.items()}
    return [
        report.claims_markdown(load_stored(find_card(*PAPER_MODEL))),
        report.networks_markdown((load_stored(card) for card in cards), titles),
        report.gradients_markdown(load_gradients(cards), titles),
    ]


def replaced(text: str, table: str) -> str:
    """The text with this table in place of the one that has the same first row."""
    head = table.split("\n", 1)[0]
    lines = text.split("\n")
    first = lines.index(head)
    last = next(k for k in range(first, len(lines)) if not lines[k].startswith("|"))
    return "\n".join([*lines[:first], table, *lines[last:]])


def main() -> None:
    """Write the README."""
    text = README.read_text(encoding="utf-8")
    for table in tables():
        text = replaced(text, table)
    README.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
