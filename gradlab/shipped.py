"""What travels with gradlab: its version, and the folder with samples, weights and their tables."""

import os
from pathlib import Path

__version__ = "0.1.0"


def assets_root() -> Path:
    """The folder `assets/`.

    It lies beside the package, as in a checkout or an editable install; `$GRADLAB_ASSETS` overrides it.

    Returns:
        The folder's path; whether it exists is for the reader of a file in it to find out.
    """
    override = os.environ.get("GRADLAB_ASSETS")
    return Path(override).expanduser() if override else Path(__file__).resolve().parent.parent / "assets"


def write_whole(path: Path, content: bytes) -> None:
    """Write a file, whole or not at all; one that is there is replaced, and folders that are missing are made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(f".{os.getpid()}.tmp")
    try:
        temporary.write_bytes(content)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
