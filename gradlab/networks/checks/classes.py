"""Whether the classes fit, how many images are classified correctly, and what an image costs."""

from collections import Counter
from time import perf_counter

import torch
from torch import Tensor, nn

from gradlab.errors import BadValueError
from gradlab.networks.checks.tried import Finding, Tried
from gradlab.statistics import wilson_interval
from gradlab.steps.gradient import gradient_of
from gradlab.steps.logits import logits_of

_FEWEST = 16  # labelled images; of fewer, chance is not told from skill


def fit(tried: Tried) -> Finding:
    """As many logits as names, and no label beyond them."""
    classes, highest = tried.logits.shape[1], int(tried.labels.max())
    if tried.names and len(tried.names) != classes:
        return Finding(False, f"{classes:,} logits for {len(tried.names):,} names of classes")
    if highest >= classes:
        return Finding(False, f"{classes:,} logits, but an image has the label {highest}")
    named = f" and as many names, from {tried.names[0]} to {tried.names[-1]}" if tried.names else "; no names are known"
    return Finding(True, f"{classes:,} logits{named}")


def accuracy(tried: Tried) -> Finding:
    """On labelled images, beside chance."""
    if not tried.labelled:
        return Finding(True, "not tried: nobody knows the labels of these images")
    labels = tried.labels[tried.many.to(tried.labels.device)]
    right, count = int((tried.predictions == labels).sum()), len(labels)
    low, high = (float(each) for each in wilson_interval(right, count))
    chance = max(1 / tried.logits.shape[1], max(Counter(labels.tolist()).values()) / count)
    found = (
        f"{right / count:.1%} of {count} images are classified correctly (interval {low:.1%} to {high:.1%}); "
        f"always saying one class gets {chance:.1%}"
    )
    if count < _FEWEST or low > chance:
        return Finding(True, found)
    return Finding(False, found, _shifted(tried.predictions, labels))


def _shifted(predictions: Tensor, labels: Tensor) -> str:
    """What is told where all labels are one off; empty otherwise."""
    for by in (1, -1):
        share = float((predictions + by == labels).float().mean())
        if share > 0.25 and share > 4 * float((predictions == labels).float().mean()):
            return f"its classes seem to be counted one off: with {by:+d}, {share:.0%} are right"
    return ""


def cost(tried: Tried) -> Finding:
    """Milliseconds and megabytes an image: only told, never too much."""
    images, begun = tried.few, perf_counter()
    with torch.inference_mode():
        logits_of(tried.model, images).sum().item()
    asked = (perf_counter() - begun) / len(images)
    weights = sum(value.untyped_storage().nbytes() for value in tried.model.state_dict().values())
    told = f"weights {weights / 1e6:.1f} MB; {1000 * asked:.1f} ms an image"
    try:
        back, kept = _backwards(tried.model, images)
    except (BadValueError, RuntimeError):  # told elsewhere
        return Finding(True, told)
    kept = max(0, kept - weights)
    return Finding(
        True,
        f"{told}, {1000 * back / len(images):.1f} ms with its gradient, which keeps {kept / len(images) / 1e6:.1f} MB",
    )


def _backwards(model: nn.Module, images: Tensor) -> tuple[float, int]:
    """Seconds that a gradient takes, and bytes that are kept for it."""
    kept: dict[int, int] = {}

    def count(value: Tensor) -> Tensor:
        storage = value.untyped_storage()
        kept[storage.data_ptr()] = storage.nbytes()
        return value

    begun = perf_counter()
    with torch.autograd.graph.saved_tensors_hooks(count, lambda value: value):
        gradient_of(model, images, None).of_log_odds.sum().item()
    return perf_counter() - begun, sum(kept.values())
