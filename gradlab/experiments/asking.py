"""How a model is asked about very many images: found out at the first of them, and kept for all that follow.

Whether a reduced precision and a compiled forward pass pay depends on the model, on the machine and on how much there
is to do. So it is tried on some steps of some images, at random and from all over the set: where only the first images
are tried, a network may err by more on those that come later. Predictions hardly depend on it: what is in doubt is
asked again in float32 (`steps.evaluate`).

A network may err elsewhere by more than on the trial. So a random share of the answers that are not in doubt
is asked again: where float32 never disagrees, that bounds how many of the others may be wrong; where it does once, the
rest is no longer believed either, and the quicker way ends.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn

from gradlab.device import device_of
from gradlab.experiments.work import Placed, chunks
from gradlab.steps.compiled import NotCompiledError, compile_forward
from gradlab.steps.evaluate import Evaluator, Forward, calibrated, pick_precision
from gradlab.steps.gradient import Gradient
from gradlab.types import Precision, Rule

TRIAL = 64  # images on which the error is measured, at least
WORTH_A_TRIAL = 16  # times TRIAL: for less work than that float32 is quicker than finding out and checking
OF_THE_WORK = 100  # one image in so many is tried, where that is more; a forward pass of them at most
WORTH_COMPILING = 40.0  # seconds of work: compiling takes up to 16 and saves a third or half of it
QUICKER = 0.95  # times the model's own time: a compiled pass that takes longer than that is not used

STEPS_EACH = 3  # of an image: its gradient costs as much as about three forward passes
SHARE = 0.01  # of the answers that aren't in doubt
LEAST = 300  # of them: where all are right, at most about 1 % of the others are wrong, with 95 % confidence

Step = tuple[Rule, int]  # and the place of its epsilon among those of the rule
Gradients = dict[tuple[int, int], Gradient]


class Tally(NamedTuple):
    """Answers of a first asking that were not in doubt: of one image at one step, before or after rounding.

    Attributes:
        checked: were asked again in float32, chosen at random.
        disagreed: of these, where float32 said something else.
        unchecked: all others.
    """

    checked: int = 0
    disagreed: int = 0
    unchecked: int = 0

    def plus(self, other: "Tally") -> "Tally":
        """The sum of both."""
        return Tally(*(mine + theirs for mine, theirs in zip(self, other, strict=True)))


@dataclass(eq=False)
class Asking:
    """The ways in which a model may be asked, and the one that was found best.

    Attributes:
        precision: of the first asking.
        insist: keep that precision even where it doesn't pay.
        compiled: None: compile the model where there is so much to do that it pays; True: always; False: never.
        evaluator: the one that is used; None until `find_out`.
        share: of the answers that are not in doubt, how many are asked again in float32.
        chance: which these are; it goes on from sweep to sweep, so that each has a draw of its own.
        notices: what went otherwise than wanted.
        gradients: those of parts of the images, by their first and last place, to be used again by
            another sweep over the same images and labels; None keeps none.
    """

    precision: torch.dtype
    insist: bool = False
    compiled: bool | None = False
    evaluator: Evaluator | None = None
    share: float = 1.0
    chance: torch.Generator = field(default_factory=lambda: torch.Generator().manual_seed(0))
    notices: list[str] = field(default_factory=list)
    gradients: Gradients | None = None

    def is_plain(self, work: int) -> bool:
        """Whether so many images are asked about in float32 without any trial: nothing else is wanted, or pays."""
        if self.insist or self.compiled:
            return False
        reduced = self.precision != torch.float32 and work >= WORTH_A_TRIAL * TRIAL
        return not reduced and (self.compiled is False or work < OF_THE_WORK * TRIAL)

    def find_out(self, model: nn.Module, trial: Float[Tensor, "n c h w"], work: int, size: int) -> None:
        """Choose the evaluator.

        Args:
            model: takes images in [0, 1], gives logits.
            trial: images like those to come, `trial_size` of them.
            work: how many images are to come.
            size: of a forward pass.
        """
        forward = self._forward(model, trial, work, size) if len(trial) else None
        small = work < WORTH_A_TRIAL * TRIAL and not self.insist and forward is None
        precision = torch.float32 if small else self.precision
        self.evaluator, self.share = calibrated(model, trial, precision, self.insist, forward), share_of(work)

    def gradient(self, model: nn.Module, placed: Placed, part: slice) -> Gradient:
        """The gradients of a part of the images, of an earlier sweep where those were kept."""
        if self.gradients is None:
            return placed.gradient(model, part)
        if (place := (part.start, part.stop)) not in self.gradients:
            self.gradients[place] = placed.gradient(model, part)
        return self.gradients[place]

    def distrust(self, tally: Tally) -> None:
        """Ask in float32 from now on, since float32 disagreed with answers that were not in doubt."""
        if self.evaluator is None:
            return
        name = self.evaluator.name
        self.notices.append(
            f"{name[0].upper()}{name[1:]} was not exact enough here: of {tally.checked:,} answers that were not in "
            f"doubt, chosen at random and asked again in float32, {tally.disagreed:,} "
            f"{'was' if tally.disagreed == 1 else 'were'} wrong. So everything was measured again in float32."
        )
        self.evaluator = self.evaluator.exact

    def _forward(self, model: nn.Module, trial: Tensor, work: int, size: int) -> Forward | None:
        """The compiled model, where that is wanted, can be had and is quicker."""
        itself = Evaluator(model, self.precision)
        if self.compiled is False or (self.compiled is None and not _worth_compiling(itself, trial, work)):
            return None
        batch = trial.repeat(-(-size // len(trial)), 1, 1, 1)[:size]
        try:
            forward = compile_forward(model, batch, self.precision)
        except NotCompiledError as error:
            self.notices.append(f"The network was not compiled, which takes longer: {error}.")
            return None
        quicker = Evaluator(model, self.precision, forward=forward)
        pays = self.compiled or min(_seconds(quicker, batch, 3)) < QUICKER * min(_seconds(itself, batch, 3))
        return forward if pays else None


def trial_size(work: int, size: int) -> int:
    """On how many images to try, for so much work in passes of this size."""
    return max(TRIAL, min(size, work // OF_THE_WORK))


def _worth_compiling(itself: Evaluator, trial: Tensor, work: int) -> bool:
    # A trial is of a hundredth of the work, so that finding out costs a hundredth.
    if trial.device.type != "cpu" or len(trial) * OF_THE_WORK > work:
        return False
    (seconds,) = _seconds(itself, trial, 1)
    return seconds / len(trial) * work > WORTH_COMPILING


def _seconds(evaluator: Evaluator, images: Tensor, times: int) -> list[float]:
    """How long each of some passes takes."""
    taken = []
    for _ in range(times):
        started = time.perf_counter()
        evaluator.logits(images)
        taken.append(time.perf_counter() - started)
    return taken


@dataclass(frozen=True, eq=False)
class Trial:
    """M images, and C steps of them.

    Attributes:
        images: int64 (M,), ascending: one from each of M equal parts of the set.
        whose: int64 (C,), the image of each step, as a place among the M; each has as many as any other, or one more.
        steps: C steps in the order in which they were given: one from each of C equal parts of them.
    """

    images: Int64[Tensor, " m"]
    whose: Int64[Tensor, " c"]
    steps: tuple[Step, ...]

    def of(self, start: int, stop: int) -> Iterator[tuple[Rule, Tensor, Tensor]]:
        """The steps of the images from one place to another: rule by rule the epsilons' places, and the images'."""
        here = (self.whose >= start) & (self.whose < stop)
        for rule in dict.fromkeys(rule for rule, _ in self.steps):
            mine = here & torch.tensor([of == rule for of, _ in self.steps])
            if mine.any():
                yield rule, torch.tensor([k for _, k in self.steps])[mine], self.whose[mine] - start

    def moved(
        self, model: nn.Module, placed: Placed, plan: Mapping[Rule, Sequence[float]], size: int, seed: int
    ) -> Tensor:
        """The very images that will be asked about, from so many gradients at a time."""
        parts = []
        for part in chunks(len(self.images), size):
            places = self.images[part]
            gradient = placed.gradient(model, places)
            for rule, ks, ns in self.of(part.start, part.stop):
                steps = placed.line(gradient, rule, places, seed).steps(plan[rule])
                parts.append(steps.as_images(steps.at(ks, ns)))
        return torch.cat(parts)


def draw_trial(images: int, steps: Sequence[Step], count: int, seed: int) -> Trial:
    """Draw `count` steps of images.

    Args:
        images: how many there are.
        steps: which there are of each.
        count: at least 1, at most as many as all steps of all images.
        seed: of the draw.
    """
    chance = torch.Generator().manual_seed(seed)
    distinct = min(images, -(-count // min(STEPS_EACH, len(steps))))
    chosen, which = _spread(images, distinct, chance), _spread(len(steps), count, chance)
    whose = torch.randperm(count, generator=chance) % distinct
    return Trial(chosen, whose, tuple(steps[k] for k in which.tolist()))


def _spread(over: int, count: int, chance: torch.Generator) -> Tensor:
    """A place from each of `count` parts of range(over), as equal as can be, ascending."""
    edges = torch.arange(count + 1) * over // count
    width = edges.diff().clamp(min=1)  # 0 where there are more parts than places
    return edges[:-1] + (torch.rand(count, generator=chance) * width).long().minimum(width - 1)


def share_of(work: int) -> float:
    """The share of so many answers that is asked again."""
    return max(SHARE, min(1.0, LEAST / max(1, work)))


def drawn(among: Tensor, share: float, chance: torch.Generator) -> Tensor:
    """Each of `among`, bool of any shape, with the probability `share`; the same on every device."""
    return among & (torch.rand(among.shape, generator=chance) < share).to(among.device)


def asking_of(model: nn.Module, precision: Precision, compiled: bool | None, keep: bool = False) -> Asking:
    """How a model is to be asked, before anything is found out; `keep` the gradients for further sweeps.

    Raises:
        UnknownNameError: for a precision that doesn't exist.
    """
    picked = pick_precision(precision, device_of(model))
    return Asking(picked, precision == "bfloat16", compiled, gradients={} if keep else None)
