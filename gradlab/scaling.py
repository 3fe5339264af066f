"""How long a step has to be to change each image by so much, after clipping: solved, not searched.

A step of size s along d moves value i by min(s · |d_i|, r_i), where r_i is its room on that side, 1 − x_i or x_i. So
L2² = s² · (sum of d_i² of the values that still move) + (sum of r_i² of those that stand at an end), and each value
stands there from s = r_i / |d_i| on. With the values sorted by that, both sums are known at every such s, and between
two of them s is a square root.
"""

import math
from collections.abc import Sequence

import torch
from jaxtyping import Float64
from torch import Tensor

_TRIES = 200
_EDGE = 1e-3  # of a bracket: a chord that ends nearer to an end than this leads on too slowly
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
    at, order = _arrivals(room, speed).sort(dim=1)
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


def _arrivals(room: Tensor, speed: Tensor) -> Tensor:
    """The size of step at which each value has come to its end; 0 for those that never move."""
    return torch.where(speed > 0, room / speed, 0.0)


@torch.inference_mode()
def common_size(parts: Sequence[tuple[Tensor, Tensor]], wanted: float, side: int = 1, tolerance: float = 1e-5) -> float:
    """The one size of step, for all images alike, at which the mean L2 over them comes to what is wanted.

    The mean L2 never falls with the size. Sizes too small and too large are found first; then the chord between them
    leads on, or their middle where the chord comes too near to one end.

    Args:
        parts: images and where they go, each (N, P) as `sizes_for` takes them, part by part.
        wanted: above 0.
        side: 1 for steps along the directions, −1 for steps against them.
        tolerance: by which share the mean may be off.

    Returns:
        Above 0; NaN where no size changes the images by so much.
    """
    low, below, high, above, size = 0.0, 0.0, math.inf, math.inf, wanted
    for _ in range(_TRIES):
        mean = _mean_l2(parts, side * size)
        if abs(mean - wanted) <= tolerance * wanted:
            return size
        if mean > wanted:
            high, above = size, mean
        elif mean <= below and size > 1:
            return math.nan  # nothing moves any further
        else:
            low, below = size, mean
        size = _between(low, high, (wanted - below) / (above - below)) if math.isfinite(high) else 2 * low
    return math.nan


def _between(low: float, high: float, share: float) -> float:
    return low + (high - low) * (share if _EDGE < share < 1 - _EDGE else 0.5)


def _mean_l2(parts: Sequence[tuple[Tensor, Tensor]], step: float) -> float:
    total = torch.zeros((), dtype=torch.float64)
    for images, along in parts:
        moved = torch.add(images, along, alpha=step).clamp_(0, 1)
        total += torch.linalg.vector_norm(moved.sub_(images), dim=1).double().sum().cpu()
    return float(total) / sum(len(images) for images, _ in parts)
