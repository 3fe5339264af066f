"""gradlab's step is that of torchattacks, foolbox and ART, in both directions, to 1e-6, where their gradient is whole.

Stepping *down* the loss of the true label is what these libraries call a targeted attack whose target is the true
label. What they cannot express (a step along the raw gradient, except through ART's `loss_gradient`) is not compared.

Their gradient is that of a softmax and a cross-entropy in float32, which is lost or turned where a network is sure.
Steps are compared on the images where it is whole; the others are counted, and there the judge is float64.
"""

import importlib
import os
from collections.abc import Callable
from copy import deepcopy
from types import ModuleType
from typing import NamedTuple

import pytest
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

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

    def at(self, rows: Tensor) -> "Case":
        return Case(self.model, self.images[rows], self.labels[rows], self.gradient[rows])

    @property
    def sure(self) -> Tensor:
        """Values whose gradient is not so near zero that its sign is a matter of rounding."""
        size = self.gradient.abs()
        return size > 1e-5 * size.amax(dim=(1, 2, 3), keepdim=True)

    @property
    def whole(self) -> Tensor:
        """Images whose float32 gradient, as everybody takes it, has the right signs."""
        leaf = self.images.clone().requires_grad_()
        (plain,) = torch.autograd.grad(cross_entropy(self.model(leaf), self.labels, reduction="sum"), leaf)
        return ((plain.sign() == self.gradient.sign()) | ~self.sure).flatten(1).all(1)


def some(dataset: str, count: int) -> Case:
    # torchattacks reshapes gradients with `view`, which channels_last does not allow.
    model = gradlab.load_model("alexnet", dataset, device="cpu").to(memory_format=torch.contiguous_format)
    batch = gradlab.load_batch(dataset, limit=count, source="sample")
    return Case(model, batch.images, batch.labels, gradlab.loss_gradient(model, batch.images, batch.labels))


@pytest.fixture(scope="module")
def case() -> Case:
    """Images whose gradient is whole to the last digits, where p_y − 1 has not begun to cancel.

    It is then also well above the constants by which peers guard a division by its norm.
    """
    found = some("cifar10", 128)
    unsure = gradlab.exact_gradient(found.model, found.images, found.labels).factor > 0.05
    assert bool(found.whole[unsure].all())
    assert 8 <= unsure.sum() < 128, "the others are counted below"
    return found.at(unsure)


@pytest.fixture(scope="module")
def confident() -> Case:
    """Images of which the network is sure, and the exact gradient of the same network in float64."""
    found = some("svhn", 200)
    double = deepcopy(found.model).double()
    return found._replace(
        gradient=gradlab.exact_gradient(double, found.images.double(), found.labels).of_log_odds.float()
    )


def peer(name: str) -> ModuleType:
    """A peer's module; where it is missing the test is skipped, but never in CI."""
    if os.environ.get("CI") == "true":
        return importlib.import_module(name)
    return pytest.importorskip(name, reason=f"{name} is missing: `make test` installs it (requirements-peers.txt)")


def assert_same_step(case: Case, theirs: Tensor, rule: str, epsilon: float) -> None:
    """Equal to ours in every pixel whose gradient is not so near zero that its sign is a matter of rounding."""
    ours = gradlab.perturb(case.model, case.images, case.labels, epsilon=epsilon, rule=rule)
    sure = case.sure
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


def _by_torchattacks(case: Case, epsilon: float) -> Tensor:
    moved: Tensor = peer("torchattacks").FGSM(case.model, eps=epsilon)(case.images, case.labels)
    return moved


def _by_foolbox(case: Case, epsilon: float) -> Tensor:
    foolbox = peer("foolbox")
    attack, model = foolbox.attacks.LinfFastGradientAttack(), foolbox.PyTorchModel(case.model, (0, 1), "cpu")
    moved: Tensor = attack.run(model, case.images, foolbox.criteria.Misclassification(case.labels), epsilon=epsilon)
    return moved


def _by_art(case: Case, epsilon: float) -> Tensor:
    attack = peer("art.attacks.evasion").FastGradientMethod(art_classifier(case), norm="inf", eps=epsilon)
    return torch.from_numpy(attack.generate(case.images.numpy(), case.labels.numpy()))


@pytest.mark.parametrize("step", [_by_torchattacks, _by_foolbox, _by_art], ids=["torchattacks", "foolbox", "ART"])
def test_where_a_network_is_sure_float64_bears_gradlab_out(
    confident: Case, step: Callable[[Case, float], Tensor], record_property: Callable[[str, object], None]
) -> None:
    """On the images whose float32 gradient is whole all agree; on the others, counted here, gradlab and float64 do."""
    epsilon, whole = 2 / 255, confident.whole
    lost = int((~whole).sum())
    record_property("images whose float32 gradient is lost or turned", lost)
    assert 20 <= lost <= len(whole) - 20, "both kinds are among them"
    exact = (confident.images + epsilon * confident.gradient.sign()).clamp(0, 1)
    ours = gradlab.perturb(confident.model, confident.images, confident.labels, epsilon)
    theirs = step(confident, epsilon)
    sure = confident.sure
    # Next to an edge between two linear pieces of the network, float64 may stand on the other side of it.
    assert float(((ours - exact).abs() > 1e-6)[sure].float().mean()) < 1e-4
    torch.testing.assert_close(theirs[whole][sure[whole]], ours[whole][sure[whole]], rtol=0, atol=1e-6)
    differs = ((theirs - ours).abs() > 1e-6) & sure
    assert differs.flatten(1).any(1).sum() >= lost / 2


@both_directions
def test_art_raw_gradient(case: Case, direction: int) -> None:
    classifier = art_classifier(case)
    one_hot = nn.functional.one_hot(case.labels, num_classes=10)
    gradient = torch.from_numpy(classifier.loss_gradient(case.images.numpy(), one_hot.numpy()))
    epsilon = direction * 0.1
    theirs = (case.images + epsilon * gradient).clamp(0, 1)
    assert_same_step(case, theirs, "raw", epsilon)
