"""Pictures that were chosen one by one, as an image set: the file of each, and the square of it that networks get."""

import hashlib
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from gradlab.errors import BadValueError, GradlabError, MissingFileError
from gradlab.images.brought import image_set_of
from gradlab.images.decode import LARGEST_FILE, Picture, decode, square
from gradlab.images.fitting import SIZE, Shape, Target
from gradlab.images.listing import checksum, shown
from gradlab.images.registry import ImageSet, PictureFile

Box = tuple[int, int, int]
_Path = str | os.PathLike[str]


def load_pictures(
    pictures: _Path | Sequence[_Path] | Mapping[_Path, Any],
    size: int | None = None,
    *,
    classes: str | Sequence[str] = "photos",
    channels: int | None = None,
) -> ImageSet:
    """Pictures of your own, a file each, whose labels nobody knows.

        images = gradlab.load_pictures({"cat.jpg": (120, 40, 600)})
        seen = gradlab.explore(model, images.batch(), "sign", 8 / 255, labels="predicted")

    Args:
        pictures: the path of one, or of several; or, by the path of each, the square of it that networks get: its left
            and top edge and its length, in pixels. Those are counted in the picture turned upright and, where it has
            more than a million pixels (2²⁰), made smaller to these. None: the largest square, in the middle.
        size: height and width that the network takes, in pixels. None: that of the named `classes`, else 224.
        classes: what the network tells apart: names, in the order of its logits, or the key of an image set, such as
            `photos` (ImageNet) or `cifar10`.
        channels: 3, or 1 for grey. None: as for the size, and else 3.

    Returns:
        An image set as `load_folder` gives it: `.batch()` is all of it, in this order, `.sha256` that of what
        `sha256sum` prints of the files.

    Raises:
        MissingFileError: when a file can't be read.
        CorruptFileError: when one is damaged.
        BadValueError: for no picture, a file that is none, a square that is not within its picture, or a size or
            number of channels that no network takes.
        UnknownNameError: for classes of an image set that does not exist.
    """
    space, names = (classes, None) if isinstance(classes, str) else ("", classes)
    target = Target.of(space, names, size=size, channels=channels)
    wanted = _wanted(pictures)
    if not wanted:
        raise BadValueError("expected at least one picture, got none")
    files, squares = zip(*(_read(Path(path), box, target.shape((3, SIZE, SIZE))) for path, box in wanted), strict=True)
    sha256 = checksum([(one.name, one.sha256) for one in files])
    return image_set_of(
        f"own-{sha256[:8]}", torch.from_numpy(np.stack(squares)), classes=target.classes, title="Your pictures",
        licence="yours", space=target.space, synsets=target.synsets, titles=tuple(shown(one.name) for one in files),
        sha256=sha256, pictures=files,
    )  # fmt: skip


def central_box(picture: Picture) -> Box:
    """The largest square in the middle of a picture (H, W, 3): left, top and length."""
    height, width = picture.shape[:2]
    edge = min(height, width)
    return (width - edge) // 2, (height - edge) // 2, edge


def _wanted(pictures: _Path | Sequence[_Path] | Mapping[_Path, Any]) -> list[tuple[_Path, Any]]:
    if isinstance(pictures, Mapping):
        return list(pictures.items())
    return [(path, None) for path in ([pictures] if isinstance(pictures, str | os.PathLike) else pictures)]


def _read(path: Path, box: object, shape: Shape) -> tuple[PictureFile, Picture]:
    """What a picture's file is, and its square as networks of this shape get it."""
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST_FILE + 1)
    except (OSError, ValueError) as error:  # ValueError: a zero byte in its name
        raise MissingFileError(f"expected a picture, got {path}: {getattr(error, 'strerror', error)}") from None
    try:
        picture = decode(content)
        chosen = central_box(picture) if box is None else _checked(box)
        part = square(picture, chosen, shape)
    except GradlabError as error:
        raise type(error)(f"{path}: {error}") from None
    return PictureFile(path.name, hashlib.sha256(content).hexdigest(), chosen), part


def _checked(box: object) -> Box:
    if not isinstance(box, tuple | list) or len(box) != 3 or not all(type(one) is int for one in box):
        raise BadValueError(f"expected left, top and length of a square as whole numbers, got {box!r:.80}")
    left, top, edge = box
    return left, top, edge
