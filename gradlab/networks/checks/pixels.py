"""Which pixel values a network takes: [0, 1], or something else.

The same images are shown in other ways: normalised beforehand, as if the network had forgotten that; the other way
round, as if it did so twice; from 0 to 255. Where labels are known, one of these ways that gets significantly more
images right gives the fault away. Where none is, the first batch norm tells, if there is one: it remembers what it was
given in training. Where that doesn't tell, a network is asked of each image and of its mirror image: one that sees what
it was trained on says the same of both. That is only a hint, and said as one.

Measured on six small networks for CIFAR-10, SVHN and Fashion-MNIST, four of them with batch norm, each sound and with
four faults, 256 images. With labels, 22 of 24 faults are found and none of 6 sound networks is accused. Without, 15 of
16 of those with batch norm and 1 of 8 of the others; no sound one is accused on images of its own kind, 1 of 12 on
images of another. Mirror images alone find 6 of 24, and accuse 4 of 12. Only the thresholds of the batch norm were
chosen with three of these networks in sight; of the fourth, it finds 3 of 4 faults.
"""

from collections.abc import Callable, Iterator
from operator import itemgetter
from typing import NamedTuple

import torch
from torch import Tensor

from gradlab.networks.checks.norms import unlike_training
from gradlab.networks.checks.tried import Finding, Tried
from gradlab.statistics import mcnemar
from gradlab.steps.logits import logits_of

_IMAGENET = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
_FEWEST = 16  # images; of fewer, nothing is told
_FIRST = 64  # images that every way is tried on
_SURE, _POINTS = 1e-3, 0.05  # a way is better if chance does that so rarely, and by so much
_STEADIER, _STEADY, _VARIED = 0.12, 0.6, 0.25  # of kappa, more and at least; and of the classes
_AS_TRAINED, _LIKE, _LIKER = 0.02, 0.3, 10  # nats: so much, at most, is as in training; is like it, by so many times
# Nats, at least, where something is wrong: usually; where contrast is taken from the images, for images of another kind
# differ by up to 0.9; and where they are multiplied or divided by 255, which fits nothing else.
_UNLIKE, _FAR, _NEAR, _HUGE = 0.4, 1.0, 0.05, 10.0


class _Way(NamedTuple):
    name: str
    show: Callable[[Tensor], Tensor]
    fault: str
    advice: str
    unlike: float = _UNLIKE  # its training, at least, what the first batch norm is given now


def pixels(tried: Tried) -> Finding:
    """Whether the images as they are serve best."""
    if len(tried.many) < _FEWEST:
        return Finding(True, f"not tried: it takes {_FEWEST} images or more to tell")
    ways = list(_ways(tried.images[tried.many]))
    return _by_labels(tried, ways) if tried.labelled else _without_labels(tried, ways)


def _ways(images: Tensor) -> Iterator[_Way]:
    """Other ways to show images."""
    yield _Way("from 0 to 255", lambda x: 255 * x, "it expects values from 0 to 255",
               "multiply the images by 255 in it", _NEAR)  # fmt: skip
    yield _Way("divided by 255", lambda x: x / 255, "it seems to multiply by 255 once too often",
               "leave out what multiplies by 255: images are in [0, 1]", _HUGE)  # fmt: skip
    half = torch.full_like(images[0, :, 0, 0], 0.5)
    known = {
        "these images' own": (images.mean((0, 2, 3)), images.std((0, 2, 3)).clamp(min=1e-3)),
        "0.5, 0.5,": (half, half),
    }
    if images.shape[1] == 3:
        known["ImageNet's"] = (half.new_tensor(_IMAGENET[0]), half.new_tensor(_IMAGENET[1]))
    for name, (mean, std) in known.items():
        yield from _normalising(name, mean, std)


def _normalising(name: str, mean: Tensor, std: Tensor) -> Iterator[_Way]:
    """There, and back."""
    m, s = mean.view(1, -1, 1, 1), std.view(1, -1, 1, 1)
    yield _Way(
        f"normalised with {name} mean and std", lambda x: (x - m) / s, "its normalisation seems to be forgotten",
        f"put it into the network: mean={_few(mean)}, std={_few(std)} in gradlab.Network or config.json",
    )  # fmt: skip
    yield _Way(
        f"unnormalised with {name} mean and std", lambda x: x * s + m, "it seems to normalise twice",
        "normalise in one place only: in the network, or by mean and std", _FAR,
    )  # fmt: skip


