"""float32 as it is written, whatever PyTorch is allowed to make of it.

In convolutions on an NVIDIA GPU, PyTorch multiplies in TF32 unless it is told otherwise: with 10 bits of each fraction
instead of 23. `torch.set_float32_matmul_precision` allows that, or bfloat16, in matrix products too, on CPUs as well.
Of gradients taken in TF32, up to 1.1 % of the signs are wrong (nine networks on an H100; in float32 0.006 % at most).
The switches are those of the whole process, so they are put back afterwards.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from threading import Lock
from typing import Any

import torch

backends: Any = torch.backends
_PRODUCTS: tuple[Any, ...] = (backends.cuda.matmul, backends.mkldnn.matmul)
_CUDNN: tuple[Any, ...] = (backends.cudnn.conv, backends.cudnn.rnn)
_ONEDNN: tuple[Any, ...] = (backends.mkldnn.conv, backends.mkldnn.rnn)
_PLAIN = ("none", "ieee")

_holding = Lock()
_held = 0  # how many are computing just now; the first one sets the switches, the last one puts them back
_undo: list[Callable[[], None]] = []


@contextmanager
def plain_float32(device: torch.device) -> Iterator[None]:
    """No TF32 and no bfloat16 in place of float32 for the time being, nor the caller's autocast on this device.

    Several threads may be inside at once. What the caller had set is back when the last one leaves.
    """
    global _held  # noqa: PLW0603 (as the switches themselves are)
    with _holding:
        if not _held:
            _undo.extend(_made_plain())
        _held += 1
    try:
        with torch.autocast(device.type, enabled=False):
            yield
    finally:
        with _holding:
            _held -= 1
            if not _held:
                while _undo:
                    _undo.pop()()


def _made_plain() -> Iterator[Callable[[], None]]:
    """Set what is not plain; yields what puts it back, to be called from the last to the first.

    Most switches have an old name too, which PyTorch refuses to read once it contradicts the new one, as a network or
    compiled code might. So the old ones are set first.
    """
    if any(map(_reduced, _PRODUCTS)):
        yield from map(_kept, _PRODUCTS)
        yield _replaced(torch.get_float32_matmul_precision, torch.set_float32_matmul_precision, "highest")
    if any(map(_reduced, _CUDNN)):
        yield from map(_kept, _CUDNN)
        yield _replaced(lambda: backends.cudnn.allow_tf32, partial(setattr, backends.cudnn, "allow_tf32"), False)
    for switch in filter(_reduced, (*_PRODUCTS, *_CUDNN, *_ONEDNN)):
        yield _kept(switch)
        switch.fp32_precision = "ieee"


def _reduced(switch: Any) -> bool:
    return switch.fp32_precision not in _PLAIN


def _kept(switch: Any) -> Callable[[], None]:
    return partial(setattr, switch, "fp32_precision", switch.fp32_precision)


def _replaced(read: Callable[[], Any], write: Callable[[Any], None], value: Any) -> Callable[[], None]:
    try:
        before = read()
    except RuntimeError:  # it contradicts its new name already, and will again
        before = value
    write(value)
    return lambda: write(before)
