"""What a network says of images: its logits, whatever mode, precision and context it is found in.

Nothing of the network's owner is changed: not its mode, not the images, whatever its first layer does to them.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import chain
from threading import Lock

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.fx import GraphModule

from gradlab.errors import BadValueError, GradlabError
from gradlab.steps.float32 import plain_float32

_held: Counter[nn.Module] = Counter()  # modules that were found in train mode, and how many are asking them just now
_holding = Lock()


def logits_of(
    model: nn.Module, images: Float[Tensor, "n c h w"], precision: torch.dtype = torch.float32, *, spare: bool = False
) -> Float[Tensor, "n k"]:
    """The logits of images, in at least float32, from a network in eval mode.

    Args:
        model: takes images in [0, 1], gives logits (N, K), or something that has them as `.logits` or `["logits"]`.
        images: floating point, where the model is; they are cast to the precision of the model's own weights.
        precision: torch.float32 leaves the network its own; torch.bfloat16 asks it in that, by autocast.
        spare: whether the images are no longer needed, so that a layer that works in place may have them.

    Raises:
        BadValueError: for a network that fails, or gives something else than logits (N, K) of two classes or more.
    """
    own = precision_of(model)
    mouth = images.to(own, copy=not spare)
    reduced = torch.autocast(images.device.type, precision, enabled=precision != torch.float32)
    with evaluating(model), plain_float32(images.device), reduced:
        try:
            said = model(mouth)
        except (torch.OutOfMemoryError, GradlabError):
            raise
        except Exception as error:
            reason = " ".join(str(error).split()) or type(error).__name__
            raise BadValueError(
                f"expected a network that takes {own} images {tuple(images.shape)}, got one that fails: {reason}"
            ) from error
    logits = unwrapped(said, len(images))
    return logits if logits.dtype == torch.float64 else logits.float()


def precision_of(model: nn.Module) -> torch.dtype:
    """What a network computes in: the type of its first floating-point weight; float32, where it has none."""
    weights = chain(model.parameters(), model.buffers())
    return next((weight.dtype for weight in weights if weight.is_floating_point()), torch.float32)


@contextmanager
def evaluating(model: nn.Module) -> Iterator[None]:
    """Eval mode for the time being; each module then gets back the mode that it had.

    A module that is in eval mode already is not written to. One in train mode may be asked by several threads at once:
    the first one sets it to eval mode, the last one sets it back.
    """
    with _holding:
        mine = [module for module in model.modules() if module.training or module in _held]
        _held.update(mine)
        for module in mine:
            module.training = False
    try:
        yield
    finally:
        with _holding:
            _held.subtract(mine)
            for module in mine:
                if not _held[module]:
                    del _held[module]
                    module.training = True


def check_repeatable(model: nn.Module, images: Float[Tensor, "n c h w"]) -> None:
    """Ask an exported network twice: eval mode cannot reach the dropout in it.

    Raises:
        BadValueError: when the two answers differ.
    """
    if len(images) and any(isinstance(module, GraphModule) for module in model.modules()):
        with torch.inference_mode():
            first, second = (logits_of(model, images) for _ in range(2))
        if not torch.equal(first.nan_to_num(), second.nan_to_num()):
            raise BadValueError(
                "expected a network that says the same of the same image, got one that doesn't: an exported network "
                "cannot be put into eval mode, so call .eval() before you export it"
            )


def unwrapped(said: object, count: int) -> Tensor:
    """The logits (N, K) in what a network returned of N = `count` images: itself, or its `.logits` or `["logits"]`.

    Raises:
        BadValueError: for anything else, or of fewer than two classes.
    """
    found = said.get("logits", said) if isinstance(said, Mapping) else getattr(said, "logits", said)
    if not isinstance(found, Tensor) or not found.is_floating_point():
        raise BadValueError(f"expected floating-point logits (N, K), got {_described(found)}")
    if found.ndim == 2 and len(found) == count and found.shape[1] == 1:
        raise BadValueError(
            f"expected logits of at least 2 classes, got {tuple(found.shape)}: of one logit z of a binary network, "
            "torch.cat([torch.zeros_like(z), z], 1) makes two"
        )
    if found.ndim != 2 or len(found) != count:
        raise BadValueError(f"expected logits (N, K) with N = {count}, got {_described(found)}")
    return found


def _described(said: object) -> str:
    """What a network returned, in a few words."""
    if isinstance(said, Tensor):
        return f"{said.dtype} {tuple(said.shape)}"
    if isinstance(said, Mapping):
        return f"a {type(said).__name__} with the keys {', '.join(map(repr, said))}"
    if isinstance(said, tuple | list):
        return f"a {type(said).__name__} of {', '.join(_described(one) for one in said)}"
    return f"a {type(said).__name__}"
