"""Image sets by key: the data sets of the table and the photographs, which are always there, and what else is known.

Light: it loads no torch until images are read. Everything is looked up here by its key, whoever brought the images.
"""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import cache, partial
from typing import TYPE_CHECKING

from gradlab.errors import BadValueError, UnknownNameError
from gradlab.images.classes import Matching
from gradlab.images.table import DATASETS, NO_FACTS, DatasetSpec, SplitFacts
from gradlab.types import Batch
from gradlab.types.batch import class_name
from gradlab.types.registry import Registry, check_name, while_known

if TYPE_CHECKING:
    from torch import Tensor

PHOTOS = "photos"


@dataclass(frozen=True, eq=False)
class AtHand:
    """What is at hand of a split.

    Attributes:
        images: (N, C, H, W), uint8 as n/255, or float32 in [0, 1].
        labels: int64 (N,); -1 where it is unknown.
        indices: int64 (N,), each image's place in the split.
        source: where they come from, as in `Batch`.
        whole: how many images the split has; more than N where others are not at hand.
    """

    images: "Tensor"
    labels: "Tensor"
    indices: "Tensor"
    source: str
    whole: int


# Reads a split from a source; True says that nothing less than the whole split serves.
Read = Callable[[str, str, bool], AtHand]


@dataclass(frozen=True)
class Counts:
    """How many images are at hand.

    Attributes:
        train: of the train split; None where that is not at hand.
        test: of the test split.
        sample: in the embedded sample; None where there is none.
        problem: one line where a file is broken.
    """

    train: int | None = None
    test: int | None = None
    sample: int | None = None
    problem: str | None = None


@dataclass(frozen=True)
class PictureFile:
    """The file of a picture that somebody chose by itself.

    Attributes:
        name: what it is called, without its place.
        sha256: of its bytes.
        square: left, top and length of what networks get, in pixels of the picture as `decode` gives it.
    """

    name: str
    sha256: str
    square: tuple[int, int, int]


@dataclass(frozen=True, eq=False)
class ImageSet:
    """Images with all that is known of them.

    Attributes:
        key: the name in links, on the command line and in results.
        title: the name for people.
        classes: the class names; a label is an index into them.
        shape: one image's, (C, H, W).
        read: reads images of it.
        count: tells how many are at hand, without reading them.
        sizes: images of each official split.
        licence: what may be done with them.
        citation: whom to cite.
        url: its home page.
        labelled: whether the labels are known.
        facts: what figures about its test split have to say.
        space: the key of the image set whose classes these are; empty where they are its own. A network of that set is
            a network of this one.
        synsets: the classes' WordNet ids, where they are known.
        titles: what each image is called, by its place; empty where they have no names.
        credits: whom each image is by, and what may be done with it, by its place; empty where `licence` says it all.
        listed: whether it is named among all that are known; who has its key finds it in any case.
        sha256: of what somebody's images were read from, as `gradlab.load_folder` has it; empty for others.
        origin: the name of the folder or file that they were read from, without its place; empty for others.
        pictures: the file of each image, by its place, where somebody chose one by one; empty for others.
        matching: what the names of its classes meant to the network's; None where there was nothing to match.
        notes: what a person should know of it, in sentences: what did not match, and what was left out.
    """

    key: str
    title: str
    classes: tuple[str, ...]
    shape: tuple[int, int, int]
    read: Read
    count: Callable[[], Counts]
    sizes: Mapping[str, int] = field(default_factory=dict)
    licence: str = ""
    citation: str = ""
    url: str = ""
    labelled: bool = True
    facts: SplitFacts = NO_FACTS
    space: str = ""
    synsets: tuple[str, ...] = ()
    titles: tuple[str, ...] = ()
    credits: tuple[str, ...] = ()
    listed: bool = True
    sha256: str = ""
    origin: str = ""
    pictures: tuple[PictureFile, ...] = ()
    matching: Matching | None = None
    notes: tuple[str, ...] = ()

    def name_of(self, place: int, label: int) -> str:
        """What an image is called: its title, where it has one, or its class; `unknown` where nobody knows either."""
        return self.titles[place] if self.titles else class_name(self.classes, label)

    @property
    def wholes(self) -> tuple[int, ...]:
        """How many test images all are: at hand, in the embedded sample, and in the split that baselines rest on."""
        found, cut = self.count(), self.facts.cut - len(self.facts.shared)
        return tuple(sorted({number for number in (found.test, found.sample, cut) if number}))

    def batch(self, limit: int | None = None, seed: int = 0) -> Batch:
        """Some of its test images, or all of them, as `gradlab.load_batch` gives them; it need not be registered.

        Args:
            limit: how many to draw, equally many of each class; None: all, in their order.
            seed: of the draw.

        Raises:
            BadValueError: for a limit or seed that makes no sense.
        """
        from gradlab.images.load import batch_of

        return batch_of(self, limit, seed)


