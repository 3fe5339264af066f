"""What float32 makes of a network's gradients, and who is misled by it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class FloatGradients:
    """How many of one network's gradients softmax and cross-entropy in float32 lose, and what follows for `sign`.

    What says of which network and images this is, and where it was measured, is as in `SweepResult`.

    Attributes:
        images: N, how many images were tried.
        lost: images whose float32 gradient is 0 in every value.
        turned: others, along whose sign the loss does not rise (to first order).
        wrong_signs: the share of all values whose sign is not that of the network in float64, from 0 to 1.
        clean: images that the network gets right before anything is done.
        epsilons: the steps, in pixel units.
        right: by who made the step, how many images are still right after it, one number an epsilon: `torchattacks`,
            `foolbox`, `ART`, `gradlab`, and `float64`, the same network in float64.
        software: versions, those of these libraries among them.
    """

    model: str
    dataset: str
    weights_sha256: str
    split: str
    source: str
    images: int
    lost: int
    turned: int
    wrong_signs: float
    clean: int
    epsilons: tuple[float, ...]
    right: dict[str, tuple[int, ...]]
    device: str
    software: str
