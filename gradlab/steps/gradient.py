"""The gradient of the loss with respect to the image, exact however sure the network is.

With z the logits, p their softmax, y the label, and the log-odds against it

    m = logsumexp(z_j, j ≠ y) − z_y        loss = −log p_y = log(1 + exp m)        1 − p_y = sigmoid m

the gradient of the loss is g = (1 − p_y) · ∇m. As softmax and cross-entropy compute it, p_y − 1 cancels where the
network is sure: in float32 the true class's share of the gradient is lost from p_y = 1 − 6e-8 on, and what is left may
point the wrong way. ∇m knows no such loss. It is one vector-Jacobian product like any other gradient, of
p̃ − e_y, where p̃ is the softmax of the logits of the *other* classes.
"""

from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import torch
from jaxtyping import Bool, Float, Float64, Int64
from torch import Tensor, nn

from gradlab.device import device_of
from gradlab.errors import BadValueError
from gradlab.steps.float32 import plain_float32
from gradlab.steps.inputs import as_images, as_labels, check_range
from gradlab.steps.logits import check_repeatable, logits_of, precision_of

_REDUCED = (torch.float16, torch.bfloat16)


@dataclass(frozen=True, eq=False)
class Gradient:
    """The gradients of N images, in two factors, since their product may be smaller than float32 holds.

    Attributes:
        images: where they were taken, (N, C, H, W) in [0, 1].
        logits: what the network says of the images, (N, K).
        labels: the classes whose loss is taken, int64 (N,).
        log_odds: m, the log-odds against these classes, in nats.
        of_log_odds: ∇m, in nats per pixel unit: it points where g points, and is never small because p_y is near 1.
    """

    images: Float[Tensor, "n c h w"]
    logits: Float[Tensor, "n k"]
    labels: Int64[Tensor, " n"]
    log_odds: Float64[Tensor, " n"]
    of_log_odds: Float[Tensor, "n c h w"]

    @property
    def factor(self) -> Float64[Tensor, " n"]:
        """1 − p_y, from 0 to 1, to float64's last digits at both ends."""
        return torch.sigmoid(self.log_odds)

    @property
    def of_loss(self) -> Float[Tensor, "n c h w"]:
        """g, in nats per pixel unit; 0 where it is smaller than the type holds, which `of_log_odds` is not."""
        exact: Tensor = self.of_log_odds * self.factor[:, None, None, None]
        return exact.to(self.of_log_odds.dtype)

    @property
    def length(self) -> Float64[Tensor, " n"]:
        """‖g‖₂, in nats per pixel unit."""
        length: Tensor = torch.linalg.vector_norm(self.of_log_odds.double(), dim=(1, 2, 3))
        return self.factor * length

    def slope(self, way: Float[Tensor, "n c h w"]) -> Float64[Tensor, " n"]:
        """How fast the loss grows along a way, g · way, in nats for each time that way."""
        return self.factor * (self.of_log_odds.double() * way.double()).sum((1, 2, 3))

    @property
    def zero(self) -> Bool[Tensor, " n"]:
        """Where the loss does not depend on the image at all: every value of ∇m is 0."""
        return (self.of_log_odds == 0).flatten(1).all(1)

    @property
    def finite(self) -> Bool[Tensor, " n"]:
        """Where every logit and every value of the gradient is a number."""
        return self.logits.isfinite().all(1) & self.of_log_odds.flatten(1).isfinite().all(1)


def exact_gradient(model: nn.Module, images: Any, labels: Any = None) -> Gradient:
    """The gradient of each image's own cross-entropy with respect to that image, exact at any confidence.

    The model is evaluated in eval mode, whatever mode it comes in, and is left as it came, as are the images. A network
    in half precision is asked in that, and its gradient is taken in float32.

    Args:
        model: takes images, gives logits (N, K), K at least 2.
        images: (N, C, H, W) in [0, 1], floating point: a tensor, or anything that numpy makes an array of.
        labels: whole numbers (N,) from 0 to K − 1, the class whose loss is taken for each image: a tensor, or anything
            that numpy makes an array of; None takes the model's own predictions.

    Returns:
        A `Gradient`, which `direction` makes any rule's direction of.

    Raises:
        BadValueError: for images outside [0, 1], labels that don't fit them or the model, a network that gives no
            logits (N, K), or images of which it gives NaN or infinity.
    """
    pixels = as_images(images).to(device_of(model))
    check_repeatable(model, pixels)
    wanted = None if labels is None else as_labels(labels, len(pixels)).to(pixels.device)
    gradient = gradient_of(model, pixels, wanted)
    check_numbers(gradient)
    return gradient


