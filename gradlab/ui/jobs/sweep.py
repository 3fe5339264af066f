"""A sweep: what was measured beforehand is taken from there, and the rest is computed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import numpy as np

from gradlab.experiments.joining import merged, of_each_image, stream_rest
from gradlab.experiments.stored import condensed, selected
from gradlab.experiments.sweep import stream_sweep
from gradlab.images.registry import image_set
from gradlab.images.splits import without
from gradlab.steps.epsilon import default_grid
from gradlab.types import LabelSource, Rule, SweepResult
from gradlab.ui import cached
from gradlab.ui.state import Progress

Result = TypeVar("Result")

# Forward passes of one image in a batch, by the kind of device: some tenths of a second. Between batches a run of the
# page hears Stop, other choices, and that its tab was closed, for which three sessions at once should not take 2 s.
_PASSES = {"cpu": 2000}
_PASSES_ELSEWHERE = 50_000


@dataclass(frozen=True)
class SweepJob:
    """Accuracy over the default grids of some rules.

    Attributes:
        dataset: the data set's name.
        model: the weights' name.
        rules: the directions, in the order of their curves.
        images: how many test images.
        labels: which label the loss is taken for.
        rounded: whether to round to 8 bit as well.
        ssim: whether to measure SSIM, too, if it has to be computed; whoever asks for it takes what is there without.

    One with more rules, or with rounding, serves who asks for less.
    """

    dataset: str
    model: str
    rules: tuple[Rule, ...]
    images: int
    labels: LabelSource
    rounded: bool = False
    ssim: bool = field(default=False, compare=False)

    most, nothing = 12, "the first images were done"  # of all rules, 3 kB an image each

    def known(self) -> SweepResult | None:
        """Measured beforehand, all of it; or by a sweep along more rules."""
        for held in (self._held(), *(found for job, found in self._others() if found.complete and job != self)):
            if held and not _lacking(self.rules, held):
                return selected(held, self.rules, self.rounded)
        return None

    def begin(self) -> Iterator[Progress[SweepResult]]:
        """A batch at a time; of the rules that were not measured beforehand, on the images of those that were.

        Where nothing was, it goes on from another sweep that has some of the rules, even if that was stopped.
        """
        network, held = cached.model(self.model, self.dataset), self._held()
        whole = cached.baseline(self.model, self.dataset, self.labels)
        rules = _lacking(self.rules, held)
        options: dict[str, Any] = {
            "labels": self.labels, "eight_bit": self.rounded, "ssim": self.ssim or held is not None,
            "batch_size": batch_size(self.dataset, rules, self.rounded), "compiled": False,
            "lock": cached.device_lock(),
        }  # fmt: skip
        if held and whole:
            images = cached.load_few(self.dataset, held.indices.tolist(), cached.showable(held)[1])
            stream = stream_sweep(network, images, rules, **options)
            return (progress(now.done, self.images, self._joined(held, now, whole.images)) for now in stream)
        images = cached.batch(self.dataset, self.images)
        there = [found for _, found in self._others() if of_each_image(found)]
        if before := max(there, key=self._spared, default=None):
            return self._growing(stream_rest(network, images, rules, before, **options), cached.kept())
        return self._growing(stream_sweep(network, images, rules, **options), cached.kept())

    def _growing(self, stream: Iterator[SweepResult], kept: cached.Kept) -> Iterator[Progress[SweepResult]]:
        """What is done is kept at each step, for sweeps along other rules."""
        for now in stream:
            cached.keep(kept, _Grown(self), now, most=4)
            yield progress(now.done, self.images, now)
        kept.pop(_Grown(self), None)  # all of it is kept under its own name

    def _others(self) -> list[tuple["SweepJob", SweepResult]]:
        """Sweeps over the same images for the same labels, finished or not, that have some of the rules."""
        there = [(key.job if isinstance(key, _Grown) else key, found) for key, found in list(cached.kept().items())]
        return [(job, found) for job, found in there if isinstance(job, SweepJob) and self._serves(job)]

    def _serves(self, other: "SweepJob") -> bool:
        alike = replace(other, rules=self.rules, rounded=self.rounded) == self
        return alike and other.rounded >= self.rounded and not set(self.rules).isdisjoint(other.rules)

    def _spared(self, other: SweepResult) -> int:
        """How many answers of the network are there already."""
        return other.done * sum(len(curve.epsilons) for curve in other.curves if curve.rule in self.rules)

    def _held(self) -> SweepResult | None:
        held = beforehand(self.dataset, self.model, self.rules, self.labels)
        return held if held and held.images == self.images else None

    def _joined(self, held: SweepResult, now: SweepResult, whole: int) -> SweepResult:
        """What was measured beforehand, of `whole` images, and what now; a notice says which is which."""
        lacking = _lacking(self.rules, held)
        before = selected(held, [rule for rule in self.rules if rule not in lacking], self.rounded)
        before = without(before, ~np.isin(held.indices, now.indices))
        both = merged(replace(before, failed=now.failed, planned=now.planned), condensed(now))
        told = (
            f"Measured now: {', '.join(lacking)}, in {now.seconds:.1f} s on {now.device}, with {now.software}, in "
            f"{now.precision}. The other curves were measured beforehand"
        )
        if before.images < whole:
            told += f", on {whole:,} images: of these, L2, PSNR and the other measures are those of all {whole:,} still"
        return replace(both, curves=tuple(map(both.curve, self.rules)), notices=(*both.notices, f"{told}."))


@dataclass(frozen=True)
class _Grown:
    """What a sweep has come to so far."""

    job: SweepJob


def beforehand(dataset: str, model: str, rules: Sequence[Rule], labels: LabelSource) -> SweepResult | None:
    """What was measured beforehand that serves a sweep of these rules, if anything does.

    Where it lacks some of the rules, only the images that are at hand, on which they can be measured.
    """
    found = cached.baseline(model, dataset, labels)
    lacking = _lacking(rules, found)
    if found is None or not lacking:
        return found
    here, _ = cached.showable(found)
    return without(found, ~here) if len(lacking) < len(rules) and here.any() else None


def _lacking(rules: Sequence[Rule], held: SweepResult | None) -> tuple[Rule, ...]:
    there = {curve.rule for curve in held.curves} if held else set()
    return tuple(rule for rule in rules if rule not in there)


def progress(done: int, images: int, result: Result) -> Progress[Result]:
    """So many of the images are done."""
    return Progress(f"{done} of {images} images", done / images, result)


def batch_size(dataset: str, rules: Sequence[Rule], rounded: bool) -> int:
    """So many images that a batch of them takes some tenths of a second; of large ones a single one takes longer."""
    passes = sum(len(default_grid(rule)) for rule in rules) * (2 if rounded else 1)
    usual = max(4, min(512, _PASSES.get(cached.device().type, _PASSES_ELSEWHERE) // passes))
    _, height, width = image_set(dataset).shape
    return max(1, min(usual, usual * 32 * 32 // (height * width)))
