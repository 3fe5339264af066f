"""Does a network of your own fit? What gradlab expects of one, tried on some images, check by check."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from gradlab.errors import BadValueError
from gradlab.images.registry import ImageSet
from gradlab.networks.checks import answers, classes, gradients, pixels
from gradlab.networks.checks.tried import Finding, Tried, tried_of
from gradlab.steps.inputs import as_images, as_labels, check_known
from gradlab.types import Batch


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


def check_network(model: nn.Module, images: Any, labels: Any = None) -> tuple[Check, ...]:
    """Try a network on a few images: whether it gives logits, the same ones twice, a gradient, and what else is needed.

    Args:
        model: what is to be checked; it is left as it came.
        images: (N, C, H, W) in [0, 1], as `exact_gradient` takes them, a `Batch`, or an image set such as
            `gradlab.load_folder` gives. Eight of them serve most checks; what is counted takes up to 256.
        labels: whole numbers (N,), -1 where nobody knows it; those of a batch or image set, where there is one. They
            tell whether the network takes [0, 1], and how many images it classifies correctly.

    Returns:
        A `Check` for each thing that was tried, in order; what rests on logits is left out where there are none.

    Raises:
        BadValueError: for images outside [0, 1], or none, and labels that don't fit them.
    """
    return tuple(stream_checks(model, images, labels))


def stream_checks(model: nn.Module, images: Any, labels: Any = None) -> Iterator[Check]:
    """As `check_network`, one after the other; `NAMES` says which there will be."""
    tried = _tried(model, images, labels)
    try:
        found = f"{tuple(tried.logits.shape)}, {tried.logits.dtype}".replace("torch.", "")
    except BadValueError as error:
        yield Check("logits", False, str(error), "return logits (N, K), one row an image, from .forward()")
        return
    yield Check("logits", True, f"logits {found}")
    for name, (trial, advice) in _TRIALS.items():
        finding = _found(trial, tried)
        yield Check(name, finding.passed, finding.found, "" if finding.passed else finding.advice or advice)


def _found(trial: Callable[[Tried], Finding], tried: Tried) -> Finding:
    """One in which the network fails is not passed."""
    try:
        return trial(tried)
    except (BadValueError, RuntimeError) as error:  # the latter by what PyTorch computes backwards
        return Finding(False, " ".join(str(error).split())[:400])


def _tried(model: nn.Module, images: Any, labels: Any) -> Tried:
    names: tuple[str, ...] = ()
    if isinstance(images, ImageSet):
        names, at_hand = images.classes, images.read("test", "auto", False)
        images, labels = at_hand.images, at_hand.labels if labels is None else labels
        if images.dtype == torch.uint8:
            images = images.float() / 255
    elif isinstance(images, Batch):
        names, images, labels = images.classes, images.images, images.labels if labels is None else labels
    pixels = as_images(images)
    if not len(pixels):
        raise BadValueError("expected some images to try the network on, got none")
    return tried_of(model, pixels, None if labels is None else _labels(labels, len(pixels)), names)


def _labels(labels: Any, count: int) -> Tensor:
    found = as_labels(labels, count)
    check_known(found, 2**31)
    return found


# By name: what is tried, and what to do where it is not as it should be.
_TRIALS: dict[str, tuple[Callable[[Tried], Finding], str]] = {
    "finite numbers": (
        answers.numbers,
        "look for a division by 0 or a logarithm of 0; such images are left out of sweeps",
    ),
    "not probabilities": (
        answers.logits,
        "leave out the softmax at the end and return what goes into it, the logits: the softmax is taken here",
    ),
    "the same twice": (
        answers.repeatable,
        "chance is still in it: use nn.Dropout, not F.dropout(x), and call .eval() before you export a network",
    ),
    "each image by itself": (
        answers.alone,
        "an image's logits may not depend on the others of its batch: does its batch norm keep running statistics?",
    ),
    "a gradient": (
        gradients.reaches,
        "where it is 0 or no number, only the rule `random` goes anywhere: does something round, or divide by 0?",
    ),
    "float32 is enough": (
        gradients.in_float32,
        "large and small numbers meet in it, and float32 loses the small ones: subtract before you scale, not after",
    ),
    "the gradient is the slope": (
        gradients.slopes,
        "part of it is cut off or replaced: look for a detach, a no_grad, a rounding, or a backward() of your own",
    ),
    "pixels from 0 to 1": (pixels.pixels, "show it images as it was trained on them: by mean and std in the network"),
    "classes": (classes.fit, "give one name for each logit, in their order, and labels from 0 to K − 1"),
    "accuracy": (
        classes.accuracy,
        "as far as so many images tell, not better than chance: are the classes in another order, or the weights "
        "untrained?",
    ),
    "time and memory": (classes.cost, ""),
}
NAMES = ("logits", *_TRIALS)
