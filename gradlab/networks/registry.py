"""Networks by key: the shipped ones, which are always there, those that were fetched, and what else was made known.

The key is a name and the image set whose classes the network tells apart. It does not matter who brought the network.
Asked for by an image set with the classes of another, it is found by that other one.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from typing import Protocol, runtime_checkable

import torch
from torch import nn

from gradlab.device import resolve_device
from gradlab.errors import BadValueError, UnknownNameError
from gradlab.images.own import is_own
from gradlab.images.registry import space_of
from gradlab.networks import efficientnet
from gradlab.networks.cards import ModelCard, read_cards
from gradlab.networks.fetched import fetched_cards, load_fetched
from gradlab.networks.weights import load_shipped
from gradlab.types.registry import Registry, check_name, while_known


@runtime_checkable
class Known(Protocol):
    """A network with all that is known of it, found by the name and the data set of its card."""

    @property
    def card(self) -> ModelCard:
        """What is known of it."""

    @property
    def load(self) -> Callable[[torch.device], nn.Module]:
        """Makes it for a device: eval mode, parameters frozen, takes images (N, C, H, W) in [0, 1], gives logits."""


@dataclass(frozen=True, eq=False)
class KnownNetwork:
    """A network that is read when it is asked for; one that a person brings is a `gradlab.Network`."""

    card: ModelCard
    load: Callable[[torch.device], nn.Module]
    from_folder: bool = False  # in timm's Hub layout, so that a script can read it again


_BROUGHT: Registry[tuple[str, str], Known] = Registry()


def known_cards(dataset: str | None = None) -> list[ModelCard]:
    """What is known of each network but those of single visitors; for one image set's classes, where it is named.

    Raises:
        MissingFileError: when there is no table of the shipped ones.
        CorruptFileError: when it can't be read.
    """
    brought = (network.card for network in _BROUGHT.things.values())
    cards = [*_always(), *(card for card in brought if not is_own(card.name))]
    return cards if dataset is None else [card for card in cards if card.dataset == space_of(dataset)]


def _always() -> list[ModelCard]:
    return [*read_cards(), efficientnet.CARD, *fetched_cards()]


def find_card(name: str, dataset: str) -> ModelCard:
    """What is known of the network `name` for the image set `dataset`.

    Raises:
        UnknownNameError: when there is none.
    """
    cards, space = known_cards(), space_of(dataset)
    if found := _BROUGHT.things.get((name, space)):
        return found.card
    for card in cards:
        if (card.name, card.dataset) == (name, space):
            return card
    fitting = [card.name for card in cards if card.dataset == space]
    if not fitting:
        raise UnknownNameError("data set with weights", dataset, sorted({card.dataset for card in cards}))
    raise UnknownNameError(f"model for {dataset}", name, fitting)


def brought(name: str, dataset: str) -> Known | None:
    """A network that somebody has brought; None for any other."""
    return _BROUGHT.things.get((name, space_of(dataset)))


def network(name: str, dataset: str) -> Known:
    """The network `name` for the image set `dataset`.

    Raises:
        UnknownNameError: when there is none.
    """
    if found := _BROUGHT.things.get((name, space_of(dataset))):
        return found
    card = find_card(name, dataset)
    if card is efficientnet.CARD:
        return KnownNetwork(card, efficientnet.load)
    return KnownNetwork(card, partial(load_fetched if card in fetched_cards() else load_shipped, card))


@torch.inference_mode(False)  # weights made in inference mode could never be differentiated through
def load_model(name: str, dataset: str, device: str | torch.device = "auto") -> nn.Module:
    """A trained network: eval mode, parameters frozen, takes images (N, C, H, W) in [0, 1], gives logits (N, K).

    Its card is in the attribute `card`.

    Args:
        name: its name, such as `alexnet`.
        dataset: an image set whose classes it tells apart, such as `cifar10`.
        device: `auto`, `cuda`, `mps` or `cpu`.

    Raises:
        UnknownNameError: for a name, image set or device that doesn't exist.
        MissingFileError: when the weights file isn't there.
        CorruptFileError: when it isn't the file that its card describes.
    """
    place = resolve_device(device)
    found = network(name, dataset)
    model = found.load(place)
    model.card = found.card  # type: ignore[assignment]
    return model


def register(network: Known) -> None:
    """Make a network known to pages, links, scripts and the command line of this process.

    Raises:
        BadValueError: for a name that is taken for its image set, or that a link can't hold.
    """
    card = network.card
    check_name("a name", card.name)
    if (card.name, card.dataset) in {(shipped.name, shipped.dataset) for shipped in _always()}:
        raise BadValueError(f"expected a name of its own for {card.dataset}, got {card.name!r}, which is taken")
    _BROUGHT.register((card.name, card.dataset), network)


def forget(name: str, dataset: str) -> None:
    """Make a network unknown again."""
    _BROUGHT.forget((name, dataset))


def registered(network: Known) -> AbstractContextManager[Known]:
    """Known within a `with` block only."""
    return while_known(network, register, lambda: forget(network.card.name, network.card.dataset))
