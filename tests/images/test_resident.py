"""Bytes on the device are the very images that came; the GPU itself is seen to where there is one."""

import pytest
import torch
from helpers import random_batch, random_images

from gradlab.images import resident as module
from gradlab.images.resident import Resident, as_bytes, resident

CPU = torch.device("cpu")


def test_every_byte_comes_back_bit_for_bit() -> None:
    images = (torch.arange(256).float() / 255).view(1, 1, 16, 16)
    stored = as_bytes(images)
    assert stored is not None
    assert stored.flatten().tolist() == list(range(256))
    handed = Resident(stored, CPU)[slice(0, 1)]
    assert torch.equal(handed, images)
    assert handed.is_contiguous(memory_format=torch.channels_last)


def test_what_is_no_byte_is_kept_as_it_is() -> None:
    images = random_images(4)
    assert as_bytes(images) is None
    assert torch.equal(Resident(images, CPU)[slice(1, 3)], images[1:3])


def test_on_a_processor_the_images_stay_where_they_are() -> None:
    images = random_batch(3).images
    assert resident(images, CPU).images is images


@pytest.mark.parametrize(("free", "dtype"), [(10**9, torch.uint8), (100, torch.float32)], ids=["room", "no room"])
def test_on_a_gpu_they_are_bytes_where_there_is_room(
    monkeypatch: pytest.MonkeyPatch, free: int, dtype: torch.dtype
) -> None:
    monkeypatch.setattr(module, "free_bytes", lambda _: free)
    assert resident(random_batch(3).images, torch.device("meta")).images.dtype == dtype


@pytest.mark.gpu
def test_a_gpu_gives_the_same_images() -> None:
    images, device = random_batch(3).images, torch.device("cuda")
    held = resident(images, device)
    assert held.images.dtype == torch.uint8
    assert torch.equal(held[slice(0, 3)].cpu(), images)
