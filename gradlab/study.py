"""What the *Paper* page rests on: a sweep over the default grids, refined where the claims are decided.

The epsilons that the tables name are found, not chosen: after the sweep, whatever `gradlab.paper` looks for is narrowed
down by further, smaller sweeps over the same images, until nothing more is proposed.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from torch import nn

from gradlab.epsilon import default_grid
from gradlab.errors import BadValueError
from gradlab.paper import AIMS, CLAIM_AIMS, NEGATIVE_AIMS, PAPER_MODEL, Aim, proposals
from gradlab.sweep import asking_of, stream_sweep
from gradlab.types import MEASURES, Batch, Curve, LabelSource, Precision, Rule, SweepResult

ROUNDS = 24  # of refinement, at most


@dataclass(frozen=True, eq=False)
class Stage:
    """How far a study has come.

    Attributes:
        text: what is being done.
        done: images of this part.
        planned: images of this part.
        result: all that is measured so far; None until the first part is finished.
    """

    text: str
    done: int
    planned: int
    result: SweepResult | None


def aims_of(model: str, dataset: str, labels: LabelSource) -> tuple[Aim, ...]:
    """What is looked for on the curves of a network: with predicted labels, the negative direction only."""
    if labels != LabelSource.TRUE:
        return NEGATIVE_AIMS
    return AIMS + NEGATIVE_AIMS + (CLAIM_AIMS if (model, dataset) == PAPER_MODEL else ())


def grids_of(labels: LabelSource) -> dict[Rule, tuple[float, ...]]:
    """The epsilons to begin with: all of all rules; with predicted labels, those below 0 of `sign` and `raw`."""
    if labels == LabelSource.TRUE:
        return {rule: default_grid(rule) for rule in Rule}
    return {rule: tuple(e for e in default_grid(rule) if e <= 0) for rule in (Rule.SIGN, Rule.RAW)}


def stream_study(
    model: nn.Module,
    batch: Batch,
    labels: LabelSource = LabelSource.TRUE,
    *,
    precision: Precision = "auto",
    compiled: bool | None = None,
    **options: Any,
) -> Iterator[Stage]:
    """Measure a network for the *Paper* page, part by part. Stop by not asking for more.

    Args:
        model: as `load_model` gives it.
        batch: the images, of a whole test split as a rule.
        labels: `true`: all rules, both directions, after rounding as well; `predicted`: the negative direction.
        precision: as `stream_sweep` takes it.
        compiled: as `stream_sweep` takes it.
        options: `batch_size`, `lock` and `asking`, as `stream_sweep` takes them.

    Yields:
        A Stage after each batch; the last one's result is the whole study, condensed. If float32 disagrees with any
        answer that it is asked about at random, all rounds are measured again in float32.

    Raises:
        BadValueError: when the model gives no number for some of the images: their curves would not fit each other.
    """
    card = getattr(model, "card", None)
    aims = aims_of(card.name if card else "", batch.dataset, labels)
    more: Mapping[Rule, Sequence[float]] = grids_of(labels)
    kind: dict[str, Any] = {"labels": labels, "eight_bit": labels == LabelSource.TRUE, "ssim": True}
    # All rounds ask the model in the way that the first one found, and share its gradients.
    kind["asking"] = asking = options.pop("asking", None) or asking_of(model, precision, compiled, keep=True)
    result = None
    for turn in range(ROUNDS + 1):
        text = f"refining, round {turn}" if turn else "sweeping"
        part = None
        for part in stream_sweep(model, batch, list(more), more, **kind, **options):
            yield Stage(text, part.done, part.planned, result)
        if part is None or len(part.failed):
            raise BadValueError("expected logits for every image, got NaN or infinity for some, or no image at all")
        if part.disagreed and result is not None:
            # The rounds before this one rest on answers that are no longer believed.
            again = stream_study(model, batch, labels, asking=asking, **options)
            yield from (_with_counts(stage, merged(result, condensed(part))) for stage in again)
            return
        result = condensed(part) if result is None else merged(result, condensed(part))
        more = proposals(result, aims)
        if not more:
            break
    yield Stage("done", len(batch), len(batch), result)


def _with_counts(stage: Stage, before: SweepResult) -> Stage:
    """The stage of a study in float32, and of what was asked before that: how many answers were checked, and wrong."""
    if stage.result is None:
        return stage
    counts: dict[str, Any] = {"checked": before.checked, "disagreed": before.disagreed}
    return replace(stage, result=replace(stage.result, seconds=stage.result.seconds + before.seconds, **counts))


def condensed(result: SweepResult) -> SweepResult:
    """The same with each measure as one number an epsilon, over all images; predictions stay as they are."""

    def column(curve: Curve, name: str) -> Any:
        values = getattr(curve, name)
        return None if values is None else curve.level(name).astype(np.float32)[:, None]

    curves = [replace(curve, **{name: column(curve, name) for name in MEASURES}) for curve in result.curves]
    return replace(result, curves=tuple(curves))


def merged(first: SweepResult, second: SweepResult) -> SweepResult:
    """Two sweeps over the same images as one: the epsilons of both, rule by rule, in order.

    Raises:
        BadValueError: for sweeps over other images, or of another network.
    """
    same = first.weights_sha256 == second.weights_sha256 and np.array_equal(first.indices, second.indices)
    if not same or first.label_source != second.label_source:
        raise BadValueError("expected two sweeps of one network over the same images and labels")
    others = {curve.rule: curve for curve in second.curves}
    curves = [_joined(curve, others.pop(curve.rule, None)) for curve in first.curves]
    return replace(
        first, curves=(*curves, *others.values()), seconds=first.seconds + second.seconds,
        backwards=first.backwards + second.backwards, notices=tuple(dict.fromkeys(first.notices + second.notices)),
        checked=first.checked + second.checked, disagreed=first.disagreed + second.disagreed,
        unchecked=first.unchecked + second.unchecked,
    )  # fmt: skip


def _joined(a: Curve, b: Curve | None) -> Curve:
    if b is None:
        return a
    epsilons, places = np.unique(np.concatenate([a.epsilons, b.epsilons]), return_index=True)
    columns: dict[str, Any] = {}
    for name in ("predictions", "rounded", *MEASURES):
        mine, other = getattr(a, name), getattr(b, name)
        columns[name] = None if mine is None or other is None else np.concatenate([mine, other])[places]
    return replace(a, epsilons=epsilons, **columns)
