"""What stdout and stderr can take: text in any encoding, a reader that has gone, a warning amid the work."""

import codecs
import io
import os
import sys
import unicodedata
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import Any

READER_GONE = 128 + 13  # what a shell reports of a tool that SIGPIPE ended

_HANDLER = "gradlab.readable"
_STRICT = ("strict", "surrogateescape", "backslashreplace")  # any other was chosen by someone, and is left
_READABLE = {
    "−": "-", "–": "-", "—": "-", "×": "x", "·": "*", "±": "+-", "∞": "inf", "√": "sqrt", "≤": "<=", "≥": ">=",
    "≈": "~", "→": "->", "←": "<-", "‖": "||", "ε": "epsilon", "η": "eta", "Δ": "Delta", "“": '"', "”": '"',
    "‘": "'", "’": "'",
}  # fmt: skip


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
    with suppress(OSError):  # one that is no file of the system's
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, stream.fileno())
        os.close(null)


def _replace(error: UnicodeError) -> tuple[str | bytes, int]:
    """For a character that an encoding lacks: what reads the same, or else its number."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    character, after = error.object[error.start], error.start + 1
    if "\udc80" <= character <= "\udcff":  # a byte of a path that was no text: it goes out as it came in
        return bytes([ord(character) - 0xDC00]), after
    plain = _READABLE.get(character) or unicodedata.normalize("NFKD", character)
    return plain if plain.isascii() else character.encode("ascii", "backslashreplace").decode(), after
