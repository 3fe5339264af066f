"""What the first batch norm of a network remembers of its training: mean and variance of what it was given there.

Images that come in as they did in training give it the same again. It is evidence that needs no labels.
"""

from typing import Any, cast

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
    given: list[tuple[_Norm, Tensor, Tensor]] = []  # of each part of the images, mean and variance

    def note(norm: nn.Module, inputs: tuple[Any, ...]) -> None:
        if len(given) == len(done):  # the first that is asked
            values = inputs[0].float()
            variance, mean = torch.var_mean(values, [0, *range(2, values.dim())], correction=0)
            given.append((cast(_Norm, norm), mean.double(), variance.double()))

    norms = [part for part in tried.model.modules() if isinstance(part, _Norm) and _is_trained(part)]
    hooks = [norm.register_forward_pre_hook(note) for norm in norms]
    done: list[int] = []
    try:
        for part in images.split(32) if norms else ():
            with torch.inference_mode():
                logits_of(tried.model, part)
            done.append(len(part))
    finally:
        for hook in hooks:
            hook.remove()
    if not given or len(given) != len(done):
        return None
    weights = torch.tensor(done).double().div(sum(done)).to(given[0][1].device)
    means, variances = (torch.stack([one[k] for one in given], 1) for k in (1, 2))
    mean = means @ weights
    return _divergence(given[0][0], mean, (variances + means.square()) @ weights - mean.square())


def _is_trained(norm: _Norm) -> bool:
    mean, variance = norm.running_mean, norm.running_var
    return mean is not None and variance is not None and bool((mean != 0).any()) and bool((variance != 1).any())


def _divergence(norm: _Norm, mean: Tensor, variance: Tensor) -> float:
    then_mean, then = cast(Tensor, norm.running_mean).double(), cast(Tensor, norm.running_var).double().clamp(min=1e-12)
    ratio = variance.clamp(min=1e-12) / then
    return float((0.5 * (ratio + (mean - then_mean).square() / then - 1 - ratio.log())).median())
