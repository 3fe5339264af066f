"""The line through one image along the direction of its step, x + epsilon · d: where whoever goes along it starts."""

from dataclasses import dataclass

from jaxtyping import Float, Int64
from torch import Tensor, nn

from gradlab.errors import BadValueError
from gradlab.steps.gradient import Gradient, exact_gradient
from gradlab.steps.inputs import as_batch, check_classes, wanted_labels
from gradlab.steps.perturb import direction
from gradlab.types import Batch, LabelSource, Rule


@dataclass(frozen=True, eq=False)
class Line:
    """One image, what the model says of it, and where a rule goes from there; all of it where the model is.

    Attributes:
        gradient: of the loss, with the image and what the model says of it.
        direction: d, (1, C, H, W).
    """

    gradient: Gradient
    direction: Float[Tensor, "1 c h w"]

    @property
    def image(self) -> Float[Tensor, "1 c h w"]:
        """x, float32 in [0, 1]."""
        return self.gradient.images

    @property
    def logits(self) -> Float[Tensor, "1 k"]:
        """The logits of the clean image."""
        return self.gradient.logits

    @property
    def used(self) -> Int64[Tensor, " 1"]:
        """The class whose loss the gradient was taken of."""
        return self.gradient.labels


def line_through(model: nn.Module, batch: Batch, rule: Rule | str, labels: LabelSource | str, seed: int) -> Line:
    """The line along which a rule takes one image, from a single backward pass.

    Args:
        model: takes images in [0, 1], gives logits; where it is, the work is done.
        batch: of exactly one image.
        rule: the direction.
        labels: the class whose loss is taken: `true`, `predicted` or `target:<class>`.
        seed: of the `random` rule.

    Raises:
        BadValueError: for a batch of another size, one that doesn't fit the model, an image outside [0, 1], or one of
            which the model says something that is no number.
        UnknownNameError: for a rule, label source or target class that doesn't exist.
    """
    batch, source = as_batch(batch), LabelSource.parse(labels)
    if len(batch) != 1:
        raise BadValueError(f"expected one image, got {len(batch)}")
    gradient = exact_gradient(model, batch.images, wanted_labels(batch, source))
    check_classes(batch, gradient.logits.shape[1])
    return Line(gradient, direction(gradient, rule, seed=seed, indices=batch.indices))
