"""Small inputs that gradlab once got wrong, one test a kind: other people's networks, tensors and numbers.

(Those of the command line are in tests/cli, those of figures beside them.)
"""

import warnings
from collections import namedtuple
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from threading import Thread
from typing import Any

import numpy as np
import pytest
import torch
from helpers import CLASSES, SHAPE, random_batch, random_images, random_labels, tiny_cnn
from torch import Tensor, nn

import gradlab
from gradlab.errors import BadValueError, GradlabError, UnknownNameError
from gradlab.networks.check import NAMES
from gradlab.report.archive import load_result, save_result
from gradlab.steps.perturb import perturb, step
from gradlab.types import Batch, Rule


def head(*layers: nn.Module, classes: int = 3) -> nn.Sequential:
    """Some layers before a linear one."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return nn.Sequential(*layers, nn.Flatten(), nn.Linear(192, classes)).eval()


class Returning(nn.Module):
    """The tiny network, what it says dressed as something else."""

    def __init__(self, dress: Any) -> None:
        super().__init__()
        self.inner, self.dress = tiny_cnn(), dress

    def forward(self, images: Tensor) -> Any:
        return self.dress(self.inner(images))


# The network


def test_a_network_in_train_mode_may_be_shared_by_threads() -> None:
    model = nn.Sequential(*tiny_cnn(), nn.Dropout(0.5)).train()
    images, labels = random_images(4), random_labels(4)
    alone = perturb(model, images, labels, 0.1)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    found: list[Tensor] = []
    threads = [Thread(target=lambda: found.extend(perturb(model, images, labels, 0.1) for _ in range(50)))] * 1
    threads.append(Thread(target=lambda: found.extend(perturb(model, images, labels, 0.1) for _ in range(50))))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 100
    assert all(torch.equal(one, alone) for one in found)
    assert all(module.training for module in model.modules())
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())


def test_threads_may_share_a_part_of_their_networks() -> None:
    shared = nn.Sequential(*tiny_cnn()[:3], nn.Dropout(0.5)).train()
    models = [nn.Sequential(shared, *tiny_cnn(seed)[3:]).train() for seed in range(2)]
    images, labels = random_images(4), random_labels(4)
    alone = [perturb(model, images, labels, 0.1) for model in models]
    wrong: list[int] = []

    def work(k: int) -> None:
        wrong.extend(k for _ in range(50) if not torch.equal(perturb(models[k], images, labels, 0.1), alone[k]))

    threads = [Thread(target=work, args=(k,)) for k in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    assert shared.training


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning", "ignore::UserWarning")
def test_an_exported_network_whose_dropout_is_live_is_refused() -> None:
    images, batch = random_images(2), random_batch(2)
    exported = torch.export.export(head(nn.Dropout(0.5)).train(), (images,)).module()
    for call in (
        lambda: perturb(exported, images, [0, 1], 0.1),
        lambda: gradlab.sweep(exported, batch, ["sign"], [0.1]),
        lambda: gradlab.gallery(exported, batch, "sign", 0.1),
        lambda: gradlab.transfer({"one": exported}, batch, "sign", 0.1),
    ):
        with pytest.raises(
            BadValueError, match=r"says the same of the same image, .* call .eval\(\) before you export"
        ):
            call()
    twice = {check.name: check for check in gradlab.check_network(exported, images)}["the same twice"]
    assert not twice.passed
    assert ".eval()" in twice.advice
    quiet = torch.export.export(head(nn.Dropout(0.5)).eval(), (images,)).module()
    expected = perturb(head(nn.Dropout(0.5)), images, [0, 1], 0.1)
    assert torch.equal(perturb(quiet, images, [0, 1], 0.1), expected)


def test_more_classes_than_an_int16_holds(tmp_path: Path) -> None:
    class Many(nn.Module):
        def forward(self, images: Tensor) -> Tensor:
            logits = torch.zeros(len(images), 40_000) + 0 * images.flatten(1)[:, :1]
            logits[:, 39_999] = 10 + images.flatten(1).sum(1)
            return logits

    batch = replace(random_batch(2), labels=torch.tensor([39_999] * 2), classes=tuple(map(str, range(40_000))))
    result = gradlab.sweep(Many(), batch, ["sign"], [-0.01, 0.0, 0.01], eight_bit=True)
    assert result.clean_accuracy == 1
    (curve,) = result.curves
    assert result.correct(curve).tolist() == [2, 2, 2]
    assert result.correct_rounded(curve).tolist() == [2, 2, 2]
    save_result(result, tmp_path / "many.npz")
    np.testing.assert_array_equal(load_result(tmp_path / "many.npz").curves[0].predictions, curve.predictions)
    assert (gradlab.transfer({"many": Many()}, batch, "sign", 0.01).predictions == 39_999).all()
    assert (gradlab.loss_line(Many(), replace(batch, **one(batch)), "sign", 0.01).predictions == 39_999).all()


def one(batch: Batch) -> dict[str, Tensor]:
    return {name: getattr(batch, name)[:1] for name in ("images", "labels", "indices")}


class Standardised(nn.Module):
    """Divides by the image's own standard deviation: NaN for a black one."""

    def __init__(self, only_backward: bool) -> None:
        super().__init__()
        self.inner, self.only_backward = tiny_cnn(), only_backward

    def forward(self, images: Tensor) -> Tensor:
        deviation = images.var((1, 2, 3), keepdim=True).sqrt()
        return self.inner(images + 0 * deviation if self.only_backward else images / deviation)


