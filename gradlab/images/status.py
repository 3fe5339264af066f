"""What is at hand of a data set, for the command `datasets`; reads headers only."""

from typing import TypedDict

from gradlab.errors import CorruptFileError, MissingFileError
from gradlab.images.samples import sample_facts
from gradlab.images.store import is_stored, stored_size
from gradlab.images.table import SPLITS, dataset_spec


class DatasetStatus(TypedDict):
    """What `dataset_status` returns: a plain dict, ready for JSON.

    Attributes:
        name: as in the table.
        title: as its authors write it.
        shape: one image, (C, H, W).
        classes: how many.
        train: images of the train split in the store; None if the data set is not there.
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
    """What is at hand of a data set.

    A broken file is told in `problem`, not raised: a list of all data sets should not end at the first bad one.

    Args:
        name: the data set.

    Returns:
        See `DatasetStatus`.

    Raises:
        UnknownNameError: if there is no such data set.
    """
    spec = dataset_spec(name)
    stored, stored_problem = _stored(name)
    sample, sample_problem = _sampled(name)
    return DatasetStatus(
        name=name,
        title=spec.title,
        shape=spec.shape,
        classes=len(spec.classes),
        train=stored.get("train"),
        test=stored.get("test"),
        sample=sample,
        licence=spec.licence,
        problem=stored_problem or sample_problem,
    )


def _stored(name: str) -> tuple[dict[str, int], str | None]:
    try:
        return ({split: stored_size(name, split) for split in SPLITS} if is_stored(name) else {}), None
    except CorruptFileError as error:
        return {}, str(error)


def _sampled(name: str) -> tuple[int | None, str | None]:
    try:
        return int(sample_facts(name)["images"]), None
    except MissingFileError:
        return None, None
    except CorruptFileError as error:
        return None, str(error)
