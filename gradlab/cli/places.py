"""Where outputs go: what can be known to be wrong with a place is found before any work is done."""

import argparse
import os
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

from gradlab.errors import BadValueError
from gradlab.shipped import assets_root

# What each command may be given, by the name that argparse keeps it under.
OUTPUTS = {"out": "--out", "save": "--save", "csv": "--csv", "html": "--html", "json_path": "--json"}
ENDINGS = {"out": ".png", "save": ".npz"}
_BESIDE = ("save",)  # written beside their place first, and then renamed

_File = tuple[int | str, ...]  # equal for one file under whatever name


def check_outputs(options: argparse.Namespace) -> None:
    """Whatever is to be written has a place to go: one of its own, where it may be written.

    Raises:
        BadValueError: for the first that has none.
    """
    given = {name: getattr(options, name) for name in OUTPUTS if getattr(options, name, None) is not None}
    files = {name: Path(place) for name, place in given.items() if (name, place) != ("json_path", "-")}
    for name, place in files.items():
        _check_file(name, place)
    for flag, folder in _folders(options):
        _check_folder(flag, folder)
    kept = _kept(options) if files else ()
    taken = {file: f"one that gradlab keeps: {place}" for place in kept if (file := _file(place))}
    if _prints(options) and (file := _stdout()):
        taken[file] = "stdout, where the result goes"
    for name, place in files.items():
        if (file := _file(place)) in taken:
            raise BadValueError(f"{OUTPUTS[name]} {place}: expected a file of its own, got {taken[file]}")
        if file is not None:
            taken[file] = f"the one of {OUTPUTS[name]} {place}"


def _check_file(name: str, place: Path) -> None:
    said = f"{OUTPUTS[name]} {place}"
    if (ending := ENDINGS.get(name)) and place.suffix.lower() != ending:
        raise BadValueError(f"{said}: expected a name that ends in {ending}")
    if str(place) == "-":
        raise BadValueError(f"{said}: expected a file's name; only --json takes - for stdout")
    try:
        found = os.stat(place)
    except (FileNotFoundError, NotADirectoryError):
        found = None
    except OSError as error:  # such as a name that is too long, or links in a circle
        raise BadValueError(f"{said}: expected a place that may be written to, got: {error.strerror}") from error
    if found and stat.S_ISDIR(found.st_mode):
        raise BadValueError(f"{said}: expected a file's name, got a folder")
    folder = Path(os.path.realpath(place)).parent if place.is_symlink() else place.parent
    if not found and not folder.is_dir():
        raise BadValueError(f"{said}: expected a folder that exists, got {folder}")
    needed = [*([place] if found else []), *([folder] if name in _BESIDE or not found else [])]
    if not all(os.access(at, os.W_OK) for at in needed):
        raise BadValueError(f"{said}: expected a place that may be written to")


def _check_folder(said: str, folder: Path) -> None:
    """A folder is there, or can be made, and may be written to."""
    there = next(at for at in (folder, *folder.absolute().parents) if os.path.lexists(at))
    if not there.is_dir():
        raise BadValueError(f"{said}: expected a folder, got the file {there}")
    if not os.access(there, os.W_OK):
        raise BadValueError(f"{said}: expected a folder that may be written to, got {there}")


def _folders(options: argparse.Namespace) -> Iterator[tuple[str, Path]]:
    """What a command fills beside the outputs that have a name of their own."""
    if options.command == "train":
        yield f"--runs {options.runs}", options.runs
        yield "the weights", assets_root() / "weights"
    elif options.command == "paper" and options.save_baselines:
        yield "--save-baselines", assets_root() / "results"
    elif options.command == "fetch":
        from gradlab.images.store import store_root

        yield f"the store {store_root()}", store_root()


def _kept(options: argparse.Namespace) -> Iterator[Path]:
    """Files that must not be overwritten: gradlab reads them, or a command writes them by itself."""
    if options.command == "answers":
        from gradlab.seeing.database.connect import read_address

        if path := read_address(options.database).path:
            yield path
        return
    from gradlab.images.store import store_root

    for pattern in ("*.json", "samples/*", "weights/*", "results/*"):
        yield from assets_root().glob(pattern)
    yield from store_root().glob("*/*.safetensors")
    yield from store_root().glob("networks/*/*")
    if options.command == "train":
        from gradlab.training import RECIPES, checkpoint_path, find_recipe

        asked = () if options.all else (find_recipe(options.model, options.dataset),)
        for recipe in (*RECIPES.values(), *asked):
            yield checkpoint_path(recipe, options.runs)
            yield assets_root() / "weights" / checkpoint_path(recipe, options.runs).name
        yield assets_root() / "models.json"


def _prints(options: argparse.Namespace) -> bool:
    """Whether the result goes to stdout."""
    return getattr(options, "json_path", None) in (None, "-") and getattr(options, "action", "") != "export"


def _stdout() -> _File | None:
    try:
        return _of(os.fstat(sys.stdout.fileno()))
    except OSError:  # not a file of the system
        return None


def _file(place: Path) -> _File | None:
    """Which file a path leads to, or will lead to once it is written; None for one that any number may share."""
    try:
        return _of(os.stat(place))
    except OSError:
        path = Path(os.path.realpath(place))
        with_folder = _of(os.stat(path.parent)) if path.parent.is_dir() else (str(path.parent),)
        return (*(with_folder or ()), path.name)


def _of(found: os.stat_result) -> _File | None:
    # Terminals and /dev/null: what is written there overwrites nothing.
    return None if stat.S_ISCHR(found.st_mode) else (found.st_dev, found.st_ino)
