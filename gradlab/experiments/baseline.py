"""A network's baseline, which the *Paper* page rests on: a sweep, refined where the claims are decided.

The epsilons that the tables name are found, not chosen: after the sweep, whatever `gradlab.paper` looks for is narrowed
down by further, smaller sweeps over the same images, until nothing more is proposed.
"""

import math
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from torch import nn

from gradlab.errors import BadValueError
from gradlab.experiments.asking import Asking, asking_of
from gradlab.experiments.joining import SPENT, added, merged
from gradlab.experiments.stored import condensed
from gradlab.experiments.sweep import stream_sweep
from gradlab.experiments.work import Lock
from gradlab.paper import AIMS, CLAIM_AIMS, NEGATIVE_AIMS, PAPER_MODEL, Aim, proposals, unseen_proposals
from gradlab.steps.epsilon import default_grid
from gradlab.steps.line import Line
from gradlab.steps.scaling import common_size
from gradlab.types import Batch, Curve, LabelSource, Precision, Rule, SweepResult

ROUNDS = 24  # of refinement, at most
LEAST_PSNR = 20.0  # dB
_KEPT = {Rule.RAW: ("psnr", "ssim")}


@dataclass(frozen=True, eq=False)
class Stage:
    """How far the measuring of a baseline has come.

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


def stream_baseline(
    model: nn.Module, batch: Batch, labels: LabelSource = LabelSource.TRUE, *, precision: Precision = "auto",
    compiled: bool | None = None, **options: Any,
) -> Iterator[Stage]:  # fmt: skip
    """Measure a network for the *Paper* page, part by part. Stop by not asking for more.

    Args:
        model: as `load_model` gives it.
        batch: the images, of a whole test split as a rule.
        labels: `true`: all rules, both directions, after rounding as well; `predicted`: the negative direction.
        precision: as `stream_sweep` takes it.
        compiled: as `stream_sweep` takes it.
        options: `batch_size`, `lock` and `asking`, as `stream_sweep` takes them.

    Yields:
        A Stage after each batch; the last one's result is the whole baseline, condensed. If float32 disagrees with any
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
        part = yield from _watched(stream_sweep(model, batch, list(more), more, **kind, **options), text, result)
        if part.disagreed and result is not None:
            # The rounds before this one rest on answers that are no longer believed.
            again = stream_baseline(model, batch, labels, asking=asking, **options)
            yield from _with_counts(again, added(result, part))
            return
        result = condensed(part) if result is None else merged(result, condensed(part))
        more = proposals(result, aims)
        if not more:
            break
    yield Stage("done", len(batch), len(batch), result)


