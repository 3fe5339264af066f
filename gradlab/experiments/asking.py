"""How a model is asked about very many images: found out at the first of them, and kept for all that follow.

Whether a reduced precision and a compiled forward pass pay depends on the model, on the machine and on how much there
is to do. Predictions hardly do: what is in doubt is asked again in float32 (`steps.evaluate`), and so is a random share
of the rest (`spotcheck`), whose first disagreement ends the quicker way.
"""

import time
from dataclasses import dataclass, field

import torch
from jaxtyping import Float
from torch import Tensor, nn

from gradlab.experiments.spotcheck import Tally, share_of
from gradlab.steps.compiled import NotCompiledError, compile_forward
from gradlab.steps.evaluate import Evaluator, Forward, calibrated
from gradlab.steps.gradient import Gradient

TRIAL = 64  # images on which the error is measured, at least
WORTH_A_TRIAL = 16  # times TRIAL: for less work than that float32 is quicker than finding out and checking
OF_THE_WORK = 100  # one image in so many is tried, where that is more; a forward pass of them at most
WORTH_COMPILING = 40.0  # seconds of work: compiling takes up to 16 and saves a third or half of it
QUICKER = 0.95  # times the model's own time: a compiled pass that takes longer than that is not used

Gradients = dict[tuple[int, int], Gradient]


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

    def distrust(self, tally: Tally) -> None:
        """Ask in float32 from now on, for that disagreed with answers that were not in doubt."""
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