@pytest.mark.parametrize(("only_backward", "what"), [(True, "gradient"), (False, "logits")], ids=["gradient", "logits"])
@pytest.mark.parametrize("rule", ["raw", "sign", "l2"])
def test_what_is_no_number_is_named(only_backward: bool, what: str, rule: str) -> None:
    model, batch = Standardised(only_backward), random_batch(4)
    batch.images[2] = 0
    message = rf"^expected finite numbers .*, got NaN or infinity in the {what} of 1 of 4 images, at the places 2 of"
    for call in (
        lambda: perturb(model, batch.images, batch.labels, 0.1, rule),
        lambda: gradlab.loss_gradient(model, batch.images, batch.labels),
        lambda: gradlab.gallery(model, batch, rule, 0.1),
    ):
        with pytest.raises(BadValueError, match=message):
            call()
    black = replace(batch, **{name: getattr(batch, name)[2:3] for name in ("images", "labels", "indices")})
    for call in (
        lambda: gradlab.explore(model, black, rule, 0.1),
        lambda: gradlab.loss_line(model, black, rule, 0.1),
        lambda: gradlab.epsilon_for_l2(model, black, rule, 0.1),
    ):
        with pytest.raises(BadValueError, match=f"NaN or infinity in the {what} of 1 of 1 images"):
            call()
    result = gradlab.sweep(model, batch, [rule], [0.1])
    assert result.failed.tolist() == [int(batch.indices[2])]
    assert result.images == 3
    moved = gradlab.transfer({"it": model}, batch, rule, 0.1)
    assert moved.failed.tolist() == [int(batch.indices[2])]


def test_epsilon_zero_is_the_image_whatever_the_direction() -> None:
    images, along = random_images(2), torch.full((2, *SHAPE), torch.inf)
    along[1] = torch.nan
    for zero in (0, 0.0, -0.0, "0"):
        assert torch.equal(step(images, along, zero), images)
    with pytest.raises(BadValueError, match="^expected a direction of numbers"):
        step(images, along, 0.1)


@pytest.fixture
def double_by_default() -> Any:
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


def test_the_callers_default_type_plays_no_part(double_by_default: None) -> None:
    batch = gradlab.load_batch("cifar10", limit=4, source="sample")
    model = gradlab.load_model("alexnet", "cifar10", "cpu")
    assert batch.images.dtype == torch.float32
    assert all(parameter.dtype == torch.float32 for parameter in model.parameters())
    inside = gradlab.sweep(model, batch, list(Rule), [-0.1, 0.0, 0.1], eight_bit=True, ssim=True)
    moved = perturb(model, batch.images, batch.labels, 0.1)
    torch.set_default_dtype(torch.float32)
    outside = gradlab.sweep(model, batch, list(Rule), [-0.1, 0.0, 0.1], eight_bit=True, ssim=True)
    for left, right in zip(inside.curves, outside.curves, strict=True):
        for name, values in vars(left).items():
            np.testing.assert_array_equal(values, getattr(right, name))
    assert torch.equal(moved, perturb(model, batch.images, batch.labels, 0.1))


@pytest.mark.parametrize("mode", [torch.no_grad, torch.inference_mode])
def test_a_model_may_be_loaded_where_gradients_are_off(mode: Any) -> None:
    images, labels = gradlab.load_batch("cifar10", limit=2, source="sample").images, [0, 1]
    with mode():
        model = gradlab.load_model("alexnet", "cifar10", "cpu")
        inside = perturb(model, images, labels, 0.1)
    assert torch.equal(inside, perturb(model, images, labels, 0.1))
    assert torch.equal(inside, perturb(gradlab.load_model("alexnet", "cifar10", "cpu"), images, labels, 0.1))


