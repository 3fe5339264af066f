"""`--network NAME=FOLDER` and `--images NAME=FOLDER`: what a person brings to a command."""

import argparse
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from gradlab.cli.output import say
from gradlab.errors import BadValueError

if TYPE_CHECKING:
    from gradlab.images.fitting import Target
    from gradlab.images.registry import ImageSet
    from gradlab.networks import ModelCard, Network

_USUAL = "alexnet"


@contextmanager
def guests_known(options: argparse.Namespace) -> Iterator[None]:
    """Meanwhile, what the options bring is known, and the network and data set that they don't name are filled in."""
    if not hasattr(options, "networks") or options.command == "app":
        yield
        return
    networks, images = pairs("--network", options.networks), pairs("--images", options.images)
    if not networks and not images:
        _fill_in(options)
        yield
        return
    from gradlab.networks.guests import known_guests

    found = [loaded(name, folder, options.dataset) for name, folder in networks.items()]
    with known_guests(found, readers(images)) as sets:
        for known in sets:
            for note in known.notes:
                say(options.command, f"{known.key}: {note}")
        _fill_in(options, [network.card for network in found], [known.key for known in sets])
        yield


def loaded(name: str, folder: str, dataset: str | None = None) -> "Network":
    """The network in a folder; its classes are those of the data set that was named, where it names none itself."""
    from gradlab.images.registry import known_image_set
    from gradlab.networks.folder import load_network

    known = known_image_set(dataset) if dataset else None
    return load_network(folder, name, otherwise=known.key if known else None)


def readers(images: Mapping[str, str]) -> "dict[str, Callable[[str, Target], ImageSet]]":
    """What reads each folder of images, once it is known for which network."""

    def read(folder: str, key: str, target: "Target") -> "ImageSet":
        from gradlab.images.folder import image_set_from

        return image_set_from(folder, key, target)

    return {key: partial(read, folder) for key, folder in images.items()}


def pairs(flag: str, given: Sequence[str] | None) -> dict[str, str]:
    """What stands before and after each equals sign.

    Raises:
        BadValueError: where there is none, a name comes twice, or nothing is there.
    """
    found: dict[str, str] = {}
    for text in given or ():
        name, equals, folder = text.partition("=")
        if not (name and equals and folder):
            raise BadValueError(f"{flag} {text}: expected NAME=FOLDER, such as mine=my-network")
        if name in found:
            raise BadValueError(f"{flag} {text}: expected a name of its own, got {name} twice")
        if not Path(folder).exists():
            raise BadValueError(f"{flag} {text}: expected a folder, got nothing at {folder}")
        found[name] = folder
    return found


def _fill_in(options: argparse.Namespace, cards: Sequence["ModelCard"] = (), keys: Sequence[str] = ()) -> None:
    """The data set and the network that the command is about, where they were not typed."""
    if not (options.dataset or keys or cards):
        options.dataset, options.model = "cifar10", options.model or _USUAL
    if options.dataset is None:
        options.dataset = keys[0] if keys else cards[0].dataset
    if options.model is None:
        from gradlab.networks import known_cards

        names = [card.name for card in known_cards(options.dataset)]
        mine = [card.name for card in cards if card.name in names]
        usual = [_USUAL] if _USUAL in names else names
        options.model = next(iter([*mine, *usual]), _USUAL)
