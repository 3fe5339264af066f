"""The core: on a linear model every answer is a formula; on a small CNN, what must hold of any model."""

import pytest
import torch
from helpers import Linear, grey_images, random_images, random_labels, tiny_cnn
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, one_hot

from gradlab.errors import BadValueError
from gradlab.steps.gradient import exact_gradient, loss_gradient
from gradlab.steps.perturb import perturb, step
from gradlab.types import Rule

each_rule = pytest.mark.parametrize("rule", list(Rule))
each_sign = pytest.mark.parametrize("epsilon", [0.1, -0.1])
F64 = torch.float64


def norms(images: Tensor) -> Tensor:
    return images.flatten(1).norm(dim=1)


# The gradient


def test_gradient_of_a_linear_model_is_the_formula() -> None:
    model, images, labels = Linear(), random_images(5, dtype=F64) / 10, random_labels(5)
    wrong = model(images).softmax(1) - one_hot(labels, 3)
    torch.testing.assert_close(loss_gradient(model, images, labels).flatten(1), wrong @ model.weight)


def test_gradient_without_labels_is_that_of_the_prediction() -> None:
    model, images = tiny_cnn(), random_images(6)
    gradient = exact_gradient(model, images)
    torch.testing.assert_close(gradient.logits, model(images))
    assert torch.equal(gradient.labels, gradient.logits.argmax(1))
    assert torch.equal(gradient.of_loss, loss_gradient(model, images, gradient.labels))


@each_rule
def test_a_batch_is_its_images_one_by_one(rule: Rule) -> None:
    model, images, labels = tiny_cnn().double().train(), random_images(4, dtype=F64), random_labels(4)
    indices = torch.tensor([5, 0, 999, 7])
    together = perturb(model, images, labels, 0.03, rule, indices=indices)
    for k in range(4):
        one = slice(k, k + 1)
        alone = perturb(model, images[one], labels[one], 0.03, rule, indices=indices[one])
        torch.testing.assert_close(together[one], alone, rtol=0, atol=1e-12)


# The step


@each_sign
def test_sign_is_the_best_linf_step_against_two_classes(epsilon: float) -> None:
    model, images, labels = Linear(classes=2), grey_images(6, dtype=F64), torch.tensor([0, 1, 0, 1, 1, 0])
    model.weight.data /= 10
    away = (model.weight[1] - model.weight[0]) * (1 - 2 * labels[:, None])
    best = images + epsilon * away.sign().view_as(images)
    torch.testing.assert_close(perturb(model, images, labels, epsilon, "sign"), best)


@each_sign
def test_l2_is_the_best_l2_step_against_two_classes(epsilon: float) -> None:
    model, images, labels = Linear(classes=2), grey_images(6, dtype=F64), torch.tensor([0, 1, 0, 1, 1, 0])
    model.weight.data /= 10
    away = (model.weight[1] - model.weight[0]) * (1 - 2 * labels[:, None])
    best = images + epsilon * (away / away.norm(dim=1, keepdim=True)).view_as(images)
    torch.testing.assert_close(perturb(model, images, labels, epsilon, "l2"), best)


@pytest.mark.parametrize("rule", ["sign", "raw", "l2", "max"])
def test_up_raises_each_loss_and_down_lowers_it(rule: str) -> None:
    model, images, labels = tiny_cnn(), grey_images(4) + random_images(4) / 10, random_labels(4)
    up, at, down = (
        cross_entropy(model(perturb(model, images, labels, epsilon, rule)), labels, reduction="none")
        for epsilon in (1e-3, 0.0, -1e-3)
    )
    assert bool((up > at).all())
    assert bool((at > down).all())


@each_rule
def test_epsilon_zero_is_the_identity_bit_for_bit(rule: Rule) -> None:
    model, images, labels = tiny_cnn(), random_images(4), random_labels(4)
    images[0, 0] = torch.tensor([0.0, 1.0] * 4)
    for zero in (0, 0.0, -0.0):
        assert torch.equal(perturb(model, images, labels, zero, rule), images)


@each_rule
@pytest.mark.parametrize("epsilon", [300.0, -300.0])
@pytest.mark.filterwarnings("ignore:epsilon .* is .*76500/255:UserWarning")
def test_the_output_is_new_and_in_range(rule: Rule, epsilon: float) -> None:
    model, images, labels = tiny_cnn(), random_images(4), random_labels(4)
    before = images.clone()
    moved = perturb(model, images, labels, epsilon, rule)
    assert moved.shape == images.shape
    assert moved.dtype == images.dtype
    assert moved.min() == 0
    assert moved.max() == 1
    assert torch.equal(images, before)


