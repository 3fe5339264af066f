from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from gradlab.errors import BadValueError, CorruptFileError
from gradlab.training import EpochDone, Progress, Recipe, Split, Training, accuracy, correct, loop, train
from gradlab.training.checkpoint import load_checkpoint, save_checkpoint

MakeSplit = Callable[..., Split]
CPU = torch.device("cpu")
TINY = Recipe(
    "tiny", "alexnet", "fashion_mnist", epochs=2, learning_rate=0.002, batch_size=32, averaging=0.5,
    flip=False, crop=1, cutout=3, noise=0.01,
)  # fmt: skip


def begin(recipe: Recipe, split: Split) -> Training:
    return Training(recipe, split, 10, CPU)


def state(training: Training) -> dict[str, Tensor]:
    momenta = {
        f"momentum.{name}": training.optimizer.state[parameter]["momentum_buffer"]
        for name, parameter in training.model.named_parameters()
    }
    weights = training.model.state_dict() | {f"average.{k}": v for k, v in training.average.state_dict().items()}
    return {name: value.clone() for name, value in (weights | momenta).items()}


@pytest.fixture(scope="module")
def splits(learnable: MakeSplit) -> tuple[Split, Split]:
    return learnable(256), learnable(100, seed=1)


@pytest.fixture(scope="module")
def whole(splits: tuple[Split, Split]) -> tuple[Training, list[Progress | EpochDone], list[float]]:
    """Trained in one go: the end, the events, and the learning rate at each step."""
    training = begin(TINY, splits[0])
    events, rates = [], []
    for event in train(training, *splits):
        events.append(event)
        if isinstance(event, Progress):
            rates.append(training.optimizer.param_groups[0]["lr"])
    return training, events, rates


def test_it_learns(whole: tuple[Training, list[Progress | EpochDone], list[float]]) -> None:
    first, last = (event for event in whole[1] if isinstance(event, EpochDone))
    assert last.loss < first.loss
    assert last.accuracy > 0.3  # chance is 0.1


def test_the_events_count_steps_and_epochs(whole: tuple[Training, list[Progress | EpochDone], list[float]]) -> None:
    training, events, _ = whole
    seen = [(e.epoch, e.step, e.steps) if isinstance(e, Progress) else (e.epoch, e.finished) for e in events]
    epochs = [[(epoch, step, 8) for step in range(1, 9)] for epoch in range(2)]
    assert seen == [*epochs[0], (1, False), *epochs[1], (2, True)]
    assert (training.epoch, training.steps) == (2, 16)
    losses = [e.loss for e in events[:8] if isinstance(e, Progress)]
    assert isinstance(events[8], EpochDone)
    assert events[8].loss == pytest.approx(sum(losses) / 8)


def test_the_learning_rate_rises_and_falls(
    whole: tuple[Training, list[Progress | EpochDone], list[float]],
) -> None:
    rates = whole[2]
    top = rates.index(max(rates))
    assert rates[0] == 0
    assert top in (3, 4)  # a fifth of sixteen steps
    assert rates[: top + 1] == sorted(rates[: top + 1])
    assert rates[top:] == sorted(rates[top:], reverse=True)
    assert rates[-1] == pytest.approx(TINY.learning_rate * (1 / 16) / 0.8)


@pytest.mark.parametrize(("fraction", "share"), [(0, 0), (0.1, 0.5), (0.2, 1), (0.6, 0.5), (1, 0)])
def test_the_schedule(fraction: float, share: float) -> None:
    assert loop._one_cycle(fraction) == pytest.approx(share)


def test_a_resumed_training_takes_the_same_steps(
    splits: tuple[Split, Split],
    whole: tuple[Training, list[Progress | EpochDone], list[float]],
    tmp_path: Path,
) -> None:
    first = begin(TINY, splits[0])
    next(event for event in train(first, *splits) if isinstance(event, EpochDone))
    first.save(tmp_path / "checkpoint.safetensors")
    torch.rand(1234)  # whatever else a new process does with chance
    second = begin(TINY, splits[0])
    second.restore(tmp_path / "checkpoint.safetensors")
    assert (second.epoch, second.steps) == (1, 8)
    events = [*train(second, *splits)]
    assert events == whole[1][9:]
    expected, came = state(whole[0]), state(second)
    assert came.keys() == expected.keys()
    for name, value in came.items():
        assert torch.equal(value, expected[name]), name


def test_what_is_kept_is_the_average(whole: tuple[Training, list[Progress | EpochDone], list[float]]) -> None:
    training = whole[0]
    last, average = training.model.state_dict(), training.average.module.state_dict()
    assert last.keys() == average.keys()
    assert not torch.equal(last["1.weight"], average["1.weight"])
    assert torch.equal(last["0.mean"], average["0.mean"])


@pytest.mark.parametrize("shape", [(1, 28, 28), (3, 32, 32)])
def test_normalisation_is_that_of_the_pixels(learnable: MakeSplit, shape: tuple[int, int, int]) -> None:
    split = learnable(64, shape)
    split.images[:, 0] //= 2
    layer = begin(TINY, split).model.state_dict()
    std, mean = torch.std_mean(split.images.double() / 255, dim=(0, 2, 3), correction=0)
    torch.testing.assert_close(layer["0.mean"].flatten().double(), mean, rtol=1e-6, atol=0)
    torch.testing.assert_close(layer["0.std"].flatten().double(), std, rtol=1e-6, atol=0)


