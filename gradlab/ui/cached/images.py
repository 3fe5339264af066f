"""Images: the same ones for every device."""

import math
from collections.abc import Sequence

import numpy as np
import streamlit as st

from gradlab.figures.pixels import data_url, small_picture
from gradlab.images.load import Source, load_batch
from gradlab.images.registry import image_set
from gradlab.images.splits import shared_places
from gradlab.images.status import dataset_status
from gradlab.types import Batch, BoolArray, IntArray, SweepResult, is_photograph
from gradlab.ui import state
from gradlab.ui.cached.keeping import kept_for_all

THUMBNAIL = 64  # px: as large as an image is sent only to be told from the others
_VALUES = 100 * 32 * 32  # pixels of the images to begin among
_LEAFED = 2**25  # values of the images to leaf through, at most: 128 MB, 222 photographs
_FEWEST = 20  # of these, however large they are


@kept_for_all(4, show_spinner="Loading the images …")
def sample(dataset: str) -> Batch:
    """The images to leaf through, with the classes mixed: the embedded sample, or as many as there is room for."""
    status, known = dataset_status(dataset), image_set(dataset)
    room = max(_FEWEST, _LEAFED // math.prod(known.shape))
    return load_batch(dataset, limit=status["sample"] or min(status["test"] or room, room), source="sample")


# One: up to 123 MB, soon read again, and kept for the two sweeps that are compared.
@kept_for_all(1, show_spinner="Loading the images …")
def batch(dataset: str, limit: int) -> Batch:
    """A class-balanced draw from the test split (the embedded sample, where the full set is not at hand)."""
    return load_batch(dataset, limit=limit)


def only_a_sample(dataset: str) -> bool:
    """Whether what one leafs through is the embedded sample of a split that has more images."""
    known = image_set(dataset)
    return sample(dataset).source == "sample" and known.count().sample != known.sizes["test"]


def from_sample(dataset: str, places: Sequence[int]) -> Batch:
    """Images of the embedded sample, in this order, by their places in the test split; it has all of them.

    `load_batch` would decode the sheet of all 2,000 again, some tenths of a second.
    """
    all_of_it, rows = sample(dataset), sample_rows(dataset, places)
    return all_of_it.part(rows)


@kept_for_all(256)
def load_one(dataset: str, index: int, source: Source = "auto") -> Batch:
    """The image at a place of the test split; with `auto`, from the embedded sample where that has it."""
    return load_few(dataset, [index], source)


def load_few(dataset: str, places: Sequence[int], source: Source = "auto") -> Batch:
    """Like `load_one`, for several images."""
    if source != "store" and _row_of(dataset).keys() >= set(places):
        return from_sample(dataset, places)
    return load_batch(dataset, indices=list(places), source=source)


@kept_for_all(512)
def thumbnail(dataset: str, place: int) -> str:
    """The address of a small picture of an image of the sample, which holds all of it: some kilobytes."""
    (row,) = sample_rows(dataset, [place])
    return data_url(small_picture(sample(dataset).images[row].numpy(), THUMBNAIL))


def beginning(dataset: str) -> Batch:
    """The first images of the sample: as many as a network is asked about in little time, fewer of larger ones."""
    places = sample(dataset).indices.tolist()
    _, height, width = image_set(dataset).shape
    return from_sample(dataset, places[: max(8, _VALUES // (height * width))])


def sample_rows(dataset: str, places: Sequence[int]) -> list[int]:
    """Where in the embedded sample the images at these places of the test split are."""
    row = _row_of(dataset)
    return [row[place] for place in places]


@kept_for_all(4)
def _row_of(dataset: str) -> dict[int, int]:
    return {place: row for row, place in enumerate(sample(dataset).indices.tolist())}


def images_at_hand(dataset: str) -> int:
    """How many test images a sweep can draw from."""
    status = dataset_status(dataset)
    images = status["test"] or status["sample"] or len(sample(dataset))
    return images - len(shared_places(dataset, "test", images))


def most_images(dataset: str) -> tuple[int, int]:
    """Of how many images a curve can be asked for, and of how many it is unless somebody asks."""
    most = images_at_hand(dataset)
    if is_photograph(image_set(dataset).shape):
        return min(most, state.PHOTOGRAPHS), min(most, state.FEW_PHOTOGRAPHS)
    return most, state.USUAL_LIMIT


def showable(result: SweepResult) -> tuple[BoolArray, Source]:
    """Which images of a result can be shown, (N,), and where they come from.

    What was measured elsewhere may be of images that are not here; and a split may come in another order here, which
    its labels tell. The places in the embedded sample are those of the shipped baselines. What somebody brought is all
    here, if it was read from the same files.
    """
    stored = dataset_status(result.dataset)["test"] or 0
    if result.source == "memory" and result.images_sha256 == image_set(result.dataset).sha256:
        return result.indices < stored, "memory"
    within = result.source == "store" and result.indices.max() < stored
    if within and np.array_equal(_stored_labels(result.dataset, stored)[result.indices], result.labels):
        return np.ones(result.images, np.bool_), "store"
    return np.isin(result.indices, sample(result.dataset).indices.numpy()), "sample"


@st.cache_resource(max_entries=4, show_spinner=False)
def _stored_labels(dataset: str, images: int) -> IntArray:
    labels: IntArray = image_set(dataset).read("test", "store", True).labels.numpy()
    return labels
