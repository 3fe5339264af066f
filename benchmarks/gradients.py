"""What float32 makes of the shipped networks' gradients, and what three libraries' `sign` steps come to because of it.

Softmax and cross-entropy in float32 lose p_y − 1 where a network is sure. Counted are the images whose gradient is then
0 or leads the wrong way, against the same network in float64; and how many images are still right after a step by each
library, by gradlab, and along float64's own signs. All are asked by the same network in float32, so that only the step
differs. Each network is written down when it is done, and one that is there already is not measured again.
"""

import argparse
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

import torch
from torch import Tensor

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # this checkout's gradlab, and no other

import gradlab
from benchmarks.libraries import prepare_art, prepare_foolbox, prepare_torchattacks
from benchmarks.plain import exact_in_float64, in_float64, left_of, plain_gradient
from benchmarks.task import Setting, Task, not_shown, predictions
from gradlab.device import describe_device
from gradlab.experiments.stored import load_gradients, save_gradients
from gradlab.networks import ModelCard, read_cards
from gradlab.types import Batch, FloatGradients

EPSILONS = (8 / 255, 16 / 255)
BATCH = 250
PEERS = {"torchattacks": prepare_torchattacks, "foolbox": prepare_foolbox, "ART": prepare_art}
PACKAGES = ("torch", "torchattacks", "foolbox", "adversarial-robustness-toolbox")


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure what is missing."""
    options = parse(arguments)
    for card in read_cards():
        if options.model in (None, card.name) and options.dataset in (None, card.dataset):
            if not options.again and known(card):
                continue
            row = measured(card, gradlab.load_batch(card.dataset, limit=options.images, source="sample"))
            print(row, flush=True)
            if options.save:
                save_gradients([row])
    return 0


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    add = parser.add_argument
    add("--images", type=int, default=2_000, help="of the embedded sample (default: %(default)s, all of it)")
    add("--model", help="the weights' name; default: all")
    add("--dataset", help="default: all")
    add("--again", action="store_true", help="those that are there already, too")
    add("--save", action="store_true", help="put the rows into assets/results/gradients.json")
    return parser.parse_args(arguments)


def known(card: ModelCard) -> bool:
    """Whether there is a row of these very weights."""
    try:
        return bool(load_gradients([card]))
    except gradlab.GradlabError:
        return False


def measured(card: ModelCard, batch: Batch) -> FloatGradients:
    """The row of one network."""
    model = gradlab.load_model(card.name, card.dataset, "cpu")
    task = Task(model, batch, EPSILONS)
    lost, turned, wrong, ways = _compared(task)
    steps = {name: prepare(task, Setting(BATCH, "contiguous"))(not_shown) for name, prepare in PEERS.items()}
    right = {name: tuple(int(n) for n in (said == batch.labels.numpy()).sum(1)) for name, said in steps.items()}
    for name, way in ways.items():
        right[name] = tuple(_right(task, way, epsilon) for epsilon in EPSILONS)
    return FloatGradients(
        model=card.name, dataset=card.dataset, weights_sha256=card.sha256, split=batch.split, source=batch.source,
        images=len(batch), lost=lost, turned=turned, wrong_signs=wrong, clean=_right(task, ways["gradlab"], 0.0),
        epsilons=EPSILONS, right=right, device=describe_device("cpu"),
        software=", ".join([f"gradlab {gradlab.__version__}", *(f"{name} {version(name)}" for name in PACKAGES)]),
    )  # fmt: skip


def _compared(task: Task) -> tuple[int, int, float, dict[str, Tensor]]:
    """How many images are lost, how many others turned, the share of wrong signs; and two ways to go."""
    libraries, double = task.model_in("contiguous"), in_float64(task.model)  # as they are asked below
    found = []
    ways: dict[str, list[Tensor]] = {"gradlab": [], "float64": []}
    for part in task.parts(BATCH):
        images, labels = task.batch.images[part].contiguous(), task.batch.labels[part]
        exact = exact_in_float64(double, images, labels).of_log_odds
        left = left_of(plain_gradient(libraries, images, labels), exact)
        found.append([int(count.sum()) for count in (left.lost, left.turned, left.wrong)])
        ways["gradlab"].append(gradlab.exact_gradient(task.model, images, labels).of_log_odds.sign())
        ways["float64"].append(exact.sign().float())
    lost, turned, wrong = (sum(counts) for counts in zip(*found, strict=True))
    return lost, turned, wrong / task.batch.images.numel(), {name: torch.cat(way) for name, way in ways.items()}


def _right(task: Task, way: Tensor, epsilon: float) -> int:
    """How many images the network gets right after a step."""
    parts = task.parts(BATCH)
    said = [predictions(task.model, gradlab.step(task.batch.images[part], way[part], epsilon)) for part in parts]
    return int((torch.cat(said) == task.batch.labels).sum())


if __name__ == "__main__":
    sys.exit(main())
