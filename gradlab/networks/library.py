"""Architectures of timm and torchvision, untrained, by their names. Nothing is downloaded here.

Both libraries take a second or two to load, so they are loaded when one is asked for.
"""

import difflib
from typing import Any

from torch import nn

from gradlab.errors import BadValueError, UnknownNameError

TORCHVISION = "torchvision/"  # what stands before the name of one of torchvision's
_USUAL = 224  # pixels, of those of torchvision's that are built for one size


def architecture(name: str, classes: int, channels: int = 3, size: int | None = None) -> nn.Module:
    """An untrained network that takes normalised images and gives logits (N, classes).

    Args:
        name: timm's name of it, such as `resnet18`, or torchvision's after `torchvision/`, such as `torchvision/vgg16`.
        classes: the number of logits.
        channels: of the images; torchvision's take 3 only.
        size: height and width of the images in pixels, for those that are built for one size; None: the usual one.

    Raises:
        UnknownNameError: when neither library has it.
        BadValueError: for another number of channels, or another size, than the architecture takes.
    """
    if name.startswith(TORCHVISION):
        return _torchvision(name, classes, channels, size)
    import timm

    if not timm.is_model(name):
        raise _unknown(name, timm.list_models())
    given: dict[str, Any] = {"num_classes": classes, "in_chans": channels}
    usual = usual_size(name)
    if size is None or usual in (None, size):
        return timm.create_model(name, pretrained=False, **given)
    try:
        return timm.create_model(name, pretrained=False, img_size=size, **given)
    except TypeError:
        raise BadValueError(f"expected images of {usual}x{usual} pixels, which {name} takes, got {size}") from None


def usual_size(name: str) -> int | None:
    """Height and width of the images that an architecture is built for unless one says otherwise; None: any will do."""
    if name.startswith(TORCHVISION):
        return _USUAL if _torchvisions_size(name, _USUAL) else None
    import timm

    try:
        known: Any = timm.get_pretrained_cfg(name)
    except RuntimeError:  # of a tag that there is not
        return None
    return int(known.input_size[-1]) if known is not None and known.fixed_input_size else None


def _torchvisions_size(name: str, size: int) -> dict[str, Any]:
    """How torchvision is told the size; empty for what takes any."""
    short = name.removeprefix(TORCHVISION)
    if short.startswith("vit_"):
        return {"image_size": size}
    return {"input_size": (size, size)} if short.startswith("maxvit") else {}


def _torchvision(name: str, classes: int, channels: int, size: int | None) -> nn.Module:
    from torchvision import models

    short = name.removeprefix(TORCHVISION)
    known = models.list_models(module=models)  # of networks that classify
    if short not in known:
        raise _unknown(name, [TORCHVISION + other for other in known])
    if channels != 3:
        raise BadValueError(f"expected 3 channels, which {name} takes, got {channels}")
    sized = {} if size is None else _torchvisions_size(name, size)
    found: nn.Module = models.get_model(short, weights=None, num_classes=classes, **sized)
    return found


def _unknown(name: str, known: list[str]) -> UnknownNameError:
    """One line, with the names that come near among more than a thousand."""
    near = difflib.get_close_matches(name, known, n=5, cutoff=0.5)
    return UnknownNameError("architecture", name[:80], near or ["timm's names", f"{TORCHVISION}NAME"])
