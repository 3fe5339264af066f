"""What people bring, made known for a while: their networks, and images that these are asked about.

Images are made to fit the networks: their classes are matched by name, and they come in the size that is taken. Where
networks of several class spaces come together, each space has the images under a key of its own. A space that no image
set has gets the free photographs under its own key, so that there is something to look at, and its classes are known.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from gradlab.errors import BadValueError
from gradlab.images import registry as image_registry
from gradlab.images.brought import image_set_of
from gradlab.images.fitting import Target, fitted, nearest
from gradlab.images.registry import PHOTOS, ImageSet, image_set, image_sets, known_image_set
from gradlab.networks.brought import Network
from gradlab.networks.registry import forget, known_cards, register
from gradlab.types import Batch

Reader = Callable[[str, Target], ImageSet]  # reads images under a key, for a target: what is yet on disk


@contextmanager
def known_guests(networks: Sequence[Any], images: Mapping[str, Any]) -> Iterator[tuple[ImageSet, ...]]:
    """Within a `with` block, what `bring` brings is known; yields the image sets."""
    found = bring(networks, images)
    try:
        yield found
    finally:
        _forget(networks, found)


def bring(networks: Sequence[Any] = (), images: Mapping[str, Any] | None = None) -> tuple[ImageSet, ...]:
    """Make networks and images of your own known to this process, as what is shipped is.

        gradlab.bring([gradlab.load_network("mine")], {"holiday": gradlab.load_folder("holiday")})
        result = gradlab.sweep(gradlab.load_model("mine", "holiday"), gradlab.load_batch("holiday"))

    Args:
        networks: each with a name of its own.
        images: by key: an `ImageSet` as `load_folder` gives it, a `Batch`, an array (N, C, H, W) in [0, 1], or a
            function that reads an image set under a key, for a `Target`.

    Returns:
        The image sets, made to fit the networks.

    Raises:
        BadValueError: for a name or key that is taken or that a link can't hold, images that are none, or images
            whose classes no network tells apart. Nothing is known then.
    """
    known: list[ImageSet] = []
    taken: list[Network] = []
    try:
        for network in networks:
            if not isinstance(network, Network):
                raise BadValueError(f"expected gradlab.Network(...) as a network, got a {type(network).__name__}")
            register(network)
            taken.append(network)
        for found in list(_fitting(networks, images or {})):
            image_registry.register(found)
            known.append(found)
    except BaseException:
        _forget(taken, known)
        raise
    return tuple(known)


def _forget(networks: Sequence[Network], sets: Sequence[ImageSet]) -> None:
    for found in sets:
        image_registry.forget(found.key)
    for network in networks:
        forget(network.card.name, network.card.dataset)


def target_of(network: Network) -> Target:
    """What images have to be for a network: those of a known space are as large as its image set's."""
    space = network.card.dataset
    known = known_image_set(space)
    if known is not None:
        return Target.of(space, known.classes, known.synsets, known.shape[1], known.shape[0])
    return Target.of(space, network.classes, (), network.card.size, network.card.channels)


def _fitting(networks: Sequence[Network], images: Mapping[str, Any]) -> Iterator[ImageSet]:
    spaces = {network.card.dataset: network for network in reversed(networks)}  # the first of each
    targets = [(network.card.name, target_of(network)) for network in reversed(spaces.values())]
    if not targets:
        yield from (_with_networks(_alone(key, value)) for key, value in images.items())
    for number, (name, target) in enumerate(targets):
        for key, value in images.items():
            found = _fitted(value, key if not number else f"{key}-{number + 1}", target)
            yield replace(found, title=f"{key}, for {name}" if len(targets) > 1 else key)
        if known_image_set(target.space) is None:
            yield replace(photographs_for(target, name), listed=not images)


def photographs_for(target: Target, name: str) -> ImageSet:
    """The free photographs, as a network with classes of its own takes them; nobody knows their labels there."""
    known = image_set(PHOTOS)
    unlabelled = image_set_of(PHOTOS, known.batch().images, classes=known.classes, licence=known.licence)
    return replace(fitted(unlabelled, target.space, target), title=f"Photographs, for {name}", credits=known.credits)


def _fitted(value: Any, key: str, target: Target) -> ImageSet:
    if callable(value):
        found: ImageSet = value(key, target)
        return found
    return fitted(_as_set(value, key, target.classes), key, target)


def _alone(key: str, value: Any) -> ImageSet:
    """Images that came without a network: their own classes, or those of the set that has such images."""
    if callable(value):
        read: ImageSet = value(key, Target())
        return read
    if isinstance(value, ImageSet):
        return replace(value, key=key, space=value.space or value.key)
    shape = tuple((value.images if isinstance(value, Batch) else value).shape[1:])
    for known in image_sets():
        if known.shape == shape and (not isinstance(value, Batch) or value.classes == known.classes):
            return replace(_as_set(value, key, known.classes), space=known.key)
    raise BadValueError(f"{key}: expected a network for such images, got none for {shape}")


def _as_set(value: Any, key: str, classes: Sequence[str]) -> ImageSet:
    if isinstance(value, ImageSet):
        return value
    if isinstance(value, Batch):
        return image_set_of(key, value.images, value.labels, classes=value.classes)
    return image_set_of(key, value, classes=classes)


def _with_networks(found: ImageSet) -> ImageSet:
    if not any(card.dataset == (found.space or found.key) for card in known_cards()):
        few, count = ", ".join(found.classes[:3]), len(found.classes)
        near, matched = nearest(found.classes)
        which = f"{matched} of {count} class names match those of {near.title}, the nearest, and more than half have to"
        raise BadValueError(
            f"{found.key}: expected a network that tells its classes apart ({few}, …), got none: "
            f"{which if matched else 'no class name matches those of a known data set'}"
        )
    return found
