"""What a model says of many images: in a faster precision first, and in float32 again where that may be another answer.

A forward pass in bfloat16, or a compiled one, is off by a little. How much is measured, for each model, on images like
those to come; where the two best classes are nearer to each other than SAFETY times the largest error seen, the model
itself is asked again in float32. What is left is not in doubt, which proves nothing: a sweep asks some of it again
(`experiments.asking`).
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import get_args

import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn

from gradlab.device import multiplies_bfloat16
from gradlab.errors import UnknownNameError
from gradlab.steps.logits import logits_of
from gradlab.types import UNKNOWN, Precision

Forward = Callable[[Tensor], Tensor]

SAFETY = 2.5
MOST_DOUBTED = 0.3  # a larger share asked twice costs more than the rest saves


@dataclass(frozen=True, eq=False)
class Predictions:
    """What a model says of N images.

    Attributes:
        predictions: int64 (N,); −1 where a logit is not a finite number.
        probability: float32 (N,), of the class that was asked for.
        doubted: bool (N,), where float32 might predict another class.
    """

    predictions: Tensor
    probability: Tensor
    doubted: Tensor

    @classmethod
    def of(
        cls, logits: Float[Tensor, "n k"], labels: Int64[Tensor, " n"] | None = None, doubted: Tensor | None = None
    ) -> "Predictions":
        """Out of logits; without `doubted` nothing is in doubt.

        Asked for are `labels`; where they are unknown, or not given, the predicted classes.
        """
        finite, best = logits.isfinite().all(1), logits.argmax(1)
        asked = best if labels is None else labels.where(labels != UNKNOWN, best)
        probability = logits.softmax(1).gather(1, asked[:, None])[:, 0].float()
        return cls(best.where(finite, -1), probability, torch.zeros_like(finite) if doubted is None else doubted)


@dataclass(frozen=True, eq=False)
class Evaluator:
    """Asks a model in eval mode.

    Attributes:
        model: takes images in [0, 1], gives logits (N, K).
        precision: of the first asking: torch.float32 or torch.bfloat16.
        doubt: an image is to be asked about again in float32 where its two best logits are nearer to each other than
            this times the root of the distance between its best and its worst; plays no part where the first asking is
            plain. (Errors grow with the logits, but slower: measured with two networks, of the share, the root and
            the plain error the root varies least.)
        forward: gives the logits of the compiled model, in that precision, for images; None asks the model itself.
    """

    model: nn.Module
    precision: torch.dtype = torch.float32
    doubt: float = 0.0
    forward: Forward | None = None

    @property
    def plain(self) -> bool:
        """Whether the first asking is that of the model itself in float32, so that there is nothing to doubt."""
        return self.precision == torch.float32 and self.forward is None

    @property
    def name(self) -> str:
        """The way of the first asking, for a sentence."""
        if self.forward is None:
            return str(self.precision).removeprefix("torch.")
        return "the compiled network" + ("" if self.precision == torch.float32 else " in bfloat16")

    @property
    def exact(self) -> "Evaluator":
        """The one that answers in float32."""
        return Evaluator(self.model)

    @torch.inference_mode()
    def __call__(
        self, images: Float[Tensor, "n c h w"], labels: Int64[Tensor, " n"], *, spare: bool = False
    ) -> Predictions:
        """Ask about images, and for the probability of `labels`; `spare`: the images are no longer needed."""
        logits = self.logits(images, spare=spare)
        return Predictions.of(logits, labels, self.doubted(logits))

    @torch.inference_mode()
    def logits(self, images: Float[Tensor, "n c h w"], *, spare: bool = False) -> Float[Tensor, "n k"]:
        """What the first asking gives, in float32 at least; `spare`: the images are no longer needed."""
        if self.forward is not None:
            return self.forward(images if spare else images.clone())
        return logits_of(self.model, images, self.precision, spare=spare)

    def doubted(self, logits: Float[Tensor, "n k"]) -> Tensor:
        """Which images are to be asked about again, bool (N,)."""
        if self.plain:
            return torch.zeros(len(logits), dtype=torch.bool, device=logits.device)
        first, second = logits.topk(2, dim=1).values.unbind(1)
        # The negation, so that NaN is in doubt as well.
        return ~(first - second > self.doubt * (first - logits.amin(1)).sqrt())


def pick_precision(choice: Precision, device: torch.device) -> torch.dtype:
    """`auto` is bfloat16 where the device multiplies it faster, else float32: there, bfloat16 is slower.

    Raises:
        UnknownNameError: for any other choice.
    """
    if choice not in get_args(Precision):
        raise UnknownNameError("precision", choice, get_args(Precision))
    fast = choice == "auto" and multiplies_bfloat16(device)
    return torch.bfloat16 if choice == "bfloat16" or fast else torch.float32


@torch.inference_mode()
def calibrated(
    model: nn.Module,
    trial: Float[Tensor, "n c h w"],
    precision: torch.dtype,
    insist: bool,
    forward: Forward | None = None,
) -> Evaluator:
    """An evaluator whose doubt rests on the errors measured on `trial`, images like those that it will be asked about.

    Args:
        model: takes images in [0, 1], gives logits (N, K), K at least 2 unless it is to be asked plainly.
        trial: some dozens of images.
        precision: of the first asking.
        insist: ask in that way even where so many images are in doubt that the plain one is quicker.
        forward: gives the logits of the compiled model, in that precision, where that is to be asked first.
    """
    asking = Evaluator(model, precision, forward=forward)
    if asking.plain or not len(trial):
        return asking.exact
    exact, rough = asking.exact.logits(trial), asking.logits(trial)
    if exact.shape[1] < 2:
        return asking.exact
    # Errors of the distances to the best class, since these decide.
    best = rough.argmax(1, keepdim=True)
    errors = (rough - rough.gather(1, best)) - (exact - exact.gather(1, best))
    root = (rough.amax(1) - rough.amin(1)).sqrt()
    scaled = (errors.abs().amax(1) / root)[exact.isfinite().all(1) & (root > 0)]
    evaluator = replace(asking, doubt=SAFETY * float(scaled.max()) if len(scaled) else torch.inf)
    pays = float(evaluator.doubted(rough).float().mean()) <= MOST_DOUBTED
    return evaluator if pays or insist else asking.exact
