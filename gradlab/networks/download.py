"""From somewhere on the web into a file, with a bar on stderr; each way to fail has a word of its own."""

import errno
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import Request, urlopen

from tqdm import tqdm

from gradlab.errors import GradlabError, MissingFileError
from gradlab.shipped import __version__

_CHUNK = 2**20
PATIENCE = 30  # seconds without an answer
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def download(url: str, path: Path, copies: int = 1) -> None:
    """Download a file. What came of it before a failure is the caller's to remove.

    Args:
        url: what to download, by http or https.
        path: where to; its folder is there.
        copies: how many files of this size its folder needs room for.

    Raises:
        MissingFileError: without a connection, or when it ends early.
        GradlabError: without room.
    """
    with reached(url):
        asked = Request(url, headers={"User-Agent": f"gradlab/{__version__}"})
        with urlopen(asked, timeout=PATIENCE) as answer, path.open("wb") as file:
            total = int(answer.headers.get("Content-Length") or 0)
            check_room(path.parent, copies * total)
            with tqdm(total=total, desc=path.name, unit="B", unit_scale=True, file=sys.stderr) as bar:
                while chunk := answer.read(_CHUNK):
                    file.write(chunk)
                    bar.update(len(chunk))
    if (came := path.stat().st_size) < total:
        raise MissingFileError(f"expected {total:,} bytes from {url}, got {came:,}: the connection ended early")


@contextmanager
def reached(url: str) -> Iterator[None]:
    """Within a `with` block, whatever goes wrong on the way to a server is one line.

    Raises:
        MissingFileError: that line.
    """
    try:
        yield
    except GradlabError:
        raise
    except Exception as error:  # noqa: BLE001, RUF100 - which ones are raised depends on the library and its version
        if is_full(error):
            raise
        reason = " ".join(str(getattr(error, "reason", None) or error).split()) or type(error).__name__
        raise MissingFileError(f"expected to download {url}, got: {reason:.200}; is there a connection?") from error


def check_room(folder: Path, needed: int) -> None:
    """There is room for so many bytes, before any of them is asked for.

    Raises:
        GradlabError: when there is not.
    """
    if (free := shutil.disk_usage(folder).free) < needed:
        raise GradlabError(f"expected {needed / 1e6:,.0f} MB of free space in {folder}, got {free / 1e6:,.0f} MB")


def is_full(error: Exception) -> bool:
    """Whether it was raised since a disk, or a quota, is full."""
    return isinstance(error, OSError) and error.errno in _FULL
