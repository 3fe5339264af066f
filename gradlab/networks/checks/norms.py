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
    given: list[tuple[_Norm, Tensor, Tensor]] = []  # of each part of the images, mean and variance
    sizes: list[int] = []  # of the parts that are done

    def note(norm: _Norm, inputs: tuple[Tensor, ...]) -> None:
        if len(given) == len(sizes):  # the first of them
            values = inputs[0].float()
            variance, mean = torch.var_mean(values, [0, *range(2, values.dim())], correction=0)
            given.append((norm, mean.double(), variance.double()))

    norms = [part for part in tried.model.modules() if isinstance(part, _Norm) and _remembered(part)]
    hooks = [norm.register_forward_pre_hook(note) for norm in norms]
    try:
        for part in images.split(32) if norms else ():
            with torch.inference_mode():
                logits_of(tried.model, part)
            sizes.append(len(part))
    finally:
        for hook in hooks:
            hook.remove()
    then = _remembered(given[0][0]) if given and len(given) == len(sizes) else None
    return None if then is None else _divergence(then, *_whole(given, sizes))


def _whole(given: list[tuple[_Norm, Tensor, Tensor]], sizes: list[int]) -> tuple[Tensor, Tensor]:
    """Mean and variance over all parts, (C,) each."""
    means = torch.stack([mean for _, mean, _ in given], 1)
    variances = torch.stack([variance for _, _, variance in given], 1)
    shares = torch.tensor(sizes, dtype=means.dtype, device=means.device) / sum(sizes)
    mean = means @ shares
    return mean, (variances + means.square()) @ shares - mean.square()


def _remembered(norm: _Norm) -> tuple[Tensor, Tensor] | None:
    """Mean and variance that it was given in training, float64 (C,); None where it was not trained."""
    mean, variance = norm.running_mean, norm.running_var
    if mean is None or variance is None or not bool((mean != 0).any() and (variance != 1).any()):
        return None
    return mean.double(), variance.double().clamp(min=1e-12)


def _divergence(then: tuple[Tensor, Tensor], mean: Tensor, variance: Tensor) -> float:
    ratio = variance.clamp(min=1e-12) / then[1]
    return float((0.5 * (ratio + (mean - then[0]).square() / then[1] - 1 - ratio.log())).median())
