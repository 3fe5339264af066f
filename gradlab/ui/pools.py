"""Gradients of a pool of images, made part by part where none were kept: what galleries and changes begin with."""

from collections.abc import Callable, Generator
from typing import TypeVar

from torch import nn

from gradlab.experiments.pool import Pool, stream_pool
from gradlab.types import Batch, LabelSource
from gradlab.ui import cached

Chunk = TypeVar("Chunk")


def pooled(
    network: nn.Module, batch: Batch, labels: LabelSource, key: object, chunk: Callable[[str, float], Chunk]
) -> Generator[Chunk, None, Pool]:
    """The kept ones, else new ones, which are then kept.

    Args:
        network: whose gradients they are.
        batch: the images.
        labels: which label the loss is taken for.
        key: what the pool is kept under.
        chunk: of a text on what has been done, and its share, makes what is yielded meanwhile.
    """
    kept: Pool | None = cached.recall("pool", key)
    if kept:
        return kept
    for pool in stream_pool(network, batch, labels=labels, lock=cached.device_lock()):
        yield chunk(f"gradients: {len(pool):,} of {len(batch):,} images", len(pool) / len(batch))
    cached.keep("pool", key, pool)
    return pool
