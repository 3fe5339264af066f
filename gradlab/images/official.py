"""The data sets of the table, as they are at hand: whole in the store, or as the embedded sample."""

import torch

from gradlab.errors import CorruptFileError, MissingFileError, UnknownNameError
from gradlab.images.registry import AtHand, Counts
from gradlab.images.samples import read_sample, sample_facts
from gradlab.images.store import fetch_hint, is_stored, read_split, stored_size
from gradlab.images.table import SPLITS, dataset_spec

_SOURCES = ("auto", "store", "sample")


def read_official(name: str, split: str, source: str, whole: bool) -> AtHand:
    """Images of a data set.

    Args:
        name: the data set.
        split: `train` or `test`.
        source: `store`, `sample`, or `auto`: the store where the data set is there, else the sample.
        whole: whether `auto` may not stand for the sample.

    Raises:
        UnknownNameError: for a data set, split or source that does not exist.
        MissingFileError: if what is asked for is not there; the message names the command that fetches it.
        CorruptFileError: if a file is not what it should be.
    """
    if _origin(name, split, source, whole) == "store":
        images, labels = read_split(name, split)
        return AtHand(images, labels, torch.arange(len(labels)), "store", len(labels))
    sample, most = read_sample(name), dataset_spec(name).sizes["test"]
    return AtHand(sample.images, sample.labels, sample.indices, "sample", max(most, len(sample.labels)))


def _origin(name: str, split: str, source: str, whole: bool) -> str:
    """`store` or `sample`, or why neither can serve."""
    if source not in _SOURCES:
        raise UnknownNameError("source", source, _SOURCES)
    if source == "store" or (source == "auto" and is_stored(name)):
        return "store"
    if split != "test":
        raise MissingFileError(f"the embedded sample of {name} has no {split} images; {fetch_hint(name)}")
    if source == "auto" and whole:
        raise MissingFileError(
            f"expected the whole {split} split of {name} in the store, and only the embedded sample is at hand "
            f"(limit=2000 takes all of it); {fetch_hint(name)}"
        )
    return "sample"


def count_official(name: str) -> Counts:
    """How many images are at hand, from headers only; a broken file is told, not raised.

    Raises:
        UnknownNameError: if there is no such data set.
    """
    stored, stored_problem = _stored(name)
    sample, sample_problem = _sampled(name)
    return Counts(stored.get("train"), stored.get("test"), sample, stored_problem or sample_problem)


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