@pytest.mark.parametrize("epsilon", [8 / 255, -8 / 255, 0.3, 1e-4])
def test_sign_moves_no_value_by_more_than_epsilon(epsilon: float) -> None:
    model, images, labels = tiny_cnn(), random_images(8), random_labels(8)
    moved = perturb(model, images, labels, epsilon, "sign")
    # Epsilon becomes a float32 (a relative 2⁻²⁴ off), and so does the sum (below 1, 2⁻²⁵ off).
    allowed = abs(epsilon) * (1 + 2**-24) + 2**-25
    largest = float((moved.double() - images.double()).abs().max())
    assert abs(epsilon) * (1 - 2**-24) - 2**-25 <= largest <= allowed


@each_rule
def test_up_and_down_mirror_each_other(rule: Rule) -> None:
    model, images, labels = tiny_cnn().double(), grey_images(4, dtype=F64), random_labels(4)
    up, down = (perturb(model, images, labels, epsilon, rule) - images for epsilon in (0.04, -0.04))
    assert up.abs().max() > 0
    torch.testing.assert_close(up, -down, rtol=0, atol=1e-15)


@each_sign
def test_l2_step_is_as_long_as_epsilon(epsilon: float) -> None:
    model, images, labels = tiny_cnn().double(), grey_images(4, dtype=F64), random_labels(4)
    moved = perturb(model, images, labels, epsilon, "l2")
    torch.testing.assert_close(norms(moved - images), torch.full((4,), abs(epsilon), dtype=F64))


@each_sign
def test_max_step_is_epsilon_at_its_largest(epsilon: float) -> None:
    model, images, labels = tiny_cnn().double(), grey_images(4, dtype=F64), random_labels(4)
    largest = (perturb(model, images, labels, epsilon, "max") - images).abs().amax((1, 2, 3))
    torch.testing.assert_close(largest, torch.full((4,), abs(epsilon), dtype=F64))


def test_step_clips_to_the_range_of_pixels() -> None:
    images = torch.tensor([0.0, 0.25, 0.75, 1.0]).view(1, 1, 2, 2)
    along = torch.tensor([-1.0, 1.0, -1.0, 1.0]).view(1, 1, 2, 2)
    assert step(images, along, 0.5).flatten().tolist() == [0.0, 0.75, 0.25, 1.0]
    assert step(images, along, -0.5).flatten().tolist() == [0.5, 0.0, 1.0, 0.5]


# What is left alone


@pytest.mark.parametrize("wrong", [False, True], ids=["done", "failed"])
def test_the_model_is_left_as_it_came(wrong: bool) -> None:
    model = tiny_cnn().train()
    model[0].eval()
    model[4].weight.requires_grad_(False)
    model[0].weight.grad = torch.ones_like(model[0].weight)
    modes = [module.training for module in model.modules()]
    state = {name: value.clone() for name, value in model.state_dict().items()}
    needs = [p.requires_grad for p in model.parameters()]
    images, labels = random_images(4), random_labels(4)
    if wrong:
        with pytest.raises(BadValueError):
            perturb(model, images, labels + 3, 0.1)
    else:
        perturb(model, images, labels, 0.1)
    assert [module.training for module in model.modules()] == modes
    assert all(torch.equal(value, state[name]) for name, value in model.state_dict().items())
    assert [p.requires_grad for p in model.parameters()] == needs
    assert torch.equal(model[0].weight.grad, torch.ones_like(model[0].weight))
    assert all(p.grad is None for name, p in model.named_parameters() if name != "0.weight")
    assert images.grad is None
    assert not images.requires_grad


def test_the_model_is_asked_in_eval_mode() -> None:
    images, labels = random_images(4), random_labels(4)
    in_eval = perturb(tiny_cnn().eval(), images, labels, 0.1, "raw")
    assert torch.equal(perturb(tiny_cnn().train(), images, labels, 0.1, "raw"), in_eval)


def test_a_model_in_eval_mode_is_not_written_to() -> None:
    class Guarded(nn.Flatten):
        def __setattr__(self, name: str, value: object) -> None:
            if name == "training" and "training" in self.__dict__:
                raise AssertionError("two threads would trip over this")
            super().__setattr__(name, value)

    guarded = Guarded()
    guarded.__dict__["training"] = False
    images, labels = random_images(2), random_labels(2)
    perturb(nn.Sequential(guarded, nn.Linear(192, 3)).requires_grad_(False), images, labels, 0.1)


@each_rule
@pytest.mark.parametrize("mode", [torch.no_grad, torch.inference_mode])
def test_it_works_where_gradients_are_off(rule: Rule, mode: type[torch.no_grad]) -> None:
    model, images, labels = tiny_cnn(), random_images(3), random_labels(3)
    expected = perturb(model, images, labels, 0.1, rule)
    with mode():
        assert torch.equal(perturb(model, images, labels, 0.1, rule), expected)
        assert torch.equal(perturb(model, images.clone(), labels.clone(), 0.1, rule), expected)
        assert not torch.is_grad_enabled()
