"""The core: the direction made of a gradient, and the step along it.

    x' = clip(x + epsilon · d, 0, 1)

Pure functions on tensors. `images` are float32 in [0, 1], (N, C, H, W); `labels` are int64 (N,). The direction does not
depend on epsilon, so one gradient serves every epsilon and both signs of it.
"""

from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn

from gradlab.errors import BadValueError
from gradlab.steps.epsilon import PIXEL_LEVELS, check_epsilon, warn_of_unit
from gradlab.steps.gradient import Gradient, exact_gradient
from gradlab.steps.inputs import as_floats, as_images, as_labels
from gradlab.types import Given, Rule


def direction(gradient: Any, rule: Rule | str, *, seed: int = 0, indices: Any = None) -> Float[Tensor, "n c h w"]:
    """The step's direction d; where the gradient is zero everywhere, d is zero (except with `random`).

    Args:
        gradient: a `Gradient`, as `exact_gradient` gives it; or g itself, (N, C, H, W), as `loss_gradient` gives it,
            which has a direction only where the network is not so sure that g is smaller than float32 holds.
        rule: one of `Rule`, or its name, such as `sign`.
        seed: for `random` only.
        indices: for `random` only: what each image's chance is seeded with, besides `seed`; by default its place in
            the batch. Give `Batch.indices`, and an image gets the same noise in whichever batch it comes.

    Raises:
        UnknownNameError: for any other rule.
        BadValueError: for a gradient that is no (N, C, H, W) of numbers, or indices that don't fit it.
    """
    # Where g points, ∇m says at any confidence.
    exact = isinstance(gradient, Gradient)
    way = gradient.of_log_odds if exact else as_floats("a gradient (N, C, H, W)", gradient)

    def chance() -> Tensor:
        places = torch.arange(len(way)) if indices is None else as_labels(indices, len(way), "indices")
        return _random_signs(way, seed, places)

    given = Given(way, (lambda: gradient.of_loss) if exact else (lambda: way), chance)
    return Rule(rule).row.direction(given)


def step(images: Any, direction: Any, epsilon: Any) -> Float[Tensor, "n c h w"]:
    """clip(images + epsilon · direction, 0, 1); with epsilon 0, the images themselves, bit for bit.

    Args:
        images: (N, C, H, W) in [0, 1], as for `perturb`.
        direction: as `direction` gives it.
        epsilon: the signed step: above 0 climbs the loss, below 0 descends it.

    Raises:
        BadValueError: for images outside [0, 1], a direction that doesn't fit them or is NaN, or when epsilon is not a
            finite number.
    """
    size, pixels = check_epsilon(epsilon), as_images(images)
    along = as_floats("a direction (N, C, H, W)", direction)
    if along.shape != pixels.shape:
        raise BadValueError(f"expected a direction {tuple(pixels.shape)}, got {tuple(along.shape)}")
    if size and bool(along.isnan().any()):
        raise BadValueError("expected a direction of numbers, got NaN")
    return move(pixels, along.to(pixels.device), size).to(pixels.dtype).contiguous()


def move(images: Float[Tensor, "n c h w"], along: Float[Tensor, "n c h w"], epsilon: float) -> Float[Tensor, "n c h w"]:
    """As `step`, of what was checked before."""
    if not epsilon:
        return images.clone()  # 0 · ∞ would be no number
    return torch.add(images, along, alpha=epsilon).clamp_(0, 1)


def to_eight_bit(images: Float[Tensor, "*n"]) -> Float[Tensor, "*n"]:
    """Each value rounded to the nearest n/255, as a PNG stores it."""
    return images.mul(PIXEL_LEVELS).round_().div_(PIXEL_LEVELS)


def perturb(
    model: nn.Module,
    images: Any,
    labels: Any,
    epsilon: Any,
    rule: Rule | str = Rule.SIGN,
    *,
    seed: int = 0,
    indices: Any = None,
) -> Float[Tensor, "n c h w"]:
    """One step of size epsilon along the direction that `rule` makes of the gradient.

    Args:
        model: as for `exact_gradient`, and so are `images` and `labels`.
        images: (N, C, H, W) in [0, 1].
        labels: (N,), the class whose loss is climbed (epsilon > 0) or descended (epsilon < 0), for each image.
        epsilon: any one number, or text such as "8/255", in the rule's unit: pixel units for `sign`, `max`, `random`;
            an L2 distance for `l2`; pixel units per (nat per pixel unit) for `raw`.
        rule: one of `Rule`, or its name, such as `sign`.
        seed: for `random` only.
        indices: for `random` only, as for `direction`.

    Returns:
        New images of the same shape, in [0, 1], where the model is: float64 if these came so, else float32.

    Raises:
        BadValueError: as `exact_gradient` does, or for an epsilon that isn't finite.
        UnknownNameError: for a rule that doesn't exist.
    """
    rule, size = Rule(rule), check_epsilon(epsilon)
    warn_of_unit(size, rule)
    gradient = exact_gradient(model, images, labels)
    return move(gradient.images, direction(gradient, rule, seed=seed, indices=indices), size).contiguous()


def _random_signs(like: Tensor, seed: int, places: Tensor) -> Tensor:
    # A generator for each image, on the CPU: the same noise on every device and in whichever batch the image comes.
    signs = torch.empty(like.shape, dtype=like.dtype)
    for row, place in zip(signs, places.tolist(), strict=True):
        generator = torch.Generator().manual_seed(seed * 1_000_003 + place)
        row.copy_(torch.randint(2, row.shape, generator=generator) * 2 - 1)
    return signs.to(like.device)
