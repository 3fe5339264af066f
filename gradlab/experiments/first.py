"""Which images to begin with: one that a small step turns, and a mistake that a small step repairs."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from gradlab.steps.gradient import exact_gradient
from gradlab.steps.inputs import as_batch
from gradlab.steps.line import Line
from gradlab.steps.logits import logits_of
from gradlab.types import UNKNOWN, Batch, Rule

SIZES = tuple(n / 255 for n in (1, 2, 4, 8))
_SMALL = 2  # sizes up to this one, 4/255, are small


@dataclass(frozen=True)
class FirstImages:
    """Rows of a batch, to begin with.

    Attributes:
        turned: right, and the surest of those that a small step away from the right answer makes wrong.
        repaired: wrong, and the surest of those that a small step towards the right answer makes right.

    None where no image of the batch is like that. Where labels are unknown, what the network says stands for them.
    """

    turned: int | None
    repaired: int | None


def first_images(model: nn.Module, batch: Batch) -> FirstImages:
    """Find them among a few images, under the rule `sign`.

    A step counts from where on it, and every longer one up to 8/255, has its effect; up to 4/255 it is small. Where
    none is, those that need the shortest step come first.

    Args:
        model: takes images in [0, 1], gives logits.
        batch: N images; each is asked for at each of four steps: away from a right answer, or towards it from a wrong
            one.

    Raises:
        BadValueError: for a batch that doesn't fit the model.
    """
    batch = as_batch(batch)
    known = bool((batch.labels != UNKNOWN).all())
    line = Line.along(exact_gradient(model, batch.images, batch.labels if known else None), Rule.SIGN)
    truth, (sure, said) = line.used, line.logits.softmax(1).max(1)
    right, wrong = said == truth, said != truth
    away = torch.stack([_said(model, line, size, right) for size in SIZES])
    towards = torch.stack([_said(model, line, -size, wrong) for size in SIZES])
    return FirstImages(turned=_surest(right, away != truth, sure), repaired=_surest(wrong, towards == truth, sure))


def _said(model: nn.Module, line: Line, epsilon: float, among: Tensor) -> Tensor:
    """The class of each image, (N,); of those that are not `among` them, (N,), nobody is asked."""
    said = torch.full_like(line.used, UNKNOWN)
    if bool(among.any()):
        with torch.inference_mode():
            said[among] = logits_of(model, line.at(epsilon)[among]).argmax(1)
    return said


def _surest(among: Tensor, done: Tensor, sure: Tensor) -> int | None:
    """Of the images `among`, (N,), the surest of those for which it is soon `done`, (K, N), and stays so."""
    stays = done.int().flip(0).cummin(0).values.flip(0).bool()
    first = torch.where(stays.any(0), stays.int().argmax(0), len(SIZES)).tolist()
    ordered = sorted(among.nonzero()[:, 0].tolist(), key=lambda n: (max(_SMALL, first[n]), -float(sure[n])))
    return ordered[0] if ordered and first[ordered[0]] < len(SIZES) else None
