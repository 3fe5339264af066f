"""How results are shown and written: tables, JSON, progress on stderr."""

import json
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from gradlab.cli.streams import settle, speaks_utf8
from gradlab.errors import GradlabError
from gradlab.shipped import __version__

# A flag, the place that it was given if any (`-` is stdout), and what writes there.
Output = tuple[str, Path | str | None, Callable[[], object]]


def deliver(outputs: Iterable[Output], failed: Iterable[str] = ()) -> None:
    """Write all that was asked for; where one fails, still the others.

    Args:
        outputs: what to write.
        failed: what could not be written before, as `attempt` says it.

    Raises:
        GradlabError: names those that were not written, and why.
        BrokenPipeError: when all the others were, and whoever reads stdout has gone.
    """
    failures, gone = list(failed), None
    for flag, place, write in outputs:
        if place == "-":
            try:
                write()
                sys.stdout.flush()
            except BrokenPipeError as error:
                gone = error
            except OSError as error:
                failures.append(_failure("the result on stdout", error))
        elif place is not None:
            failures += attempt(f"{flag} {place}", write)
    if failures:
        settle()  # what stdout does not take it will not take later either
        raise GradlabError("; ".join(failures))
    if gone:
        raise gone


def attempt(name: str, write: Callable[[], object]) -> list[str]:
    """Write one output; what there is to tell where that fails."""
    try:
        write()
    except (GradlabError, OSError) as error:
        return [_failure(name, error)]
    return []


def _failure(name: str, error: Exception) -> str:
    return f"{name} was not written: {getattr(error, 'strerror', None) or error}"


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
    # Readers of JSON expect UTF-8: on a stdout of another encoding, ASCII stands for it.
    text = json.dumps(content, ensure_ascii=path == "-" and not speaks_utf8(), allow_nan=False)
    if path == "-":
        print(text)
    else:
        write_text(path, text + "\n")


def write_text(path: Path | str, text: str) -> None:
    """The whole of a file, in UTF-8 whatever the terminal speaks; what is no text of Unicode stands as numbers."""
    Path(path).write_text(text, encoding="utf-8", errors="backslashreplace")


def table(rows: list[dict[str, Any]], columns: Sequence[str]) -> str:
    """Columns of text under their names; those without a value in any row are left out."""
    shown = [c for c in columns if any(row.get(c) not in (None, "") for row in rows)]
    cells = [shown, *([_cell(row.get(c)) for c in shown] for row in rows)]
    widths = [max(len(line[k]) for line in cells) for k in range(len(shown))]
    return "\n".join("  ".join(text.ljust(w) for text, w in zip(line, widths, strict=True)).rstrip() for line in cells)


def _cell(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else "" if value is None else str(value)
