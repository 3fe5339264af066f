"""The line through one image along the direction of its step, x + epsilon · d: where whoever goes along it starts."""

from dataclasses import dataclass

from jaxtyping import Float, Int64
from torch import Tensor, nn

from gradlab.device import device_of
from gradlab.errors import BadValueError
from gradlab.perturb import check_images, direction, logits_and_gradient, wanted_labels
from gradlab.types import Batch, LabelSource, Rule


@dataclass(frozen=True, eq=False)
class Line:
    """One image, what the model says of it, and where a rule goes from there; all of it where the model is.

    Attributes:
        image: x, float32 (1, C, H, W) in [0, 1].
        logits: (1, K), of the clean image.
        used: int64 (1,), the class whose loss the gradient was taken of.
        gradient: of that loss, (1, C, H, W), as `perturb.loss_gradient` gives it.
        direction: d, (1, C, H, W).
    """

    image: Float[Tensor, "1 c h w"]
    logits: Float[Tensor, "1 k"]
    used: Int64[Tensor, " 1"]
    gradient: Float[Tensor, "1 c h w"]
    direction: Float[Tensor, "1 c h w"]


def line_through(model: nn.Module, batch: Batch, rule: Rule | str, labels: LabelSource | str, seed: int) -> Line:
    """The line along which a rule takes one image, from a single backward pass.

    Args:
        model: takes images in [0, 1], gives logits; where it is, the work is done.
        batch: of exactly one image.
        rule: the direction.
        labels: the class whose loss is taken: `true`, `predicted` or `target:<class>`.
        seed: of the `random` rule.

    Raises:
        BadValueError: for a batch of another size, or an image outside [0, 1].
        UnknownNameError: for a rule, label source or target class that doesn't exist.
    """
    if len(batch) != 1:
        raise BadValueError(f"expected one image, got {len(batch)}")
    check_images(batch.images)
    device, wanted = device_of(model), wanted_labels(batch, LabelSource.parse(labels))
    image = batch.images.to(device)
    wanted = None if wanted is None else wanted.to(device)
    logits, gradient = logits_and_gradient(model, image, wanted)
    used = logits.argmax(1) if wanted is None else wanted
    return Line(image, logits, used, gradient, direction(gradient, rule, seed=seed, indices=batch.indices))
