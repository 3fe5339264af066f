"""How long a step has to be to change each image by so much, after clipping: solved, not searched.

A step of size s along d moves value i by min(s · |d_i|, r_i), where r_i is its room on that side, 1 − x_i or x_i. So
L2² = s² · (sum of d_i² of the values that still move) + (sum of r_i² of those that stand at an end), and each value
stands there from s = r_i / |d_i| on. With the values sorted by that, both sums are known at every such s, and between
two of them s is a square root.
"""

import math
from collections.abc import Callable, Iterator, Sequence

import torch
from jaxtyping import Float64
from torch import Tensor

CLOSE = 1e-5  # by which share of the wanted distance the achieved one may differ: float32 makes it grow in leaps
TRIES = 100  # of the search, at most; about ten are needed
FURTHER = 1.5  # times the last step, while it is too short
_LAST = 3.4e38  # what float32, in which the step is taken, can hold
_ALIKE = 1e-9  # two sizes that differ by a smaller share are one
_SAME = 1e-6  # of two values in [0, 1]: float32's rounding puts them no further apart


@torch.inference_mode()
def sizes_for(
    images: Tensor, along: Tensor, wanted: Tensor, measure: str = "l2", side: int = 1
) -> Float64[Tensor, "k n"]:
    """The sizes of step that change each image by what is wanted.

    Where a direction cannot change an image by so much, the size is that at which it changes it most: the least at
    which no value moves any more. What it comes to, the step itself shows.

    Args:
        images: (N, P), N flattened images in [0, 1].
        along: (N, P), where each goes.
        wanted: (K, N), at least 0: K changes of each image.
        measure: `l2` or `linf`, of what is wanted.
        side: 1 for steps along the direction, −1 for steps against it.

    Returns:
        At least 0, float64 (K, N); 0 where nothing is wanted, or the direction is 0 everywhere.
    """
    speed, pixels = along.double() * side, images.double()
    room = torch.where(speed > 0, 1 - pixels, pixels)
    room[speed == 0] = 0  # these never move
    return (_of_l2 if measure == "l2" else _of_linf)(room, speed.abs_(), wanted.double())


def _of_l2(room: Tensor, speed: Tensor, wanted: Tensor) -> Tensor:
    # The size of step at which each value has come to its end; 0 for those that never move.
    at, order = torch.where(speed > 0, room / speed, 0.0).sort(dim=1)
    arrived, moving = (values.gather(1, order).square() for values in (room, speed))
    arrived, left = arrived.cumsum(1), moving.flip(1).cumsum(1).flip(1)
    before = torch.nn.functional.pad(arrived, (1, 0))  # of those that stand before the i-th arrives
    reached = before[:, :-1] + at.square() * left  # L2² where the i-th arrives
    # Of equal arrivals the sums differ by rounding; the search needs them in order.
    place = torch.searchsorted(reached.cummax(1).values, wanted.square().T.contiguous())
    inside = place.clamp(max=room.shape[1] - 1)
    rest = (wanted.square().T - before.gather(1, inside)).clamp_(min=0)
    size = (rest / left.gather(1, inside)).sqrt()
    size = torch.where(place < room.shape[1], size, at[:, -1:])
    return torch.where(wanted.T > 0, size, 0.0).T


def _of_linf(room: Tensor, speed: Tensor, wanted: Tensor) -> Tensor:
    most = room.amax(1)
    rows = []
    for change in torch.minimum(wanted, most):
        able = room >= change[:, None] - _SAME
        rows.append((change[:, None] / speed).where(able & (speed > 0), torch.inf).amin(1))
    size = torch.stack(rows)
    return torch.where((wanted > 0) & size.isfinite(), size, 0.0)


@torch.inference_mode()
def common_size(parts: Sequence[tuple[Tensor, Tensor]], wanted: float, side: int = 1) -> float:
    """The one size of step, for all images alike, at which the mean L2 over them comes to what is wanted.

    Args:
        parts: images and where they go, each (N, P) as `sizes_for` takes them, part by part.
        wanted: above 0.
        side: 1 for steps along the directions, −1 for steps against them.

    Returns:
        Above 0, such that the mean is off by CLOSE at most; NaN where no size changes the images by so much.
    """
    lengths = torch.cat([torch.linalg.vector_norm(along.double(), dim=1) for _, along in parts])
    most = _mean_l2(parts, side * _LAST)
    if most < wanted * (1 - CLOSE):
        return math.nan
    *_, (size, _, _) = search_size(
        lambda step: _mean_l2(parts, side * step), float(lengths.mean()), wanted, most, _LAST
    )
    return size


def search_size(
    at: Callable[[float], float], slope: float, wanted: float, most: float, last: float
) -> Iterator[tuple[float, float, bool]]:
    """Sizes that come ever nearer to a wanted mean, what each achieves, and whether it is the last.

    It begins with the size that would do if nothing were clipped, which is never too long, and goes on outward until it
    is long enough.

    Args:
        at: the mean that a size achieves; it never falls with the size.
        slope: the mean for each unit of size, were nothing clipped.
        wanted: the mean that is looked for.
        most: the mean that can be achieved at all.
        last: a size from which on nothing moves any further.
    """
    low = min(wanted / slope, last) if slope else 0.0
    if not low or not most:
        yield 0.0, 0.0, True
        return
    goal = min(wanted, most * (1 - CLOSE / 2))
    high = low
    below = above = at(low)
    while above < goal * (1 - CLOSE) and high < last:
        low, below, high = high, above, min(high * FURTHER, last)
        above = at(high)
        yield high, above, False
    yield from _between(at, (low, below), (high, above), goal)


def _between(
    at: Callable[[float], float], start: tuple[float, float], end: tuple[float, float], goal: float
) -> Iterator[tuple[float, float, bool]]:
    """The same between two sizes, of which the first achieves too little and the second enough.

    By the secant through both in logarithms, where an end that stays counts half (the Illinois algorithm: Dowell,
    Jarratt 1971, https://doi.org/10.1007/BF01934364), so that either moves in.
    """
    ends, (size, l2), stayed = [start[0], end[0]], end, -1
    errors = [_error(l2, goal) for _, l2 in (start, end)]
    for _ in range(TRIES):
        if abs(l2 - goal) <= CLOSE * goal or ends[1] <= ends[0] * (1 + _ALIKE):
            break
        size = ends[0] * (ends[1] / ends[0]) ** (errors[0] / (errors[0] - errors[1]))
        l2 = at(size)
        yield size, l2, False
        error = _error(l2, goal)
        moved = int(error >= 0)
        ends[moved], errors[moved] = size, error
        errors[1 - moved] /= 2 if stayed == 1 - moved else 1
        stayed = 1 - moved
    yield size, l2, True


def _error(l2: float, goal: float) -> float:
    """How far off in logarithms; a step too small for float32 achieves nothing at all."""
    return math.log(max(l2 / goal, 1e-6))


def _mean_l2(parts: Sequence[tuple[Tensor, Tensor]], step: float) -> float:
    total = torch.zeros((), dtype=torch.float64)
    for images, along in parts:
        moved = torch.add(images, along, alpha=step).clamp_(0, 1)
        total += torch.linalg.vector_norm(moved.sub_(images), dim=1).double().sum().cpu()
    return float(total) / sum(len(images) for images, _ in parts)
