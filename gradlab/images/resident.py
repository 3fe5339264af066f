"""A batch's images on a GPU: all of them at once and as bytes, where they are n/255 and there is room."""

from dataclasses import dataclass

import torch
from torch import Tensor

from gradlab.steps.epsilon import PIXEL_LEVELS

SHARE = 4  # of the free memory, at most one part in so many


@dataclass(frozen=True, eq=False)
class Resident:
    """Images (N, C, H, W), uint8 on the device or float32 wherever they came, that are handed out as float32."""

    images: Tensor
    device: torch.device

    def __getitem__(self, part: slice | Tensor) -> Tensor:
        """float32 in [0, 1], channels last, on the device, the very values that came; by places on the CPU, too."""
        chosen = self.images[part].to(self.device)
        if chosen.dtype == torch.uint8:
            # By a tensor on the device: by a plain number, CUDA multiplies by the reciprocal and may lose the last bit.
            chosen = chosen.float() / torch.tensor(float(PIXEL_LEVELS), device=self.device)
        return chosen.contiguous(memory_format=torch.channels_last)


def resident(images: Tensor, device: torch.device) -> Resident:
    """The images as bytes on the device; left where they are on a CPU, when they are no bytes, or without room."""
    if device.type == "cpu" or images.numel() * SHARE > free_bytes(device):
        return Resident(images, device)
    stored = as_bytes(images)
    return Resident(images if stored is None else stored.to(device), device)


def as_bytes(images: Tensor) -> Tensor | None:
    """The images as uint8 where each value is n/255 exactly, else None."""
    stored = (images * PIXEL_LEVELS).round().to(torch.uint8)
    return stored if torch.equal(stored.float() / PIXEL_LEVELS, images) else None


def free_bytes(device: torch.device) -> int:
    """How much memory of the device is free; 0 where it can't be told."""
    return torch.cuda.mem_get_info(device)[0] if device.type == "cuda" else 0
