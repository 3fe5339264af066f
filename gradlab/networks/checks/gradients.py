"""The gradient of a network: it reaches the image, float32 keeps it, and it is the slope of the network's answer."""

import torch
from torch import Tensor, nn
from torch.nn.functional import cosine_similarity

from gradlab.networks.checks.tried import Finding, Tried
from gradlab.steps.gradient import gradient_of, log_odds_of
from gradlab.steps.logits import logits_of, precision_of

_ALIKE = 0.98  # cosine of the gradients in float32 and float64, at least; of sound networks 0.999 and more
_LOST = 0.05  # of the spread of an image's logits, at most: what float32 makes of them
_SMALL_STEPS = (1e-5, 1e-7, 1e-8, 1e-9)  # in pixel units: the more kinks a network has, the smaller
_LARGE_STEPS = (3e-2, 1e-2, 3e-3)  # for a network that has float32 only, whose answers are rounded
_TRIED = 4  # images
_NOT_IN_64 = "not tried: it computes in float32 only, so there is nothing to compare with"
_DETACHED = "look for what cuts it off: a no_grad, a detach, numpy, a rounding to whole levels, an argmax"


def reaches(tried: Tried) -> Finding:
    """Neither 0 nor NaN for any image."""
    gradient = tried.gradient
    zero, bad = int(gradient.zero.sum()), int((~gradient.finite).sum())
    reached = float((gradient.of_log_odds != 0).float().mean())
    found = (
        f"of {len(tried.few)} images it is 0 for {zero} and no number for {bad}; it reaches {reached:.0%} of the values"
    )
    return Finding(not (zero or bad), found, _DETACHED if zero and not bad else "")


def in_float32(tried: Tried) -> Finding:
    """Logits and gradient are in float32 what they are in float64."""
    if tried.exact is None:
        return Finding(True, _NOT_IN_64)
    images = tried.few[:_TRIED]
    exact = gradient_of(tried.exact, images.cpu().double(), tried.gradient.labels[:_TRIED].cpu())
    mine, theirs = (each.flatten(1) for each in (tried.gradient.of_log_odds[:_TRIED].cpu().double(), exact.of_log_odds))
    shown = (theirs != 0).any(1)
    alike = float(cosine_similarity(mine, theirs, eps=1e-300)[shown].min()) if bool(shown.any()) else 1.0
    lost = _lost(tried, exact.logits)
    found = f"cosine of the gradients in float32 and float64 {alike:.4f}; logits differ by {lost:.1%} of their spread"
    return Finding(alike >= _ALIKE and lost <= _LOST, found)


def _lost(tried: Tried, exact: Tensor) -> float:
    """How far the logits are off, as a share of their spread; a network in half precision may be."""
    if precision_of(tried.model) in (torch.float16, torch.bfloat16):
        return 0.0
    mine = tried.logits[: len(exact)].cpu().double()
    spread = (exact.amax(1) - exact.amin(1)).clamp(min=1e-300)
    return float(((mine - exact).abs().amax(1) / spread).nan_to_num(0.0).max())


def slopes(tried: Tried) -> Finding:
    """Along random directions, the answer changes as the gradient says."""
    few = tried.few[:_TRIED]
    if tried.exact is not None:
        errors = _errors(tried.exact, _moved(few.cpu(), torch.float64), _SMALL_STEPS)
        allowed, where = 1e-3, "float64"
    else:
        errors = _errors(tried.model, _moved(few, torch.float32), _LARGE_STEPS)
        allowed, where = 0.25, "float32, where finite differences are rough"
    usual = float(errors.median())
    return Finding(usual <= allowed, f"it differs from finite differences by {usual:.2g} of its size, in {where}")


def _moved(images: Tensor, kind: torch.dtype) -> Tensor:
    """Images inside (0, 1) with a little noise: no value at a limit, at n/255, or equal to its neighbour.

    There, networks have kinks, where a slope is not one number: a clamp at 0, a maximum of two equal values.
    """
    chance = torch.Generator().manual_seed(0)
    noise = torch.rand(images.shape, generator=chance, dtype=torch.float64).to(images.device, kind)
    return 0.05 + 0.88 * images.to(kind) + 0.02 * noise


def _errors(model: nn.Module, images: Tensor, steps: tuple[float, ...]) -> Tensor:
    """Of each image along each direction, the relative error at the step where it is least."""
    gradient = gradient_of(model, images, None)
    found = []
    for direction in _directions(gradient.of_log_odds):
        slope = (gradient.of_log_odds.double() * direction.double()).sum((1, 2, 3))
        size = gradient.of_log_odds.double().flatten(1).norm(dim=1)
        there = torch.stack([_difference(model, images, gradient.labels, direction, step) for step in steps])
        scale = torch.maximum(slope.abs(), size).maximum(there.abs().amin(0)).clamp(min=1e-300)
        found.append(((there - slope).abs() / scale).nan_to_num(1.0).amin(0))
    return torch.stack(found)


def _directions(gradient: Tensor) -> list[Tensor]:
    """Two at random, and the gradient's own sign."""
    chance = torch.Generator().manual_seed(1)
    random = [torch.rand(gradient.shape, generator=chance).sub(0.5).sign().to(gradient) for _ in range(2)]
    return [*random, gradient.sign()]


@torch.inference_mode()
def _difference(model: nn.Module, images: Tensor, labels: Tensor, direction: Tensor, step: float) -> Tensor:
    ahead, behind = (log_odds_of(logits_of(model, images + way * step * direction), labels) for way in (1, -1))
    return (ahead - behind) / (2 * step)
