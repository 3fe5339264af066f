"""The trial looks at images from all over the set, and at every kind of step."""

from itertools import product

import pytest
import torch
from helpers import random_batch, tiny_cnn
from torch import Tensor, nn

from gradlab.experiments.asking import STEPS_EACH, TRIAL, Asking, draw_trial, trial_size
from gradlab.experiments.sweep import stream_sweep, sweep
from gradlab.steps.perturb import perturb
from gradlab.types import Rule

STEPS = [(rule, k) for rule in (Rule.SIGN, Rule.RAW) for k in (0, 1, 3, 4)]


@pytest.mark.parametrize(("images", "count"), [(10_000, 256), (1_000, 64), (40, 64), (9, 72), (1, 8), (1, 1)])
def test_one_image_of_each_part_of_the_set_and_one_step_of_each_part_of_the_steps(images: int, count: int) -> None:
    trial = draw_trial(images, STEPS, count, seed=3)
    many = len(trial.images)
    assert many == min(images, -(-count // STEPS_EACH))
    for k, place in enumerate(trial.images.tolist()):
        assert k * images // many <= place < (k + 1) * images // many
    members = trial.whose.bincount(minlength=many)
    assert members.max() - members.min() <= 1
    counts = [trial.steps.count(step) for step in STEPS]
    assert sum(counts) == count == len(trial.whose)
    assert max(counts) - min(counts) <= 2
    assert list(trial.steps) == sorted(trial.steps, key=STEPS.index)


def test_the_draw_depends_on_its_seed_alone() -> None:
    one, same, other = (draw_trial(500, STEPS, 64, seed) for seed in (1, 1, 2))
    assert torch.equal(one.images, same.images)
    assert torch.equal(one.whose, same.whose)
    assert not torch.equal(one.images, other.images)


def test_all_steps_come_piece_by_piece_and_rule_by_rule() -> None:
    trial = draw_trial(500, STEPS, 64, seed=0)
    found = []
    for start in range(0, len(trial.images), 5):
        for rule, ks, ns in trial.of(start, start + 5):
            assert (ks.diff() >= 0).all()
            assert ((ns >= 0) & (ns < 5)).all()
            found += [(n + start, (rule, k)) for k, n in zip(ks.tolist(), ns.tolist(), strict=True)]
    expected = list(zip(trial.whose.tolist(), trial.steps, strict=True))
    assert sorted(found) == sorted(expected)


# What is tried


def tried(monkeypatch: pytest.MonkeyPatch, count: int, asking: Asking, **options: object) -> list[Tensor]:
    """The images that an evaluation was tried on."""
    seen: list[Tensor] = []
    original = Asking.find_out

    def find_out(self: Asking, model: nn.Module, trial: Tensor, work: int, size: int) -> None:
        seen.append(trial)
        original(self, model, trial, work, size)

    monkeypatch.setattr(Asking, "find_out", find_out)
    next(stream_sweep(tiny_cnn(), random_batch(count), ("sign", "raw"), [-0.1, 0, 0.1], asking=asking, **options))  # type: ignore[arg-type]
    return seen


def test_the_very_images_that_will_be_asked_about(monkeypatch: pytest.MonkeyPatch) -> None:
    """At the first batch of 7, although most of them come later."""
    (trial,) = tried(monkeypatch, 60, Asking(torch.bfloat16, insist=True), batch_size=7)
    assert len(trial) == trial_size(240, 256) == TRIAL
    assert trial.is_contiguous(memory_format=torch.channels_last)
    batch, owners = random_batch(60), set()
    for epsilon, rule in product((-0.1, 0.1), ("sign", "raw")):
        moved = perturb(tiny_cnn(), batch.images, batch.labels, epsilon, rule)
        same = (trial[:, None] - moved[None]).abs().flatten(2).amax(2) < 1e-6
        owners |= set(same.nonzero()[:, 1].tolist())
        assert 10 <= int(same.any(1).sum()) <= 22  # of 64, for each of the four kinds
    assert len(owners) == -(-TRIAL // STEPS_EACH)
    assert min(owners) < 3
    assert max(owners) > 56


def test_where_nothing_but_float32_can_pay_no_gradient_is_taken_for_a_trial(monkeypatch: pytest.MonkeyPatch) -> None:
    for asking in (Asking(torch.float32), Asking(torch.bfloat16), Asking(torch.float32, compiled=None)):
        (trial,) = tried(monkeypatch, 50, asking)
        assert len(trial) == 0
        assert asking.evaluator is not None
        assert asking.evaluator.plain


def test_a_trial_without_a_step_is_none() -> None:
    result = sweep(tiny_cnn(), random_batch(4), ("sign",), [0.0], precision="bfloat16", eight_bit=True)
    assert (result.checked, result.unchecked) == (0, 0)
