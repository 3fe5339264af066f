"""What a check is given, and what it finds."""

from copy import deepcopy
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor, nn

from gradlab.device import device_of
from gradlab.errors import GradlabError
from gradlab.steps.gradient import Gradient, gradient_of
from gradlab.steps.logits import logits_of
from gradlab.types import UNKNOWN

FEW, MANY = 8, 256  # images: for what is dear, and for what is counted
_VALUES = 64 * 3 * 224 * 224  # of the images that are counted, at most; but 64 of them in any case


@dataclass(frozen=True)
class Finding:
    """What was found of one thing.

    Attributes:
        passed: whether it is as it should be.
        found: what was found, in one line.
        advice: what to do about it; empty for the usual advice.
    """

    passed: bool
    found: str
    advice: str = ""


@dataclass(eq=False)
class Tried:
    """A network and the images that it is tried on. What several checks need is computed once.

    Attributes:
        model: what is to be checked.
        images: those at hand, (N, C, H, W) in [0, 1], where the model is.
        labels: int64 (N,), -1 where nobody knows it.
        names: of the classes; empty where nobody told.
    """

    model: nn.Module
    images: Tensor
    labels: Tensor
    names: tuple[str, ...] = ()

    @cached_property
    def few(self) -> Tensor:
        """Eight images, from all over."""
        return self.images[_spread(len(self.images), FEW)]

    @cached_property
    def many(self) -> Tensor:
        """Places of the images that are counted, labelled ones where there are any; from all over."""
        known = (self.labels != UNKNOWN).nonzero()[:, 0].cpu()
        places = known if len(known) else torch.arange(len(self.images))
        return places[_spread(len(places), min(MANY, max(64, _VALUES // self.images[0].numel())))]

    @property
    def labelled(self) -> bool:
        """Whether any label is known."""
        return bool((self.labels != UNKNOWN).any())

    @cached_property
    def logits(self) -> Tensor:
        """Of the few images."""
        with torch.inference_mode():
            return logits_of(self.model, self.few)

    @cached_property
    def predictions(self) -> Tensor:
        """Of the many images."""
        return self.said(self.images[self.many])

    @cached_property
    def gradient(self) -> Gradient:
        """Of the few images, against what the network says of them."""
        return gradient_of(self.model, self.few, None)

    @cached_property
    def exact(self) -> nn.Module | None:
        """The network in float64 on the CPU; None where it can't be had so."""
        try:
            model = deepcopy(self.model).to("cpu").double()
            with torch.inference_mode():
                said = logits_of(model, self.few[:1].cpu().double())
        except (GradlabError, RuntimeError, TypeError, ValueError, NotImplementedError):
            return None
        return model if said.dtype == torch.float64 else None

    def said(self, images: Tensor) -> Tensor:
        """The predicted classes of images of any range, int64 (N,)."""
        with torch.inference_mode():
            return torch.cat([logits_of(self.model, part).argmax(1) for part in images.split(32)])


def apart(first: Tensor, second: Tensor) -> float:
    """The largest difference of two answers; what is no number counts as 0."""
    return float((first.nan_to_num() - second.nan_to_num()).abs().max())


def tried_of(model: nn.Module, images: Tensor, labels: Tensor | None, names: tuple[str, ...]) -> Tried:
    """What is tried, where the model is."""
    device = device_of(model)
    known = torch.full((len(images),), UNKNOWN) if labels is None else labels
    return Tried(model, images.to(device), known.to(device), names)


def _spread(count: int, wanted: int) -> Tensor:
    """At most `wanted` places of `count`, evenly from all over."""
    return torch.linspace(0, count - 1, min(count, wanted)).round().long()
