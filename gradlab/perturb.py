"""The core: the gradient of the loss with respect to the image, the direction made of it, and the step along it.

    x' = clip(x + epsilon · d, 0, 1)

Pure functions on tensors. `images` are float32 in [0, 1], (N, C, H, W); `labels` are int64 (N,). The direction does not
depend on epsilon, so one gradient serves every epsilon and both signs of it.

Sources: Goodfellow, Shlens, Szegedy 2015 (https://arxiv.org/abs/1412.6572) for the sign rule; Agarwal, Singh, Vatsa
2020 (CVPR Workshops, "The Role of 'Sign' and 'Direction' of Gradient on the Performance of CNN") for the raw gradient
and the negative direction; Miyato et al. 2018 (https://arxiv.org/abs/1704.03976) for the step of fixed L2 length.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from gradlab.epsilon import PIXEL_LEVELS, check_epsilon
from gradlab.errors import BadValueError
from gradlab.types import Batch, LabelSource, Rule


def loss_gradient(
    model: nn.Module, images: Float[Tensor, "n c h w"], labels: Int64[Tensor, " n"]
) -> Float[Tensor, "n c h w"]:
    """The gradient of each image's own cross-entropy with respect to that image, in nats per pixel unit.

    The loss is summed over the batch, never averaged: with a mean, each gradient would depend on the batch size.
    The model is evaluated in eval mode, whatever mode it comes in, and is left as it came.

    Args:
        model: takes `images`, gives logits (N, K).
        images: float32 in [0, 1].
        labels: the class whose loss is taken, for each image.

    Raises:
        BadValueError: for images outside [0, 1] or labels that don't fit them.
    """
    check_images(images)
    return logits_and_gradient(model, images, labels)[1]


def logits_and_gradient(
    model: nn.Module, images: Float[Tensor, "n c h w"], labels: Int64[Tensor, " n"] | None
) -> tuple[Float[Tensor, "n k"], Float[Tensor, "n c h w"]]:
    """What `loss_gradient` gives, and the clean logits of the same forward pass; the images are not checked.

    Args:
        model: takes `images`, gives logits (N, K).
        images: float32 in [0, 1].
        labels: as for `loss_gradient`; None takes the model's own prediction for each image.

    Raises:
        BadValueError: for labels that don't fit the images or the model.
    """
    with evaluating(model), torch.inference_mode(False), torch.enable_grad():
        leaf = images.detach().clone().requires_grad_()
        logits = model(leaf)
        wanted = logits.detach().argmax(1) if labels is None else labels.clone()
        _check_labels(wanted, logits)
        (gradient,) = torch.autograd.grad(cross_entropy(logits, wanted, reduction="sum"), leaf)
    return logits.detach(), gradient


def direction(
    gradient: Float[Tensor, "n c h w"],
    rule: Rule | str,
    *,
    seed: int = 0,
    indices: Int64[Tensor, " n"] | None = None,
) -> Float[Tensor, "n c h w"]:
    """The step's direction d; where the gradient is zero everywhere, d is zero (but for `random`).

    Args:
        gradient: as `loss_gradient` gives it.
        rule: `sign`, `raw`, `l2`, `max` or `random`.
        seed: for `random` only.
        indices: for `random` only: what each image's chance is seeded with, besides `seed`; by default its place in
            the batch. Give `Batch.indices`, and an image gets the same noise in whichever batch it comes.

    Raises:
        UnknownNameError: for any other rule.
    """
    match Rule(rule):
        case Rule.SIGN:
            return gradient.sign()
        case Rule.RAW:
            return gradient
        case Rule.MAX:
            return _per_largest(gradient)
        case Rule.L2:
            # Scaled by the largest first: the squares of a confident network's gradient, 1e-25 say, are 0 in float32.
            scaled = _per_largest(gradient)
            return _divide(scaled, torch.linalg.vector_norm(scaled, dim=(1, 2, 3), keepdim=True))
        case Rule.RANDOM:
            places = torch.arange(len(gradient)) if indices is None else indices
            return _random_signs(gradient, seed, places)


def step(
    images: Float[Tensor, "n c h w"], direction: Float[Tensor, "n c h w"], epsilon: float
) -> Float[Tensor, "n c h w"]:
    """clip(images + epsilon · direction, 0, 1); with epsilon 0, the images themselves, bit for bit.

    Args:
        images: float32 in [0, 1].
        direction: as `direction` gives it.
        epsilon: the signed step: above 0 climbs the loss, below 0 descends it.

    Raises:
        BadValueError: when epsilon is not a finite number.
    """
    return torch.add(images, direction, alpha=check_epsilon(epsilon)).clamp_(0, 1)


def to_eight_bit(images: Float[Tensor, "*n"]) -> Float[Tensor, "*n"]:
    """Each value rounded to the nearest n/255, as a PNG stores it."""
    return images.mul(PIXEL_LEVELS).round_().div_(PIXEL_LEVELS)


def perturb(
    model: nn.Module,
    images: Float[Tensor, "n c h w"],
    labels: Int64[Tensor, " n"],
    epsilon: float,
    rule: Rule | str = Rule.SIGN,
    *,
    seed: int = 0,
    indices: Int64[Tensor, " n"] | None = None,
) -> Float[Tensor, "n c h w"]:
    """One step of size epsilon along the direction that `rule` makes of the gradient.

    Args:
        model: takes `images`, gives logits (N, K).
        images: float32 in [0, 1].
        labels: the class whose loss is climbed (epsilon > 0) or descended (epsilon < 0), for each image.
        epsilon: in the rule's unit: pixel units for `sign`, `max`, `random`; an L2 distance for `l2`; pixel units per
            (nat per pixel unit) for `raw`.
        rule: `sign`, `raw`, `l2`, `max` or `random`.
        seed: for `random` only.
        indices: for `random` only, as for `direction`.

    Returns:
        New images of the same shape, in [0, 1].

    Raises:
        BadValueError: for images outside [0, 1], labels that don't fit them, or an epsilon that isn't finite.
        UnknownNameError: for a rule that doesn't exist.
    """
    check_epsilon(epsilon)
    gradient = loss_gradient(model, images, labels)
    return step(images, direction(gradient, Rule(rule), seed=seed, indices=indices), epsilon)


def wanted_labels(batch: Batch, source: LabelSource) -> Tensor | None:
    """The labels whose loss is taken, int64 (N,); None stands for the model's own predictions.

    Raises:
        UnknownNameError: when the target is no class of the batch.
    """
    match source.kind:
        case "true":
            return batch.labels
        case "target":
            return torch.full_like(batch.labels, source.target_index(batch.classes))
        case _:
            return None


def check_images(images: Tensor) -> None:
    """Raise BadValueError unless these are (N, C, H, W), floating point and in [0, 1]."""
    if images.ndim != 4 or not images.is_floating_point():
        raise BadValueError(f"expected float images (N, C, H, W), got {images.dtype} {tuple(images.shape)}")
    if images.numel() and not bool(((images >= 0) & (images <= 1)).all()):
        low, high = images.aminmax()
        raise BadValueError(f"expected images in [0, 1], got values from {low:.4g} to {high:.4g}")


@contextmanager
def evaluating(model: nn.Module) -> Iterator[None]:
    """Eval mode for the time being; each module then gets back the mode that it had.

    A model that is in eval mode already is not written to, so that threads can share it.
    """
    training = [module for module in model.modules() if module.training]
    for module in training:
        module.training = False
    try:
        yield
    finally:
        for module in training:
            module.training = True


def _check_labels(labels: Tensor, logits: Tensor) -> None:
    """Before the loss sees them: on a GPU, a label out of range would end the process's use of the device."""
    count, classes = logits.shape
    if labels.shape != (count,) or labels.dtype != torch.int64:
        raise BadValueError(f"expected {count} int64 labels, got {labels.dtype} {tuple(labels.shape)}")
    if count and not 0 <= int(labels.min()) <= int(labels.max()) < classes:
        raise BadValueError(f"expected labels from 0 to {classes - 1}, got {int(labels.min())} to {int(labels.max())}")


def _divide(values: Tensor, by: Tensor) -> Tensor:
    return torch.where(by > 0, values / by, torch.zeros_like(values))


def _per_largest(gradient: Tensor) -> Tensor:
    return _divide(gradient, gradient.abs().amax(dim=(1, 2, 3), keepdim=True))


def _random_signs(like: Tensor, seed: int, places: Tensor) -> Tensor:
    # A generator for each image, on the CPU: the same noise on every device and in whichever batch the image comes.
    signs = torch.empty(like.shape, dtype=like.dtype)
    for row, place in zip(signs, places.tolist(), strict=True):
        generator = torch.Generator().manual_seed(seed * 1_000_003 + place)
        row.copy_(torch.randint(2, row.shape, generator=generator) * 2 - 1)
    return signs.to(like.device)
