"""What is at hand of an image set, for the command `datasets` and the pages; reads headers only."""

from typing import TypedDict

from gradlab.images.registry import image_set


class DatasetStatus(TypedDict):
    """What `dataset_status` returns: a plain dict, ready for JSON.

    Attributes:
        name: its key.
        title: as its authors write it.
        shape: one image, (C, H, W).
        classes: how many.
        train: images of the train split at hand; None if it is not there.
        test: the same of the test split.
        sample: images in the embedded sample; None if there is none.
        licence: what its authors allow.
        problem: one line if a file is broken, else None.
    """

    name: str
    title: str
    shape: tuple[int, int, int]
    classes: int
    train: int | None
    test: int | None
    sample: int | None
    licence: str
    problem: str | None


def dataset_status(name: str) -> DatasetStatus:
    """What is at hand of an image set.

    A broken file is told in `problem`, not raised: a list of all of them should not end at the first bad one.

    Raises:
        UnknownNameError: if there is no such image set.
    """
    known = image_set(name)
    found = known.count()
    return DatasetStatus(
        name=name, title=known.title, shape=known.shape, classes=len(known.classes), train=found.train,
        test=found.test, sample=found.sample, licence=known.licence, problem=found.problem,
    )  # fmt: skip
