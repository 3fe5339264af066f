"""The gradient is exact however sure the network is: against formulas, and against the same network in float64.

Other libraries share the fault that this is about, so none of them is asked here.
"""

import math
from collections.abc import Callable
from copy import deepcopy

import pytest
import torch
from helpers import SHAPE, Linear, counted_calls, random_images, random_labels, tiny_cnn
from torch import Tensor, nn
from torch.nn.functional import adaptive_max_pool2d, cross_entropy, max_pool2d, one_hot

from gradlab import load_batch, load_model
from gradlab.errors import BadValueError
from gradlab.networks import read_cards
from gradlab.steps.gradient import Gradient, exact_gradient, gradient_of, loss_gradient, loss_of
from gradlab.steps.perturb import direction, perturb
from gradlab.types import Batch, Rule

F64 = torch.float64
LOST = 1e-5  # of an image's largest value: what is smaller may be off by its sign in float32
shipped = pytest.mark.parametrize(
    ("name", "dataset"), [(card.name, card.dataset) for card in read_cards()], ids=lambda name: name
)


class Plane(nn.Module):
    """logits = W · flatten(x), with a weight of float32."""

    def __init__(self, weight: Tensor) -> None:
        super().__init__()
        self.weight = nn.Parameter(weight)

    def forward(self, images: Tensor) -> Tensor:
        return images.flatten(1) @ self.weight.T.to(images.dtype)


def formula(logits: Tensor, label: int, weight: Tensor) -> tuple[Tensor, Tensor]:
    """g and 1 − p_y of a linear model, in Python's own numbers: Σ_j≠y p_j (w_j − w_y), each p_j without cancelling."""
    others = [j for j in range(len(logits)) if j != label]
    top = max(float(logits[j]) for j in others)
    shares = {j: math.exp(float(logits[j]) - top) for j in others}
    odds = top + math.log(sum(shares.values())) - float(logits[label])
    pull = sum(share * (weight[j] - weight[label]) for j, share in shares.items()) / sum(shares.values())
    wrong = math.exp(odds) / (1 + math.exp(odds)) if odds < 0 else 1 / (1 + math.exp(-odds))
    return pull, torch.tensor(wrong, dtype=F64)


@pytest.mark.parametrize("apart", [1, 5, 20, 36, 40, 90, 200, 690.7755278982137, 5000, 1e4])
@pytest.mark.parametrize("sure", [True, False], ids=["right", "wrong"])
@pytest.mark.parametrize("kind", [torch.float32, F64], ids=str)
def test_linear_models_give_the_formula_at_any_confidence(apart: float, sure: bool, kind: torch.dtype) -> None:
    """Three classes, so far apart; at 690.8 the network is sure to 1 − 1e-300."""
    weight = torch.randn(3, 3 * 8 * 8, generator=torch.Generator().manual_seed(3), dtype=F64)
    images = random_images(4, dtype=F64)
    logits = images.flatten(1) @ weight.T
    top, low = logits[0].argmax(), logits[0].argmin()
    weight *= apart / float(logits[0, top] - logits[0, low])
    weight = weight.to(kind)
    logits = images.to(kind).flatten(1) @ weight.T
    labels = (logits.argmax(1) if sure else logits.argmin(1)).clone()
    found = exact_gradient(Plane(weight), images.to(kind), labels)
    for k in range(4):
        pull, wrong = formula(logits[k].double(), int(labels[k]), weight.double())
        close = {"rtol": 1e-3, "atol": 1e-5 * float(pull.abs().max())} if kind == torch.float32 else {}
        torch.testing.assert_close(found.of_log_odds[k].flatten().double(), pull, **close)
        torch.testing.assert_close(found.factor[k], wrong, rtol=1e-2 if kind == torch.float32 else 1e-7, atol=0)
        torch.testing.assert_close(found.of_loss[k].flatten().double(), wrong * pull, rtol=2e-2, atol=1e-44)
    assert not found.zero.any()


def test_a_small_case_that_float32_turns_round() -> None:
    """Softmax and cross-entropy in float32 give (+4.7e-11, +2.8e-11) here: the true class's share is lost."""
    plane = Plane(torch.tensor([[30.0, 5.0], [5.0, 3.0]]))
    image = torch.tensor([1.0, 0.2]).view(1, 1, 1, 2)
    gradient = loss_gradient(plane, image, [0]).flatten()
    odds = math.exp(-(31.0 - 5.6))
    expected = odds / (1 + odds) * torch.tensor([5.0 - 30.0, 3.0 - 5.0])
    torch.testing.assert_close(gradient, expected, rtol=1e-5, atol=0)
    assert float(gradient[0]) == pytest.approx(-2.3e-10, rel=0.02)


