"""What a sweep does with one batch: a gradient, the steps along it, and what the model says of each perturbed image."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

from gradlab.experiments.asking import Asking, trial_size
from gradlab.experiments.moving import Walk, as_rows, near
from gradlab.experiments.spotcheck import Tally, drawn
from gradlab.experiments.trial import Step, draw_trial
from gradlab.images.resident import Resident
from gradlab.measures import psnr_of_l2, ssim
from gradlab.steps.evaluate import Answers, Evaluator, answers
from gradlab.steps.gradient import Gradient, gradient_of
from gradlab.steps.perturb import direction, to_eight_bit
from gradlab.types import UNKNOWN, EqualTo, Rule

NEAR = torch.finfo(torch.float32).eps  # of two values in [0, 1]: as far apart as float32's own rounding puts them


@dataclass(eq=False)
class Measured:
    """Of one batch of N images, still on the device.

    Attributes:
        clean: what the model says before anything is done.
        zero_gradient: bool (N,).
        good: bool (N,), where every logit and every gradient was a number.
        curves: for each rule, tensors (K, N) named as the fields of `Curve`.
        tally: of the answers that were not in doubt.
    """

    clean: Answers
    zero_gradient: Tensor
    good: Tensor
    curves: dict[Rule, dict[str, Tensor]]
    tally: Tally


@dataclass(eq=False)
class Job:
    """What stays the same from batch to batch.

    Attributes:
        model: takes images in [0, 1], gives logits.
        images: all of them.
        labels: the true classes, int64 (N,), on the device; -1 where nobody knows.
        wanted: the labels whose loss is taken, on the device; None for the model's own.
        indices: int64 (N,), what the `random` rule is seeded with, besides `seed`.
        plan: the epsilons of each rule.
        asking: how the model is asked about the perturbed images.
        chunk: images a forward pass.
        eight_bit: classify the rounded images too.
        ssim: measure that, too.
        seed: of the `random` rule.
        check: refuses a network that gives another number of logits than there are classes.
        equal_to: whose change the steps of the other rules are scaled to, on each image; None takes each rule's own.
        lock: held while the device computes, chunk by chunk.
    """

    model: nn.Module
    images: Resident
    labels: Tensor
    wanted: Tensor | None
    indices: Tensor
    plan: dict[Rule, tuple[float, ...]]
    asking: Asking
    chunk: int
    check: Callable[[int], None]
    equal_to: EqualTo | None = None
    eight_bit: bool = False
    ssim: bool = False
    seed: int = 0
    lock: AbstractContextManager[Any] = field(default_factory=nullcontext)

    def measure(self, part: slice) -> Measured:
        """One forward and one backward pass, then the forward passes of all epsilons of all rules."""
        with self.lock:
            images, labels = self.images[part], self.labels[part]
            gradient = self._gradient(images, part)
            self.check(gradient.logits.shape[1])
            clean = answers(gradient.logits, labels)
            # Where nobody knows the class, what is measured is whether an image keeps the one that it seems to have.
            labels = labels.where(labels != UNKNOWN, clean.predictions.clamp(min=0))
            if self.asking.evaluator is None:
                self._find_out(len(images))
            along = {rule: direction(gradient, rule, seed=self.seed, indices=self.indices[part]) for rule in self.plan}
        curves: dict[Rule, dict[str, Tensor]] = {}
        tally = Tally()
        for rule in self.plan:
            walk = Walk(as_rows(images), as_rows(along[rule]), self.plan[rule], images.shape, labels, clean)
            curves[rule], found = self._curve(self._walk(rule, walk, curves))
            tally = tally.plus(found)
        good = gradient.finite
        for columns in curves.values():
            for name in columns.keys() & {"predictions", "rounded"}:
                good &= (columns[name] >= 0).all(0)
        return Measured(clean, gradient.zero, good, curves, tally)

    def _gradient(self, images: Tensor, part: slice) -> Gradient:
        """The gradient of a part of the images, of an earlier sweep where that was kept."""
        kept, place = self.asking.gradients, (part.start, part.stop)
        if kept is not None and place in kept:
            return kept[place]
        found = gradient_of(self.model, images, None if self.wanted is None else self.wanted[part])
        if kept is not None:
            kept[place] = found
        return found

    def _walk(self, rule: Rule, walk: Walk, curves: dict[Rule, dict[str, Tensor]]) -> Walk:
        """Where a rule goes: by its own steps, or by those that change each image as another rule's steps did."""
        if self.equal_to is None or rule == self.equal_to.rule:
            return walk
        with self.lock:
            return walk.scaled(curves[self.equal_to.rule][self.equal_to.measure], self.equal_to.measure)

    def _curve(self, walk: Walk) -> tuple[dict[str, Tensor], Tally]:
        """The columns of one rule, each (K, N)."""
        clean, epsilons, images = walk.clean, walk.epsilons, walk.as_images(walk.images)
        columns = _unmoved(clean, len(epsilons), ssim(images, images) if self.ssim else None)
        if self.eight_bit:
            nothing = torch.zeros_like(clean.doubted).repeat(len(epsilons), 1)
            unasked = (~near(to_eight_bit(walk.images), walk.images, 0.0)).repeat(len(epsilons), 1)
            columns |= {"rounded": columns["predictions"].clone(), "unasked": unasked, "copied": nothing}
        moving = [k for k, epsilon in enumerate(epsilons) if epsilon]
        for group in _groups(moving, max(1, self.chunk // len(images))):
            with self.lock:
                for name, values in self._step(walk, group).items():
                    columns[name][group] = values
        doubted = columns.pop("doubted")
        asked = torch.zeros_like(doubted)
        asked[moving] = True
        tally = self._settle(walk, columns, "predictions", doubted, asked)
        if self.eight_bit:
            unasked, copied = columns.pop("unasked"), columns.pop("copied")
            doubted = (doubted & copied) | self._again(walk, columns, "rounded", unasked, self._evaluator)
            tally = tally.plus(self._settle(walk, columns, "rounded", doubted, unasked | copied))
        return columns, tally

    def _settle(self, walk: Walk, columns: dict[str, Tensor], name: str, doubted: Tensor, asked: Tensor) -> Tally:
        """Ask in float32 about what is in doubt, and, as a check, about some of the rest of what was asked."""
        if self._evaluator.plain:
            return Tally()
        sure = asked & ~doubted
        checked = drawn(sure, self.asking.share, self.asking.chance)
        said = columns[name][checked]
        self._again(walk, columns, name, doubted | checked, self._evaluator.exact)
        return Tally(len(said), int((columns[name][checked] != said).sum()), int(sure.sum()) - len(said))

    @torch.inference_mode()
    def _step(self, walk: Walk, group: list[int]) -> dict[str, Tensor]:
        """Those columns for a few epsilons that are not 0."""
        values = walk.images.shape[1]
        unclipped = walk.unclipped(group)
        moved = unclipped.clamp(0, 1)
        # In this form, and not as booleans or with norms of infinite order, these cost a fifth of the time on a CPU.
        kept = torch.eq(moved, unclipped, out=torch.empty_like(moved)).sum(2)
        change = torch.sub(moved, walk.images, out=unclipped)
        l2 = torch.linalg.vector_norm(change, dim=2)
        columns = {
            "l2": l2,
            "linf": torch.maximum(change.amax(2), -change.amin(2)),
            "psnr": psnr_of_l2(l2, values),
            "clipped": 1 - kept / values,
        }
        if self.ssim:
            columns["ssim"] = torch.stack([ssim(walk.as_images(rows), walk.as_images(walk.images)) for rows in moved])
        same, back = self._where_rounding_leads(moved, walk) if self.eight_bit else (None, None)
        said = self._ask(moved, walk)  # after all else, for a network may work in place
        columns |= {"predictions": said.predictions, "probability": said.probability, "doubted": said.doubted}
        if same is not None and back is not None:
            columns |= {
                "rounded": torch.where(back, walk.clean.predictions, said.predictions),
                "copied": same & ~back,
                "unasked": ~(same | back),
            }
        return columns

    def _where_rounding_leads(self, moved: Tensor, walk: Walk) -> tuple[Tensor, Tensor]:
        """Where (K, N, P) stay the same once they are rounded, and where they become the clean image again.

        Nobody need be asked about either.
        """
        rounded = to_eight_bit(moved)
        # What is as good as the same gets the same answer, which is asked again where it is in doubt; a plain
        # evaluator doubts nothing, so that there it has to be the very same.
        same = near(rounded, moved, 0.0 if self._evaluator.precision == torch.float32 else NEAR)
        return same, near(rounded, walk.images, 0.0)

    def _ask(self, moved: Tensor, walk: Walk) -> Answers:
        """Ask about (K, N, P), which are needed no longer; the answers are (K, N)."""
        shape = len(moved), len(walk.labels)
        said = self._evaluator(walk.as_images(moved.flatten(0, 1)), walk.labels.repeat(len(moved)), spare=True)
        return Answers(*(column.view(shape) for column in vars(said).values()))

    @torch.inference_mode()
    def _again(self, walk: Walk, columns: dict[str, Tensor], name: str, which: Tensor, evaluator: Evaluator) -> Tensor:
        """Ask about some of a batch, all of them at once, for small passes are slow; (K, N), what is left in doubt."""
        doubted = torch.zeros_like(which)
        rows, places = which.nonzero(as_tuple=True)
        for start in range(0, len(rows), self.chunk):
            with self.lock:
                ks, ns = (found[start : start + self.chunk] for found in (rows, places))
                moved = walk.at(ks, ns)
                if name == "rounded":
                    moved = to_eight_bit(moved)
                said = evaluator(walk.as_images(moved), walk.labels[ns], spare=True)
                columns[name][ks, ns], doubted[ks, ns] = said.predictions, said.doubted
                if name == "predictions":
                    columns["probability"][ks, ns] = said.probability
        return doubted

    @property
    def _evaluator(self) -> Evaluator:
        return self.asking.evaluator or Evaluator(self.model)

    def _find_out(self, size: int) -> None:
        """Try the evaluation on steps of images from all over the set; `size`: how many gradients at a time."""
        # Steps that are scaled to another rule's change are as long as that rule's.
        own = list(self.plan) if self.equal_to is None else [self.equal_to.rule]
        steps = [(rule, k) for rule in own for k, epsilon in enumerate(self.plan[rule]) if epsilon]
        work = len(steps) * len(self.labels)
        trial = self.images[:0] if self.asking.is_plain(work) or not work else self._trial(steps, work, size)
        self.asking.find_out(self.model, trial, work, self.chunk)

    def _trial(self, steps: list[Step], work: int, size: int) -> Tensor:
        """A random choice among all images and steps: the very images that will be asked about."""
        chosen = draw_trial(len(self.labels), steps, min(trial_size(work, self.chunk), work), self.seed)
        moved = []
        for start in range(0, len(chosen.images), size):
            part = chosen.images[start : start + size]
            images, labels = self.images[part], self.labels[part]
            gradient = gradient_of(self.model, images, None if self.wanted is None else self.wanted[part])
            clean = answers(gradient.logits, labels)
            # Where nobody knows the class, what is measured is whether an image keeps the one that it seems to have.
            labels = labels.where(labels != UNKNOWN, clean.predictions.clamp(min=0))
            for rule, ks, ns in chosen.of(start, start + size):
                along = direction(gradient, rule, seed=self.seed, indices=self.indices[part])
                walk = Walk(as_rows(images), as_rows(along), self.plan[rule], images.shape, labels, clean)
                moved.append(walk.as_images(walk.at(ks, ns)))
        return torch.cat(moved)


def _unmoved(clean: Answers, count: int, similarity: Tensor | None) -> dict[str, Tensor]:
    """The columns for `count` epsilons of 0."""
    zero, sure = torch.zeros_like(clean.probability), torch.zeros_like(clean.doubted)
    one = {
        "predictions": clean.predictions,
        "probability": clean.probability,
        "doubted": sure,
        "l2": zero,
        "linf": zero,
        "psnr": torch.full_like(zero, torch.inf),
        "clipped": zero,
    }
    if similarity is not None:
        one |= {"ssim": similarity}
    return {name: value.repeat(count, 1) for name, value in one.items()}


def _groups(places: list[int], size: int) -> Iterator[list[int]]:
    for start in range(0, len(places), size):
        yield places[start : start + size]
