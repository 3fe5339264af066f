"""Image sets from a person's own files: a folder of pictures, a list of them in CSV, arrays in npz or safetensors."""

import hashlib
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from tqdm import tqdm

from gradlab.errors import BadValueError, GradlabError, MissingFileError
from gradlab.images import arrays
from gradlab.images.decode import LARGEST_FILE, decode
from gradlab.images.fitting import SIZE, Shape, Target, as_image_set, central, labelled, made_to_fit, most_of
from gradlab.images.listing import BROKEN, Listing, checksum, list_csv, list_folder, shown
from gradlab.images.registry import ImageSet, known_image_set
from gradlab.types import UNKNOWN

_Choose = Callable[[Target, Sequence[str | None]], Target]

_THREADS = 4
_PART = 256  # pictures at a time: after each, Ctrl-C is heard


def load_folder(
    path: str | os.PathLike[str],
    size: int | None = None,
    *,
    classes: str | Sequence[str] | None = None,
    channels: int | None = None,
    limit: int | None = None,
) -> ImageSet:
    """Images of your own, from a folder or a file.

        images = gradlab.load_folder("holiday", classes="photos")
        result = gradlab.sweep(model, images.batch(limit=64))

    Args:
        path: a folder of pictures, whose subfolders, where it has any, are classes; a CSV file that lists pictures,
            with their classes or without; or arrays in an npz or safetensors file, as `read_arrays` describes them.
        size: height and width that the network takes, in pixels. None: that of the named `classes`; else what arrays
            have, and 224 for pictures. The central square of a picture is made that large.
        classes: the network's classes, with which those of the images are matched by name, WordNet id or number: their
            names in the order of its logits, or the key of an image set, such as `photos` (ImageNet) or `cifar10`.
            None: the images' own classes in the alphabet's order; for pictures without any, those of `photos`.
        channels: 3, or 1 for grey. None: as for the size, and 3 for pictures.
        limit: how many images at most, equally many of each class. None: as many as 512 MB hold, which is 3,566 of
            224 × 224.

    Returns:
        An image set, which `gradlab.serve` takes as it is: `.batch(limit, seed)` gives a `Batch` of it, `.classes` its
        classes, `.labelled` whether the labels are known, `.matching` what did not match, `.notes` what was left out,
        in sentences, and `.sha256` what the images were made of.

    Raises:
        MissingFileError: when there is no such folder or file.
        CorruptFileError: when a list or a file of arrays can't be read. Pictures that can't be are left out, and named.
        BadValueError: when no picture is left, for arrays that are no images, or labels that no class has.
        UnknownNameError: for classes of an image set that does not exist.
    """
    space, names = (classes, None) if isinstance(classes, str) else ("", classes)
    target = Target.of(space, names, size=size, channels=channels)
    found = _read_images(path, "own", target, limit, lambda target, names: target)
    return replace(found, key=f"own-{found.sha256[:8]}")


def image_set_from(path: str | os.PathLike[str], key: str, target: Target, limit: int | None = None) -> ImageSet:
    """The same under a key of one's own, for a network of which more is known.

    Args:
        path: as for `load_folder`.
        key: of the image set, in links and on the command line.
        target: what the network takes. Without classes, those of the known image set that most of the names mean.
        limit: as for `load_folder`.

    Raises:
        MissingFileError: as `load_folder` does, and so for its other errors.
    """
    return _read_images(path, key, target, limit, Target.likeliest)


def _read_images(
    path: str | os.PathLike[str], key: str, target: Target, limit: int | None, choose: _Choose
) -> ImageSet:
    """As `image_set_from`; `choose` completes the target by the names of the images' classes."""
    if limit is not None and limit < 1:
        raise BadValueError(f"expected a limit of at least 1, got {limit}")
    place = Path(path).expanduser()
    if place.suffix.lower() in arrays.SUFFIXES and not place.is_dir():
        return _of_arrays(place, key, target, limit, choose)
    if not place.exists():
        raise MissingFileError(f"expected a folder, or a file of images, got nothing at {place}")
    if not place.is_dir() and place.suffix.lower() != ".csv":
        raise BadValueError(f"expected a folder, or a file that ends in .csv, .npz or .safetensors, got {place}")
    listing = list_folder(place) if place.is_dir() else list_csv(place)
    return _of_pictures(listing, place, key, choose(target, listing.names), limit)


