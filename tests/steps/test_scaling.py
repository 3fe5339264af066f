"""Steps of a wanted change: what comes out after clipping is what was wanted, or the most that there is."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from gradlab.steps.scaling import common_size, sizes_for

SIDES = st.sampled_from([1, -1])


def drawn(seed: int, count: int = 4, values: int = 30) -> tuple[Tensor, Tensor]:
    """Images with values at both ends, and directions with zeros and sizes from 1e-12 to 1."""
    chance = torch.Generator().manual_seed(seed)
    images = (torch.rand((count, values), generator=chance) * 1.4 - 0.2).clamp(0, 1)
    along = torch.randn((count, values), generator=chance) * 10.0 ** -torch.randint(0, 13, (count, 1), generator=chance)
    along[torch.rand((count, values), generator=chance) < 0.2] = 0
    return images, along


def change(images: Tensor, along: Tensor, size: Tensor, side: int) -> Tensor:
    return (images.double() + side * size[:, None] * along.double()).clamp(0, 1) - images.double()


def most(images: Tensor, along: Tensor, side: int) -> Tensor:
    return change(images, along.sign(), torch.full((len(images),), 2.0), side)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.integers(0, 10_000), st.floats(0, 1.2), SIDES)
def test_the_l2_that_is_wanted_comes_out_or_the_most_that_there_is(seed: int, share: float, side: int) -> None:
    images, along = drawn(seed)
    reach = most(images, along, side).norm(dim=1)
    wanted = torch.stack([share * reach, 0.5 * share * reach, 0 * reach])
    sizes = sizes_for(images, along, wanted, "l2", side)
    for row, want in zip(sizes, wanted, strict=True):
        found = change(images, along, row, side).norm(dim=1)
        # Near the most that there is, a small rest is a difference of large sums; float32 holds 6e-8.
        torch.testing.assert_close(found, torch.minimum(want, reach), rtol=5e-8, atol=1e-12)
    assert (sizes[2] == 0).all()
    assert (sizes[0] >= sizes[1]).all()


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.integers(0, 10_000), st.floats(0, 1.2), SIDES)
def test_the_largest_change_that_is_wanted_comes_out_or_the_most_that_there_is(
    seed: int, share: float, side: int
) -> None:
    images, along = drawn(seed)
    reach = most(images, along, side).abs().amax(1)
    sizes = sizes_for(images, along, (share * reach)[None], "linf", side)
    found = change(images, along, sizes[0], side).abs().amax(1)
    torch.testing.assert_close(found, torch.minimum(share * reach, reach), rtol=1e-5, atol=2e-6)


@pytest.mark.parametrize("measure", ["l2", "linf"])
def test_a_direction_that_is_0_goes_nowhere(measure: str) -> None:
    sizes = sizes_for(torch.full((2, 3), 0.5), torch.zeros(2, 3), torch.tensor([[0.0, 1.0]]), measure)
    assert sizes.tolist() == [[0.0, 0.0]]


def test_a_change_of_the_direction_s_own_step_gives_that_step_back() -> None:
    images, along = drawn(3)
    moved = (images + 0.3 * along).clamp(0, 1) - images
    (sizes,) = sizes_for(images, along, moved.norm(dim=1)[None])
    torch.testing.assert_close(change(images, along, sizes, 1).float(), moved, rtol=1e-5, atol=1e-6)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.integers(0, 10_000), st.floats(0.001, 0.99), SIDES)
def test_one_size_for_all_images_comes_to_the_mean_that_is_wanted(seed: int, share: float, side: int) -> None:
    images, along = drawn(seed)
    along /= along.abs().amax(1, keepdim=True).clamp(min=1e-30)  # as a rule makes them: never all tiny
    wanted = share * float(most(images, along, side).norm(dim=1).mean())
    size = common_size([(images[:3], along[:3]), (images[3:], along[3:])], wanted, side)
    found = change(images, along, torch.full((len(images),), size), side).norm(dim=1).mean()
    assert float(found) == pytest.approx(wanted, rel=3e-5)


def test_there_is_no_size_for_more_than_there_is() -> None:
    images, along = drawn(5)
    beyond = 1.01 * float(most(images, along.sign(), 1).norm(dim=1).mean())
    assert math.isnan(common_size([(images, along.sign())], beyond))