@pytest.mark.parametrize("rule", ["sign", "l2", "max"])
def test_no_direction_is_lost_at_one_in_ten_to_the_300(rule: str) -> None:
    """A step of any length that does not ask for the gradient's size is that of a network that is not sure at all."""
    weight = torch.randn(2, 3 * 8 * 8, generator=torch.Generator().manual_seed(0))
    images = random_images(3)
    logits = images.flatten(1) @ weight.T
    labels = logits.argmax(1)
    sure = Plane(weight * (691 / (logits.max(1).values - logits.min(1).values).min()))
    found = exact_gradient(sure, images, labels)
    assert bool((found.factor < 1e-299).all())
    assert found.of_loss.abs().max() == 0, "smaller than float32 holds"
    torch.testing.assert_close(direction(found, rule), direction(exact_gradient(Plane(weight), images, labels), rule))
    assert bool((perturb(sure, images, labels, 0.01, rule) != images).flatten(1).any(1).all())


def test_raw_is_the_direction_times_its_true_factor() -> None:
    model, images, labels = tiny_cnn().double(), random_images(5, dtype=F64), random_labels(5)
    found = exact_gradient(model, images, labels)
    leaf = images.clone().requires_grad_()
    (plain,) = torch.autograd.grad(cross_entropy(model(leaf), labels, reduction="sum"), leaf)
    torch.testing.assert_close(found.of_loss, plain)
    torch.testing.assert_close(direction(found, "raw"), plain)
    torch.testing.assert_close(found.length, plain.flatten(1).norm(dim=1))
    torch.testing.assert_close(found.slope(images), (plain * images).sum((1, 2, 3)))
    torch.testing.assert_close(found.factor, 1 - found.logits.softmax(1)[torch.arange(5), labels])


@pytest.mark.parametrize("scale", [1.0, 30.0, 1e3, 1e6])
def test_a_directional_derivative_of_the_loss_is_its_slope(scale: float) -> None:
    """Of the loss itself, in float64 and without cancelling: what no gradient is needed for."""
    model, images, labels = Linear().double(), random_images(3, dtype=F64), random_labels(3)
    model.weight.data *= scale / 30
    gradient = exact_gradient(model, images, labels)
    way = torch.randn(images.shape, generator=torch.Generator().manual_seed(1), dtype=F64)
    small = 1e-4 / scale
    up, down = (loss_of(model(images + size * way).detach(), labels) for size in (small, -small))
    torch.testing.assert_close((up - down) / (2 * small), gradient.slope(way), rtol=1e-4, atol=1e-300)


def test_the_loss_of_a_sure_network_is_not_rounded_to_zero() -> None:
    logits = torch.tensor([[0.0, -30.0], [0.0, -100.0], [0.0, -700.0], [0.0, 1000.0], [0.0, 0.0]])
    found = loss_of(logits, torch.zeros(5, dtype=torch.int64))
    expected = [math.exp(-30), math.exp(-100), math.exp(-700), 1000.0, math.log(2)]
    assert found.tolist() == pytest.approx(expected, rel=1e-12)


def test_it_is_one_pass_there_and_one_back() -> None:
    model = tiny_cnn()
    with counted_calls(model) as calls:
        exact_gradient(model, random_images(3), random_labels(3))
    assert calls == {"forward": 1, "backward": 1}


def some(name: str, dataset: str, count: int) -> tuple[nn.Module, Batch]:
    return load_model(name, dataset, device="cpu"), load_batch(dataset, limit=count, source="sample")


@pytest.mark.slow
@shipped
def test_shipped_networks_agree_with_themselves_in_float64(name: str, dataset: str) -> None:
    """These networks are linear piece by piece, and their gradient jumps from piece to piece.

    Where an image is nearer to an edge than float32 tells apart (two values of a pool are equal, one before a ReLU is
    0), float32 and float64 may stand on either side of it, and both gradients are right. So signs are compared twice:
    on whichever piece each of them is, and on the same piece, where nothing may differ but what is next to nothing.
    """
    model, batch = some(name, dataset, 200)
    choices: list[Tensor] = []
    remembering = _replaced(model, lambda layer: Chooses(layer, choices))
    # In this layout float64 gives equal values for equal patches, so that a pool takes the first of them, as float32's.
    double = deepcopy(model).double().to(memory_format=torch.contiguous_format)
    recalling = _replaced(double, lambda layer: Chosen(layer, choices))
    turned, count, shares = 0, 0, []
    for images, labels in zip(batch.images.split(100), batch.labels.split(100), strict=True):
        choices.clear()
        found = exact_gradient(remembering, images, labels)
        if not count:
            assert torch.equal(found.of_log_odds, exact_gradient(model, images, labels).of_log_odds)
        plain = images.double().clone(memory_format=torch.contiguous_format)  # past the front door, which lays it out
        same_piece = gradient_of(recalling, plain, labels)
        assert not choices
        exact = gradient_of(double, plain, labels)
        turned += int((exact.of_log_odds.sign() != found.of_log_odds.sign()).sum())
        count += images.numel()
        share = same_piece.of_log_odds.abs() / same_piece.of_log_odds.abs().amax((1, 2, 3), keepdim=True)
        shares.append(share[same_piece.of_log_odds.sign() != found.of_log_odds.sign()])
        torch.testing.assert_close(found.factor, exact.factor, rtol=1e-3, atol=0)
        assert not found.zero.any()
    assert turned <= 0.002 * count
    assert len(torch.cat(shares)) <= 0.002 * count
    assert bool((torch.cat(shares) < 1e-4).all())


