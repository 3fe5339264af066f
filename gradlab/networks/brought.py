"""A network that a person brings: any module or function that takes images in [0, 1] and gives logits."""

import copy
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from gradlab.errors import BadValueError
from gradlab.images.spaces import class_space
from gradlab.networks.cards import ModelCard
from gradlab.networks.normalize import Normalize
from gradlab.types.registry import check_name

SMALLEST, LARGEST = 8, 1024  # pixels
_CHANNELS = (1, 3)
_LUMA = (0.299, 0.587, 0.114)  # of red, green and blue, as Pillow makes grey of them


@dataclass(frozen=True)
class Made:
    """A module that was made for a `Network` alone, which need not be copied.

    Attributes:
        module: the module, in eval mode and frozen.
        sha256: of its weights.
    """

    module: nn.Module
    sha256: str


class Network(nn.Module):
    """A network of your own, as all of gradlab takes it: in `sweep`, in `check_network`, in `serve`.

    It takes images (N, C, H, W) in [0, 1] and gives logits (N, K). Images of another height or width than the network
    was made for are scaled inside of it, so that gradients are still those of the image; likewise, a network for grey
    images gets the luma of coloured ones (ITU-R BT.601), and one for colour gets grey ones three times. What it wraps
    is copied, put into eval mode and frozen; the original is left as it came.

    Args:
        module: any `nn.Module`, or any function of a tensor, that gives logits (N, K).
        classes: the names of the K classes, or the key of an image set (`cifar10`, `photos`) whose classes they are.
        size: height and width of the images that it was made for, in pixels, from 8 to 1,024: one number or two equal.
        mean: of each channel, subtracted from images in [0, 1] before the module sees them; one number for each.
        std: of each channel, by which they are then divided.
        name: its name in links and on the command line: at most 64 letters, digits, - and _.
        channels: 3 for colour, 1 for grey.
        note: what else a reader should know.

    Attributes:
        classes: the names of the K classes.
        card: what is known of it.

    Raises:
        BadValueError: for a name, size, mean or std that makes no sense, or fewer than two classes.
        UnknownNameError: for an image set that doesn't exist.
    """

    def __init__(
        self,
        module: nn.Module | Callable[[Tensor], Any] | Made,
        classes: str | Sequence[str],
        size: int | tuple[int, int] = (224, 224),
        mean: Sequence[float] | None = None,
        std: Sequence[float] | None = None,
        name: str = "mine",
        channels: int = 3,
        note: str = "",
    ) -> None:
        super().__init__()
        self.from_folder = False  # in timm's Hub layout, so that a script can read it again
        check_name("a name of a network", name)
        space, self.classes = class_space(classes)
        if channels not in _CHANNELS:
            raise BadValueError(f"expected 1 or 3 channels, got {channels!r}")
        self.size, self.channels = _side(size), channels
        self.module = _frozen(module)
        self.normalize = _normalize(mean, std, channels, self.module)
        self.eval().requires_grad_(False)
        self.card = ModelCard(
            name, space, _kind(module), channels, self.size, len(self.classes),
            sum(parameter.numel() for parameter in self.parameters()),
            module.sha256 if isinstance(module, Made) else _checksum(self), note=note,
        )  # fmt: skip

    def forward(self, images: Tensor) -> Any:
        """Images (N, C, H, W) in [0, 1] to what the module gives of them."""
        sized = images
        if images.shape[1] != self.channels:
            sized = _grey(images) if self.channels == 1 else images.expand(-1, self.channels, -1, -1)
        if images.shape[-2:] != (self.size, self.size):
            sized = functional.interpolate(sized, (self.size, self.size), mode="bilinear", antialias=True)
        return self.module(sized if self.normalize is None else self.normalize(sized))

    def load(self, device: torch.device) -> "Network":
        """A copy of it on a device; what `gradlab.networks.registry.register` asks of whatever it makes known."""
        copied: Network = _copied(self)
        return copied.to(device)

    def described(self, **facts: Any) -> "Network":
        """The same with other facts on its card, such as `sha256` or `architecture`."""
        self.card = replace(self.card, **facts)
        return self


