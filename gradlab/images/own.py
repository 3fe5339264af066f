"""The pictures that one visitor has brought: in memory, as long as the visit lasts, and for nobody else.

Of the same pictures each class space gets an image set of its own: the squares at the size and in the colours that the
networks of that space take. Its key is random, it is listed nowhere, and its images are read only where `allowed` lets
them. Whatever changes the pictures makes new sets under new keys: what is kept under a key is never out of date.
"""

import hashlib
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import count
from threading import RLock

import numpy as np
import torch

from gradlab.errors import BadValueError
from gradlab.images.brought import image_set_of
from gradlab.images.decode import Picture, decode, square
from gradlab.images.listing import checksum
from gradlab.images.pictures import Box, central_box
from gradlab.images.registry import AtHand, ImageSet, PictureFile, forget, image_set, register

MOST = 20  # pictures of one visitor
_KEY = re.compile(r"own-[0-9a-f]{16}")
_LONGEST = 60  # letters of a title
_NAMELESS = "A picture"
_NO_NAME = re.compile(r'[<>:"/\\|?*]')  # no file has these in its name everywhere


def is_own(key: object) -> bool:
    """Whether a key is one of some visitor's pictures."""
    return isinstance(key, str) and _KEY.fullmatch(key) is not None


@dataclass(frozen=True, eq=False)
class OwnPicture:
    """One of them.

    Attributes:
        title: what its file was called, or what the visitor reads instead.
        pixels: uint8 (H, W, 3).
        box: left, top and length of the square that networks get, in pixels.
        sha256: of its file's bytes, which are not kept.
    """

    title: str
    pixels: Picture
    box: Box
    sha256: str


class OwnPictures:
    """A visitor's pictures.

    Args:
        allowed: called before images are read; raises a `GradlabError` where somebody else asks.
        outdated: called with the keys that stand for nothing any more, so that what is kept under them can go.
    """

    def __init__(
        self, allowed: Callable[[], None] = lambda: None, outdated: Callable[[list[str]], None] = lambda keys: None
    ) -> None:
        self._allowed, self._outdated = allowed, outdated
        self._lock = RLock()
        self._sets: dict[str, str] = {}  # by space, the key of what is known now
        self._spaces: dict[str, str] = {}  # by key, earlier ones too, the space
        self.pictures: tuple[OwnPicture, ...] = ()

    def add(self, name: str, data: bytes) -> None:
        """Take one more.

        Args:
            name: its file's, or other words for it; it is shown and nothing else.
            data: the file.

        Raises:
            GradlabError: for what `decode` refuses, or one too many.
        """
        self._check_room()
        pixels = decode(data)
        picture = OwnPicture(_title(name), pixels, central_box(pixels), hashlib.sha256(data).hexdigest())
        with self._lock:
            self._check_room()
            self._change((*self.pictures, picture))

    def cut(self, place: int, box: Box) -> None:
        """Give networks another square of the picture at a place.

        Raises:
            BadValueError: for a place that is not there, or a square that is not within the picture.
        """
        with self._lock:
            one = self._at(place)
            square(one.pixels, box, (1, 1, 1))
            if box != one.box:
                self._change((*self.pictures[:place], replace(one, box=box), *self.pictures[place + 1 :]))

    def remove(self, place: int) -> None:
        """Forget the picture at a place.

        Raises:
            BadValueError: for a place that is not there.
        """
        with self._lock:
            self._at(place)
            self._change(self.pictures[:place] + self.pictures[place + 1 :])

    @property
    def files(self) -> tuple[PictureFile, ...]:
        """What scripts call their files: by the titles, as far as any system takes these, each name once only."""
        names: dict[str, str] = {}  # in small letters, in which some systems compare them
        for one in self.pictures:
            title = _NO_NAME.sub("_", one.title).strip(". ") or _NAMELESS
            stem, dot, ending = title.rpartition(".") if "." in title else (title, "", "")
            numbered = (title if number == 1 else f"{stem} ({number}){dot}{ending}" for number in count(1))
            name = next(name for name in numbered if name.casefold() not in names)
            names[name.casefold()] = name
        return tuple(
            PictureFile(name, one.sha256, one.box) for name, one in zip(names.values(), self.pictures, strict=True)
        )

    def key_of(self, space: str) -> str:
        """The key of the image set for the networks of a class space.

        Args:
            space: the key of the image set whose classes these are.

        Raises:
            BadValueError: when there are no pictures.
            UnknownNameError: for an unknown image set.
        """
        with self._lock:
            if space not in self._sets:
                made = self._made(f"own-{secrets.token_hex(8)}", image_set(space))
                register(made)
                self._sets[space] = made.key
                self._spaces[made.key] = space
            return self._sets[space]

    def now(self, key: str) -> str | None:
        """The key that stands for these pictures now, where another one stood for them earlier.

        None for a key that was never one of theirs, and when no pictures are left.
        """
        with self._lock:
            return self.key_of(self._spaces[key]) if key in self._spaces and self.pictures else None

    def held(self, key: object) -> bool:
        """Whether a key stands for these pictures, or did so earlier."""
        return key in self._spaces

    def forget(self) -> None:
        """Forget all of them."""
        with self._lock:
            self._change(())

    def _at(self, place: int) -> OwnPicture:
        if not 0 <= place < len(self.pictures):
            raise BadValueError(f"expected one of {len(self.pictures)} pictures, got number {place + 1}")
        return self.pictures[place]

    def _check_room(self) -> None:
        if len(self.pictures) >= MOST:
            raise BadValueError(f"expected at most {MOST} pictures, got one more: remove another first")

    def _change(self, pictures: tuple[OwnPicture, ...]) -> None:
        gone = list(self._sets.values())
        for key in gone:
            forget(key)
        self._sets, self.pictures = {}, pictures
        self._outdated(gone)

    def _made(self, key: str, of: ImageSet) -> ImageSet:
        if not self.pictures:
            raise BadValueError("expected a picture, got none")
        squares = np.stack([square(one.pixels, one.box, of.shape) for one in self.pictures])
        files = self.files
        found = image_set_of(
            key, torch.from_numpy(squares), classes=of.classes, title="Your pictures", licence="yours",
            space=of.key, synsets=of.synsets, titles=tuple(one.title for one in self.pictures), listed=False,
            sha256=checksum([(one.name, one.sha256) for one in files]), pictures=files,
        )  # fmt: skip
        allowed = self._allowed

        def read(split: str, source: str, whole: bool) -> AtHand:
            allowed()
            return found.read(split, source, whole)

        return replace(found, read=read)


def _title(name: str) -> str:
    """A name that a person reads: of a path the last part, without what can't be seen."""
    seen = "".join(letter for letter in re.split(r"[/\\]", name)[-1] if letter.isprintable()).strip()
    return seen if 0 < len(seen) <= _LONGEST else (f"{seen[: _LONGEST - 1]}…" if seen else _NAMELESS)
