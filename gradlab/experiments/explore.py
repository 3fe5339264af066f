"""One image looked at closely: the step, what the network believes before and after, and what rounding does to it."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from gradlab.errors import BadValueError
from gradlab.experiments.work import provenance_of
from gradlab.measures import Compared
from gradlab.steps.epsilon import LARGEST, check_epsilon, default_grid, fine_grid, stretch, warn_of_unit
from gradlab.steps.gradient import loss_of
from gradlab.steps.line import Line, line_through
from gradlab.steps.logits import logits_of
from gradlab.steps.perturb import to_eight_bit
from gradlab.steps.scaling import sizes_for
from gradlab.types import Batch, Exploration, FloatArray, LabelSource, Rule, Track, View

_AT_ONCE = 8 * 3 * 224 * 224  # values of the images that are asked about together: more would only take more memory

# What the network says at an epsilon, of the image as computed and as rounded to 8 bit: (classes,) each.
_Said = dict[float, tuple[FloatArray, FloatArray]]


def explore(
    model: nn.Module,
    batch: Batch,
    rule: Rule | str,
    epsilon: Any,
    *,
    labels: LabelSource | str = LabelSource.TRUE,
    seed: int = 0,
    line: Line | None = None,
) -> Exploration:
    """Perturb one image and measure everything about it.

    Args:
        model: takes images in [0, 1], gives logits.
        batch: of exactly one image.
        rule: the direction.
        epsilon: the signed step, in the rule's unit.
        labels: the class whose loss is taken: `true`, `predicted` or `target:<class>`.
        seed: of the `random` rule.
        line: what `line_through` says of all these but epsilon, where that is known: then no gradient is taken.

    Raises:
        BadValueError: for a batch of another size, or an epsilon that isn't finite.
        UnknownNameError: for a rule, label source or target class that doesn't exist.
    """
    rule, size = Rule(rule), check_epsilon(epsilon)
    warn_of_unit(size, rule)
    line = line or line_through(model, batch, rule, labels, seed)
    moved = line.at(size)
    forms = torch.cat([line.images, moved, to_eight_bit(moved)])
    with torch.inference_mode():
        probabilities = torch.cat([line.logits, logits_of(model, forms[1:])]).softmax(1).float()
    # The order in which a sum is taken shows in its last digits.
    compared = Compared(line.images.contiguous())
    return Exploration(
        label=int(batch.labels),
        used_label=int(line.used),
        loss=float(loss_of(line.logits, line.used)),
        gradient_l2=float(line.gradient.length),
        **{
            name: _view(compared, forms[k : k + 1].contiguous(), probabilities[k])
            for k, name in enumerate(("clean", "perturbed", "rounded"))
        },
        provenance=provenance_of(model, batch, labels, seed),
    )


def track(
    model: nn.Module, batch: Batch, rule: Rule | str, epsilons: Sequence[float] | None = None, **options: Any
) -> Track:
    """What the network believes of one image along its direction; one gradient serves every epsilon.

    Args:
        model: as for `explore`, and so are `batch` and `rule`.
        batch: of exactly one image.
        rule: the direction.
        epsilons: signed, ascending, in the rule's unit; 0 among them. None: the rule's fine grid, multiplied by what
            `gradlab.steps.epsilon.stretch` finds for the image.
        options: `labels` and `seed`, as `explore` takes them.

    Raises:
        BadValueError: for a batch of another size, or epsilons that don't ascend, aren't finite or don't have 0.
        UnknownNameError: as `explore`.
    """
    *_, whole = stream_track(model, batch, rule, epsilons, **options)
    return whole


def stream_track(
    model: nn.Module,
    batch: Batch,
    rule: Rule | str,
    epsilons: Sequence[float] | None = None,
    *,
    lock: AbstractContextManager[object] | None = None,
    line: Line | None = None,
    **options: Any,
) -> Iterator[Track]:
    """The same, as it gets finer: of a large image first at a few epsilons of the rule's default grid, from end to end.

    Args:
        model: as for `track`, and so are `batch`, `rule`, `epsilons` and `options`.
        batch: of exactly one image. Of a small one all epsilons are asked about at once.
        rule: the direction.
        epsilons: where they are given, they are all there from the beginning.
        lock: held while the network is asked, a few images at a time.
        line: as for `explore`.
        options: as for `track`.

    Raises:
        BadValueError: as `track`.
        UnknownNameError: as `track`.
    """
    given = None if epsilons is None else [check_epsilon(epsilon) for epsilon in epsilons]
    if given is not None and (0 not in given or given != sorted(set(given))):
        raise BadValueError(f"expected epsilons that ascend, 0 among them, got {given}")
    rule, turn = Rule(rule), lock or nullcontext()
    if line is None:
        with turn:
            line = line_through(model, batch, rule, **options)
    by = 1.0 if given else stretch(rule, float(line.gradient.length))
    together = max(1, _AT_ONCE // line.images.numel())
    usual, fine = ([by * epsilon for epsilon in grid(rule)] for grid in (default_grid, fine_grid))
    first, later = (given, []) if given else _in_turn(fine, usual, together)
    said: _Said = {}
    for part in _parts(first, together):
        with turn:
            said |= _said_at(model, line, part)
    yield _track_of(line, said, int(batch.labels), by)
    for part in _parts(later, together):
        with turn:
            said |= _said_at(model, line, part)
        yield _track_of(line, said, int(batch.labels), by)


def _in_turn(grid: list[float], usual: Sequence[float], together: int) -> tuple[list[float], list[float]]:
    """The epsilons to ask about first, and those that come later: the smallest first."""
    if len(grid) <= together:
        return grid, []
    first = {usual[round(k)] for k in np.linspace(0, len(usual) - 1, max(3, together - 1 + together % 2))} | {0.0}
    return [e for e in grid if e in first], sorted((e for e in grid if e not in first), key=abs)


def _parts(grid: Sequence[float], size: int) -> Iterator[Sequence[float]]:
    return (grid[start : start + size] for start in range(0, len(grid), size))


@torch.inference_mode()
def _said_at(model: nn.Module, line: Line, epsilons: Sequence[float]) -> _Said:
    moved = torch.cat([line.at(epsilon) for epsilon in epsilons])
    plain, rounded = (logits_of(model, form).softmax(1).float().cpu().numpy() for form in (moved, to_eight_bit(moved)))
    return dict(zip(epsilons, zip(plain, rounded, strict=True), strict=True))


def _track_of(line: Line, said: _Said, label: int, by: float) -> Track:
    grid = sorted(said)
    return Track(
        image=line.images[0].cpu().numpy(),
        direction=line.direction[0].cpu().numpy(),
        epsilons=np.array(grid, np.float64),
        probabilities=np.stack([said[epsilon][0] for epsilon in grid]),
        rounded=np.stack([said[epsilon][1] for epsilon in grid]),
        label=label,
        gradient_l2=float(line.gradient.length),
        stretch=by,
    )


def epsilon_for_l2(model: nn.Module, batch: Batch, rule: Rule | str, l2: float, **options: Any) -> tuple[float, float]:
    """How long the steps up and down the loss have to be to change one image by a given distance.

    Exact, without trying: see `gradlab.steps.scaling`.

    Args:
        model: as for `explore`, and so are `batch` and `rule`.
        batch: of exactly one image.
        rule: the direction.
        l2: the distance to achieve after clipping, in pixel units, at least 0.
        options: `labels` and `seed`, as `explore` takes them.

    Returns:
        The epsilon above 0 and the one below; where a step cannot reach that far, the one from which on nothing moves
        any more. 0 where the direction is zero.

    Raises:
        BadValueError: for a batch of another size, or a distance below 0.
        UnknownNameError: as `explore`.
    """
    if not l2 >= 0:
        raise BadValueError(f"expected an L2 distance of at least 0, got {l2}")
    line = line_through(model, batch, rule, **options)
    steps, wanted = line.steps(()), torch.full((1, 1), float(l2), dtype=torch.float64, device=line.images.device)
    up, down = (float(sizes_for(steps.images, steps.along, wanted, side=side)) for side in (1, -1))
    return min(up, LARGEST), -min(down, LARGEST)


def _view(compared: Compared, image: Tensor, probabilities: Tensor) -> View:
    return View(
        image=image[0].cpu().numpy(),
        probabilities=probabilities.cpu().numpy(),
        measures={name: float(value) for name, value in compared.to(image).items()},
        changed=float((compared.images != image).float().mean()),
    )