class _Called(nn.Module):
    """A function as a module."""

    def __init__(self, function: Callable[[Tensor], Any]) -> None:
        super().__init__()
        self.function = function

    def forward(self, images: Tensor) -> Any:
        return self.function(images)


def network_of(
    module: nn.Module, name: str, dataset: str, *, classes: int, size: int, channels: int = 3, note: str = ""
) -> Network:
    """A network for the classes of an image set that need not be known yet; the arguments are those of `Network`.

    Args:
        module: takes images (N, C, H, W) in [0, 1], gives logits (N, K).
        name: its name in links and on the command line.
        dataset: the key of the image set whose classes it tells apart.
        classes: K.
        size: height and width of the images that it takes, in pixels.
        channels: C.
        note: what else a reader should know.
    """
    numbered = [f"class {number}" for number in range(classes)]
    return Network(module, numbered, size, name=name, channels=channels, note=note).described(dataset=dataset)


def _grey(images: Tensor) -> Tensor:
    """(N, 3, H, W) as (N, 1, H, W)."""
    red, green, blue = images.split(1, 1)
    luma: Tensor = _LUMA[0] * red + _LUMA[1] * green + _LUMA[2] * blue
    return luma


def _side(size: int | tuple[int, int]) -> int:
    pair = (size, size) if isinstance(size, int) else tuple(size)
    whole = all(isinstance(side, int) and not isinstance(side, bool) for side in pair)
    if len(pair) != 2 or not whole or pair[0] != pair[1] or not SMALLEST <= pair[0] <= LARGEST:
        raise BadValueError(f"expected square images of {SMALLEST} to {LARGEST:,} pixels a side, got {size!r:.80}")
    return pair[0]


def _normalize(
    mean: Sequence[float] | None, std: Sequence[float] | None, channels: int, module: nn.Module
) -> Normalize | None:
    """The layer that normalises; None where images go in as they are."""
    if mean is None and std is None:
        return None
    means = numbers("mean", [0.0] * channels if mean is None else mean, channels)
    stds = numbers("std", [1.0] * channels if std is None else std, channels, above=1e-4)
    layer = Normalize(channels, means, stds)
    weight = next((weight for weight in module.parameters() if weight.is_floating_point()), layer.mean)
    return layer.to(weight.device, weight.dtype)


def numbers(what: str, values: object, channels: int, above: float = -1e4) -> list[float]:
    """One finite number for each channel, of at most 10,000.

    Raises:
        BadValueError: for anything else.
    """
    found: list[Any] = list(values) if isinstance(values, list | tuple) else [values]
    numeric = all(isinstance(value, int | float) and not isinstance(value, bool) for value in found)
    if len(found) != channels or not numeric or not all(above <= value <= 1e4 for value in found):
        least = "finite" if above < 0 else f"from {above:g} to 10,000"
        raise BadValueError(f"expected a {what} of {channels} numbers, {least}, one a channel, got {values!r:.80}")
    return [float(value) for value in found]


def _frozen(module: nn.Module | Callable[[Tensor], Any] | Made) -> nn.Module:
    """A copy that nothing trains; a function is wrapped."""
    if isinstance(module, Made):
        return module.module
    if isinstance(module, nn.Module):
        copied: nn.Module = _copied(module)
        return copied
    if not callable(module):
        raise BadValueError(f"expected a module or a function of images, got a {type(module).__name__}")
    return _Called(module)


def _copied(module: Any) -> Any:
    try:
        return copy.deepcopy(module)
    except Exception:  # such as a function that holds a lock: it is shared then
        return module


def _kind(module: object) -> str:
    return str(getattr(module, "__name__", type(module).__name__))


def _checksum(module: nn.Module) -> str:
    """The hexadecimal sha256 of all weights, in the order of their names."""
    found = hashlib.sha256()
    for name, value in sorted(module.state_dict().items()):
        found.update(f"{name} {value.dtype} {tuple(value.shape)} ".encode())
        found.update(value.cpu().contiguous().reshape(-1).view(torch.uint8).numpy())
    return found.hexdigest()
