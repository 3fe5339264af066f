"""What the first batch norm of a network remembers of its training: mean and variance of what it was given there.

Images that come in as they did in training give it the same again. It is evidence that needs no labels.
"""

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
    seen: list[tuple[_Norm, Tensor]] = []
    norms = [part for part in tried.model.modules() if isinstance(part, _Norm) and _is_trained(part)]
    hooks = [norm.register_forward_pre_hook(lambda norm, given: seen.append((norm, given[0]))) for norm in norms]
    found: list[Tensor] = []
    try:
        for part in images.split(32):
            seen.clear()
            with torch.inference_mode():
                logits_of(tried.model, part)
            if not seen:
                return None
            found.append(seen[0][1].double().transpose(0, 1).flatten(1))
        norm, given = seen[0][0], torch.cat(found, 1)
    finally:
        for hook in hooks:
            hook.remove()
    return _divergence(norm, given.mean(1), given.var(1))


def _is_trained(norm: _Norm) -> bool:
    mean, variance = norm.running_mean, norm.running_var
    return mean is not None and variance is not None and bool((mean != 0).any()) and bool((variance != 1).any())


def _divergence(norm: _Norm, mean: Tensor, variance: Tensor) -> float:
    assert norm.running_mean is not None
    assert norm.running_var is not None
    then_mean, then = norm.running_mean.double(), norm.running_var.double().clamp(min=1e-12)
    ratio = variance.clamp(min=1e-12) / then
    return float((0.5 * (ratio + (mean - then_mean).square() / then - 1 - ratio.log())).median())
