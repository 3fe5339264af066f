"""What comes in, checked once: images, labels and batches of the caller, as the tensors that gradlab works with.

Whatever kind they are of, how they lie in memory and which flags they carry plays no part after this; nothing of the
caller's is changed. What does not fit is refused with what was expected and what came.
"""

from dataclasses import replace
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Int64
from torch import Tensor

from gradlab.errors import BadValueError
from gradlab.types import UNKNOWN, Batch, LabelSource


def as_images(images: Any) -> Float[Tensor, "n c h w"]:
    """Images (N, C, H, W) in [0, 1] as a plain float tensor: float64 as it came, anything else as float32.

    They lie in memory as channels_last has it, however they came: convolutions round otherwise in another layout.

    Args:
        images: a tensor, or anything that numpy makes an array of.

    Raises:
        BadValueError: for other shapes, whole numbers, values outside [0, 1] or none at all.
    """
    found = _tensor("float images (N, C, H, W)", images)
    if found.dtype == torch.uint8:
        raise BadValueError(f"expected float images (N, C, H, W), got bytes {tuple(found.shape)}: divide them by 255")
    pixels = as_floats("float images (N, C, H, W)", found)
    if pixels.numel() and not bool(((pixels >= 0) & (pixels <= 1)).all()):
        low, high = (float(value) for value in pixels.aminmax())
        near = low >= -1e-3 and high <= 1.001
        raise BadValueError(
            f"expected images in [0, 1], got values from {_exact(low, pixels)} to {_exact(high, pixels)}"
            + (": a matter of rounding, which images.clamp(0, 1) undoes" if near else "")
        )
    return _laid_out(pixels)


def as_floats(expected: str, values: Any) -> Float[Tensor, "n c h w"]:
    """Numbers (N, C, H, W) of any size as a plain float tensor: float64 as they came, anything else as float32.

    Args:
        expected: what they should be, in words.
        values: a tensor, or anything that numpy makes an array of.

    Raises:
        BadValueError: for another shape, or whole numbers.
    """
    found = _tensor(expected, values)
    if found.ndim != 4 or not found.is_floating_point():
        raise BadValueError(f"expected {expected}, got {found.dtype} {tuple(found.shape)}")
    return found if found.dtype == torch.float64 else found.float()


def as_labels(labels: Any, count: int, what: str = "labels") -> Int64[Tensor, " n"]:
    """Labels as int64 (N,); whether the network has so many classes, `check_range` says.

    Args:
        labels: whole numbers, one for each image: a tensor, or anything that numpy makes an array of.
        count: how many images there are.
        what: they are, in a word.

    Raises:
        BadValueError: for another number of labels, or for what are no whole numbers.
    """
    found = _tensor(f"{count} whole numbers as {what}", labels)
    if not found.numel() and not count:
        return found.reshape(0).long()
    whole = not (found.is_floating_point() or found.is_complex() or found.dtype == torch.bool)
    if found.shape != (count,) or not whole:
        raise BadValueError(f"expected {count} whole numbers as {what}, got {found.dtype} {tuple(found.shape)}")
    return found.long()


def check_range(labels: Int64[Tensor, " n"], classes: int) -> None:
    """Before the loss sees them: on a GPU, a label out of range would end the process's use of the device.

    Raises:
        BadValueError: for a label below 0 or beyond the last class.
    """
    if len(labels) and not 0 <= int(labels.min()) <= int(labels.max()) < classes:
        raise BadValueError(f"expected labels from 0 to {classes - 1}, got {int(labels.min())} to {int(labels.max())}")


def check_known(labels: Int64[Tensor, " n"], classes: int) -> None:
    """As `check_range`, of labels that may be unknown.

    Raises:
        BadValueError: for a label that is neither `UNKNOWN`, -1, nor that of a class.
    """
    check_range(labels.where(labels != UNKNOWN, 0), classes)


def check_classes(batch: Batch, classes: int) -> None:
    """Whether a network's logits are as many as the names of the classes.

    Raises:
        BadValueError: when they are not.
    """
    if classes != len(batch.classes):
        raise BadValueError(f"expected one name for each of the {classes} logits, got {len(batch.classes)} classes")


def as_batch(batch: Batch) -> Batch:
    """The same batch as plain tensors, labels and indices int64, all of one length; each label has a name or is -1.

    Raises:
        BadValueError: for parts that don't fit each other, and as `as_images` and `as_labels`.
    """
    images = as_images(batch.images)
    labels = as_labels(batch.labels, len(images))
    check_known(labels, len(batch.classes))
    return replace(batch, images=images, labels=labels, indices=as_labels(batch.indices, len(images), "indices"))


def wanted_labels(batch: Batch, source: LabelSource) -> Tensor | None:
    """The labels whose loss is taken, int64 (N,); None stands for the model's own predictions.

    Raises:
        UnknownNameError: when the target is no class of the batch.
        BadValueError: for the true labels, where some are unknown.
    """
    match source.kind:
        case "true":
            if unknown := int((batch.labels == UNKNOWN).sum()):
                raise BadValueError(
                    f"expected known labels for the label source true, got {unknown} of {len(batch)} images without: "
                    "take predicted, or target:<class>"
                )
            return batch.labels
        case "target":
            return torch.full_like(batch.labels, source.target_index(batch.classes))
        case _:
            return None


def _tensor(expected: str, values: Any) -> Tensor:
    """A plain dense tensor: no gradient, no subclass; a copy only where it has to be one."""
    if isinstance(values, Tensor):
        if values.layout != torch.strided or values.is_quantized or values.is_meta:
            kind = "one without values" if values.is_meta else f"{values.dtype}, {values.layout}"
            raise BadValueError(f"expected {expected} in a dense tensor, got {kind}")
        plain: Tensor = values.detach().as_subclass(Tensor)
        return plain.resolve_conj().resolve_neg()
    try:
        array = np.array(values)  # a copy, for PyTorch warns of arrays that can't be written to
        if array.dtype.kind not in "biuf":
            raise TypeError(f"an array of {array.dtype}")
        if array.dtype.kind == "f" and not (isinstance(values, np.ndarray) and array.dtype.itemsize == 8):
            array = array.astype(np.float32)  # plain numbers have no precision of their own
        return torch.from_numpy(array.astype(array.dtype.newbyteorder("=")))
    except Exception as error:  # what numpy says of nonsense has many kinds
        raise BadValueError(f"expected {expected}, got {type(values).__name__}: {error}") from None


def _laid_out(images: Tensor) -> Tensor:
    """The same in channels_last; of a single channel, too, where PyTorch takes any layout for that one."""
    _, channels, height, width = images.shape
    if images.stride() == (channels * height * width, 1, channels * width, channels):
        return images
    return torch.empty_like(images, memory_format=torch.channels_last).copy_(images)


def _exact(value: float, like: Tensor) -> str:
    """With as many digits as tell it from its neighbours."""
    return f"{value:.{9 if like.dtype == torch.float32 else 17}g}"
