"""From a name to a batch: the one function that the rest of gradlab gets its images from."""

from collections.abc import Sequence
from numbers import Integral
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from gradlab.device import resolve_device
from gradlab.errors import BadValueError, MissingFileError
from gradlab.images.draw import balanced_order
from gradlab.images.registry import AtHand, ImageSet, image_set
from gradlab.images.splits import shared_places
from gradlab.images.store import fetch_hint
from gradlab.images.table import check_split
from gradlab.types import Batch, IntArray

Source = Literal["auto", "store", "sample", "memory"]
USUAL = 512  # images, unless another number is asked for


def load_batch(
    name: str,
    *,
    split: str = "test",
    limit: int | Literal["usual"] | None = "usual",
    seed: int = 0,
    device: str | torch.device = "cpu",
    indices: Sequence[int] | IntArray | Tensor | None = None,
    source: Source = "auto",
) -> Batch:
    """Load images of an image set.

    Args:
        name: its key: a data set's name, or that of whatever else was made known (`gradlab.images.registry`).
        split: `train` or `test`.
        limit: how many images to draw, class-balanced: each of K classes gives limit // K or one more, as far as it
            has that many. The batch of a smaller limit is the beginning of that of a larger one. `usual`: 512, or as
            many as are at hand where these are fewer; a number is never taken for a smaller one. None: the whole split
            in its order, never a sample instead unless `source="sample"` asks for it; an image of the same photograph
            as a train image (`splits.shared_places`) is not in it, and in draws it comes last. Pictures that somebody
            chose one by one come in their order.
        seed: of the draw, at least 0; the same seed draws the same images.
        device: where the tensors go: `cpu`, `cuda`, `mps` or `auto`.
        indices: exactly these places in the split, in this order; `limit` and `seed` then play no part.
        source: `store` (the full set on disk), `sample` (the embedded 2,000 test images), or `auto`: the store if the
            data set is there, else the sample. In a sample, indices are places in the split that it was cut from. What
            somebody brought (`memory`) is all there, and comes whatever is asked for.

    Returns:
        A batch whose images are float32 in [0, 1], exactly the stored byte / 255, (N, C, H, W), with int64 labels (N,).
        An unknown label is -1; in a draw, unknown labels count as a class of their own.

    Raises:
        UnknownNameError: for a data set, split, source or device that does not exist.
        BadValueError: for a limit, seed, device or indices that make no sense for the split.
        MissingFileError: if more is asked for than the sample has while the full set is not in the store; the message
            names the command that fetches it.
        CorruptFileError: if a file is not what it should be.
    """
    known, place = image_set(name), resolve_device(device)
    limit = limit if limit in (None, "usual") else _integer("limit", limit, least=1)
    seed = _integer("seed", seed, least=0)
    wanted = None if indices is None else _index_array(indices)
    found = known.read(check_split(split), source, limit is None and wanted is None)
    chosen = _draw(known, split, limit, seed, found) if wanted is None else _positions(name, wanted, found)
    drawn = seed if wanted is None and limit is not None else None
    return _batch(known, split, found, chosen, drawn, place)


def batch_of(known: ImageSet, limit: int | None, seed: int) -> Batch:
    """The same of an image set that need not be registered: some of its test images, or all, on the CPU."""
    limit = None if limit is None else _integer("limit", limit, least=1)
    seed = _integer("seed", seed, least=0)
    found = known.read("test", "auto", limit is None)
    chosen = _draw(known, "test", limit, seed, found)
    return _batch(known, "test", found, chosen, None if limit is None else seed, torch.device("cpu"))


def _batch(known: ImageSet, split: str, found: AtHand, chosen: Tensor, seed: int | None, place: torch.device) -> Batch:
    images = found.images[chosen]
    return Batch(
        images=(images.float().div_(255) if images.dtype == torch.uint8 else images.float()).to(place),
        labels=found.labels[chosen].to(place),
        indices=found.indices[chosen].to(place),
        classes=known.classes,
        dataset=known.key,
        split=split,
        source=found.source,
        seed=seed,
        sha256=known.sha256,
    )


def _draw(known: ImageSet, split: str, limit: int | Literal["usual"] | None, seed: int, found: AtHand) -> Tensor:
    """The positions that a limit draws, in order."""
    name, labels = known.key, found.labels.numpy()
    shared = np.isin(found.indices.numpy(), shared_places(name, split, len(found.indices)))
    if limit is None:
        return torch.from_numpy(np.flatnonzero(~shared))
    if limit == "usual":
        limit = min(USUAL, len(labels))
    if limit > found.whole:
        raise BadValueError(f"limit: expected at most {found.whole}, all images of the {name} split, got {limit}")
    if limit > len(labels):
        raise MissingFileError(
            f"expected a limit of at most {len(labels)}, which the embedded sample of {name} has, got {limit}; "
            f"for the full set {fetch_hint(name)}"
        )
    order = np.arange(len(labels)) if known.pictures else balanced_order(labels, seed)
    return torch.from_numpy(_shared_last(order, labels, shared)[:limit])


def _shared_last(order: NDArray[np.int64], labels: NDArray[np.int64], shared: NDArray[np.bool_]) -> NDArray[np.int64]:
    """The order with shared images at its end; those of their class that come after each move up into its place."""
    moved = order.copy()
    for row in np.flatnonzero(shared):
        slots = np.flatnonzero(labels[moved] == labels[row])
        moved[slots] = np.append(moved[slots][moved[slots] != row], row)
    return np.concatenate([moved[~shared[moved]], np.flatnonzero(shared)])


def _positions(name: str, wanted: NDArray[np.int64], found: AtHand) -> Tensor:
    """Where in what was read the given places of the split are."""
    position = {place: k for k, place in enumerate(found.indices.tolist())}
    unknown = [place for place in wanted.tolist() if place not in position]
    if not unknown:
        return torch.tensor([position[place] for place in wanted.tolist()])
    if not 0 <= unknown[0] < found.whole:
        raise BadValueError(f"indices: expected integers from 0 to {found.whole - 1}, got {unknown[0]}")
    raise MissingFileError(
        f"expected indices of the embedded sample of {name}, which has no image {unknown[0]}; "
        f"for the full set {fetch_hint(name)}"
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
