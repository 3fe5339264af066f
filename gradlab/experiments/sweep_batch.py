"""What a sweep does with one batch: a gradient, the steps along it, and what the model says of each perturbed image."""

from dataclasses import dataclass, fields, replace

import torch
from torch import Tensor, nn

from gradlab.experiments.asking import Asking, Tally, draw_trial, drawn, trial_size
from gradlab.experiments.work import Lock, Placed, chunks
from gradlab.measures import psnr_of_l2, ssim
from gradlab.steps.evaluate import Evaluator, Predictions
from gradlab.steps.line import Steps
from gradlab.steps.perturb import to_eight_bit
from gradlab.types import EqualTo, Rule

NEAR = torch.finfo(torch.float32).eps  # of two values in [0, 1]: as far apart as float32's own rounding puts them


@dataclass(frozen=True, eq=False)
class Columns:
    """What K steps do to N images, each (K, N) and on the device.

    Attributes:
        predictions: as in `Curve`, and so are `probability`, `l2`, `linf`, `psnr`, `clipped`, `ssim` and `rounded`.
        doubted: where the first asking leaves in doubt what is predicted.
        copied: where rounding changes nothing, so that the answer after it is the one before.
        unasked: where it makes another image than that and the clean one, of which the model has to be asked.
    """

    predictions: Tensor
    doubted: Tensor
    rounded: Tensor | None
    copied: Tensor
    unasked: Tensor
    probability: Tensor
    clipped: Tensor
    ssim: Tensor | None
    l2: Tensor
    linf: Tensor
    psnr: Tensor

    def put(self, rows: list[int], others: "Columns") -> None:
        """Take over some rows, which `others` consists of."""
        for one in fields(self):
            if (column := getattr(self, one.name)) is not None:
                column[rows] = getattr(others, one.name)

    def repeated(self, count: int) -> "Columns":
        """So many rows of columns (N,)."""
        columns: dict[str, Tensor | None] = vars(self)
        return replace(self, **{name: one.repeat(count, 1) for name, one in columns.items() if one is not None})

    @property
    def good(self) -> Tensor:
        """Where the model gave numbers at every step, bool (N,)."""
        said = self.predictions if self.rounded is None else torch.minimum(self.predictions, self.rounded)
        return (said >= 0).all(0)


@dataclass(frozen=True, eq=False)
class Measured:
    """What was measured of one batch of N images, still on the device.

    Attributes:
        clean: what the model says before anything is done.
        zero_gradient: bool (N,).
        good: bool (N,), where every logit and every gradient was a number.
        curves: for each rule, what its steps did.
        tally: of the answers that were not in doubt.
    """

    clean: Predictions
    zero_gradient: Tensor
    good: Tensor
    curves: dict[Rule, Columns]
    tally: Tally


@dataclass(frozen=True, eq=False)
class _Walk:
    """Where a rule takes a batch: the steps, the true classes (N,), and what the model says of the clean images."""

    steps: Steps
    labels: Tensor
    clean: Predictions


