"""From a name to a batch: the one function that the rest of gradlab gets its images from."""

from collections.abc import Sequence
from numbers import Integral
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from gradlab.device import resolve_device
from gradlab.errors import BadValueError, MissingFileError, UnknownNameError
from gradlab.images.draw import balanced_order
from gradlab.images.samples import read_sample
from gradlab.images.splits import shared_places
from gradlab.images.store import fetch_hint, is_stored, read_split
from gradlab.images.table import DatasetSpec, check_split, dataset_spec
from gradlab.types import Batch, IntArray

Source = Literal["auto", "store", "sample"]
_SOURCES = ("auto", "store", "sample")


def load_batch(
    name: str,
    *,
    split: str = "test",
    limit: int | None = 512,
    seed: int = 0,
    device: str | torch.device = "cpu",
    indices: Sequence[int] | IntArray | Tensor | None = None,
    source: Source = "auto",
) -> Batch:
    """Load images of a data set.

    Args:
        name: the data set.
        split: `train` or `test`.
        limit: how many images to draw, class-balanced: each of K classes gives limit // K or one more, as far as it
            has that many. The batch of a smaller limit is the beginning of that of a larger one. None: the whole
            split in its order, never a sample in its stead unless `source="sample"` asks for it; an image of the same
            photograph as a train image (`splits.shared_places`) is not in it, and in draws it comes last.
        seed: of the draw, at least 0; the same seed draws the same images.
        device: where the tensors go: `cpu`, `cuda`, `mps` or `auto`.
        indices: exactly these places in the split, in this order; `limit` and `seed` then play no part.
        source: `store` (the full set on disk), `sample` (the embedded 2,000 test images), or `auto`: the store if the
            data set is there, else the sample. In a sample, indices are places in the split that it was cut from.

    Returns:
        A batch whose images are float32 in [0, 1], exactly the stored byte / 255, (N, C, H, W), with int64 labels (N,).

    Raises:
        UnknownNameError: for a data set, split, source or device that does not exist.
        BadValueError: for a limit, seed, device or indices that make no sense for the split.
        MissingFileError: if more is asked for than the sample has while the full set is not in the store; the message
            names the command that fetches it.
        CorruptFileError: if a file is not what it should be.
    """
    spec, place = dataset_spec(name), resolve_device(device)
    limit = None if limit is None else _integer("limit", limit, least=1)
    seed = _integer("seed", seed, least=0)
    wanted = None if indices is None else _index_array(indices)
    origin = _origin(spec, check_split(split), source, whole=limit is None and indices is None)
    images, labels, places = _read(spec, split, origin)
    if wanted is None:
        chosen = _draw(spec, limit, seed, labels.numpy(), origin, _shared_rows(name, split, places))
    else:
        chosen = _positions(spec, wanted, places, origin)
    return Batch(
        images=(images[chosen].float() / 255).to(place),
        labels=labels[chosen].to(place),
        indices=places[chosen].to(place),
        classes=spec.classes,
        dataset=name,
        split=split,
        source=origin,
        seed=seed if wanted is None and limit is not None else None,
    )


def _origin(spec: DatasetSpec, split: str, source: str, *, whole: bool) -> str:
    """`store` or `sample`, or why neither can serve."""
    if source not in _SOURCES:
        raise UnknownNameError("source", source, _SOURCES)
    if source == "store" or (source == "auto" and is_stored(spec.name)):
        return "store"
    if split != "test":
        raise MissingFileError(f"the embedded sample of {spec.name} has no {split} images; {fetch_hint(spec.name)}")
    if source == "auto" and whole:
        raise MissingFileError(
            f"expected the whole {split} split of {spec.name} in the store, and only the embedded sample is at hand "
            f"(limit=2000 takes all of it); {fetch_hint(spec.name)}"
        )
    return "sample"


def _read(spec: DatasetSpec, split: str, origin: str) -> tuple[Tensor, Tensor, Tensor]:
    """Images uint8 (N, C, H, W), labels (N,) and places in the split (N,)."""
    if origin == "store":
        images, labels = read_split(spec.name, split)
        return images, labels, torch.arange(len(labels))
    sample = read_sample(spec.name)
    return sample.images, sample.labels, sample.indices


def _shared_rows(name: str, split: str, places: Tensor) -> NDArray[np.bool_]:
    """Which images of a split are of the same photograph as a train image: (N,)."""
    return np.isin(places.numpy(), shared_places(name, split, len(places)))


def _draw(
    spec: DatasetSpec, limit: int | None, seed: int, labels: NDArray[np.int64], origin: str, shared: NDArray[np.bool_]
) -> Tensor:
    """The positions that a limit draws, in order."""
    if limit is None:
        return torch.from_numpy(np.flatnonzero(~shared))
    most = len(labels) if origin == "store" else max(spec.sizes["test"], len(labels))
    if limit > most:
        raise BadValueError(f"limit: expected at most {most}, all images of the {spec.name} split, got {limit}")
    if limit > len(labels):
        raise MissingFileError(
            f"expected a limit of at most {len(labels)}, which the embedded sample of {spec.name} has, got {limit}; "
            f"for the full set {fetch_hint(spec.name)}"
        )
    return torch.from_numpy(_shared_last(balanced_order(labels, seed), labels, shared)[:limit])


def _shared_last(order: NDArray[np.int64], labels: NDArray[np.int64], shared: NDArray[np.bool_]) -> NDArray[np.int64]:
    """The order with shared images at its end; those of their class that come after each move up into its place."""
    moved = order.copy()
    for row in np.flatnonzero(shared):
        slots = np.flatnonzero(labels[moved] == labels[row])
        moved[slots] = np.append(moved[slots][moved[slots] != row], row)
    return np.concatenate([moved[~shared[moved]], np.flatnonzero(shared)])


def _positions(spec: DatasetSpec, wanted: NDArray[np.int64], places: Tensor, origin: str) -> Tensor:
    """Where in what was read the given places of the split are."""
    position = {place: k for k, place in enumerate(places.tolist())}
    unknown = [place for place in wanted.tolist() if place not in position]
    if not unknown:
        return torch.tensor([position[place] for place in wanted.tolist()])
    most = (len(places) if origin == "store" else spec.sizes["test"]) - 1
    if not 0 <= unknown[0] <= most:
        raise BadValueError(f"indices: expected integers from 0 to {most}, got {unknown[0]}")
    raise MissingFileError(
        f"expected indices of the embedded sample of {spec.name}, which has no image {unknown[0]}; "
        f"for the full set {fetch_hint(spec.name)}"
    )


def _index_array(indices: object) -> NDArray[np.int64]:
    """A list, tuple, array or tensor of integers as (N,), N at least 1."""
    try:
        array = np.asarray(indices.cpu() if isinstance(indices, Tensor) else indices)
    except ValueError:  # a ragged list
        array = np.empty(0)
    if array.ndim != 1 or array.size == 0 or array.dtype.kind not in "iu":
        raise BadValueError(f"indices: expected at least one integer in one dimension, got {indices!r:.80}")
    return array.astype(np.int64)


def _integer(what: str, value: object, *, least: int) -> int:
    """A whole number, numpy's too; not True, which Python counts as 1."""
    if isinstance(value, bool) or not isinstance(value, Integral) or int(value) < least:
        raise BadValueError(f"{what}: expected an integer of at least {least}, got {value!r}")
    return int(value)