@pytest.mark.slow
@pytest.mark.parametrize("times", [1, 10, 100, 1000])
@shipped
def test_sign_moves_every_image_that_has_a_gradient(name: str, dataset: str, times: int) -> None:
    """However sure the last layer makes the network: up lowers the label's odds, or the image is at its end."""
    model, batch = some(name, dataset, 100)
    with torch.no_grad():
        for parameter in list(model.children())[-1].parameters():
            parameter.mul_(times)
    moved = perturb(model, batch.images, batch.labels, 2 / 255, "sign")
    found = exact_gradient(model, batch.images, batch.labels)
    assert bool(found.finite.all())
    assert torch.equal((moved != batch.images).flatten(1).any(1), ~found.zero)
    assert not found.zero.any()
    once = exact_gradient(load_model(name, dataset, device="cpu"), batch.images, batch.labels)
    if once.logits.shape[1] == 2:
        torch.testing.assert_close(direction(found, "l2"), direction(once, "l2"))


def test_a_zero_gradient_is_one_where_nothing_depends_on_the_image() -> None:
    class Half(nn.Module):
        """Sees the upper half of grey images only, and nothing at all of those that are black there."""

        def forward(self, images: Tensor) -> Tensor:
            upper = images[:, :, :4].flatten(1)
            return torch.stack([1e4 * (upper**2).sum(1), 0 * upper[:, 0]], 1)

    images = random_images(3)
    images[1, :, :4] = 0
    found = exact_gradient(Half(), images, [0, 0, 0])
    assert found.zero.tolist() == [False, True, False]
    assert bool((found.of_loss == 0).all()), "float32 cannot tell the three apart"


def test_a_network_that_cannot_be_differentiated_is_named() -> None:
    class Cut(nn.Module):
        def forward(self, images: Tensor) -> Tensor:
            return images.detach().flatten(1)[:, :2]

    with pytest.raises(BadValueError, match="^expected logits that can be differentiated, got some that don't depend"):
        loss_gradient(Cut(), random_images(2), random_labels(2, 2))


def test_the_label_is_the_one_that_was_asked_for() -> None:
    model, images = tiny_cnn(), random_images(4)
    for label in range(3):
        labels = torch.full((4,), label)
        wrong = model(images).softmax(1).detach() - one_hot(labels, 3)
        found = exact_gradient(model, images, labels)
        assert torch.equal(found.labels, labels)
        torch.testing.assert_close(found.factor.float(), -wrong[:, label])


@pytest.mark.parametrize("rule", list(Rule))
def test_a_direction_of_g_alone_is_the_same_where_float32_holds_it(rule: Rule) -> None:
    found = exact_gradient(tiny_cnn(), random_images(3), random_labels(3))
    assert isinstance(found, Gradient)
    torch.testing.assert_close(direction(found.of_loss, rule, seed=2), direction(found, rule, seed=2))


class Chooses(nn.Module):
    """A ReLU or a max pool that notes on which piece each image is: which values pass."""

    def __init__(self, layer: nn.Module, choices: list[Tensor]) -> None:
        super().__init__()
        self.layer, self.choices = layer, choices

    def forward(self, values: Tensor) -> Tensor:
        passing = _passing(self.layer, values.detach())
        self.choices.append(passing)
        return _taken(self.layer, values, passing)


class Chosen(Chooses):
    """The same layer on the piece that was noted, if what it then takes is as good as equal to what it would take."""

    def forward(self, values: Tensor) -> Tensor:
        passing = self.choices.pop(0)
        taken = _taken(self.layer, values, passing)
        own = _taken(self.layer, values, _passing(self.layer, values.detach()))
        assert float((taken - own).detach().abs().max()) < 1e-5 * float(values.detach().abs().max())
        return taken


def _passing(layer: nn.Module, values: Tensor) -> Tensor:
    """Of a ReLU, which values are above 0; of a pool, the place of the largest."""
    if isinstance(layer, nn.ReLU):
        return values > 0
    if isinstance(layer, nn.AdaptiveMaxPool2d):
        return adaptive_max_pool2d(values, layer.output_size, return_indices=True)[1]
    return max_pool2d(values, layer.kernel_size, return_indices=True)[1]


def _taken(layer: nn.Module, values: Tensor, passing: Tensor) -> Tensor:
    if isinstance(layer, nn.ReLU):
        return values.where(passing, 0)
    return values.flatten(2).gather(2, passing.flatten(2)).view(passing.shape)


def _replaced(model: nn.Module, by: Callable[[nn.Module], nn.Module]) -> nn.Module:
    """A copy of a network, its ReLUs and pools in the order in which they are asked replaced."""
    copy = deepcopy(model)
    for module in list(copy.modules()):
        for name, layer in module.named_children():
            if isinstance(layer, nn.ReLU | nn.MaxPool2d | nn.AdaptiveMaxPool2d):
                setattr(module, name, by(layer))
    return copy.eval()


assert SHAPE == (3, 8, 8)  # the weights above are made for it
