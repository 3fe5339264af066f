"""How results are shown: tables, JSON, progress on stderr."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from gradlab import __version__


def progress_bar(total: int, unit: str) -> Any:
    """A tqdm on stderr."""
    from tqdm import tqdm

    # Not drawn before its first update: a bad input, which shows before that, then leaves one line on stderr.
    return tqdm(total=total, unit=unit, file=sys.stderr, dynamic_ncols=True, mininterval=0.2, delay=1e-3)


def show(
    rows: list[dict[str, Any]],
    json_path: str | None,
    key: str,
    columns: Sequence[str] | None = None,
    facts: dict[str, Any] | None = None,
) -> None:
    """Print rows as a table, or write them as JSON under `key`, after what `facts` says of all of them."""
    if json_path is not None:
        write_json({"gradlab": __version__, **(facts or {}), key: rows}, json_path)
    else:
        print(table(rows, columns or tuple(rows[0])))


def write_json(content: dict[str, Any], path: str) -> None:
    """To a file, or to stdout for `-`."""
    text = json.dumps(content, ensure_ascii=False, allow_nan=False)
    if path == "-":
        print(text)
    else:
        Path(path).write_text(text + "\n", encoding="utf-8")


def table(rows: list[dict[str, Any]], columns: Sequence[str]) -> str:
    """Columns of text under their names; those without a value in any row are left out."""
    shown = [c for c in columns if any(row.get(c) not in (None, "") for row in rows)]
    cells = [shown, *([_cell(row.get(c)) for c in shown] for row in rows)]
    widths = [max(len(line[k]) for line in cells) for k in range(len(shown))]
    return "\n".join("  ".join(text.ljust(w) for text, w in zip(line, widths, strict=True)).rstrip() for line in cells)


def _cell(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else "" if value is None else str(value)
