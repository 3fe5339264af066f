"""One image looked at closely: the step, what the network believes before and after, and what rounding does to it."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from gradlab.errors import BadValueError
from gradlab.perceptibility import METRICS
from gradlab.perturb import (
    check_images,
    direction,
    evaluating,
    logits_and_gradient,
    step,
    to_eight_bit,
    wanted_labels,
)
from gradlab.types import Batch, Exploration, LabelSource, Rule, Track, View


def explore(
    model: nn.Module,
    batch: Batch,
    rule: Rule | str,
    epsilon: float,
    *,
    labels: LabelSource | str = LabelSource.TRUE,
    seed: int = 0,
) -> Exploration:
    """Perturb one image and measure everything about it.

    Args:
        model: takes images in [0, 1], gives logits.
        batch: of exactly one image.
        rule: the direction.
        epsilon: the signed step, in the rule's unit.
        labels: the class whose loss is taken: `true`, `predicted` or `target:<class>`.
        seed: of the `random` rule.

    Raises:
        BadValueError: for a batch of another size, or an epsilon that isn't finite.
        UnknownNameError: for a rule, label source or target class that doesn't exist.
    """
    images, logits, gradient, used = _of_one(model, batch, labels)
    moved = step(images, direction(gradient, rule, seed=seed, indices=batch.indices), epsilon)
    forms = torch.cat([images, moved, to_eight_bit(moved)])
    with torch.inference_mode(), evaluating(model):
        probabilities = torch.cat([logits, model(forms[1:])]).softmax(1)
    return Exploration(
        label=int(batch.labels),
        used_label=int(used),
        loss=float(cross_entropy(logits, used)),
        gradient_l2=float(torch.linalg.vector_norm(gradient)),
        **{
            name: _view(images, forms[k : k + 1], probabilities[k])
            for k, name in enumerate(("clean", "perturbed", "rounded"))
        },
    )


def track(
    model: nn.Module,
    batch: Batch,
    rule: Rule | str,
    epsilons: Sequence[float],
    *,
    labels: LabelSource | str = LabelSource.TRUE,
    seed: int = 0,
) -> Track:
    """What the network believes of one image along its direction; one gradient serves every epsilon.

    Args:
        model: takes images in [0, 1], gives logits.
        batch: of exactly one image.
        rule: the direction.
        epsilons: signed, ascending, in the rule's unit; 0 among them.
        labels: the class whose loss is taken: `true`, `predicted` or `target:<class>`.
        seed: of the `random` rule.

    Raises:
        BadValueError: for a batch of another size, or epsilons that don't ascend, aren't finite or don't have 0.
        UnknownNameError: for a rule, label source or target class that doesn't exist.
    """
    if 0 not in epsilons or list(epsilons) != sorted(set(epsilons)):
        raise BadValueError(f"expected epsilons that ascend, 0 among them, got {list(epsilons)}")
    images, _, gradient, _ = _of_one(model, batch, labels)
    along = direction(gradient, rule, seed=seed, indices=batch.indices)
    moved = torch.cat([step(images, along, epsilon) for epsilon in epsilons])
    with torch.inference_mode(), evaluating(model):
        plain, rounded = (model(form).softmax(1).cpu().numpy() for form in (moved, to_eight_bit(moved)))
    return Track(
        image=images[0].cpu().numpy(),
        direction=along[0].cpu().numpy(),
        epsilons=np.array(epsilons, np.float64),
        probabilities=plain,
        rounded=rounded,
        label=int(batch.labels),
    )


def _of_one(model: nn.Module, batch: Batch, labels: LabelSource | str) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """The image of a batch of one, its logits, its gradient, and the class whose loss that is of: on the device."""
    if len(batch) != 1:
        raise BadValueError(f"expected one image, got {len(batch)}")
    check_images(batch.images)
    device = next((p.device for p in model.parameters()), torch.device("cpu"))
    images, wanted = batch.images.to(device), wanted_labels(batch, LabelSource.parse(labels))
    wanted = None if wanted is None else wanted.to(device)
    logits, gradient = logits_and_gradient(model, images, wanted)
    used = logits.argmax(1) if wanted is None else wanted
    return images, logits, gradient, used


def _view(clean: Tensor, image: Tensor, probabilities: Tensor) -> View:
    return View(
        image=image[0].cpu().numpy(),
        probabilities=probabilities.cpu().numpy(),
        measures={name: float(metric.function(clean, image)) for name, metric in METRICS.items()},
        changed=float((clean != image).float().mean()),
    )
