"""Images that a network can learn in seconds: each class is a bright square in a place of its own."""

from collections.abc import Callable

import pytest
import torch

from gradlab.training import Split

MakeSplit = Callable[..., Split]


@pytest.fixture(scope="session")
def learnable() -> MakeSplit:
    def make(count: int, shape: tuple[int, int, int] = (1, 28, 28), classes: int = 10, seed: int = 0) -> Split:
        generator = torch.Generator().manual_seed(seed)
        images = torch.randint(0, 64, (count, *shape), generator=generator, dtype=torch.uint8)
        labels = torch.arange(count) % classes
        for image, label in zip(images, labels.tolist(), strict=True):
            top, left = 9 * (label // 3 % 3), 9 * (label % 3)
            image[:, top : top + 9, left : left + 9] += 96 if label < 9 else 0
        return Split(images, labels)

    return make