def _of_arrays(path: Path, key: str, target: Target, limit: int | None, choose: _Choose) -> ImageSet:
    images, labels, own = arrays.read_arrays(path)
    names = [None if label == UNKNOWN else own[label] if own else str(label) for label in labels.tolist()]
    target = choose(target, names)
    shape = target.shape(_shape(images))
    kept_floats = shape == _shape(images) and images.dtype != torch.uint8
    found = labelled(names, _with_classes(target, names, shape))
    found = found.drawn(limit, most_of(shape, 4 if kept_floats else 1))
    chosen = made_to_fit(images[torch.from_numpy(found.places)], shape)
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    made = as_image_set(key, chosen, found, target, shown(path.name))
    return replace(made, sha256=sha256, origin=path.resolve().name)


def _of_pictures(listing: Listing, path: Path, key: str, target: Target, limit: int | None) -> ImageSet:
    shape = target.shape((3, SIZE, SIZE))
    target = _with_classes(target, listing.names, shape)
    found = labelled(listing.names, target).drawn(limit, most_of(shape))
    files = [listing.files[place] for place in found.places.tolist()]
    read = _read(listing.root, files, shape)
    if not read.good.all():
        listing.left_out.add(BROKEN, *(name for name, good in zip(files, read.good, strict=True) if not good))
        files = [name for name, good in zip(files, read.good, strict=True) if good]
    if not files:
        raise BadValueError(" ".join([f"expected pictures in {path}, got none.", *listing.left_out.sentences()]))
    made = as_image_set(key, read.pixels, found.only(read.good), target, shown(path.resolve().name))
    sha256 = checksum([*listing.lists.items(), *zip(files, read.sums, strict=True)])
    notes = (*made.notes, *listing.left_out.sentences())
    titles = () if made.labelled else tuple(map(shown, files))  # else each is called by its class
    return replace(made, sha256=sha256, origin=path.resolve().name, notes=notes, titles=titles)


def _with_classes(target: Target, names: Sequence[str | None], shape: Shape) -> Target:
    """Without classes of any kind, pictures of that size are taken for what `photos` has."""
    photos = known_image_set("photos")
    if target.classes or any(name is not None for name in names) or photos is None or photos.shape != shape:
        return target
    return replace(target, space=photos.key, classes=photos.classes, synsets=photos.synsets)


@dataclass(frozen=True, eq=False)
class _Read:
    """Pictures that were read: bytes (N, C, H, W) and sha256 of those that are good, bool of all that were tried."""

    pixels: Tensor
    sums: list[str]
    good: NDArray[np.bool_]


def _read(root: Path, files: Sequence[str], shape: Shape) -> _Read:
    room = torch.empty((len(files), *shape), dtype=torch.uint8)
    sums = list[str | None]()
    with (
        ThreadPoolExecutor(min(_THREADS, os.cpu_count() or 1)) as pool,
        tqdm(total=len(files), unit="picture", disable=None, delay=2, leave=False) as bar,
    ):
        for start in range(0, len(files), _PART):
            part = range(start, min(start + _PART, len(files)))
            sums += pool.map(_reader(root, files, room), part)
            bar.update(len(part))
    good = np.array([one is not None for one in sums])
    return _Read(room if good.all() else room[torch.from_numpy(good)], [one for one in sums if one], good)


def _reader(root: Path, files: Sequence[str], room: Tensor) -> Callable[[int], str | None]:
    """Reads a picture into its place; gives the sha256 of its file, or nothing where it is none."""
    shape = _shape(room)

    def read(place: int) -> str | None:
        try:
            with (root / files[place]).open("rb") as file:
                content = file.read(LARGEST_FILE + 1)
            room[place] = torch.from_numpy(central(decode(content), shape))
        except (GradlabError, OSError):
            return None
        return hashlib.sha256(content).hexdigest()

    return read


def _shape(images: Tensor) -> Shape:
    channels, height, width = images.shape[1:]
    return channels, height, width