def loss_gradient(model: nn.Module, images: Any, labels: Any) -> Float[Tensor, "n c h w"]:
    """The gradient g of each image's own cross-entropy with respect to that image, in nats per pixel unit.

    The loss is summed over the batch, never averaged: with a mean, each gradient would depend on the batch size.
    Where the network is surer than float32 can say, p_y above 1 − 1e-38 or so, g is smaller than float32 holds:
    `exact_gradient` keeps its direction all the same, and `perturb` uses that.

    Args:
        model: as for `exact_gradient`, and so are `images` and `labels`.
        images: (N, C, H, W) in [0, 1].
        labels: (N,).

    Raises:
        BadValueError: as `exact_gradient` does.
    """
    return exact_gradient(model, images, labels).of_loss.contiguous()


def gradient_of(model: nn.Module, images: Float[Tensor, "n c h w"], labels: Int64[Tensor, " n"] | None) -> Gradient:
    """As `exact_gradient`, of images that were checked before; NaN and infinity stay in it.

    Args:
        model: takes images, gives logits (N, K).
        images: in [0, 1], where the model is.
        labels: as for `exact_gradient`, as int64 where the model is.

    Raises:
        BadValueError: for labels that don't fit the model, or a network that gives no logits (N, K) or can't be
            differentiated.
    """
    own = precision_of(model)
    with torch.inference_mode(False), torch.enable_grad(), plain_float32(images.device):  # on the way back, too
        leaf = images.detach().clone().requires_grad_()
        logits = logits_of(_in_float32(model) if own in _REDUCED else model, leaf)
        with torch.no_grad():
            said = logits_of(model, leaf) if own in _REDUCED else logits.detach()
            wanted = said.argmax(1) if labels is None else labels.clone()
            check_range(wanted, said.shape[1])
            odds, weights = _log_odds(logits.detach(), wanted)
        (of_log_odds,) = _differentiated(logits, leaf, weights.to(logits.dtype))
    return Gradient(images.detach(), said, wanted, odds, of_log_odds)


def loss_of(logits: Float[Tensor, "n k"], labels: Int64[Tensor, " n"]) -> Float64[Tensor, " n"]:
    """The cross-entropy −log p_y in nats, exact however near p_y is to 1."""
    return torch.logaddexp(odds := _log_odds(logits, labels)[0], torch.zeros_like(odds))


def log_odds_of(logits: Float[Tensor, "n k"], labels: Int64[Tensor, " n"]) -> Float64[Tensor, " n"]:
    """m, the log-odds against the labels, in nats: what `Gradient.of_log_odds` is the gradient of."""
    return _log_odds(logits, labels)[0]


def check_numbers(gradient: Gradient) -> None:
    """Raise BadValueError, naming the images, where a logit or a value of the gradient is not a number."""
    bad = (~gradient.finite).nonzero()[:, 0].tolist()
    if bad:
        what = "logits" if not bool(gradient.logits.isfinite().all()) else "gradient"
        places = ", ".join(map(str, bad[:10])) + (", …" if len(bad) > 10 else "")
        raise BadValueError(
            f"expected finite numbers from the network, got NaN or infinity in the {what} of {len(bad)} of "
            f"{len(gradient.labels)} images, at the places {places} of the batch"
        )


def _log_odds(logits: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
    """m, float64 (N,), and its gradient with respect to the logits, p̃ − e_y, float64 (N, K)."""
    exact, label = logits.double(), labels[:, None]
    others = exact.scatter(1, label, -torch.inf)
    odds = others.logsumexp(1) - exact.gather(1, label)[:, 0]
    return odds, others.softmax(1).scatter(1, label, -1.0)


def _differentiated(logits: Tensor, leaf: Tensor, weights: Tensor) -> tuple[Tensor, ...]:
    if not logits.requires_grad:
        raise BadValueError(
            "expected logits that can be differentiated, got some that don't depend on the images as far as PyTorch "
            "can tell: is there a no_grad, a detach or numpy in the network?"
        )
    return torch.autograd.grad(logits, leaf, weights, allow_unused=True, materialize_grads=True)


def _in_float32(model: nn.Module) -> nn.Module:
    try:
        return deepcopy(model).float()
    except Exception as error:
        raise BadValueError(
            f"expected a network in half precision of which a copy in float32 can be made, for its gradient: {error}"
        ) from error
