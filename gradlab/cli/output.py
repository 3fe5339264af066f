"""How results and messages reach people: tables, JSON, progress and lines on stderr, on any stream.

A stream may speak another encoding than UTF-8, its reader may have gone, and a warning may come amid the work.
"""

import codecs
import io
import json
import os
import sys
import unicodedata
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

from gradlab.errors import GradlabError
from gradlab.shipped import __version__

READER_GONE = 128 + 13  # what a shell reports of a tool that SIGPIPE ended

_HANDLER = "gradlab.readable"
_STRICT = ("strict", "surrogateescape", "backslashreplace")  # any other was chosen by someone, and is left
_READABLE = {
    "−": "-", "–": "-", "—": "-", "×": "x", "·": "*", "±": "+-", "∞": "inf", "√": "sqrt", "≤": "<=", "≥": ">=",
    "≈": "~", "→": "->", "←": "<-", "‖": "||", "ε": "epsilon", "η": "eta", "Δ": "Delta", "“": '"', "”": '"',
    "‘": "'", "’": "'",
}  # fmt: skip
# A flag, the place that it was given if any (`-` is stdout), and what writes there.
Output = tuple[str, Path | str | None, Callable[[], object]]


def deliver(outputs: Iterable[Output], failed: Iterable[str] = ()) -> None:
    """Write all that was asked for; where one fails, still the others.

    Args:
        outputs: what to write.
        failed: what could not be written before, as `attempt` says it.

    Raises:
        GradlabError: names those that were not written, and why.
        BrokenPipeError: when all the others were, and the reader of stdout has gone.
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


def tables_or_json(path: str | None, tables: Callable[[], object], content: Callable[[], dict[str, Any]]) -> Output:
    """The result itself: as tables on stdout, or as JSON where `--json` was given."""
    return "--json", path or "-", lambda: tables() if path is None else write_json(content(), path)


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


def show(rows: list[dict[str, Any]], json_path: str | None, key: str, columns: Sequence[str] | None = None) -> None:
    """Print rows as a table, or write them as JSON under `key`."""
    if json_path is not None:
        write_json({"gradlab": __version__, key: rows}, json_path)
    else:
        print(table(rows, columns))


def write_json(content: dict[str, Any], path: str) -> None:
    """Write JSON to a file, or to stdout for `-`."""
    # Readers of JSON expect UTF-8: on a stdout of another encoding, ASCII stands for it.
    text = json.dumps(content, ensure_ascii=path == "-" and not speaks_utf8(), allow_nan=False)
    if path == "-":
        print(text)
    else:
        write_text(path, text + "\n")


def write_text(path: Path | str, text: str) -> None:
    """The whole of a file, in UTF-8 whatever the terminal speaks; what is not valid Unicode is written as numbers."""
    Path(path).write_text(text, encoding="utf-8", errors="backslashreplace")


def table(rows: list[dict[str, Any]], columns: Sequence[str] | None = None) -> str:
    """Columns of text under their names, by default all; those without a value in any row are left out."""
    shown = [c for c in columns or rows[0] if any(row.get(c) not in (None, "") for row in rows)]
    cells = [shown, *([_cell(row.get(c)) for c in shown] for row in rows)]
    widths = [max(len(line[k]) for line in cells) for k in range(len(shown))]
    return "\n".join("  ".join(text.ljust(w) for text, w in zip(line, widths, strict=True)).rstrip() for line in cells)


def _cell(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else "" if value is None else str(value)


def say(command: str, message: object) -> None:
    """A line on stderr: whose it is, and what is said; a progress bar makes room for it."""
    from tqdm import tqdm

    tqdm.write(f"gradlab {command}: {' '.join(str(message).split())}", file=sys.stderr)


@contextmanager
def readable() -> Iterator[None]:
    """Meanwhile, stdout and stderr take any text: what their encoding lacks is written in letters that it has.

    A stream that was closed before Python began takes everything and keeps nothing.
    """
    codecs.register_error(_HANDLER, _replace)
    with ExitStack() as stack:
        for name in ("stdout", "stderr"):
            if getattr(sys, name) is None:
                null = stack.enter_context(open(os.devnull, "w", encoding="utf-8"))
                setattr(sys, name, null)
                stack.callback(setattr, sys, name, None)
            stream = getattr(sys, name)
            if isinstance(stream, io.TextIOWrapper) and stream.errors in _STRICT:
                before = stream.errors
                stream.reconfigure(errors=_HANDLER)
                stack.callback(stream.reconfigure, errors=before)
        yield


def speaks_utf8() -> bool:
    """Whether stdout has the encoding that readers of JSON expect."""
    return codecs.lookup(sys.stdout.encoding or "utf-8").name == "utf-8"


@contextmanager
def warnings_said(command: str) -> Iterator[None]:
    """Meanwhile, a Python warning is a line on stderr as any other message, without its place in the source."""

    def tell(
        message: Warning | str, category: type[Warning], filename: str, lineno: int,
        file: Any = None, line: str | None = None,
    ) -> None:  # fmt: skip
        say(command, message)

    with warnings.catch_warnings():
        warnings.showwarning = tell
        yield


def settle() -> None:
    """Write out what waits; what a stream refuses is dropped, or Python would complain of it again at its end."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            abandon(stream)


def abandon(stream: Any) -> None:
    """Let a stream end in nothing from now on."""
    with suppress(OSError):  # a stream that is not a file of the system
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, stream.fileno())
        os.close(null)


def _replace(error: UnicodeError) -> tuple[str | bytes, int]:
    """For a character that an encoding lacks: what reads the same, or else its number."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    character, after = error.object[error.start], error.start + 1
    if "\udc80" <= character <= "\udcff":  # a byte of a path that is not text: it goes out as it came in
        return bytes([ord(character) - 0xDC00]), after
    plain = _READABLE.get(character) or unicodedata.normalize("NFKD", character)
    return plain if plain.isascii() else character.encode("ascii", "backslashreplace").decode(), after
