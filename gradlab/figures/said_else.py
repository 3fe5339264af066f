"""What the figures of one image's loss, of transfer and of people who look show, in one sentence; see `said`."""

from collections.abc import Sequence

import numpy as np

from gradlab.figures.landscape import class_name
from gradlab.figures.said import listed, named
from gradlab.seeing.thresholds import threshold_text
from gradlab.statistics import wilson_interval
from gradlab.steps.epsilon import format_epsilon
from gradlab.types import LossLine, LossPlane, Seen, TransferResult


def loss_line_said(line: LossLine, classes: tuple[str, ...], epsilon: float) -> str:
    """What the chosen step does to the loss and to the class; where it is out of reach, or none, the longest does."""
    reached = epsilon and abs(epsilon) <= line.epsilons[-1]
    k = int(np.abs(line.epsilons - epsilon).argmin()) if reached else len(line.epsilons) - 1
    clean, there = float(line.loss[line.middle]), float(line.loss[k])
    before, after = (class_name(int(line.predictions[n]), classes) for n in (line.middle, k))
    says = f"still says {after}" if before == after else f"says {after} instead of {before}"
    straight = float(line.straight[k])
    linear = f"; were the loss linear, it would be {_nats(straight)}" if np.isfinite(straight) else ""
    return (
        f"With {named(line.rule)}, the loss of {class_name(line.label, classes)} goes from {_nats(clean)} to "
        f"{_nats(there)} at ε = {format_epsilon(float(line.epsilons[k]), line.rule)}, where the network {says} (one "
        f"image){linear}."
    )


def _nats(loss: float) -> str:
    return f"{loss:.3g} nats" if np.isfinite(loss) else "no number"


def loss_plane_said(plane: LossPlane, classes: tuple[str, ...]) -> str:
    """Which classes have most of the plane, and between which losses it lies."""
    said, loss = plane.predictions[plane.computed], plane.loss[plane.computed]
    kinds, counts = np.unique(said, return_counts=True)
    largest = [(class_name(int(kinds[n]), classes), counts[n] / said.size) for n in np.argsort(-counts)[:3]]
    shares = listed(f"{name} on {share:.1%}" for name, share in largest) if largest else "nothing yet"
    finite = loss[np.isfinite(loss)]
    between = (
        f"; the loss lies between {_nats(float(finite.min()))} and {_nats(float(finite.max()))}" if len(finite) else ""
    )
    return (
        f"Within ±{format_epsilon(float(plane.epsilons[-1]), plane.rule, signed=False)} along {named(plane.rule)} and "
        f"across it, the network says {shares} of {said.size:,} points (one image){between}."
    )


def transfer_said(result: TransferResult) -> str:
    """What the step leaves on the network that it was made on, on the others, and before it."""
    shares, count = result.correct / result.images, len(result.models)
    own, right = np.diag(shares), "right" if result.labelled else "in their class"
    step = f"{named(result.rule)} at ε = {format_epsilon(result.epsilon, result.rule)}"
    parts = [f"{_from_to(own)} of {result.images:,} images stay {right} on the network that it was made on"]
    if count > 1:
        elsewhere = np.where(np.eye(count, dtype=bool), np.nan, shares)
        s, t = (int(n) for n in np.unravel_index(int(np.nanargmin(elsewhere)), shares.shape))
        parts.append(
            f"{_from_to(elsewhere[np.isfinite(elsewhere)])} on another (least: made on {result.models[s]}, tested on "
            f"{result.models[t]})"
        )
    if result.labelled:
        parts.append(f"clean it is {_from_to(result.clean_correct / result.images)}")
    low, high = wilson_interval(np.vstack([result.clean_correct, result.correct]), result.images)
    widest = float((high - low).max()) * 100
    return f"With {step}, {', '.join(parts)}; no 95% interval is wider than {np.ceil(widest * 10) / 10:.1f} points."


def _from_to(shares: np.ndarray) -> str:
    low, high = f"{shares.min():.1%}", f"{shares.max():.1%}"
    return low if low == high else f"{low} to {high}"


def seen_said(found: Sequence[Seen]) -> str:
    """Each rule's threshold with its interval, and the network's accuracy there where it is known."""
    return f"People see the change in 3 of 4 trials: {'; '.join(map(_threshold, found))} (in brackets 95% intervals)."


def _threshold(seen: Seen) -> str:
    threshold = threshold_text(seen)
    size = f"at ε = {threshold}" if seen.fit.threshold.value is not None else f"at an ε {threshold}"
    text = f"{named(seen.rule)} {size}, from {seen.fit.trials:,} answers"
    network, at = (seen.shown, seen.shown_at) if seen.shown else (seen.network, seen.at)
    if network is None or at is None:
        return text
    return (
        f"{text}, where {network.model} {network.does} {at.share:.1%} ({at.low * 100:.1f} to {at.high * 100:.1f}) of "
        f"{network.images:,} images"
    )