@pytest.mark.parametrize("kind", [torch.float16, torch.bfloat16, torch.float64], ids=str)
def test_a_network_of_another_precision_gives_its_own_answers(kind: torch.dtype) -> None:
    model, batch = tiny_cnn().to(kind), random_batch(6)
    said = model(batch.images.to(kind)).float().detach()
    for images in (batch.images, batch.images.to(kind)):
        result = gradlab.sweep(model, replace(batch, images=images), list(Rule), [-0.1, 0.0, 0.1], eight_bit=True)
        np.testing.assert_array_equal(result.clean_predictions, said.argmax(1))
        first = replace(batch, **one(replace(batch, images=images)))
        np.testing.assert_allclose(
            gradlab.explore(model, first, "raw", 0.1).clean.probabilities, said.softmax(1)[0], 1e-5
        )
        gradient = gradlab.loss_gradient(model, images, batch.labels)
        assert gradient.dtype in (torch.float32, torch.float64)
        wide = gradlab.loss_gradient(model.float() if kind != torch.float64 else model, images, batch.labels)
        torch.testing.assert_close(gradient, wide, rtol=1e-4, atol=1e-6)
        model.to(kind)
        assert gradlab.gallery(model, replace(batch, images=images), "sign", 0.1).clean_predictions.tolist() == (
            said.argmax(1).tolist()
        )
        assert len(gradlab.transfer({"it": model}, replace(batch, images=images), "sign", 0.1).labels) == 6
    assert all(parameter.dtype == kind for parameter in model.parameters())


class Centring(nn.Module):
    """Subtracts in place."""

    def forward(self, images: Tensor) -> Tensor:
        images -= 0.5
        return images


@pytest.mark.parametrize("first", [nn.ReLU(inplace=True), Centring(), nn.Hardtanh(0.2, 0.8, inplace=True)], ids=repr)
def test_a_first_layer_may_work_in_place(first: nn.Module) -> None:
    class Careful(nn.Module):
        def forward(self, images: Tensor) -> Tensor:
            return first(images.clone())

    model, careful, batch = head(first), head(Careful()), random_batch(5)
    before = batch.images.clone()
    for rule in Rule:
        moved = perturb(model, batch.images, batch.labels, 0.1, rule)
        assert torch.equal(moved, perturb(careful, batch.images, batch.labels, 0.1, rule))
    ours, theirs = (
        gradlab.sweep(m, batch, list(Rule), [-0.1, 0.1], eight_bit=True, ssim=True) for m in (model, careful)
    )
    for left, right in zip(ours.curves, theirs.curves, strict=True):
        for name, values in vars(left).items():
            np.testing.assert_array_equal(values, getattr(right, name))
    pictures = [gradlab.gallery(m, batch, "sign", 0.1).tiles.images for m in (model, careful)]
    np.testing.assert_array_equal(*pictures)
    single = replace(batch, **one(batch))
    shown = [gradlab.explore(m, single, "sign", 0.1).rounded.image for m in (model, careful)]
    np.testing.assert_array_equal(*shown)
    lines = [gradlab.loss_line(m, single, "sign", 0.1).loss for m in (model, careful)]
    np.testing.assert_array_equal(*lines)
    moved = [gradlab.transfer({"a": m, "b": careful}, batch, "sign", 0.1).l2 for m in (model, careful)]
    np.testing.assert_array_equal(*moved)
    assert torch.equal(batch.images, before)


Output = namedtuple("Output", "logits hidden")


@dataclass
class Dressed:
    logits: Tensor


@pytest.mark.parametrize(
    "dress",
    [lambda z: {"logits": z, "loss": None}, Dressed, lambda z: Output(z, z), lambda z: Dressed(logits=z)],
    ids=["a dict", "a dataclass", "a named tuple", "an object"],
)
def test_logits_are_taken_out_of_what_a_network_returns(dress: Any) -> None:
    images, labels = random_images(3), random_labels(3)
    assert torch.equal(perturb(Returning(dress), images, labels, 0.1), perturb(tiny_cnn(), images, labels, 0.1))
    result = gradlab.sweep(Returning(dress), random_batch(3), ["sign"], [0.1])
    np.testing.assert_array_equal(result.curves[0].predictions, gradlab.sweep(
        tiny_cnn(), random_batch(3), ["sign"], [0.1]).curves[0].predictions)  # fmt: skip


