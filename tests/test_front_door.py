"""Thousands of generated calls: each is the plain answer to the last bit, or a GradlabError, as its parts say.

What varies is what callers bring: shapes, types, layouts and flags of tensors, the context they call in, kinds of
labels and of epsilon, and a few wrong things. What must not vary is the answer.
"""

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import torch
from helpers import CLASSES, SHAPE, tiny_cnn
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

import gradlab
from gradlab.errors import GradlabError
from gradlab.steps.epsilon import check_epsilon
from gradlab.types import Batch, Rule

CALLS = 2_000

# Other forms of the very same float32 images.
LAYOUTS: dict[str, Callable[[Tensor], Any]] = {
    "plain": lambda x: x,
    "channels last": lambda x: x.contiguous(memory_format=torch.channels_last),
    "transposed": lambda x: x.transpose(2, 3).contiguous().transpose(2, 3),
    "every other": lambda x: x.repeat_interleave(2, 0)[::2],
    "inside of more": lambda x: torch.nn.functional.pad(x, (1, 2, 3, 4))[:, :, 3:-4, 1:-2],
    "negative strides": lambda x: x.numpy()[:, :, ::-1].copy()[:, :, ::-1],
    "asks for a gradient": lambda x: x.clone().requires_grad_(),
    "of a graph": lambda x: x.clone().requires_grad_() * 1,
    "parameter": lambda x: nn.Parameter(x.clone(), requires_grad=False),
    "numpy": lambda x: x.numpy(),
    "read-only numpy": lambda x: _read_only(x.numpy().copy()),
    "big-endian": lambda x: x.numpy().astype(">f4"),
    "lists": lambda x: x.tolist(),
    "double": lambda x: x.double().numpy().astype(np.float32),
}
# Forms that are refused.
WRONG_IMAGES: dict[str, Callable[[Tensor], Any]] = {
    "three dimensions": lambda x: x[0] if len(x) else x[:, 0],
    "five dimensions": lambda x: x[None],
    "bytes": lambda x: (x * 255).byte(),
    "whole numbers": lambda x: x.long(),
    "booleans": lambda x: x > 0.5,
    "complex": lambda x: x.to(torch.complex64),
    "sparse": lambda x: x.to_sparse(),
    "above 1": lambda x: _with(x, 1.0001),
    "below 0": lambda x: _with(x, -1e-6),
    "NaN": lambda x: _with(x, torch.nan),
    "infinite": lambda x: _with(x, torch.inf),
    "other channels": lambda x: x[:, :2],
    "nothing": lambda x: None,
    "text": lambda x: "cat.png",
    "ragged": lambda x: [[1.0], [1.0, 2.0]],
}
LABELS: dict[str, Callable[[Tensor], Any]] = {
    "int64": lambda y: y,
    "int32": lambda y: y.int(),
    "int16": lambda y: y.short(),
    "uint8": lambda y: y.byte(),
    "numpy": lambda y: y.numpy(),
    "big-endian": lambda y: y.numpy().astype(">i2"),
    "list": lambda y: y.tolist(),
    "tuple": lambda y: tuple(y.tolist()),
    "of numpy's": lambda y: list(y.numpy()),
    "strided": lambda y: y.repeat_interleave(2)[::2],
}
WRONG_LABELS: dict[str, Callable[[Tensor], Any]] = {
    "too many": lambda y: torch.cat([y, y, y[:1], torch.zeros(1, dtype=torch.int64)]),
    "floats": lambda y: [0.5] * max(1, len(y)),
    "booleans": lambda y: torch.ones(max(1, len(y)), dtype=torch.bool),
    "beyond the last": lambda y: torch.full((max(1, len(y)),), len(CLASSES)),
    "negative": lambda y: torch.full((max(1, len(y)),), -1),
    "a column": lambda y: torch.zeros(max(1, len(y)), 1, dtype=torch.int64),
    "text": lambda y: "cat",
}
EPSILONS: dict[str, Any] = {
    "float": 0.0625, "negative": -0.0625, "zero": 0, "minus zero": -0.0, "tensor": torch.tensor(0.0625),
    "one of a vector": torch.tensor([0.0625]), "float32": np.float32(0.0625), "array": np.array(0.0625),
    "decimal": Decimal("0.0625"), "fraction": Fraction(1, 16), "text": "0.0625", "quotient": "-16/256", "whole": 1,
    "half": torch.tensor(0.0625, dtype=torch.float16), "int": np.int8(-1),
}  # fmt: skip
WRONG_EPSILONS: dict[str, Any] = {
    "NaN": float("nan"), "infinite": float("inf"), "nothing": None, "true": True, "two": torch.ones(2), "word": "much",
    "complex": 1j, "huge": 1e39, "list": [0.1], "empty": np.array([]),
}  # fmt: skip


