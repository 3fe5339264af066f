"""The line through one image, against the formula of a linear model."""

from dataclasses import replace

import pytest
import torch
from helpers import CLASSES, SHAPE, Linear, counted_calls, random_batch, tiny_cnn

from gradlab.errors import BadValueError, UnknownNameError
from gradlab.steps.line import line_through
from gradlab.steps.perturb import direction
from gradlab.types import Rule


@pytest.mark.parametrize(("labels", "of"), [("true", 1), ("predicted", None), ("target:cow", 2)])
@pytest.mark.parametrize("rule", list(Rule))
def test_it_is_that_of_the_formula(rule: Rule, labels: str, of: int | None) -> None:
    model, batch = Linear(), random_batch(1)
    batch = replace(batch, images=batch.images.double(), labels=torch.tensor([1]))
    logits = model(batch.images).detach()
    used = logits.argmax(1) if of is None else torch.tensor([of])
    pull = logits.softmax(1) - torch.eye(len(CLASSES), dtype=torch.float64)[used]
    gradient = (pull @ model.weight.detach()).view(1, *SHAPE)
    line = line_through(model, batch, rule, labels, seed=3)
    assert torch.equal(line.images, batch.images)
    assert torch.equal(line.logits, logits)
    assert torch.equal(line.used, used)
    torch.testing.assert_close(line.gradient.of_loss, gradient)
    wanted = direction(gradient, rule, seed=3, indices=batch.indices)
    torch.testing.assert_close(line.direction, wanted)


def test_it_takes_one_pass_and_nothing_of_it_asks_for_gradients() -> None:
    model = tiny_cnn()
    with counted_calls(model) as calls:
        line = line_through(model, random_batch(1), "raw", "true", seed=0)
    assert calls == {"forward": 1, "backward": 1}
    assert not any(values.requires_grad for values in (line.direction, *vars(line.gradient).values()))


@pytest.mark.parametrize("count", [0, 2])
def test_it_is_of_one_image(count: int) -> None:
    with pytest.raises(BadValueError, match=f"^expected one image, got {count}$"):
        line_through(tiny_cnn(), random_batch(count), "sign", "true", seed=0)


def test_what_it_refuses() -> None:
    model, batch = tiny_cnn(), random_batch(1)
    with pytest.raises(BadValueError, match=r"^expected images in \[0, 1\]"):
        line_through(model, replace(batch, images=batch.images * 255), "sign", "true", seed=0)
    with pytest.raises(UnknownNameError, match="rule"):
        line_through(model, batch, "straight", "true", seed=0)
    with pytest.raises(UnknownNameError, match="target class"):
        line_through(model, batch, "sign", "target:dog", seed=0)