def stream_equal(
    model: nn.Module, batch: Batch, epsilons: Sequence[float], *, precision: Precision = "auto",
    compiled: bool | None = None, lock: Lock | None = None, asking: Asking | None = None, **options: Any,
) -> Iterator[Stage]:  # fmt: skip
    """Measure the rules at equal change, for the true labels. Stop by not asking for more.

    Three sweeps from one gradient: gradient, sign and random signs at equal L2 on each image, gradient and sign at
    equal L∞, and `l2`, one length for all images, at the mean L2 that `raw` comes to at each epsilon. (On an image,
    `raw`, `l2` and `max` are one direction.)

    Args:
        model: as for `stream_baseline`, and so are `batch`, `precision` and `compiled`.
        batch: the images.
        epsilons: of `raw`, both signs; 0 is left out.
        precision: of the evaluation.
        compiled: whether to ask a compiled model.
        lock: as `stream_sweep` takes it.
        asking: as `stream_sweep` takes it, one that keeps gradients.
        options: `batch_size`, as `stream_sweep` takes it.

    Yields:
        A Stage after each batch; the last one's result has the curves of `raw`, with PSNR and SSIM of each image, and
        of `l2`, and those of `sign` and `random` whose `equal_to` says how they were scaled. All else is condensed.
        If float32 disagrees with any answer that it is asked about at random, all is measured again in float32.

    Raises:
        BadValueError: as `stream_baseline`.
    """
    asking, lock = asking or asking_of(model, precision, compiled, keep=True), lock or nullcontext()
    steps = [epsilon for epsilon in epsilons if epsilon]
    kind: dict[str, Any] = {"eight_bit": True, "asking": asking, "lock": lock, **options}
    parts: list[SweepResult] = []
    for measure, rules in (("l2", (Rule.RAW, Rule.SIGN, Rule.RANDOM)), ("linf", (Rule.RAW, Rule.SIGN))):
        text = f"at equal {measure} on each image"
        sweep = stream_sweep(model, batch, rules, steps, equal_to=measure, ssim=measure == "l2", **kind)
        part = yield from _watched(sweep, text, None)
        parts.append(condensed(part, _KEPT))
        del part
    lengths = _lengths(parts[0].curve(Rule.RAW), asking, lock)
    sweep = stream_sweep(model, batch, [Rule.L2], {Rule.L2: lengths}, ssim=True, **kind)
    parts.append(condensed((yield from _watched(sweep, "at equal mean L2", None))))
    for turn in range(ROUNDS):
        if not (more := unseen_proposals(parts[0])):
            break
        sweep = stream_sweep(model, batch, [Rule.RAW], more, ssim=True, **kind)
        part = condensed((yield from _watched(sweep, f"refining, round {turn + 1}", None)), _KEPT)
        parts = [merged(parts[0], part), *parts[1:], part]
    if any(part.disagreed for part in parts[1:]):
        again = stream_equal(model, batch, epsilons, lock=lock, asking=asking, **options)
        yield from _with_counts(again, added(*parts[:3]))
        return
    first, second, third = parts[:3]
    curves = (first.curve(Rule.RAW), *third.curves, *first.curves[1:], *second.curves[1:])
    notices = tuple(dict.fromkeys(notice for part in parts for notice in part.notices))
    yield Stage("done", len(batch), len(batch), replace(first, curves=curves, notices=notices, **added(*parts[:3])))


def equal_steps(baseline: SweepResult) -> list[float]:
    """The epsilons of `raw` at which a baseline compares the rules at equal change.

    Those of the default grid at which images can still be recognised, with a median PSNR of LEAST_PSNR or more, and
    those that its tables name.
    """
    raw, aims = baseline.curve(Rule.RAW), aims_of(baseline.model, baseline.dataset, baseline.label_source)
    named = {found.epsilon for aim in aims if aim.rule == Rule.RAW and (found := aim.find(baseline))}
    known = np.isin(raw.epsilons, [*default_grid(Rule.RAW), *named])
    steps: list[float] = raw.epsilons[known & (raw.level("psnr") >= LEAST_PSNR) & (raw.epsilons != 0)].tolist()
    return steps


def _watched(
    sweep: Iterator[SweepResult], text: str, before: SweepResult | None
) -> Generator[Stage, None, SweepResult]:
    """A sweep to its end, a Stage after each batch."""
    part = None
    for part in sweep:
        yield Stage(text, part.done, part.planned, before)
    if part is None or len(part.failed):
        raise BadValueError("expected logits for every image, got NaN or infinity for some, or no image at all")
    return part


def _with_counts(stages: Iterator[Stage], before: dict[str, Any]) -> Iterator[Stage]:
    """The same, measured again in float32 from the start, with what was spent and checked before that."""
    for stage in stages:
        result = stage.result
        if result is not None:
            result = replace(result, **{name: getattr(result, name) + before[name] for name in SPENT})
        yield replace(stage, result=result)


def _lengths(raw: Curve, asking: Asking, lock: Lock) -> list[float]:
    """The lengths at which `l2` comes to the mean L2 of each point of `raw`, where there are any."""
    with lock:
        steps = [Line.along(one, Rule.L2).steps(()) for one in (asking.gradients or {}).values()]
    parts = [(one.images, one.along) for one in steps]
    lengths = set()
    for epsilon, wanted in zip(raw.epsilons.tolist(), raw.level("l2").tolist(), strict=True):
        side = 1 if epsilon > 0 else -1
        with lock:
            lengths.add(side * common_size(parts, wanted, side) if wanted else math.nan)
    return sorted(length for length in lengths if math.isfinite(length))
