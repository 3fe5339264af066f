"""What a sweep says of a network on one side of epsilon 0, and between the epsilons that were measured."""

import math

import numpy as np

from gradlab.errors import BadValueError
from gradlab.seeing.seen.axes import AXIS_MEASURES
from gradlab.statistics import wilson_interval
from gradlab.types import Accuracy, Curve, Estimate, Rule, SeenNetwork, SweepResult


def network_of(sweep: SweepResult, rule: Rule, descend: bool = False) -> SeenNetwork:
    """The accuracy over the size of the step, after rounding to 8 bit where the sweep rounded: people see it rounded.

    Sizes at which rounding is not defined (`rounding_defined`) are then left out.

    Args:
        sweep: of the network; it may be condensed.
        rule: one of its rules.
        descend: whether the epsilons below 0 are meant, instead of those above.

    Raises:
        UnknownNameError: when the sweep had no such rule.
        BadValueError: when it has no image, or no epsilon on that side that counts.
    """
    curve = sweep.curve(rule)
    right = sweep.correct(curve) if curve.rounded is None else sweep.correct_rounded(curve)
    order = np.argsort(np.abs(curve.epsilons), kind="stable")
    kept = order[(np.sign(curve.epsilons[order]) == (-1 if descend else 1)) & np.isfinite(right[order])]
    if not len(kept) or not sweep.images:
        side = "below" if descend else "above"
        raise BadValueError(
            f"expected a sweep of {rule} with images and an epsilon {side} 0, got {sweep.images} images"
        )
    counts = right[kept]
    low, high = wilson_interval(counts, sweep.images)
    clean_low, clean_high = wilson_interval(sweep.clean_correct, sweep.images)
    return SeenNetwork(
        dataset=sweep.dataset, model=sweep.model, labels=sweep.label_source, source=sweep.source, split=sweep.split,
        images=sweep.images, rounded=curve.rounded is not None,
        clean=Accuracy(0.0, sweep.clean_accuracy, float(clean_low), float(clean_high)),
        sizes=np.abs(curve.epsilons[kept]), share=counts / sweep.images, low=low, high=high,
        levels={name: curve.level(name)[kept] for name in AXIS_MEASURES if _measured(curve, name)},
    )  # fmt: skip


def accuracy_at(network: SeenNetwork, size: float) -> Accuracy | None:
    """The accuracy at a size of the step; None beyond the largest that was measured.

    Between two sizes that were measured, accuracy and the ends of its interval are interpolated, linearly over the
    logarithm of the size; between 0 and the smallest one, over the size itself.

    Args:
        network: as `network_of` returns it.
        size: at least 0, in the rule's unit.
    """
    clean = network.clean
    sizes = [0.0, *network.sizes.tolist()]
    rows = [
        (clean.share, clean.low, clean.high),
        *zip(network.share.tolist(), network.low.tolist(), network.high.tolist(), strict=True),
    ]
    for place, known in enumerate(sizes):
        if math.isclose(size, known, rel_tol=1e-9):
            return Accuracy(size, *rows[place])
        if size < known:
            weight = _weight(size, sizes[place - 1], known)
            share, low, high = (
                (1 - weight) * a + weight * b for a, b in zip(rows[place - 1], rows[place], strict=True)
            )
            return Accuracy(size, share, low, high, ((sizes[place - 1], rows[place - 1][0]), (known, rows[place][0])))
    return None


def accuracies(
    network: SeenNetwork | None, threshold: Estimate
) -> tuple[Accuracy | None, tuple[Accuracy | None, Accuracy | None]]:
    """The accuracy at a threshold, and at both ends of its interval; None for what is not known."""
    at, low, high = (
        accuracy_at(network, size) if network and size and math.isfinite(size) else None
        for size in (threshold.value, threshold.low, threshold.high)
    )
    return at, (low, high)


def _weight(size: float, below: float, above: float) -> float:
    return math.log(size / below) / math.log(above / below) if below else size / above


def _measured(curve: Curve, name: str) -> bool:
    return getattr(curve, name) is not None