def test_the_seed_decides_where_it_starts(splits: tuple[Split, Split]) -> None:
    weights = [begin(replace(TINY, seed=seed), splits[0]).model.state_dict()["1.weight"] for seed in (0, 0, 1)]
    assert torch.equal(weights[0], weights[1])
    assert not torch.equal(weights[0], weights[2])


AT_ONCE = replace(TINY, stop_at=0.5, batch_size=16)


def test_training_stops_at_an_accuracy(learnable: MakeSplit, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(loop, "CHECK_EVERY", 2)
    splits = learnable(64), learnable(10)
    monkeypatch.setattr(loop, "accuracy", lambda *_: 0.5)
    training = begin(AT_ONCE, splits[0])
    events = [*train(training, *splits)]
    assert [type(event) for event in events] == [Progress, Progress, EpochDone]
    assert (training.epoch, training.steps) == (1, 2)
    assert isinstance(events[-1], EpochDone)
    assert events[-1].finished
    # and it does not go on from there
    training.save(tmp_path / "checkpoint.safetensors")
    again = begin(AT_ONCE, splits[0])
    again.restore(tmp_path / "checkpoint.safetensors")
    assert [*train(again, *splits)] == []


@pytest.mark.parametrize("side", [-1, 1], ids=["below", "above"])
def test_training_goes_on_beside_that_accuracy(
    learnable: MakeSplit, monkeypatch: pytest.MonkeyPatch, side: int
) -> None:
    """A check that jumped over the mark waits for it to come back."""
    monkeypatch.setattr(loop, "CHECK_EVERY", 1)
    monkeypatch.setattr(loop, "accuracy", lambda *_: 0.5 + side * 2 * loop.CLOSE_ENOUGH)
    splits = learnable(32), learnable(10)
    training = begin(AT_ONCE, splits[0])
    assert [e.finished for e in train(training, *splits) if isinstance(e, EpochDone)] == [False, True]
    assert training.steps == 4


def test_images_are_whole_shares_of_255(learnable: MakeSplit, monkeypatch: pytest.MonkeyPatch) -> None:
    splits, seen = (learnable(32), learnable(10)), []

    def watched(images: Tensor, *_: object) -> Tensor:
        seen.append(images)
        return images

    monkeypatch.setattr(loop, "augment", watched)
    [*train(begin(replace(TINY, epochs=1), splits[0]), *splits)]
    expected = splits[0].images.flatten(1) / 255
    assert torch.equal(seen[0].flatten(1).sort(0).values, expected.sort(0).values)


def test_the_last_smaller_batch_is_left_out(learnable: MakeSplit) -> None:
    splits = learnable(45), learnable(10)
    training = begin(replace(TINY, epochs=1, batch_size=20), splits[0])
    assert [e.steps for e in train(training, *splits) if isinstance(e, Progress)] == [2, 2]


def test_a_train_split_that_fills_no_batch(learnable: MakeSplit) -> None:
    splits = learnable(31), learnable(10)
    with pytest.raises(BadValueError, match="expected at least 32 train images, got 31"):
        next(train(begin(TINY, splits[0]), *splits))


def test_bfloat16_is_for_the_passes_only(learnable: MakeSplit) -> None:
    splits = learnable(32), learnable(10)
    training = begin(replace(TINY, epochs=1), splits[0])
    assert len([*train(training, *splits, torch.bfloat16)]) == 2
    assert {value.dtype for value in training.model.state_dict().values()} == {torch.float32}


def test_a_checkpoint_of_another_recipe(learnable: MakeSplit, tmp_path: Path) -> None:
    splits = learnable(32), learnable(10)
    training = begin(replace(TINY, epochs=1), splits[0])
    [*train(training, *splits)]
    training.save(tmp_path / "checkpoint.safetensors")
    with pytest.raises(BadValueError, match="checkpoint.safetensors was made by another recipe"):
        begin(replace(TINY, epochs=1, seed=1), splits[0]).restore(tmp_path / "checkpoint.safetensors")
    path = tmp_path / "broken.safetensors"
    tensors, facts = load_checkpoint(tmp_path / "checkpoint.safetensors")
    whole = ("model.1.weight", "average.n_averaged", "momentum.1.bias")
    lacking = [{k: v for k, v in tensors.items() if k != name} for name in whole]
    for broken in (*lacking, tensors | {whole[0]: torch.ones(3)}):
        save_checkpoint(path, broken, facts)
        with pytest.raises(CorruptFileError, match="broken.safetensors is not a whole checkpoint"):
            begin(replace(TINY, epochs=1), splits[0]).restore(path)


def test_accuracy_is_counted_in_eval_mode_and_the_mode_comes_back() -> None:
    """A network that looks up whether the first pixel is bright: dropout would spoil its answers."""
    model = nn.Sequential(nn.Flatten(), nn.Dropout(0.9), nn.Linear(4, 2))
    with torch.no_grad():
        model[2].weight.copy_(torch.tensor([[0.0, 0, 0, 0], [1, 0, 0, 0]]))
        model[2].bias.copy_(torch.tensor([0.5, 0]))
    images = torch.zeros(1_201, 1, 2, 2, dtype=torch.uint8)
    images[::3, 0, 0, 0] = 255
    labels = (images[:, 0, 0, 0] > 0).long()
    labels[:7] = 1 - labels[:7]
    model.train()
    model[0].eval()
    assert correct(model, Split(images, labels)) == 1_194
    assert accuracy(model, Split(images, labels)) == 1_194 / 1_201
    assert [layer.training for layer in model] == [False, True, True]
