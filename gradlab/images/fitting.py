"""A person's images made to fit a network: their classes to its classes, their size to its size."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from gradlab.errors import BadValueError
from gradlab.images.brought import image_set_of
from gradlab.images.classes import Matching, match_classes, ordered
from gradlab.images.decode import square
from gradlab.images.draw import balanced_order
from gradlab.images.registry import PHOTOS, ImageSet, image_set, image_sets
from gradlab.types import UNKNOWN

MOST_BYTES = 512 * 2**20  # of a set's images in memory: 3,566 photographs of 224 x 224
SIZE = 224  # of photographs, unless told otherwise

Shape = tuple[int, int, int]


@dataclass(frozen=True)
class Target:
    """What images are made to fit.

    Attributes:
        space: the key of the image set whose classes a network tells apart; empty for none but one's own.
        classes: their names; empty where these are to be those that come with the images.
        synsets: their WordNet ids, or none.
        size: height and width of an image, in pixels; None for that of the space, or else what it is.
        channels: 1 or 3; None as for the size.
    """

    space: str = ""
    classes: tuple[str, ...] = ()
    synsets: tuple[str, ...] = ()
    size: int | None = None
    channels: int | None = None

    @classmethod
    def of(
        cls, space: str = "", classes: Sequence[str] | None = None, synsets: Sequence[str] = (),
        size: int | None = None, channels: int | None = None,
    ) -> "Target":  # fmt: skip
        """The same, with what is known of the space.

        Raises:
            UnknownNameError: for a space that does not exist, where its classes are not given.
            BadValueError: for a size or a number of channels that no network takes.
        """
        if size is not None and not 1 <= size <= 4096:
            raise BadValueError(f"expected a size from 1 to 4,096 pixels, got {size}")
        if channels not in (None, 1, 3):
            raise BadValueError(f"expected 1 or 3 channels, got {channels}")
        if classes is None and space:
            known = image_set(space)
            return cls(space, known.classes, known.synsets, size or known.shape[1], channels or known.shape[0])
        return cls(space, tuple(classes or ()), tuple(synsets), size, channels)

    def likeliest(self, names: Sequence[str | None]) -> "Target":
        """The same; without classes, those of the known image set that has more than half of the names, if one has.

        Numbers tell nothing: any set has such classes.
        """
        found = {name for name in names if name is not None}
        if self.classes or not found or all(name.isdecimal() for name in found):
            return self
        best, matched = nearest(found)
        if 2 * matched <= len(found):
            return self
        return Target.of(best.key, size=self.size, channels=self.channels)

    def shape(self, otherwise: Shape) -> Shape:
        """(C, H, W) of the images, of which something else is known where nothing was said."""
        channels, height, width = otherwise
        return self.channels or channels, self.size or height, self.size or width


def nearest(names: Collection[str]) -> tuple[ImageSet, int]:
    """The known image set whose classes most of the names mean, and how many that are.

    Args:
        names: of classes, each once.
    """
    own = [known for known in image_sets() if not known.space]
    matched = [len(match_classes(names, known.classes, known.synsets).matched) for known in own]
    return own[int(np.argmax(matched))], max(matched)


@dataclass(frozen=True, eq=False)
class Labelled:
    """Which images are in a set, and their labels.

    Attributes:
        classes: the names of the classes.
        labels: int64 (N,), of those that are in it; -1 where nobody knows.
        places: int64 (N,), where these are among all that came.
        matching: what the names mean to the network; None where there is nothing to match.
        notes: what a person should know, in sentences.
    """

    classes: tuple[str, ...]
    labels: NDArray[np.int64]
    places: NDArray[np.int64]
    matching: Matching | None
    notes: tuple[str, ...] = ()

    def drawn(self, limit: int | None, room: int) -> "Labelled":
        """At most `limit` of them, or as many as there is room for: equally many of each class, in their order."""
        most = limit or room
        if len(self.labels) <= most:
            return self
        rows = np.sort(balanced_order(self.labels, 0)[:most])
        how = " at random" if (self.labels == UNKNOWN).any() else ", equally many of each class"
        why = "" if limit else f": {MOST_BYTES >> 20} MB hold no more"
        told = f"{most:,} of the {len(self.labels):,} images are drawn{how}{why}."
        return replace(self, labels=self.labels[rows], places=self.places[rows], notes=(*self.notes, told))

    def only(self, good: NDArray[np.bool_]) -> "Labelled":
        """Those of them that could be read."""
        return replace(self, labels=self.labels[good], places=self.places[good])


def labelled(names: Sequence[str | None], target: Target) -> Labelled:
    """Labels by the names of classes.

    Where at least one name matches, images without a match are left out, so that an accuracy is of labels that are
    known. Where none does, all images are kept, and all labels are unknown.

    Args:
        names: the class of each image that came; None where it has none.
        target: whose classes they are to be; where it has none, the names are the classes, in the alphabet's order.

    Raises:
        BadValueError: where there are no classes at all, or numbers beyond the last class.
    """
    found = ordered(name for name in names if name is not None)
    classes = target.classes or tuple(found)
    if not classes:
        raise BadValueError(
            "expected the network's classes for images that have none of their own: give their names in the order of "
            f'its logits, classes=[…], or the key of an image set, classes="{PHOTOS}"; pictures of {SIZE} x {SIZE} '
            f"alone go without, and are taken for {PHOTOS}"
        )
    matching = match_classes(found, classes, target.synsets) if target.classes and found else None
    places = matching.places if matching else {name: place for place, name in enumerate(found)}
    labels = np.array([UNKNOWN if name is None else places.get(name, UNKNOWN) for name in names], np.int64)
    kept = np.flatnonzero(labels != UNKNOWN) if (labels != UNKNOWN).any() else np.arange(len(labels))
    return Labelled(classes, labels[kept], kept, matching, matching.sentences() if matching else ())


def most_of(shape: Shape, each: int = 1) -> int:
    """How many images of a shape, of so many bytes a value, a set holds at most."""
    return max(1, MOST_BYTES // (each * int(np.prod(shape))))


def made_to_fit(images: Tensor, shape: Shape) -> Tensor:
    """The central square of each image in another size, as bytes; what has the shape already stays as it is.

    Args:
        images: (N, C, H, W), uint8 or floats in [0, 1].
        shape: (C, H, W) of what comes out.
    """
    if tuple(images.shape[1:]) == shape:
        return images
    room = torch.empty((len(images), *shape), dtype=torch.uint8)
    for k, image in enumerate(images):
        levels = image if image.dtype == torch.uint8 else (image * 255).round().to(torch.uint8)
        picture = levels.expand(3, -1, -1).permute(1, 2, 0).contiguous().numpy()
        room[k] = torch.from_numpy(central(picture, shape))
    return room


def central(picture: NDArray[np.uint8], shape: Shape) -> NDArray[np.uint8]:
    """The largest square in the middle of a picture (H, W, 3), as a network of this shape gets it."""
    height, width = picture.shape[:2]
    edge = min(height, width)
    return square(picture, ((width - edge) // 2, (height - edge) // 2, edge), shape)


def as_image_set(key: str, images: Tensor, found: Labelled, target: Target, title: str) -> ImageSet:
    """The set of images that were read, (N, C, H, W), with what is known of them."""
    return image_set_of(
        key, images, found.labels, classes=found.classes, title=_plain(title) or key, space=target.space,
        synsets=target.synsets, matching=found.matching, notes=found.notes,
    )  # fmt: skip


def _plain(title: str) -> str:
    """A title that is the same in Markdown and HTML: pages have it in the middle of their sentences."""
    return " ".join(re.sub(r"[\\`*\[\]<>:$~#|&!]", " ", title).split())


def fitted(known: ImageSet, key: str, target: Target) -> ImageSet:
    """An image set for another network: its classes matched by name, its images in the network's size.

    Args:
        known: the image set; its test split is taken.
        key: the key of the new one.
        target: what the network takes.

    Raises:
        BadValueError: as `labelled` does.
    """
    at_hand = known.read("test", "auto", True)
    names = [None if label == UNKNOWN else known.classes[label] for label in at_hand.labels.tolist()]
    shape = target.shape(known.shape)
    same = shape == known.shape and at_hand.images.dtype != torch.uint8
    found = labelled(names, target).drawn(None, most_of(shape, 4 if same else 1))
    images = made_to_fit(at_hand.images[torch.from_numpy(found.places)], shape)
    made = as_image_set(key, images, found, target, known.title)
    notes = tuple(dict.fromkeys((*known.notes, *found.notes)))
    files = known.pictures if same and len(images) == len(known.pictures) else ()
    return replace(made, sha256=known.sha256, origin=known.origin, pictures=files, licence=known.licence, notes=notes)