def _by_labels(tried: Tried, ways: list[_Way]) -> Finding:
    labels = tried.labels[tried.many.to(tried.labels.device)]
    first = slice(None, None, max(1, len(labels) // _FIRST))
    as_they_are = tried.predictions == labels
    hits = [int((tried.said(way.show(tried.images[tried.many[first]])) == labels[first]).sum()) for way in ways]
    best, now, count = max(range(len(ways)), key=hits.__getitem__), int(as_they_are.sum()), len(labels)
    found = f"as they are {now} of {count} images are classified correctly"
    if hits[best] <= int(as_they_are[first].sum()):
        return Finding(True, f"{found}; shown in {len(ways)} other ways, no more of {len(labels[first])}")
    way = ways[best]
    right = tried.said(way.show(tried.images[tried.many])) == labels
    chance = _by_chance(as_they_are, right)
    better = int(right.sum()) - now >= _POINTS * count and chance < _SURE
    told = f"{found}, {way.name} {int(right.sum())} (by chance: p = {chance:.1g})"
    return Finding(not better, f"{way.fault}: {told}" if better else told, way.advice)


def _without_labels(tried: Tried, ways: list[_Way]) -> Finding:
    """By the first batch norm; by mirror images where that doesn't tell, among the ways that it finds likelier."""
    images = tried.images[tried.many[:: max(1, len(tried.many) // _FIRST)]]
    now = unlike_training(tried, images)
    if now is None:
        return _by_mirror(tried, ways)
    found = f"no labels are known; what its first batch norm is given differs from its training by {now:.2g} nats"
    unlike = [unlike_training(tried, way.show(images)) or 0.0 for way in ways]
    then, way = min(zip(unlike, ways, strict=True), key=itemgetter(0))
    if now <= _AS_TRAINED or then > now / 2:
        return Finding(True, f"{found}, shown in {len(ways)} other ways by {then:.2g} or more")
    if now >= way.unlike and then <= min(_LIKE, now / _LIKER):
        return Finding(False, f"{way.fault}: {found}; {way.name}, by {then:.2g}", way.advice)
    return _by_mirror(tried, [way for each, way in zip(unlike, ways, strict=True) if each <= now / 2])


def _by_mirror(tried: Tried, ways: list[_Way]) -> Finding:
    """Without labels."""
    first = tried.many[:: max(1, len(tried.many) // _FIRST)]
    steady = [_seen(tried, way.show(tried.images[first])) for way in ways]
    way = ways[max(range(len(ways)), key=lambda n: steady[n].kappa if steady[n].varied >= _VARIED else -1.0)]
    now, then = (_seen(tried, show(tried.images[tried.many])) for show in (lambda x: x, way.show))
    chance = _by_chance(now.agreed, then.agreed)
    found = (
        f"no labels are known; the network agrees with itself on mirror images by {now.kappa:.2f} (kappa), and gives "
        f"the likeliest class {now.share:.0%} on average; {way.name} by {then.kappa:.2f} and {then.share:.0%}"
    )
    better = then.kappa >= max(_STEADY, now.kappa + _STEADIER) and then.varied >= _VARIED and chance < _SURE
    if better:
        return Finding(False, f"{way.fault}, as far as can be told without labels: {found}", way.advice)
    return Finding(True, f"{found}: a hint that it does, no proof")


class _Seen(NamedTuple):
    """What a network says of images and their mirror images."""

    agreed: Tensor  # bool (N,): the same class
    kappa: float  # Cohen's, of the two answers
    varied: float  # how many classes it names, of those that it could; 1 for all equally often
    share: float  # of the likeliest class, on average


def _seen(tried: Tried, images: Tensor) -> _Seen:
    with torch.inference_mode():
        said, mirrored = (
            torch.cat([logits_of(tried.model, part) for part in shown.split(32)]) for shown in (images, images.flip(3))
        )
    first, second, classes = said.argmax(1), mirrored.argmax(1), said.shape[1]
    shares = [torch.bincount(each, minlength=classes).double() / len(each) for each in (first, second)]
    agreed, by_chance = first == second, float((shares[0] * shares[1]).sum())
    kappa = (float(agreed.double().mean()) - by_chance) / (1 - by_chance) if by_chance < 1 else 0.0
    varied = float(torch.special.entr(shares[0]).sum().exp()) / min(classes, len(images))
    return _Seen(agreed, kappa, varied, float(said.double().softmax(1).amax(1).mean()))


def _by_chance(first: Tensor, second: Tensor) -> float:
    """How often chance alone would make two ways so unequal (McNemar)."""
    return mcnemar(first.cpu().numpy(), second.cpu().numpy()).p_value


def _few(values: Tensor) -> str:
    return "(" + ", ".join(f"{float(value):.3g}" for value in values) + ")"
