"""Which pixel values a network takes: [0, 1], or something else.

The same images are shown in other ways: normalised beforehand, as if the network had forgotten that; the other way
round, as if it did so twice; from 0 to 255. Where labels are known, one of these ways that gets significantly more
images right gives the fault away. Where none is, a network is asked of each image and of its mirror image: one that
sees what it was trained on says the same of both. That is only a hint, and said as one.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import torch
from torch import Tensor

from gradlab.networks.checks.tried import Finding, Tried
from gradlab.statistics import mcnemar
from gradlab.steps.logits import logits_of

_IMAGENET = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
_FEWEST = 16  # images; of fewer, nothing is told
_FIRST = 64  # images that every way is tried on
_SURE, _POINTS = 1e-3, 0.05  # a way is better if chance does that so rarely, and by so much
_STEADIER, _STEADY, _VARIED = 0.25, 0.6, 0.25


class _Way(NamedTuple):
    name: str
    show: Callable[[Tensor], Tensor]
    fault: str
    advice: str


def pixels(tried: Tried) -> Finding:
    """Whether the images as they are serve best."""
    if len(tried.many) < _FEWEST:
        return Finding(True, f"not tried: it takes {_FEWEST} images or more to tell")
    ways = list(_ways(tried.images[tried.many]))
    return _by_labels(tried, ways) if tried.labelled else _by_mirror(tried, ways)


def _ways(images: Tensor) -> Iterator[_Way]:
    """Other ways to show images."""
    yield _Way("from 0 to 255", lambda x: 255 * x, "it expects values from 0 to 255", "multiply the images by 255 in it")
    yield _Way("divided by 255", lambda x: x / 255, "it seems to multiply by 255 once too often",
               "leave out what multiplies by 255: images are in [0, 1]")  # fmt: skip
    own = images.mean((0, 2, 3)), images.std((0, 2, 3)).clamp(min=1e-3)
    half = torch.full_like(own[0], 0.5)
    known = [("these images' own", *own), ("0.5, 0.5,", half, half)]
    if images.shape[1] == 3:
        known.append(("ImageNet's", *(own[0].new_tensor(values) for values in _IMAGENET)))
    for name, mean, std in known:
        m, s = mean.view(1, -1, 1, 1), std.view(1, -1, 1, 1)
        yield _Way(
            f"normalised with {name} mean and std", lambda x, m=m, s=s: (x - m) / s,
            "its normalisation seems to be forgotten",
            f"put it into the network: mean={_few(mean)}, std={_few(std)} in gradlab.Network or config.json",
        )  # fmt: skip
        yield _Way(
            f"unnormalised with {name} mean and std", lambda x, m=m, s=s: x * s + m,
            "it seems to normalise twice", "normalise in one place only: in the network, or by mean and std",
        )  # fmt: skip


def _by_labels(tried: Tried, ways: list[_Way]) -> Finding:
    labels = tried.labels[tried.many.to(tried.labels.device)]
    as_they_are = tried.predictions == labels
    first = tried.many[:: max(1, len(tried.many) // _FIRST)]
    rows = torch.arange(0, len(tried.many), max(1, len(tried.many) // _FIRST))
    hits = [int((tried.said(way.show(tried.images[first])) == labels[rows]).sum()) for way in ways]
    best = max(range(len(ways)), key=hits.__getitem__)
    mine, count = int(as_they_are.sum()), len(labels)
    found = f"as they are {mine} of {count} images are classified correctly"
    if hits[best] <= int(as_they_are[rows].sum()):
        return Finding(True, f"{found}; shown in {len(ways)} other ways, no more of {len(rows)}")
    way = ways[best]
    right = tried.said(way.show(tried.images[tried.many])) == labels
    chance = mcnemar(as_they_are.cpu().numpy(), right.cpu().numpy()).p_value
    better = int(right.sum()) - mine >= _POINTS * count and chance < _SURE
    told = f"{found}, {way.name} {int(right.sum())} (by chance: p = {chance:.1g})"
    return Finding(not better, f"{way.fault}: {told}" if better else told, way.advice)


def _by_mirror(tried: Tried, ways: list[_Way]) -> Finding:
    """Without labels."""
    images = tried.images[tried.many[:: max(1, len(tried.many) // _FIRST)]]
    share, steady, _ = _seen(tried, images)
    found = f"no labels are known; as they are the likeliest class has {share:.0%} on average"
    told = [(way, *_seen(tried, way.show(images))) for way in ways]
    better = [
        (mirrored, way, top) for way, top, mirrored, varied in told
        if mirrored >= max(_STEADY, steady + _STEADIER) and varied >= _VARIED and top > share
    ]  # fmt: skip
    if not better:
        return Finding(True, f"{found}, and no other way to show them makes it steadier: a hint, no proof")
    mirrored, way, top = max(better, key=lambda one: one[0])
    return Finding(
        False,
        f"{way.fault}, as far as can be told without labels: {found}, {way.name} {top:.0%}; it agrees with itself on "
        f"mirror images by {steady:.2f} and {mirrored:.2f} (kappa)",
        way.advice,
    )


def _seen(tried: Tried, images: Tensor) -> tuple[float, ...]:
    """The mean share of the likeliest class, Cohen's kappa with the mirror images, and how varied the answers are."""
    with torch.inference_mode():
        said, mirrored = (
            torch.cat([logits_of(tried.model, part) for part in shown.split(32)]) for shown in (images, images.flip(3))
        )
    first, second, classes = said.argmax(1), mirrored.argmax(1), said.shape[1]
    shares = [torch.bincount(each, minlength=classes).double() / len(each) for each in (first, second)]
    agreed, by_chance = float((first == second).double().mean()), float((shares[0] * shares[1]).sum())
    kappa = (agreed - by_chance) / (1 - by_chance) if by_chance < 1 else 0.0
    varied = float(torch.special.entr(shares[0]).sum().exp()) / min(classes, len(images))
    return float(said.double().softmax(1).amax(1).mean()), kappa, varied


def _few(values: Tensor) -> str:
    return "(" + ", ".join(f"{float(value):.3g}" for value in values) + ")"
