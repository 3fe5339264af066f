"""What a network answers: numbers, logits and no shares of 1, the same ones twice, and alone as in a batch."""

import torch

from gradlab.networks.checks.tried import Finding, Tried, apart
from gradlab.steps.logits import logits_of

_ROUNDING = 1e-2  # of the largest logit: half precision rounds that much otherwise in a batch of another size


def numbers(tried: Tried) -> Finding:
    """No NaN, no infinity."""
    bad = int((~tried.logits.isfinite().all(1)).sum())
    return Finding(not bad, f"NaN or infinity for {bad} of {len(tried.logits)} images")


def logits(tried: Tried) -> Finding:
    """Neither shares of 1 nor, which does no harm, their logarithms."""
    rows = tried.logits.double()
    shares = bool(((rows >= 0).all(1) & ((rows.sum(1) - 1).abs() < 1e-3)).all())
    logarithms = not shares and bool((rows.logsumexp(1).abs() < 1e-4).all())
    found = f"each row is at least 0 and sums to 1: {'yes' if shares else 'no'}"
    if logarithms:
        found = "logarithms of probabilities (a log-softmax): as good as logits, for a second softmax changes nothing"
    return Finding(not shares, found)


def repeatable(tried: Tried) -> Finding:
    """Asked twice, the same."""
    with torch.inference_mode():
        difference = apart(tried.logits, logits_of(tried.model, tried.few))
    return Finding(not difference, f"two calls differ by up to {difference:.3g}")


def alone(tried: Tried) -> Finding:
    """Alone as in a batch, up to rounding."""
    with torch.inference_mode():
        difference = apart(tried.logits, torch.cat([logits_of(tried.model, image[None]) for image in tried.few]))
    close = difference <= _ROUNDING * max(1.0, float(tried.logits.nan_to_num().abs().max()))
    return Finding(close, f"alone and in a batch differ by up to {difference:.3g}")
