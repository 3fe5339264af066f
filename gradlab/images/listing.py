"""The pictures of a folder, or of a list in CSV: which files they are, and of which class. No picture is opened here.

Nothing outside the folder is ever read, whatever links and paths say; what is left out is counted, with the reason.
"""

import csv
import io
import os
import stat
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from gradlab.errors import BadValueError, CorruptFileError, MissingFileError
from gradlab.images.classes import listed
from gradlab.images.decode import LARGEST_FILE

SUFFIXES = (".jpg", ".jpeg", ".jfif", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff")
MOST_FILES = 1_000_000
LIST_BYTES = 64 * 2**20
_FILE_COLUMNS = ("file", "path", "image", "filename", "file_name")
_LABEL_COLUMNS = ("label", "class", "labels", "class_name")

_EMPTY = "it is empty", "they are empty"
_BIG = f"it has more than {LARGEST_FILE >> 20} MB", f"they have more than {LARGEST_FILE >> 20} MB"
_ODD = "it is no plain file", "they are no plain files"
_OUTSIDE = "it lies outside the folder", "they lie outside the folder"
_GONE = "there is no such file", "there are no such files"
_CLASSLESS = "it has no class, as others have", "they have no class, as others have"
BROKEN = "it can't be read as a picture", "they can't be read as pictures"

Reason = tuple[str, str]  # of one, of several


@dataclass
class LeftOut:
    """Files that are not among the images, by the reason."""

    files: dict[Reason, list[str]] = field(default_factory=dict)

    def add(self, reason: Reason, *names: str) -> None:
        """Some more of them."""
        self.files.setdefault(reason, []).extend(names)

    def sentences(self) -> tuple[str, ...]:
        """One for each reason, with the first few names."""
        return tuple(self._sentence(*entry) for entry in self.files.items() if entry[1])

    @staticmethod
    def _sentence(reason: Reason, names: list[str]) -> str:
        one, several = reason
        about = f"1 file is left out, since {one}"
        if len(names) > 1:
            about = f"{len(names):,} files are left out, since {several}"
        return f"{about}: {listed([*map(shown, sorted(names))])}."


@dataclass(frozen=True)
class Listing:
    """Files with their classes.

    Attributes:
        root: the folder that all of them lie in.
        files: their paths within it, with `/`, in the order of the set.
        names: the class of each; all None where there are no classes.
        left_out: the others.
        lists: the sha256 of the file that lists them, with its name; nothing where none does.
    """

    root: Path
    files: tuple[str, ...]
    names: tuple[str | None, ...]
    left_out: LeftOut
    lists: Mapping[str, str] = field(default_factory=dict)


def list_folder(root: Path) -> Listing:
    """The pictures of a folder, in the order of their paths' bytes.

    Subfolders at its top are classes, and pictures in whatever is below one are of that class. Pictures that lie beside
    such subfolders have none, and are left out. Hidden files and folders, those that end otherwise than `SUFFIXES`, and
    linked folders are passed over.

    Args:
        root: the folder.

    Raises:
        MissingFileError: when there is no such folder, or it may not be read.
        BadValueError: for too many files, or no picture at all.
    """
    found, left_out = list[tuple[str, str | None]](), LeftOut()
    for entry in _pictures(root):
        path = os.path.relpath(entry.path, root).replace(os.sep, "/")
        if reason := _leads_out(root, entry.path) if entry.is_symlink() else _fault(entry.path):
            left_out.add(reason, path)
        else:
            found.append((path, shown(path.split("/")[0]) if "/" in path else None))
    return _listing(root, sorted(found, key=lambda one: os.fsencode(one[0])), left_out)


def list_csv(path: Path) -> Listing:
    """The pictures that a CSV file lists, in its order.

    Its first row names the columns where one of these is called `file`, `path`, `image`, `filename` or `file_name`; the
    class stands in `label`, `class`, `labels` or `class_name`. Without such a row the first column is the file, and the
    second, where there is one, the class. Paths are relative to the folder of the CSV file, and never lead out of it.

    Args:
        path: of the file: UTF-8, with commas, semicolons or tabs.

    Raises:
        MissingFileError: when there is no such file.
        CorruptFileError: when it is no such list.
        BadValueError: for too many files, or no picture at all.
    """
    content = _content(path)
    found, left_out = list[tuple[str, str | None]](), LeftOut()
    for name, label in _rows(path, content):
        if reason := _leads_out(path.parent, os.path.join(path.parent, name)):
            left_out.add(reason, name)
        else:
            found.append((name, shown(label) if label else None))
    return _listing(path.parent, found, left_out, {path.name: sha256(content).hexdigest()})


def shown(name: str) -> str:
    """A name as a person can read it: on one line, of limited length, without bytes that are no text."""
    text = "".join(sign if sign.isprintable() else " " for sign in name.encode("utf-8", "replace").decode())
    text = " ".join(text.split())
    return text if len(text) <= 80 else f"{text[:77]}…"


def checksum(sums: Iterable[tuple[str, str]]) -> str:
    """The sha256 of what `sha256sum` prints of these files, in this order: pairs of a path and a sha256."""
    return sha256(b"".join(b"%s  %s\n" % (one.encode(), os.fsencode(name)) for name, one in sums)).hexdigest()


def _pictures(root: Path) -> Iterator[os.DirEntry[str]]:
    """Everything that is named like a picture, in the folder and below it."""
    folders, count = [os.fspath(root)], 0
    while folders:
        for entry in _entries(folders.pop()):
            count += 1
            if count > MOST_FILES:
                raise BadValueError(f"expected at most {MOST_FILES:,} files in {root}, got more")
            if entry.name.startswith("."):
                continue
            if entry.is_dir(follow_symlinks=False):
                folders.append(entry.path)
            elif entry.name.lower().endswith(SUFFIXES):
                yield entry


def _entries(folder: str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except OSError as error:
        raise MissingFileError(f"expected a folder that can be read, got {folder}: {error.strerror}") from None


def _leads_out(root: Path, path: str) -> Reason | None:
    """As `_fault`, of a path that may be a link, or written by somebody."""
    try:
        real, top = os.path.realpath(path), os.path.realpath(root)
        return _fault(real) if os.path.commonpath([real, top]) == top else _OUTSIDE
    except (OSError, ValueError):  # ValueError: a zero byte in it, or another drive
        return _GONE


def _fault(path: str) -> Reason | None:
    """Why a file is not among the images, as far as it can be told without reading it."""
    try:
        found = os.stat(path)
    except (OSError, ValueError):
        return _GONE
    if not stat.S_ISREG(found.st_mode):
        return _ODD
    if not found.st_size:
        return _EMPTY
    return _BIG if found.st_size > LARGEST_FILE else None


def _listing(
    root: Path, found: list[tuple[str, str | None]], left_out: LeftOut, lists: Mapping[str, str] | None = None
) -> Listing:
    if any(name is not None for _, name in found):
        if rest := [path for path, name in found if name is None]:
            left_out.add(_CLASSLESS, *rest)
        found = [one for one in found if one[1] is not None]
    if not found:
        raise BadValueError(" ".join((f"expected at least one picture in {root}, got none.", *left_out.sentences())))
    files, names = zip(*found, strict=True)
    return Listing(root, files, names, left_out, lists or {})


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(LIST_BYTES + 1)
    except OSError as error:
        raise MissingFileError(f"expected a file that lists pictures, got {path}: {error.strerror}") from None
    if len(content) > LIST_BYTES:
        raise CorruptFileError(f"{path}: expected a list of at most {LIST_BYTES >> 20} MB, got a larger one")
    return content


def _rows(path: Path, content: bytes) -> Iterator[tuple[str, str]]:
    """File and class of each row; the class is empty where there is none."""
    try:
        text = content.decode("utf-8-sig")
        delimiter = max(",;\t", key=text.split("\n", 1)[0].count)
        rows = [row for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) if any(row)]
    except (UnicodeDecodeError, csv.Error) as error:
        raise CorruptFileError(f"{path}: expected a list of files as CSV in UTF-8, got {error}") from None
    if len(rows) > MOST_FILES:
        raise BadValueError(f"{path}: expected at most {MOST_FILES:,} files, got {len(rows):,}")
    head = [cell.strip().casefold() for cell in rows[0]] if rows else []
    file, label = _column(head, _FILE_COLUMNS), _column(head, _LABEL_COLUMNS)
    if file is None and label is not None:
        raise CorruptFileError(f"{path}: expected a column called {', '.join(_FILE_COLUMNS)}, got {listed(head)}")
    if file is None:
        return ((_cell(row, 0), _cell(row, 1)) for row in rows)
    return ((_cell(row, file), _cell(row, label)) for row in rows[1:])


def _cell(row: list[str], place: int | None) -> str:
    return "" if place is None or place >= len(row) else row[place].strip()


def _column(head: list[str], names: tuple[str, ...]) -> int | None:
    return next((head.index(name) for name in names if name in head), None)