@pytest.mark.parametrize(
    ("dress", "came"),
    [
        (lambda z: (z, z), r"a tuple of torch.float32 \(3, 3\), torch.float32 \(3, 3\)"),
        (lambda z: [z], r"a list of torch.float32 \(3, 3\)"),
        (lambda z: {"scores": z, "boxes": z}, "a dict with the keys 'scores', 'boxes'"),
        (lambda z: z[:, 0], r"torch.float32 \(3,\)"),
        (lambda z: z[:, :, None, None], r"torch.float32 \(3, 3, 1, 1\)"),
        (lambda z: z[:1], r"torch.float32 \(1, 3\)"),
        (lambda z: z.argmax(1), r"torch.int64 \(3,\)"),
        (lambda z: None, "a NoneType"),
        (lambda z: z.detach().numpy(), "a ndarray"),
    ],
)
def test_what_is_no_logits_is_described(dress: Any, came: str) -> None:
    for call in (
        lambda: perturb(Returning(dress), random_images(3), random_labels(3), 0.1),
        lambda: gradlab.sweep(Returning(dress), random_batch(3), ["sign"], [0.1]),
        lambda: gradlab.transfer({"it": Returning(dress)}, random_batch(3), "sign", 0.1),
    ):
        with pytest.raises(BadValueError, match=rf"^expected .*logits \(N, K\).*, got {came}$"):
            call()
    (check,) = gradlab.check_network(Returning(dress), random_images(3))
    assert not check.passed


def test_a_network_that_fails_is_an_error_that_says_what_it_was_given() -> None:
    with pytest.raises(
        BadValueError, match=r"takes torch.float32 images \(2, 1, 8, 8\), got one that fails: .*channels"
    ):
        perturb(tiny_cnn(), torch.rand(2, 1, 8, 8), [0, 1], 0.1)


@pytest.mark.parametrize("labels", ["true", "predicted", "target:ant"])
def test_one_logit_is_no_class(labels: str) -> None:
    model, batch = head(classes=1), replace(random_batch(3), labels=torch.zeros(3, dtype=torch.int64))
    with pytest.raises(BadValueError, match=r"at least 2 classes, got \(3, 1\): .* torch.cat\(.* makes two$"):
        gradlab.sweep(model, batch, ["sign"], [0.1], labels=labels)
    with pytest.raises(BadValueError, match="at least 2 classes"):
        perturb(model, batch.images, batch.labels, 0.1)
    two = Returning(lambda z: torch.cat([torch.zeros_like(z[:, :1]), z[:, :1]], 1))
    assert gradlab.sweep(two, replace(batch, classes=("no", "yes")), ["sign"], [0.1]).images == 3


def test_probabilities_instead_of_logits_are_told_by_the_check() -> None:
    checks = {
        check.name: check for check in gradlab.check_network(nn.Sequential(tiny_cnn(), nn.Softmax(1)), random_images(4))
    }
    found = checks.pop("not probabilities")
    assert not found.passed
    assert "sums to 1: yes" in found.found
    assert "softmax" in found.advice
    assert all(check.passed and not check.advice for check in checks.values())
    assert all(check.passed for check in gradlab.check_network(tiny_cnn(), random_images(4)))


@pytest.mark.parametrize("model", ["alexnet", "resnet9"])
def test_shipped_networks_pass_the_check(model: str) -> None:
    images = gradlab.load_batch("cifar10", limit=8, source="sample").images
    checks = gradlab.check_network(gradlab.load_model(model, "cifar10", "cpu"), images)
    assert [check.name for check in checks if not check.passed] == []
    assert [check.name for check in checks] == list(NAMES)


def test_a_network_that_looks_at_its_neighbours_is_told_by_the_check() -> None:
    model = head(nn.BatchNorm2d(3, track_running_stats=False))
    failed = [check.name for check in gradlab.check_network(model, random_images(4)) if not check.passed]
    # Each image changes the loss of the others, too: the gradient of the sum is not the slope of its own.
    assert failed == ["each image by itself", "the gradient is the slope"]


# Labels, and what belongs together


@pytest.mark.parametrize("source", ["true", "predicted", "target:ant"])
def test_labels_out_of_range_are_refused_for_every_label_source(source: str) -> None:
    batch = replace(random_batch(3), labels=torch.tensor([0, 11, 1]))
    for call in (
        lambda: gradlab.sweep(tiny_cnn(), batch, ["sign"], [0.1], labels=source),
        lambda: gradlab.transfer({"it": tiny_cnn()}, batch, "sign", 0.1, labels=source),
        lambda: gradlab.gallery(tiny_cnn(), batch, "sign", 0.1, labels=source),
    ):
        with pytest.raises(BadValueError, match="^expected labels from 0 to 2, got 0 to 11$"):
            call()


