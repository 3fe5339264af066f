"""The networks that one visitor has brought: in memory, as long as the visit lasts, and for nobody else.

Each has a random name, is listed nowhere, and is loaded only where `allowed` lets it. Classes that no image set has
come with the free photographs, under a key that is random, too.
"""

import secrets
from collections.abc import Callable
from dataclasses import replace
from threading import Lock

import torch
from torch import nn

from gradlab.errors import BadValueError
from gradlab.images import registry as image_registry
from gradlab.images.registry import ImageSet, known_image_set
from gradlab.networks.cards import ModelCard
from gradlab.networks.folder import LARGEST_UPLOAD, network_from
from gradlab.networks.guests import photographs_for, target_of
from gradlab.networks.registry import KnownNetwork, forget, register

MOST = 2  # networks of one visitor


class OwnNetworks:
    """A visitor's networks.

    Args:
        allowed: called before one is loaded; raises a `GradlabError` where somebody else asks.
        outdated: called with the names and keys that stand for nothing any more, so that what is kept under them can
            go.
    """

    def __init__(
        self, allowed: Callable[[], None] = lambda: None, outdated: Callable[[list[str]], None] = lambda keys: None
    ) -> None:
        self._allowed, self._outdated, self._lock = allowed, outdated, Lock()
        self.cards: tuple[ModelCard, ...] = ()
        self.sets: tuple[ImageSet, ...] = ()

    def add(self, config: bytes, weights: bytes, otherwise: str | None = None) -> ModelCard:
        """Take one more.

        Args:
            config: the bytes of `config.json`.
            weights: those of `model.safetensors`, 200 MB at most.
            otherwise: the image set whose classes are meant where `config.json` names none.

        Raises:
            GradlabError: for what `network_from` refuses, or one too many.
        """
        with self._lock:
            if len(self.cards) >= MOST:
                raise BadValueError(f"expected at most {MOST} networks of yours at a time, got one more: remove one")
            name = f"own-{secrets.token_hex(8)}"
            network = network_from(config, weights, name, otherwise=otherwise, most=LARGEST_UPLOAD)
            if known_image_set(network.card.dataset) is None or network.card.dataset.startswith("classes-"):
                network.described(dataset=f"classes-{secrets.token_hex(8)}")
                photographs = replace(photographs_for(target_of(network), "your network"), listed=False)
                image_registry.register(photographs)
                self.sets = (*self.sets, photographs)

            def load(device: torch.device) -> nn.Module:
                self._allowed()
                return network if device.type == "cpu" else network.load(device)  # nobody changes it: once is enough

            register(KnownNetwork(network.card, load, from_folder=True))
            self.cards = (*self.cards, network.card)
            return network.card

    def remove(self, name: str) -> None:
        """Forget one; nothing happens where there is none of that name."""
        with self._lock:
            for card in self.cards:
                if card.name == name:
                    self._forget(card)

    def forget(self) -> None:
        """Forget all."""
        with self._lock:
            for card in self.cards:
                self._forget(card)

    def _forget(self, card: ModelCard) -> None:
        forget(card.name, card.dataset)
        gone = [known.key for known in self.sets if known.key == card.dataset]
        for key in gone:
            image_registry.forget(key)
        self.sets = tuple(known for known in self.sets if known.key not in gone)
        self.cards = tuple(one for one in self.cards if one.name != card.name)
        self._outdated([card.name, *gone])
