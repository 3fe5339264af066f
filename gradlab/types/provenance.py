"""Where a result comes from."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from gradlab.types.choices import LabelSource

if TYPE_CHECKING:
    from gradlab.types.sweep import SweepResult


@dataclass(frozen=True)
class Provenance:
    """Of which images and which network a result is, and where it was computed.

    A `SweepResult` says the same in fields of its own, and a `TransferResult` but for the several networks.

    Attributes:
        dataset: the image set's key.
        split: `train` or `test`.
        source: `store`, `sample` or `memory`, as in `Batch`.
        images_sha256: of the files that somebody's images were read from; empty for others.
        model: the network's name.
        weights_sha256: of its weights; empty for a network that gradlab did not load.
        label_source: which label the gradient was taken for.
        seed: of the `random` rule.
        device: where it ran.
        software: versions, such as `gradlab 0.1.0, torch 2.15.0`.
        index: of a single image, its place in the split; None of several.
    """

    dataset: str
    split: str
    source: str
    images_sha256: str
    model: str
    weights_sha256: str
    label_source: LabelSource
    seed: int
    device: str
    software: str
    index: int | None = None

    @classmethod
    def of(cls, result: SweepResult) -> Provenance:
        """That of what a sweep says."""
        return cls(**{one.name: getattr(result, one.name) for one in fields(cls) if one.name != "index"})