def test_parts_that_do_not_fit_are_refused_at_once() -> None:
    model, batch = tiny_cnn(), random_batch(8)
    with pytest.raises(BadValueError, match=r"^expected 8 whole numbers as labels, got torch.int64 \(6,\)$"):
        gradlab.stream_sweep(model, replace(batch, labels=batch.labels[:6]))
    with pytest.raises(BadValueError, match=r"^expected 8 whole numbers as indices, got torch.int64 \(9,\)$"):
        gradlab.stream_sweep(model, replace(batch, indices=torch.arange(9)))
    with pytest.raises(UnknownNameError, match="^unknown rule 'rwa' .did you mean raw"):
        gradlab.stream_sweep(model, batch, ["sign", "raw"], {"sign": [0.1], "rwa": [0.1]})
    with pytest.raises(BadValueError, match="^expected epsilons for sign, got some for raw$"):
        gradlab.stream_sweep(model, batch, ["sign"], {"sign": [0.1], "raw": [0.1]})
    for names in (("ant", "bee"), (*CLASSES, "dog")):
        few = replace(batch, classes=names, labels=torch.zeros(8, dtype=torch.int64))
        message = f"^expected one name for each of the 3 logits, got {len(names)} classes$"
        for call in (
            lambda few=few: next(gradlab.stream_sweep(model, few, ["sign"], [0.1])),
            lambda few=few: gradlab.transfer({"it": model}, few, "sign", 0.1),
            lambda few=few: gradlab.gallery(model, few, "sign", 0.1),
            lambda few=few: gradlab.explore(model, replace(few, **one(few)), "sign", 0.1),
        ):
            with pytest.raises(BadValueError, match=message):
                call()


LABELS = [0, 1, 2, 1]


@pytest.mark.parametrize(
    "labels",
    [LABELS, tuple(LABELS), np.array(LABELS), np.array(LABELS, np.int16), np.array(LABELS, np.uint8),
     np.array(LABELS, ">i4"), torch.tensor(LABELS, dtype=torch.int32), torch.tensor(LABELS, dtype=torch.uint8),
     range(4), torch.tensor([0, 9, 1, 9, 2, 9, 1, 9])[::2]],
    ids=lambda labels: f"{type(labels).__name__} {getattr(labels, 'dtype', '')}",
)  # fmt: skip
def test_whole_numbers_of_any_kind_are_labels(labels: Any) -> None:
    images = random_images(4)
    expected = torch.tensor([0, 1, 2, 3] if labels == range(4) else LABELS) if isinstance(labels, range) else LABELS
    if isinstance(labels, range):
        with pytest.raises(BadValueError, match="^expected labels from 0 to 2, got 0 to 3$"):
            perturb(tiny_cnn(), images, labels, 0.1)
        return
    assert torch.equal(
        perturb(tiny_cnn(), images, labels, 0.1), perturb(tiny_cnn(), images, torch.tensor(expected), 0.1)
    )


@pytest.mark.parametrize("labels", [[0.0, 1.0, 2.0, 1.0], [True] * 4, "0121", [0, 1, 2, "x"], None, 1, [[0, 1, 2, 1]]])
def test_what_are_no_labels_is_said(labels: Any) -> None:
    with pytest.raises(GradlabError, match=r"^expected .*labels"):
        gradlab.loss_gradient(tiny_cnn(), random_images(4), 7 if labels is None else labels)


@pytest.mark.parametrize(
    "kind",
    [Tensor.numpy, lambda x: x.double().numpy().astype(">f4"), lambda x: x.numpy()[:, :, ::-1].copy()[:, :, ::-1],
     Tensor.tolist, nn.Parameter, lambda x: x.contiguous(memory_format=torch.channels_last),
     lambda x: x.clone().requires_grad_(), lambda x: x.transpose(2, 3).contiguous().transpose(2, 3)],
    ids=["numpy", "big-endian", "negative strides", "lists", "parameter", "channels_last", "requires_grad", "strided"],
)  # fmt: skip
def test_images_of_any_kind_are_images(kind: Any) -> None:
    images, labels = random_images(4), random_labels(4)
    given = kind(images)
    moved = perturb(tiny_cnn(), given, labels, 0.1)
    assert torch.equal(moved, perturb(tiny_cnn(), images, labels, 0.1))
    assert not moved.requires_grad
    assert type(moved) is Tensor
    assert getattr(given, "grad", None) is None


