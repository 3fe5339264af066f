"""All four curves of a whole test set (sign and raw, up and down), by gradlab and by torchattacks.

torchattacks steps down by attacking with the true label as the target, and knows no raw gradient: its sign curves are
made twice, which is the work that raw ones would be. On an NVIDIA GPU it is measured twice: in float32, and in TF32 as
PyTorch comes, where it gets other predictions.
"""

import argparse
import importlib
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # this checkout's gradlab, and no other

import numpy as np
from torch import Tensor

import gradlab
from benchmarks.agreement import BATCH
from benchmarks.contenders import Contender
from benchmarks.machine import conditions, heading
from benchmarks.tables import time_table
from benchmarks.task import Predictions, Run, Seen, Setting, Task, load_task, predictions
from benchmarks.timing import ratios, spread, take_turns, warmed_up
from gradlab.steps.float32 import plain_float32

_UP = {
    "sign": tuple(n / 255 for n in (1, 2, 3, 4, 6, 8, 12, 16, 24, 32)),
    "raw": (0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0),
}
GRIDS = {rule: (*(-size for size in reversed(sizes)), 0.0, *sizes) for rule, sizes in _UP.items()}
BAR_TASK = ("alexnet", "cuda", 10_000)  # the model, device and images that the bars are for, on one H200
BAR_SECONDS = 1.0
BARS = dict.fromkeys(("torchattacks", "torchattacks, in TF32"), 10)  # times as long as gradlab, at least


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark."""
    options = parse(arguments)
    task = load_task(options.model, options.images, 1, options.device, options.batch_size)
    task = replace(task, epsilons=GRIDS["sign"])
    head = conditions(task) | {"epsilons": sum(map(len, GRIDS.values()))}
    print(heading(head), end="\n\n", flush=True)
    bars = (options.model, task.device.type, options.images) == BAR_TASK
    rows = measure(task, options.repeats, bars)
    print(time_table(rows))
    print(
        "\nPredictions, compared with float32's: " + ", ".join(f"{one['compared']:,} of {one['name']}" for one in rows)
    )
    if bars:
        verdict = "under" if rows[0]["time"]["median"] < BAR_SECONDS else "OVER"
        print(f"gradlab's time is {verdict} the bar of {BAR_SECONDS:g} s.")
    if options.json:
        options.json.write_text(json.dumps({"conditions": head, "contenders": rows}, indent=1) + "\n", encoding="utf-8")
    return 0


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    add = parser.add_argument
    add("--images", type=int, default=10_000, help="how many (default: %(default)s)")
    add("--repeats", type=int, default=7, help="rounds (default: %(default)s)")
    add("--device", default="auto", help="cpu, cuda or mps; default: the best at hand")
    add("--model", default="alexnet", help="the name of weights trained on cifar10 (default: %(default)s)")
    add("--batch-size", type=int, help="for both; default: torchattacks' best of a few, and gradlab's own")
    add("--json", type=Path, metavar="PATH", help="write all that was measured")
    return parser.parse_args(arguments)


def measure(task: Task, repeats: int, bars: bool) -> list[dict[str, Any]]:
    """Times of both, and how many of their predictions are others than float32's."""
    peers = [PEER, IN_TF32] if task.device.type == "cuda" else [PEER]
    ready = [warmed_up(task, contender) for contender in (OURS, *peers)]
    times = take_turns(ready, repeats, task.device)
    with plain_float32(task.device):
        right = np.concatenate([reference(task, rule) for rule in GRIDS])
    rows = []
    for one in ready:
        own = times[one.contender.name]
        rows.append(
            {
                "name": one.contender.name,
                "setting": str(one.setting),
                "seconds": own.seconds,
                "time": asdict(spread(own.seconds)),
                "ratio": asdict(ratios(own.seconds, times[OURS.name].seconds)),
                "bar": BARS.get(one.contender.name) if bars else None,
                "compared": own.predictions.size,
                "differing": int((own.predictions != right[: len(own.predictions)]).sum()),
                "trials": dict(one.trials),
            }
        )
    return rows


def reference(task: Task, rule: str) -> Predictions:
    """Of plain float32 forward passes over the images that `gradlab.step` makes; (K, N)."""
    images, said = task.images_in("channels_last"), task.room()
    for part in task.parts(BATCH):
        along = gradlab.direction(gradlab.loss_gradient(task.model, images[part], task.batch.labels[part]), rule)
        for row, epsilon in enumerate(GRIDS[rule]):
            said[row, part] = predictions(task.model, gradlab.step(images[part], along, epsilon))
    return said.cpu().numpy()


def prepare_gradlab(task: Task, setting: Setting) -> Run:
    """One sweep; predictions of the sign rule, then of the raw one."""

    def run(seen: Seen) -> Predictions:
        result = gradlab.sweep(
            task.model, task.batch, tuple(GRIDS), GRIDS, batch_size=setting.batch, precision=setting.precision
        )
        return np.concatenate([curve.predictions for curve in result.curves])

    return run


def prepare_torchattacks(task: Task, setting: Setting) -> Run:
    """The sign curves, twice but for the clean predictions; predictions of the sign rule."""
    model, images, labels = task.model_in(setting.layout), task.images_in(setting.layout), task.batch.labels
    fgsm = importlib.import_module("torchattacks").FGSM

    def moved(part: slice, epsilon: float) -> Tensor:
        if not epsilon:
            return images[part]
        attack = fgsm(model, eps=abs(epsilon))
        if epsilon < 0:
            attack.set_mode_targeted_by_label(quiet=True)
        perturbed: Tensor = attack(images[part], labels[part])
        return perturbed

    def run(seen: Seen) -> Predictions:
        said = task.room()
        rows = [*enumerate(task.epsilons), *(pair for pair in enumerate(task.epsilons) if pair[1])]
        for row, epsilon in rows:
            for part in task.parts(setting.batch):
                said[row, part] = predictions(model, moved(part, epsilon))
        return said.cpu().numpy()

    return run


def _settings(task: Task) -> list[Setting]:
    sizes: tuple[int, ...] = (128, 512) if task.device.type == "cpu" else (512, 1024, 2048, 5000, 10_000)
    if task.batch_size:
        sizes = (task.batch_size,)
    return [Setting(size, layout) for size in sizes for layout in ("contiguous", "channels_last")]


OURS = Contender("gradlab", lambda task: [Setting(task.batch_size, precision="auto")], prepare_gradlab, shows=False)
PEER = Contender("torchattacks", _settings, prepare_torchattacks)
IN_TF32 = Contender("torchattacks, in TF32", _settings, prepare_torchattacks, exact=False, plain=False)


if __name__ == "__main__":
    sys.exit(main())
