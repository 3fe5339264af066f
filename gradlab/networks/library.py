"""Architectures of timm and torchvision, untrained, by their names. Nothing is downloaded here.

Both libraries take a second or two to load, so they are loaded when one is asked for.
"""

import difflib

from torch import nn

from gradlab.errors import BadValueError, UnknownNameError

TORCHVISION = "torchvision/"  # what stands before the name of one of torchvision's


def architecture(name: str, classes: int, channels: int = 3) -> nn.Module:
    """An untrained network that takes normalised images and gives logits (N, classes).

    Args:
        name: timm's name of it, such as `resnet18`, or torchvision's after `torchvision/`, such as `torchvision/vgg16`.
        classes: the number of logits.
        channels: of the images; torchvision's take 3 only.

    Raises:
        UnknownNameError: when neither library has it.
        BadValueError: for another number of channels than the architecture takes.
    """
    if name.startswith(TORCHVISION):
        return _torchvision(name, classes, channels)
    import timm

    if not timm.is_model(name):
        raise _unknown(name, timm.list_models())
    return timm.create_model(name, pretrained=False, num_classes=classes, in_chans=channels)


def _torchvision(name: str, classes: int, channels: int) -> nn.Module:
    from torchvision import models

    short = name.removeprefix(TORCHVISION)
    known = models.list_models(module=models)  # of networks that classify
    if short not in known:
        raise _unknown(name, [TORCHVISION + other for other in known])
    if channels != 3:
        raise BadValueError(f"expected 3 channels, which {name} takes, got {channels}")
    found: nn.Module = models.get_model(short, weights=None, num_classes=classes)
    return found


def _unknown(name: str, known: list[str]) -> UnknownNameError:
    """One line, with the names that come near among more than a thousand."""
    near = difflib.get_close_matches(name, known, n=5, cutoff=0.5)
    return UnknownNameError("architecture", name[:80], near or ["timm's names", f"{TORCHVISION}NAME"])
