"""gradlab's step is the step that torchattacks, foolbox and ART take, in both directions, to 1e-6.

Stepping *down* the loss of the true label is what these libraries call a targeted attack whose target is the true
label. What they cannot express (a step along the raw gradient, except through ART's `loss_gradient`) is not compared.
"""

import importlib
import os
from types import ModuleType
from typing import NamedTuple

import pytest
import torch
from torch import Tensor, nn

import gradlab

pytestmark = [
    pytest.mark.peers,
    # foolbox imports a name of scipy's that scipy 2 will drop
    pytest.mark.filterwarnings("ignore:Please import `gaussian_filter` from:DeprecationWarning"),
]
both_directions = pytest.mark.parametrize("direction", [1, -1], ids=["up", "down"])
both_rules = pytest.mark.parametrize(("rule", "size"), [("sign", 8 / 255), ("l2", 0.5)], ids=["sign", "l2"])


class Case(NamedTuple):
    model: nn.Module
    images: Tensor
    labels: Tensor
    gradient: Tensor


@pytest.fixture(scope="module")
def case() -> Case:
    """Images whose gradient is well above the constants by which peers guard a division by its norm."""
    # torchattacks reshapes gradients with `view`, which channels_last does not allow.
    model = gradlab.load_model("alexnet", "cifar10", device="cpu").to(memory_format=torch.contiguous_format)
    batch = gradlab.load_batch("cifar10", limit=32, source="sample")
    gradient = gradlab.loss_gradient(model, batch.images, batch.labels)
    steep = gradient.flatten(1).norm(dim=1) > 1e-3
    assert steep.sum() >= 8
    return Case(model, batch.images[steep], batch.labels[steep], gradient[steep])


def peer(name: str) -> ModuleType:
    """A peer's module; where it is missing the test is skipped, but never in CI."""
    if os.environ.get("CI") == "true":
        return importlib.import_module(name)
    return pytest.importorskip(name, reason=f"{name} is missing: `make test` installs it (requirements-peers.txt)")


def assert_same_step(case: Case, theirs: Tensor, rule: str, epsilon: float) -> None:
    """Equal to ours in every pixel whose gradient is not so near zero that its sign is a matter of rounding."""
    ours = gradlab.perturb(case.model, case.images, case.labels, epsilon=epsilon, rule=rule)
    size = case.gradient.abs()
    sure = size > 1e-5 * size.amax(dim=(1, 2, 3), keepdim=True)
    assert sure.sum() > sure.numel() / 2
    assert (ours - case.images).abs().max() > abs(epsilon) / 100  # something happened at all
    torch.testing.assert_close(theirs[sure], ours[sure], rtol=0, atol=1e-6)


@both_directions
@both_rules
def test_torchattacks(case: Case, rule: str, size: float, direction: int) -> None:
    torchattacks = peer("torchattacks")
    if rule == "sign":
        attack = torchattacks.FGSM(case.model, eps=size)
    else:  # it has no one-step L2: one step of its descent, as long as its whole budget, is that
        attack = torchattacks.PGDL2(case.model, eps=size, alpha=size, steps=1, random_start=False)
    if direction < 0:
        attack.set_mode_targeted_by_label(quiet=True)
    assert_same_step(case, attack(case.images, case.labels), rule, direction * size)


@both_directions
@both_rules
def test_foolbox(case: Case, rule: str, size: float, direction: int) -> None:
    foolbox = peer("foolbox")
    model = foolbox.PyTorchModel(case.model, bounds=(0, 1), device="cpu")
    if direction > 0:
        attack = {"sign": foolbox.attacks.LinfFastGradientAttack, "l2": foolbox.attacks.L2FastGradientAttack}[rule]()
        criterion = foolbox.criteria.Misclassification(case.labels)
    else:  # its one-step attacks refuse a target; its many-step ones, with one step, accept it
        many = {
            "sign": foolbox.attacks.LinfProjectedGradientDescentAttack,
            "l2": foolbox.attacks.L2ProjectedGradientDescentAttack,
        }[rule]
        attack = many(rel_stepsize=1.0, steps=1, random_start=False)
        criterion = foolbox.criteria.TargetedMisclassification(case.labels)
    theirs = attack.run(model, case.images, criterion, epsilon=size)
    assert_same_step(case, theirs, rule, direction * size)


def art_classifier(case: Case) -> object:
    """ART's view of the model, with the loss summed over the batch as ours is."""
    return peer("art.estimators.classification").PyTorchClassifier(
        case.model,
        loss=nn.CrossEntropyLoss(reduction="sum"),
        input_shape=tuple(case.images.shape[1:]),
        nb_classes=10,
        clip_values=(0, 1),
        device_type="cpu",
    )


@both_directions
@both_rules
def test_art(case: Case, rule: str, size: float, direction: int) -> None:
    evasion = peer("art.attacks.evasion")
    norm = {"sign": "inf", "l2": 2}[rule]
    attack = evasion.FastGradientMethod(art_classifier(case), norm=norm, eps=size, targeted=direction < 0)
    theirs = attack.generate(case.images.numpy(), case.labels.numpy())
    assert_same_step(case, torch.from_numpy(theirs), rule, direction * size)


@both_directions
def test_art_raw_gradient(case: Case, direction: int) -> None:
    classifier = art_classifier(case)
    one_hot = nn.functional.one_hot(case.labels, num_classes=10)
    gradient = torch.from_numpy(classifier.loss_gradient(case.images.numpy(), one_hot.numpy()))
    epsilon = direction * 0.1
    theirs = (case.images + epsilon * gradient).clamp(0, 1)
    assert_same_step(case, theirs, "raw", epsilon)
