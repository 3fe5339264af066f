"""Six photographs that travel with gradlab, at the size that ImageNet's networks take.

`assets/samples/photos.webp` is a lossless sheet of them; `python -m gradlab.images.make_photographs DIR` made it.
Nobody has said what is on them in ImageNet's 1,000 classes, so the labels are unknown.
"""

import json
from dataclasses import dataclass
from typing import Any

from gradlab.errors import CorruptFileError, MissingFileError
from gradlab.images.imagenet import imagenet
from gradlab.images.registry import PHOTOS, AtHand, Counts, ImageSet
from gradlab.shipped import assets_root

SIZE = 224


@dataclass(frozen=True)
class Photograph:
    """One of them.

    Attributes:
        file: the name that it goes by where it is from.
        title: what is on it.
        by: whom it is by.
        licence: what may be done with it.
    """

    file: str
    title: str
    by: str
    licence: str


PHOTOGRAPHS = (
    Photograph("chelsea.png", "Chelsea the cat", "Stefan van der Walt", "CC0"),
    Photograph("coffee.png", "A cup of coffee", "Rachel Michetti, Pikolo Espresso Bar", "CC0"),
    Photograph("rocket.jpg", "A Falcon 9 before its launch", "SpaceX", "public domain"),
    Photograph("astronaut.png", "Eileen Collins", "NASA", "public domain"),
    Photograph("china.jpg", "A tower in China", "danielbuechele, Flickr", "CC BY 2.0, cut square and scaled"),
    Photograph("flower.jpg", "A dahlia", "vultilion, Flickr", "CC BY 2.0, cut square and scaled"),
)


def photographs() -> ImageSet:
    """The image set of them, with ImageNet's classes."""
    synsets, classes = imagenet()
    return ImageSet(
        key=PHOTOS, title="Photographs", classes=classes, shape=(3, SIZE, SIZE), read=_read, count=_count,
        sizes={"test": len(PHOTOGRAPHS)}, licence="each photograph's own: CC0, public domain or CC BY 2.0",
        labelled=False, synsets=synsets, titles=tuple(one.title for one in PHOTOGRAPHS),
        credits=tuple(f"Photograph: {one.by} ({one.licence})" for one in PHOTOGRAPHS),
    )  # fmt: skip


def _facts() -> dict[str, Any]:
    path = assets_root() / "samples" / f"{PHOTOS}.json"
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        if (found["dataset"], found["images"]) == (PHOTOS, len(PHOTOGRAPHS)) and found["columns"] > 0:
            return {"path": path.with_suffix(".webp"), "columns": found["columns"], **found["sha256"]}
    except FileNotFoundError:
        raise MissingFileError(f"expected the photographs' facts in {path}, and they are not there") from None
    except (ValueError, KeyError, TypeError) as error:
        raise CorruptFileError(f"{path}: expected the facts of the photographs, got {error!r}") from None
    raise CorruptFileError(f"{path}: expected the facts of the photographs, got some that contradict themselves")


def _count() -> Counts:
    try:
        _facts()
    except MissingFileError:
        return Counts()
    except CorruptFileError as error:
        return Counts(problem=str(error))
    return Counts(sample=len(PHOTOGRAPHS))


def _read(split: str, source: str, whole: bool) -> AtHand:
    import torch

    from gradlab.images.samples import read_sheet
    from gradlab.types import UNKNOWN

    if split != "test":
        raise MissingFileError(f"expected the test split of {PHOTOS}, its only one, got {split}")
    count, facts = len(PHOTOGRAPHS), _facts()
    images = read_sheet(facts["path"], (3, SIZE, SIZE), count, facts["columns"], facts["file"], facts["pixels"])
    return AtHand(images, torch.full((count,), UNKNOWN), torch.arange(count), "sample", count)
