"""Augmentation of a whole batch at once, on the device where the images are; pure functions of a generator."""

import torch
from torch import Generator, Tensor
from torch.nn.functional import pad

from gradlab.training.recipes import Recipe


def augment(images: Tensor, recipe: Recipe, mean: Tensor, generator: Generator) -> Tensor:
    """Flip, crop, cut out and add noise as the recipe says.

    Args:
        images: float32 (N, C, H, W) in [0, 1].
        recipe: which of these, and how much.
        mean: (1, C, 1, 1), the colour of a cut-out square.
        generator: where the chance comes from; on the CPU, so that a seed means the same on every device.

    Returns:
        A new tensor of the same shape.
    """
    if recipe.flip:
        images = torch.where(_draw(2, images, generator).bool(), images.flip(3), images)
    if recipe.crop:
        images = _random_crop(images, recipe.crop, generator)
    if recipe.cutout:
        images = _cutout(images, recipe.cutout, mean, generator)
    if recipe.noise:
        noise = torch.randn(images.shape, generator=generator) * recipe.noise
        images = images + noise.to(images.device)
    return images


def _draw(below: int, images: Tensor, generator: Generator) -> Tensor:
    """One whole number in [0, below) for each image, (N, 1, 1, 1)."""
    return torch.randint(below, (len(images), 1, 1, 1), generator=generator).to(images.device)


def _random_crop(images: Tensor, border: int, generator: Generator) -> Tensor:
    n, c, h, w = images.shape
    padded = pad(images, [border] * 4, mode="reflect")
    top, left = (_draw(2 * border + 1, images, generator) for _ in range(2))
    rows = top + torch.arange(h, device=images.device).view(1, 1, h, 1)
    columns = left + torch.arange(w, device=images.device).view(1, 1, 1, w)
    image = torch.arange(n, device=images.device).view(n, 1, 1, 1)
    channel = torch.arange(c, device=images.device).view(1, c, 1, 1)
    return padded[image, channel, rows, columns]


def _cutout(images: Tensor, side: int, mean: Tensor, generator: Generator) -> Tensor:
    h, w = images.shape[2:]
    top, left = _draw(h - side + 1, images, generator), _draw(w - side + 1, images, generator)
    rows = torch.arange(h, device=images.device).view(1, 1, h, 1)
    columns = torch.arange(w, device=images.device).view(1, 1, 1, w)
    inside = (rows >= top) & (rows < top + side) & (columns >= left) & (columns < left + side)
    return torch.where(inside, mean, images)
