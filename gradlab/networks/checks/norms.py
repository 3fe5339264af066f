"""What the first batch norm of a network remembers of its training: mean and variance of what it was given there.

Images that come in as they did in training give it the same again. It is evidence that needs no labels.
"""

from typing import Any

import torch
from torch import Tensor, nn

from gradlab.networks.checks.tried import Tried
from gradlab.steps.logits import logits_of

_Norm = nn.modules.batchnorm._BatchNorm


def unlike_training(tried: Tried, images: Tensor) -> float | None:
    """How unlike its training what the first batch norm is given by some images is.

    Args:
        tried: the network.
        images: (N, C, H, W) of any range.

    Returns:
        The median over its channels of the Kullback-Leibler divergence, in nats, of two normal distributions: with the
        mean and variance of what comes in now, and with those that it remembers. None where there is no batch norm
        that has been trained.
    """
    given: list[tuple[nn.Module, Tensor, Tensor]] = []  # of each part of the images, mean and variance

    def note(norm: nn.Module, inputs: tuple[Any, ...]) -> None:
        if len(given) == len(done):  # the first that is asked
            values = inputs[0].float()
            variance, mean = torch.var_mean(values, [0, *range(2, values.dim())], correction=0)
            given.append((norm, mean.double(), variance.double()))

    memories: dict[nn.Module, tuple[Tensor, Tensor]] = {
        part: then for part in tried.model.modules() if isinstance(part, _Norm) and (then := _remembered(part))
    }
    hooks = [norm.register_forward_pre_hook(note) for norm in memories]
    done: list[int] = []
    try:
        for part in images.split(32) if memories else ():
            with torch.inference_mode():
                logits_of(tried.model, part)
            done.append(len(part))
    finally:
        for hook in hooks:
            hook.remove()
    if not given or len(given) != len(done):
        return None
    firsts, means, variances = zip(*given, strict=True)
    weights = torch.tensor(done).double().div(sum(done)).to(means[0].device)
    mean, within = torch.stack(means, 1) @ weights, torch.stack(variances, 1) @ weights
    between = torch.stack([one.square() for one in means], 1) @ weights - mean.square()
    return _divergence(memories[firsts[0]], mean, within + between)


def _remembered(norm: _Norm) -> tuple[Tensor, Tensor] | None:
    """Mean and variance that it was given in training, float64 (C,); None where it was not trained."""
    mean, variance = norm.running_mean, norm.running_var
    if mean is None or variance is None or not bool((mean != 0).any() and (variance != 1).any()):
        return None
    return mean.double(), variance.double().clamp(min=1e-12)


def _divergence(then: tuple[Tensor, Tensor], mean: Tensor, variance: Tensor) -> float:
    ratio = variance.clamp(min=1e-12) / then[1]
    return float((0.5 * (ratio + (mean - then[0]).square() / then[1] - 1 - ratio.log())).median())