_BROUGHT: Registry[str, ImageSet] = Registry()


def image_sets() -> tuple[ImageSet, ...]:
    """All that are known and listed."""
    brought = (known for known in _BROUGHT.things.values() if known.listed)
    return (*map(_of_table, DATASETS.values()), _photographs(), *brought)


def known_image_set(key: str) -> ImageSet | None:
    """The one of a key; None for an unknown one, as of a result that was made elsewhere."""
    if key in DATASETS:
        return _of_table(DATASETS[key])
    return _photographs() if key == PHOTOS else _BROUGHT.things.get(key)


def image_set(key: str) -> ImageSet:
    """The one of a key.

    Raises:
        UnknownNameError: if there is none.
    """
    if (found := known_image_set(key)) is None:
        raise UnknownNameError("data set", key, [known.key for known in image_sets()])
    return found


def space_of(key: str) -> str:
    """The key of the image set whose classes those of another are: its own, as a rule, and for an unknown one."""
    known = known_image_set(key)
    return (known and known.space) or key


def called(key: str, split: str = "test") -> str:
    """What an image is called: a `test image`, but an `image` where there are no others, on which networks are trained.

    Args:
        key: of its image set; one that is not known may have more splits.
        split: that it is of.
    """
    known = known_image_set(key)
    return f"{split} image" if known is None or len(known.sizes) > 1 else "image"


def register(image_set: ImageSet) -> None:
    """Make an image set known to pages, links, scripts and the command line of this process.

    Raises:
        BadValueError: for a key that is taken, or that a link can't hold.
    """
    check_name("a key", image_set.key)
    if image_set.key in (*DATASETS, PHOTOS):
        raise BadValueError(f"expected a key of its own, got {image_set.key!r}, which is taken")
    _BROUGHT.register(image_set.key, image_set)


def forget(key: str) -> None:
    """Make an image set unknown again."""
    _BROUGHT.forget(key)


def registered(image_set: ImageSet) -> AbstractContextManager[ImageSet]:
    """Known within a `with` block only."""
    return while_known(image_set, register, lambda: forget(image_set.key))


@cache
def _photographs() -> ImageSet:
    from gradlab.images.photographs import photographs

    return photographs()


@cache
def _of_table(spec: DatasetSpec) -> ImageSet:
    return ImageSet(
        key=spec.name, title=spec.title, classes=spec.classes, shape=spec.shape, read=partial(_read, spec.name),
        count=partial(_count, spec.name), sizes=spec.sizes, licence=spec.licence, citation=spec.citation, url=spec.url,
        facts=spec.facts,
    )  # fmt: skip


def _read(name: str, split: str, source: str, whole: bool) -> AtHand:
    from gradlab.images.official import read_official

    return read_official(name, split, source, whole)


def _count(name: str) -> Counts:
    from gradlab.images.official import count_official

    return count_official(name)