class _InPlace(nn.Module):
    """The tiny network behind a layer that writes into what it is given."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.inner = nn.Hardtanh(0, 1, inplace=True), tiny_cnn()

    def forward(self, images: Tensor) -> dict[str, Tensor]:
        return {"logits": self.inner(self.first(images).mul_(1))}


MODELS: dict[str, Callable[[], nn.Module]] = {
    "eval": tiny_cnn,
    "train": lambda: tiny_cnn().train(),
    "frozen": lambda: tiny_cnn().requires_grad_(False),
    "in place, a dict": _InPlace,
    "with dropout": lambda: nn.Sequential(tiny_cnn(), nn.Dropout(0.5)).train(),
}
CONTEXTS = {
    "plain": nullcontext,
    "no_grad": torch.no_grad,
    "inference": torch.inference_mode,
    "autocast": lambda: torch.autocast("cpu", torch.bfloat16),
    "double by default": lambda: _default_type(torch.float64),
    "half by default": lambda: _default_type(torch.bfloat16),
    "no_grad in autocast": lambda: _both(torch.no_grad(), torch.autocast("cpu", torch.bfloat16)),
}


@dataclass(frozen=True)
class Call:
    """One call, part by part; all is well unless a part is among the wrong ones."""

    what: str
    count: int
    seed: int
    model: str
    context: str
    images: str
    labels: str
    epsilon: str
    rule: str
    random_seed: int

    @property
    def wrong(self) -> bool:
        unused = {"epsilon", "rule"} if self.what == "loss_gradient" else set[str]()
        return (
            self.images in WRONG_IMAGES
            or (self.images == "lists" and not self.count)  # an empty list has no shape
            or self.labels in WRONG_LABELS
            or ("epsilon" not in unused and self.epsilon in WRONG_EPSILONS)
            or ("rule" not in unused and self.rule not in list(Rule))
        )


def one_of(right: Any, wrong: Any) -> st.SearchStrategy[str]:
    """Mostly what is right, so that most calls come to an answer."""
    return st.one_of(*[st.sampled_from(list(right))] * 9, st.sampled_from(list(wrong)))


CALL = st.builds(
    Call,
    what=st.sampled_from(["perturb", "perturb", "loss_gradient", "sweep"]),
    count=st.integers(0, 4),
    seed=st.integers(0, 3),
    model=st.sampled_from(list(MODELS)),
    context=st.sampled_from(list(CONTEXTS)),
    images=one_of(LAYOUTS, WRONG_IMAGES),
    labels=one_of(LABELS, WRONG_LABELS),
    epsilon=one_of(EPSILONS, WRONG_EPSILONS),
    rule=one_of(list(Rule), ["sing", "", "SIGN "]),
    random_seed=st.integers(0, 2),
)


@pytest.mark.slow
@settings(max_examples=CALLS, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
@given(call=CALL)
def test_a_call_is_the_plain_answer_or_an_error(call: Call) -> None:
    chance = torch.Generator().manual_seed(call.seed)
    images = torch.rand(call.count, *SHAPE, generator=chance)
    labels = torch.randint(len(CLASSES), (call.count,), generator=chance)
    model = MODELS[call.model]()
    state = {name: value.clone() for name, value in model.state_dict().items()}
    modes = [module.training for module in model.modules()]
    given_images = (LAYOUTS | WRONG_IMAGES)[call.images](images.clone())
    given_labels = (LABELS | WRONG_LABELS)[call.labels](labels)
    before = _copy(given_images)
    with CONTEXTS[call.context]():
        found = _made(call, model, given_images, given_labels, (EPSILONS | WRONG_EPSILONS)[call.epsilon])
    if call.wrong or (call.what == "sweep" and not call.count):
        assert isinstance(found, GradlabError), f"expected an error, got {type(found)}"
        assert "\n" not in str(found)
    else:
        assert not isinstance(found, GradlabError), found
        _same(found, _plain(call, images, labels))
    assert _equal(given_images, before), "what the caller gave was changed"
    assert [module.training for module in model.modules()] == modes
    assert all(torch.equal(value, state[name]) for name, value in model.state_dict().items())
    assert torch.get_default_dtype() == torch.float32


def _made(call: Call, model: nn.Module, images: Any, labels: Any, epsilon: Any) -> Any:
    """What the call gives, or the error that it raises; anything else that is raised fails the test."""
    indices = torch.arange(call.count) * 7
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            if call.what == "loss_gradient":
                return gradlab.loss_gradient(model, images, labels)
            if call.what == "perturb":
                return gradlab.perturb(
                    model, images, labels, epsilon, call.rule, seed=call.random_seed, indices=indices
                )
            batch = Batch(images, labels, indices, CLASSES, "zoo", "test", "sample")
            return gradlab.sweep(model, batch, [call.rule], [epsilon], seed=call.random_seed, precision="float32")
    except GradlabError as error:
        return error


def _plain(call: Call, images: Tensor, labels: Tensor) -> Any:
    """The same with nothing odd about it."""
    model = MODELS[call.model]().eval()
    epsilon = check_epsilon(EPSILONS[call.epsilon]) if call.epsilon in EPSILONS else 0
    call = replace(call, rule=call.rule if call.rule in list(Rule) else "sign")
    return _made(call, model, images, labels, epsilon)


def _same(found: Any, expected: Any) -> None:
    if isinstance(expected, Tensor):
        assert type(found) is Tensor
        assert found.dtype == expected.dtype == torch.float32
        assert not found.requires_grad
        assert torch.equal(found.clone(), expected)
        return
    (left,), (right,) = found.curves, expected.curves
    np.testing.assert_array_equal(found.clean_predictions, expected.clean_predictions)
    for name, values in vars(left).items():
        np.testing.assert_array_equal(values, getattr(right, name))


def _with(images: Tensor, value: float) -> Tensor:
    return torch.cat([images, torch.full((1, *SHAPE), value)])


def _read_only(array: Any) -> Any:
    array.flags.writeable = False
    return array


def _copy(value: Any) -> Any:
    return value.detach().clone() if isinstance(value, Tensor) else np.array(value) if _array(value) else value


def _equal(value: Any, before: Any) -> bool:
    if isinstance(value, Tensor):
        now = value.detach()
        return bool(torch.equal(now.to_dense().nan_to_num(), before.to_dense().nan_to_num()))
    return bool(np.array_equal(value, before)) if _array(value) else value == before


def _array(value: Any) -> bool:
    return isinstance(value, np.ndarray)


@contextmanager
def _default_type(kind: torch.dtype) -> Iterator[None]:
    torch.set_default_dtype(kind)
    try:
        yield
    finally:
        torch.set_default_dtype(torch.float32)


@contextmanager
def _both(first: Any, second: Any) -> Iterator[None]:
    with first, second:
        yield
