"""Where the accuracy of the network that people were tested with is taken from."""

from collections.abc import Iterator

import numpy as np

from gradlab.errors import BadValueError, GradlabError
from gradlab.networks import find_card
from gradlab.types import Protocol, SweepResult
from gradlab.ui import cached, state


def check_network(protocol: Protocol) -> None:
    """Whether the network that is at hand is the one of the test.

    Raises:
        UnknownNameError: when there is none of this name.
        BadValueError: when its weights are others.
    """
    card = find_card(protocol.model, protocol.dataset)
    if card.sha256 != protocol.weights:
        raise BadValueError(
            f"expected {protocol.model} with the weights {protocol.weights[:12]}… of this study, got those of "
            f"{card.sha256[:12]}…: its accuracy would be that of another network"
        )


def accuracy_key(protocol: Protocol) -> cached.SweepKey:
    """Which sweep is measured where none is shipped: after rounding to 8 bit, as people see the images."""
    limit = min(state.USUAL_LIMIT, cached.images_at_hand(protocol.dataset))
    return protocol.dataset, protocol.model, protocol.rules, limit, protocol.labels, True


def finished_accuracy(protocol: Protocol) -> SweepResult | None:
    """The shipped study of the network, where it has all rules in this direction; else what was measured meanwhile."""
    try:
        shipped = cached.stored_study(protocol.model, protocol.dataset, protocol.labels)
    except GradlabError:
        shipped = None
    if shipped and _serves(shipped, protocol):
        return shipped
    return cached.finished_sweep(accuracy_key(protocol))


def begin_accuracy(protocol: Protocol) -> Iterator[SweepResult]:
    """Begin to measure it."""
    return cached.begin_sweep(accuracy_key(protocol), ssim=True)


def _serves(result: SweepResult, protocol: Protocol) -> bool:
    side = -1 if protocol.descend else 1
    there = {curve.rule for curve in result.curves if np.any(np.sign(curve.epsilons) == side)}
    return result.label_source == protocol.labels and there.issuperset(protocol.rules)
