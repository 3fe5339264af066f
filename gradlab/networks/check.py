"""Does a network of your own fit? What gradlab expects of one, tried on some of its images, check by check."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from gradlab.device import device_of
from gradlab.errors import BadValueError
from gradlab.steps.gradient import gradient_of
from gradlab.steps.inputs import as_images
from gradlab.steps.logits import logits_of

TRIED = 8  # images, at most
_ROUNDING = 1e-2  # of the largest logit: half precision rounds that much otherwise in a batch of another size


@dataclass(frozen=True)
class Check:
    """One thing that was tried.

    Attributes:
        name: what it is about.
        passed: whether it is as it should be.
        found: what was found, in one line.
        advice: what to do about it; empty where it passed.
    """

    name: str
    passed: bool
    found: str
    advice: str = ""


def check_network(model: nn.Module, images: Any) -> tuple[Check, ...]:
    """Try a network on a few images: whether it gives logits, the same ones twice, and a gradient.

    Args:
        model: what is to be checked; it is left as it came.
        images: (N, C, H, W) in [0, 1], as `exact_gradient` takes them; the first few are used.

    Returns:
        A `Check` for each thing that was tried, in order; what rests on logits is left out where there are none.

    Raises:
        BadValueError: for images outside [0, 1], or none.
    """
    pixels = as_images(images)[:TRIED].to(device_of(model))
    if not len(pixels):
        raise BadValueError("expected some images to try the network on, got none")
    try:
        with torch.inference_mode():
            logits = logits_of(model, pixels)
    except BadValueError as error:
        return (Check("logits", False, str(error), "return logits (N, K), one row an image, from .forward()"),)
    found = f"{tuple(logits.shape)}, {logits.dtype}".replace("torch.", "")
    return (Check("logits", True, f"logits {found}"), *_of_logits(model, pixels, logits))


def _of_logits(model: nn.Module, images: Tensor, logits: Tensor) -> Iterator[Check]:
    """Each check that rests on logits; one in which the network fails is not passed."""
    for name, (trial, advice) in _TRIALS.items():
        try:
            passed, found = trial(model, images, logits)
        except BadValueError as error:
            passed, found = False, str(error)
        yield Check(name, passed, found, "" if passed else advice)


def _numbers(model: nn.Module, images: Tensor, logits: Tensor) -> tuple[bool, str]:
    bad = int((~logits.isfinite().all(1)).sum())
    return not bad, f"NaN or infinity for {bad} of {len(logits)} images"


def _unnormalised(model: nn.Module, images: Tensor, logits: Tensor) -> tuple[bool, str]:
    sums = logits.double().sum(1)
    shares = bool(((logits >= 0).all(1) & ((sums - 1).abs() < 1e-3)).all())
    return not shares, f"each row is at least 0 and sums to 1: {'yes' if shares else 'no'}"


def _repeatable(model: nn.Module, images: Tensor, logits: Tensor) -> tuple[bool, str]:
    with torch.inference_mode():
        apart = _apart(logits, logits_of(model, images))
    return not apart, f"two calls differ by up to {apart:.3g}"


def _alone(model: nn.Module, images: Tensor, logits: Tensor) -> tuple[bool, str]:
    with torch.inference_mode():
        apart = _apart(logits, torch.cat([logits_of(model, image[None]) for image in images]))
    close = apart <= _ROUNDING * max(1.0, float(logits.nan_to_num().abs().max()))
    return close, f"alone and in a batch differ by up to {apart:.3g}"


def _differentiable(model: nn.Module, images: Tensor, logits: Tensor) -> tuple[bool, str]:
    gradient = gradient_of(model, images, None)
    zero, bad = int(gradient.zero.sum()), int((~gradient.finite).sum())
    return not (zero or bad), f"of {len(images)} images it is 0 for {zero} and no number for {bad}"


def _apart(first: Tensor, second: Tensor) -> float:
    return float((first.nan_to_num() - second.nan_to_num()).abs().max())


# By name: what is tried, and what to do where it is not as it should be.
_TRIALS: dict[str, tuple[Callable[[nn.Module, Tensor, Tensor], tuple[bool, str]], str]] = {
    "finite numbers": (_numbers, "look for a division by 0 or a logarithm of 0; such images are left out of sweeps"),
    "not probabilities": (
        _unnormalised,
        "leave out the softmax at the end and return what goes into it, the logits: the softmax is taken here",
    ),
    "the same twice": (
        _repeatable,
        "chance is still in it: use nn.Dropout, not F.dropout(x), and call .eval() before you export a network",
    ),
    "each image by itself": (
        _alone,
        "an image's logits may not depend on the others of its batch: does its batch norm keep running statistics?",
    ),
    "a gradient": (
        _differentiable,
        "where it is 0 or no number, only the rule `random` goes anywhere: does something round, or divide by 0?",
    ),
}
