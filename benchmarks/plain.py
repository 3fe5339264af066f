"""The gradient as softmax and cross-entropy give it in float32, and what is left of it where the network is sure."""

from copy import deepcopy
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from gradlab.steps.gradient import Gradient, gradient_of

# What float32 may be off by at p_y, which is near 1: some roundings of 2^-24 each, in the softmax and in its sum.
CANCELLED = 4 * 2.0**-24


@dataclass(frozen=True, eq=False)
class Left:
    """What float32 left of the gradients of N images, against exact ones.

    Attributes:
        lost: bool (N,), every value is 0, so that no step goes anywhere.
        turned: bool (N,), not lost, and a step along its sign does not climb the loss to first order.
        wrong: int64 (N,), how many values have another sign.
    """

    lost: Tensor
    turned: Tensor
    wrong: Tensor

    @property
    def whole(self) -> Tensor:
        """Neither lost nor turned, bool (N,)."""
        return ~(self.lost | self.turned)


def plain_gradient(model: nn.Module, images: Tensor, labels: Tensor) -> Tensor:
    """The gradient of the summed cross-entropy by autograd, in the model's precision, as every library takes it."""
    leaf = images.detach().clone().requires_grad_()
    (gradient,) = torch.autograd.grad(cross_entropy(model(leaf), labels, reduction="sum"), leaf)
    return gradient


def in_float64(model: nn.Module) -> nn.Module:
    """A copy in float64 and contiguous memory: there equal patches give equal values, and a pool's ties fall alike."""
    copy: nn.Module = deepcopy(model).double().to(memory_format=torch.contiguous_format)
    return copy


def exact_in_float64(double: nn.Module, images: Tensor, labels: Tensor) -> Gradient:
    """The gradient that does not cancel; its ∇m points where that of the loss does.

    Args:
        double: as `in_float64` gives it.
        images: (N, C, H, W) in [0, 1].
        labels: (N,).
    """
    # Not by `exact_gradient`, which lays images out as channels_last has it.
    return gradient_of(double, images.double().contiguous(), labels)


def left_of(plain: Tensor, exact: Tensor) -> Left:
    """Compare gradients of the loss in float32 with ∇m in float64, both (N, C, H, W)."""
    lost = (plain == 0).flatten(1).all(1)
    climbs = (plain.sign() * exact).sum((1, 2, 3)) > 0
    return Left(lost, ~lost & ~climbs, (plain.sign() != exact.sign()).flatten(1).sum(1))


def cancelled(double: nn.Module, exact: Gradient) -> Tensor:
    """How much of each value of ∇m float32 may lose, (N, C, H, W): |∇z_y| · CANCELLED / (1 − p_y).

    It loses of p_y − 1, which is the true class's share of the gradient: a part that points as that class's logit does.

    Args:
        double: as `in_float64` gives it.
        exact: of this network.
    """
    leaf = exact.images.detach().clone().requires_grad_()
    (of_own,) = torch.autograd.grad(double(leaf).gather(1, exact.labels[:, None]).sum(), leaf)
    return of_own.abs() * (CANCELLED / exact.factor)[:, None, None, None]