@dataclass(eq=False)
class Job:
    """What stays the same from batch to batch.

    Attributes:
        model: takes images in [0, 1], gives logits.
        placed: all images, where the model is.
        plan: the epsilons of each rule.
        asking: how the model is asked about the perturbed images.
        chunk: images a forward pass.
        equal_to: whose change the steps of the other rules are scaled to, on each image; None takes each rule's own.
        eight_bit: classify the rounded images too.
        ssim: measure that, too.
        seed: of the `random` rule.
        lock: held while the device computes, chunk by chunk.
    """

    model: nn.Module
    placed: Placed
    plan: dict[Rule, tuple[float, ...]]
    asking: Asking
    chunk: int
    equal_to: EqualTo | None
    eight_bit: bool
    ssim: bool
    seed: int
    lock: Lock

    def measure(self, part: slice) -> Measured:
        """One forward and one backward pass, then the forward passes of all epsilons of all rules."""
        with self.lock:
            gradient, labels = self.asking.gradient(self.model, self.placed, part), self.placed.labels[part]
            clean = Predictions.of(gradient.logits, labels)
            if not self.placed.batch.labelled:
                # What is measured is whether an image keeps the class that it seems to have.
                labels = clean.predictions.clamp(min=0)
            if self.asking.evaluator is None:
                self._find_out(len(labels))
            lines = {rule: self.placed.line(gradient, rule, part, self.seed) for rule in self.plan}
        curves: dict[Rule, Columns] = {}
        tally, good = Tally(), gradient.finite
        for rule, line in lines.items():
            steps = self._scaled(rule, line.steps(self.plan[rule]), curves)
            curves[rule], found = self._curve(_Walk(steps, labels, clean))
            tally, good = tally.plus(found), good & curves[rule].good
        return Measured(clean, gradient.zero, good, curves, tally)

    def _scaled(self, rule: Rule, steps: Steps, curves: dict[Rule, Columns]) -> Steps:
        """A rule's own steps, or those that change each image as another rule's steps did."""
        equal = self.equal_to
        if equal is None or rule == equal.rule:
            return steps
        with self.lock:
            return steps.scaled(getattr(curves[equal.rule], equal.measure), equal.measure)

    def _curve(self, walk: _Walk) -> tuple[Columns, Tally]:
        """All of one rule: what the first asking says, step by step, and then what it leaves in doubt."""
        columns, epsilons = self._unmoved(walk), walk.steps.epsilons
        moving = [k for k, epsilon in enumerate(epsilons) if epsilon]
        for group in chunks(len(moving), max(1, self.chunk // len(walk.labels))):
            with self.lock:
                columns.put(moving[group], self._step(walk, moving[group]))
        asked = torch.zeros_like(columns.doubted)
        asked[moving] = True
        tally = self._settle(walk, columns.doubted, asked, columns.predictions, columns.probability)
        if columns.rounded is not None:
            left = self._again(walk, columns.unasked, self._evaluator, columns.rounded)
            doubted, asked = (columns.doubted & columns.copied) | left, columns.unasked | columns.copied
            tally = tally.plus(self._settle(walk, doubted, asked, columns.rounded))
        return columns, tally

    def _unmoved(self, walk: _Walk) -> Columns:
        """The columns where every epsilon is 0."""
        clean, rows = walk.clean, walk.steps.images
        zero, never = torch.zeros_like(clean.probability), torch.zeros_like(clean.doubted)
        images = walk.steps.as_images(rows)
        one = Columns(
            predictions=clean.predictions, probability=clean.probability, l2=zero, linf=zero,
            psnr=torch.full_like(zero, torch.inf), clipped=zero, doubted=never, copied=never,
            unasked=~near(to_eight_bit(rows), rows, 0.0) if self.eight_bit else never,
            ssim=ssim(images, images) if self.ssim else None, rounded=clean.predictions if self.eight_bit else None,
        )  # fmt: skip
        return one.repeated(len(walk.steps.epsilons))

    @torch.inference_mode()
    def _step(self, walk: _Walk, group: list[int]) -> Columns:
        """The columns of a few epsilons that are not 0, as far as the first asking goes."""
        steps, values = walk.steps, walk.steps.images.shape[1]
        unclipped = steps.unclipped(group)
        moved = unclipped.clamp(0, 1)
        # In this form, and not as booleans or with norms of infinite order, these cost a fifth of the time on a CPU.
        kept = torch.eq(moved, unclipped, out=torch.empty_like(moved)).sum(2)
        change = torch.sub(moved, steps.images, out=unclipped)
        l2, linf = torch.linalg.vector_norm(change, dim=2), torch.maximum(change.amax(2), -change.amin(2))
        originals = steps.as_images(steps.images)
        alike = torch.stack([ssim(steps.as_images(rows), originals) for rows in moved]) if self.ssim else None
        same, back = self._where_rounding_leads(moved, steps.images)
        # After all else, since a network may work in place.
        said = self._evaluator(steps.as_images(moved.flatten(0, 1)), walk.labels.repeat(len(group)), spare=True)
        predictions, probability, doubted = (one.view(l2.shape) for one in vars(said).values())
        return Columns(
            predictions=predictions, probability=probability, l2=l2, linf=linf, psnr=psnr_of_l2(l2, values),
            clipped=1 - kept / values, doubted=doubted, copied=same & ~back, unasked=~(same | back), ssim=alike,
            rounded=torch.where(back, walk.clean.predictions, predictions) if self.eight_bit else None,
        )  # fmt: skip

    def _where_rounding_leads(self, moved: Tensor, clean: Tensor) -> tuple[Tensor, Tensor]:
        """Where (K, N, P) stay the same once they are rounded, and where they become the clean image again.

        The model need not be asked about either.
        """
        if not self.eight_bit:
            nowhere = torch.zeros(moved.shape[:2], dtype=torch.bool, device=moved.device)
            return nowhere, nowhere
        rounded = to_eight_bit(moved)
        # What is as good as the same gets the same answer, which is asked again where it is in doubt; a plain
        # evaluator doubts nothing, so that there it has to be the very same.
        same = near(rounded, moved, 0.0 if self._evaluator.precision == torch.float32 else NEAR)
        return same, near(rounded, clean, 0.0)

    def _settle(
        self, walk: _Walk, doubted: Tensor, asked: Tensor, predictions: Tensor, probability: Tensor | None = None
    ) -> Tally:
        """Ask in float32 about what is in doubt, and, as a check, about some of the rest of what was asked."""
        if self._evaluator.plain:
            return Tally()
        sure = asked & ~doubted
        checked = drawn(sure, self.asking.share, self.asking.chance)
        said = predictions[checked]
        self._again(walk, doubted | checked, self._evaluator.exact, predictions, probability)
        return Tally(len(said), int((predictions[checked] != said).sum()), int(sure.sum()) - len(said))

    @torch.inference_mode()
    def _again(
        self, walk: _Walk, which: Tensor, evaluator: Evaluator, predictions: Tensor, probability: Tensor | None = None
    ) -> Tensor:
        """Ask about some of a batch, all at once, since small passes are slow; without `probability` as rounded.

        What is said goes into `predictions` and `probability`, (K, N); what is left in doubt comes back, bool (K, N).
        """
        doubted = torch.zeros_like(which)
        rows, places = which.nonzero(as_tuple=True)
        for part in chunks(len(rows), self.chunk):
            with self.lock:
                ks, ns = rows[part], places[part]
                moved = walk.steps.at(ks, ns)
                images = walk.steps.as_images(moved if probability is not None else to_eight_bit(moved))
                said = evaluator(images, walk.labels[ns], spare=True)
                predictions[ks, ns], doubted[ks, ns] = said.predictions, said.doubted
                if probability is not None:
                    probability[ks, ns] = said.probability
        return doubted

    @property
    def _evaluator(self) -> Evaluator:
        return self.asking.evaluator or Evaluator(self.model)

    def _find_out(self, size: int) -> None:
        """Try the evaluation on steps of images from all over the set; `size`: how many gradients at a time."""
        # Steps that are scaled to another rule's change are as long as that rule's.
        own = list(self.plan) if self.equal_to is None else [self.equal_to.rule]
        steps = [(rule, k) for rule in own for k, epsilon in enumerate(self.plan[rule]) if epsilon]
        work = len(steps) * len(self.placed)
        trial = self.placed.images[:0]
        if work and not self.asking.is_plain(work):
            chosen = draw_trial(len(self.placed), steps, min(trial_size(work, self.chunk), work), self.seed)
            trial = chosen.moved(self.model, self.placed, self.plan, size, self.seed)
        self.asking.find_out(self.model, trial, work, self.chunk)


def near(rows: Tensor, others: Tensor, tolerance: float) -> Tensor:
    """Which rows (…, P) differ nowhere by more than that, bool (…); NaN does."""
    return torch.sub(rows, others).abs_().amax(-1) <= tolerance
