"""A network's forward pass through `torch.compile`: its steps joined, its weights frozen, for batches of one size.

Compiling takes some seconds and pays where thousands of passes follow. The logits are not those of the network itself
to the last bit, since batch norm is folded into the convolutions: the caller must measure by how much they are off.
"""

import logging
import os
import shutil
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor, nn

from gradlab.steps.float32 import plain_float32
from gradlab.steps.logits import evaluating, precision_of, unwrapped

COMPILERS = ("g++", "clang++")  # one of them is what inductor calls, unless $CXX names another
# Freezing by an option, so that no other compiling changes; in this process, since workers would outlive the work.
_OPTIONS: dict[str, str | int | bool | Callable[..., object]] = {"freezing": True, "compile_threads": 1}
_CHATTY = ("torch.utils.cpp_extension",)  # warns that there is no CUDA


class NotCompiledError(Exception):
    """A network cannot be compiled here; the message is a plain clause that says why."""


@dataclass(frozen=True, eq=False)
class Compiled:
    """A compiled forward pass of a model whose weights don't change any more: some are built in, some looked up.

    Attributes:
        run: takes images of exactly the shape and the memory format of `like`, gives logits.
        like: some images (N, C, H, W); N is the one batch size.
        precision: float32 or bfloat16, as by autocast.
    """

    run: Callable[[Tensor], Tensor]
    like: Tensor
    precision: torch.dtype

    @torch.inference_mode()
    def __call__(self, images: Float[Tensor, "n c h w"]) -> Float[Tensor, "n k"]:
        """The logits of any number of images, float32."""
        return torch.cat([self._part(part) for part in images.split(len(self.like))])

    def _part(self, images: Tensor) -> Tensor:
        count = len(images)
        # Anything else would be compiled for anew.
        if images.shape != self.like.shape or images.stride() != self.like.stride() or not images.is_inference():
            padded = torch.zeros_like(self.like)
            padded[:count] = images
            images = padded
        with plain_float32(images.device), _autocast(self.precision):
            return unwrapped(self.run(images), len(images))[:count].float()


@torch.inference_mode()
def compile_forward(model: nn.Module, images: Float[Tensor, "n c h w"], precision: torch.dtype) -> Compiled:
    """Compile a model in eval mode for batches of as many images as these; the model itself stays as it is.

    Args:
        model: takes images in [0, 1], gives logits.
        images: on a CPU; of as many as these each pass will be.
        precision: torch.float32 or torch.bfloat16.

    Raises:
        NotCompiledError: without a C++ compiler, on a device that is no CPU, and whenever compiling fails.
    """
    if images.device.type != "cpu":
        raise NotCompiledError("that is done on a CPU only")
    if precision_of(model) != torch.float32:
        raise NotCompiledError("its weights are not in float32")
    names = [os.environ["CXX"]] if os.environ.get("CXX") else COMPILERS
    if not any(map(shutil.which, names)):
        raise NotCompiledError(f"there is no C++ compiler ({' or '.join(names)})")
    like = images.contiguous(memory_format=torch.channels_last).clone()
    try:
        with evaluating(model), _quiet(), plain_float32(images.device), _autocast(precision):
            # By export first: a graph of its own, which shares no compiled code with another network of the same class.
            graph = torch.export.export(model, (like,), strict=False).module()
            run = torch.compile(graph, dynamic=False, fullgraph=True, options=_OPTIONS)
            unwrapped(run(like.clone()), len(like))
    except Exception as error:  # whatever stands in the way, the network itself can still be asked
        raise NotCompiledError(f"PyTorch could not do it ({type(error).__name__})") from error
    return Compiled(run, like, precision)


def _autocast(precision: torch.dtype) -> torch.autocast:
    return torch.autocast("cpu", torch.bfloat16, enabled=precision != torch.float32)


@contextmanager
def _quiet() -> Iterator[None]:
    """Without the warnings and log lines of compiling, which are about PyTorch's insides."""
    loggers = [logging.getLogger(name) for name in _CHATTY]

    def drop(_: logging.LogRecord) -> bool:
        return False

    for logger in loggers:
        logger.addFilter(drop)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        for logger in loggers:
            logger.removeFilter(drop)
