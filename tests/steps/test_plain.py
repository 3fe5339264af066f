"""What softmax and cross-entropy in float32 leave of a gradient: whole, lost or turned, told apart by formulas."""

import pytest
import torch
from torch import Tensor, nn

import gradlab
from benchmarks.plain import cancelled, exact_in_float64, in_float64, left_of, plain_gradient
from gradlab.steps.gradient import gradient_of


class Plane(nn.Module):
    """logits = W · flatten(x)."""

    def __init__(self, weight: Tensor) -> None:
        super().__init__()
        self.weight = nn.Parameter(weight)

    def forward(self, images: Tensor) -> Tensor:
        return images.flatten(1) @ self.weight.T


IMAGE = torch.tensor([1.0, 0.2]).view(1, 1, 1, 2)
LABEL = torch.tensor([0])


@pytest.mark.parametrize(
    ("weight", "lost", "turned", "wrong"),
    [
        ([[3.0, 5.0], [2.0, 3.0]], False, False, 0),  # p is 0.8
        ([[30.0, 5.0], [5.0, 3.0]], False, True, 2),  # 1 − p is 1e-11: only the other class's share is left
        ([[300.0, 5.0], [5.0, 3.0]], True, False, 2),  # 1 − p is 1e-129, and nothing at all is left
    ],
    ids=["whole", "turned", "lost"],
)
def test_they_are_told_apart(weight: list[list[float]], lost: bool, turned: bool, wrong: int) -> None:
    plane = Plane(torch.tensor(weight))
    exact = exact_in_float64(in_float64(plane), IMAGE, LABEL)
    # ∇m of two classes is the difference of their weights.
    assert exact.of_log_odds.flatten().tolist() == pytest.approx([weight[1][k] - weight[0][k] for k in range(2)])
    left = left_of(plain_gradient(plane, IMAGE, LABEL), exact.of_log_odds)
    assert (bool(left.lost), bool(left.turned), int(left.wrong)) == (lost, turned, wrong)
    assert bool(left.whole) == (not lost and not turned)


def test_a_step_that_goes_level_is_turned() -> None:
    plain, exact = torch.tensor([1.0, -1.0]).view(1, 1, 1, 2), torch.tensor([2.0, 2.0]).view(1, 1, 1, 2)
    assert left_of(plain, exact).turned.tolist() == [True]


def test_the_network_is_left_as_it_was() -> None:
    plane = Plane(torch.eye(2))
    in_float64(plane)
    assert plane.weight.dtype == torch.float32


def test_what_may_be_lost_is_bounded_value_by_value() -> None:
    """Beyond that bound, cancelling turns no sign of a confident network; within it many are wrong.

    Where float32 is on another linear piece of the network than float64, exact gradients differ as well.
    """
    model = gradlab.load_model("alexnet", "svhn", "cpu").to(memory_format=torch.contiguous_format)
    batch = gradlab.load_batch("svhn", limit=60, source="sample")
    double = in_float64(model)
    exact = exact_in_float64(double, batch.images, batch.labels)
    size = exact.of_log_odds.abs()
    far = size > 1e-5 * size.amax((1, 2, 3), keepdim=True)
    plain = plain_gradient(model, batch.images, batch.labels)
    elsewhere = gradient_of(model, batch.images, batch.labels).of_log_odds.sign() != exact.of_log_odds.sign()
    assert elsewhere.sum() < 1e-3 * elsewhere.numel()
    wrong = (plain.sign() != exact.of_log_odds.sign()) & far & ~elsewhere
    within = size <= cancelled(double, exact)
    assert wrong.sum() > 0.01 * wrong.numel()
    assert not (wrong & ~within).any()
    assert (~within).sum() > 0.5 * wrong.numel()