@pytest.mark.parametrize(
    "images",
    [None, "cat.png", [[1, 2], [3]], torch.zeros(2, *SHAPE).to_sparse(), torch.zeros(2, *SHAPE, dtype=torch.complex64),
     torch.zeros(2, *SHAPE, device="meta"), torch.zeros(2, *SHAPE, dtype=torch.bool), np.zeros((2, *SHAPE), object)],
    ids=["None", "a path", "ragged", "sparse", "complex", "meta", "bool", "objects"],
)  # fmt: skip
def test_what_are_no_images_is_said(images: Any) -> None:
    with pytest.raises(BadValueError, match=r"^expected float images \(N, C, H, W\)"):
        perturb(tiny_cnn(), images, [0, 1], 0.1)


def test_nearly_in_range_is_told_with_enough_digits() -> None:
    images = random_images(2)
    images[0, 0, 0, 0] = 1 + 1.2e-7
    with pytest.raises(
        BadValueError, match=r"to 1\.00000012: a matter of rounding, which images\.clamp\(0, 1\) undoes$"
    ):
        perturb(tiny_cnn(), images, [0, 1], 0.1)
    with pytest.raises(BadValueError, match=r"to 255$"):
        perturb(tiny_cnn(), images * 0 + 255, [0, 1], 0.1)


# Epsilon


@pytest.mark.parametrize("rule", ["sign", "max", "random"])
def test_an_epsilon_in_levels_is_warned_of_once(rule: str) -> None:
    model, batch = tiny_cnn(), random_batch(3)
    single = replace(batch, **one(batch))
    message = f"^epsilon 8 of the rule '{rule}' is 2040/255, more than from black to white; was 8/255 meant\\?$"
    for call in (
        lambda: perturb(model, batch.images, batch.labels, 8, rule),
        lambda: gradlab.explore(model, single, rule, 8),
        lambda: gradlab.sweep(model, batch, [rule], [0.1, 8]),
        lambda: gradlab.transfer({"it": model}, batch, rule, 8),
        lambda: gradlab.gallery(model, batch, rule, 8),
    ):
        with pytest.warns(UserWarning, match=message) as caught:
            call()
        assert len(caught) == 1
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        perturb(model, batch.images, batch.labels, 8 / 255, rule)
        perturb(model, batch.images, batch.labels, 8, "raw")
        perturb(model, batch.images, batch.labels, 8, "l2")


@pytest.mark.parametrize(
    "epsilon", [torch.tensor(0.03), Decimal("0.03"), np.float64(0.03), "0.03", "7.65/255", np.array([0.03])], ids=repr
)
def test_an_epsilon_is_whatever_is_one_number(epsilon: Any) -> None:
    model, batch = tiny_cnn(), random_batch(2)
    expected = perturb(model, batch.images, batch.labels, 0.03)
    assert torch.equal(perturb(model, batch.images, batch.labels, epsilon), expected)
    assert torch.equal(step(batch.images, expected, epsilon), step(batch.images, expected, 0.03))
    assert gradlab.sweep(model, batch, ["sign"], [epsilon]).curves[0].epsilons == pytest.approx([0.03])


def test_a_step_along_a_direction_of_ones_own() -> None:
    images, along = random_images(2), random_images(2, seed=1) - 0.5
    expected = (images + 0.1 * along).clamp(0, 1)
    for kind in (Tensor.numpy, Tensor.tolist, nn.Parameter, lambda x: x.contiguous(memory_format=torch.channels_last)):
        moved = step(kind(images), kind(along), 0.1)
        torch.testing.assert_close(moved, expected)
        assert type(moved) is Tensor
        assert not moved.requires_grad
        assert torch.equal(gradlab.direction(kind(along), "sign"), along.sign())
    for wrong in (along[:1], along[0], along > 0, along * torch.nan, "up", None):
        with pytest.raises(BadValueError, match="^expected a direction"):
            step(images, wrong, 0.1)
    for wrong in (along[0], along.long(), [1, 2], None):
        with pytest.raises(BadValueError, match=r"^expected a gradient \(N, C, H, W\)"):
            gradlab.direction(wrong, "sign")
    with pytest.raises(BadValueError, match="^expected 2 whole numbers as indices"):
        gradlab.direction(along, "random", indices=[1, 2, 3])
