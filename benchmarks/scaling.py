"""How gradlab's time grows with the images and with the epsilons, and how much memory a full sweep takes."""

import argparse
import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # this checkout's gradlab, and no other

import numpy as np

import gradlab
from benchmarks.machine import conditions, heading
from benchmarks.tables import markdown
from benchmarks.task import Predictions, Run, Seen, Task, load_task, not_shown, spaced
from benchmarks.timing import timed

MEMORY_BAR = 1.5e9


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark."""
    options = parse(arguments)
    largest = load_task(options.model, max(options.images), max(options.epsilons), options.device, options.batch_size)
    found: dict[str, Any] = {"conditions": conditions(largest)}
    print(heading(found["conditions"]), end="\n\n", flush=True)
    tasks = [part_of(largest, images, epsilons) for images in options.images for epsilons in options.epsilons]
    seconds = best_times(tasks, options.repeats)
    found["times"] = [
        {"images": len(task.batch), "epsilons": len(task.epsilons), "seconds": time}
        for task, time in zip(tasks, seconds, strict=True)
    ]
    found["fit"] = fit(found["times"])
    print(table(found["times"]), fit_line(found["fit"]), sep="\n\n", flush=True)
    if options.memory_images:
        found["memory"] = memory(options.memory_images, options.model)
        print("\n" + memory_line(found["memory"]))
    if options.json:
        options.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    return 0


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    add = parser.add_argument
    add("--images", type=_numbers, default="1250,2500,5000,10000", help="how many (default: %(default)s)")
    add("--epsilons", type=_numbers, default="5,10,20,40", help="how many (default: %(default)s)")
    add("--repeats", type=int, default=3, help="rounds; the best counts (default: %(default)s)")
    add("--device", default="cpu", help="cpu, cuda or mps (default: %(default)s)")
    add("--model", default="alexnet", help="the name of weights trained on cifar10 (default: %(default)s)")
    add("--batch-size", type=int, help="default: gradlab's own")
    add("--memory-images", type=int, default=10_000, help="of the sweep whose memory is measured; 0: of none")
    add("--json", type=Path, metavar="PATH", help="write all that was measured")
    return parser.parse_args(arguments)


def _numbers(text: str) -> list[int]:
    return sorted({int(number) for number in text.split(",")})


def part_of(task: Task, images: int, epsilons: int) -> Task:
    """The first of the images, and so many epsilons up to the same largest one."""
    few = {name: getattr(task.batch, name)[:images] for name in ("images", "labels", "indices")}
    return replace(task, batch=replace(task.batch, **few), epsilons=spaced(epsilons))


def best_times(tasks: Sequence[Task], repeats: int) -> list[float]:
    """The least seconds of each; round by round, so that a slow minute is not one task's alone."""
    runs = [sweep_of(task) for task in tasks]
    runs[0](not_shown)
    rounds = [
        [timed(run, task.device).seconds[0] for run, task in zip(runs, tasks, strict=True)] for _ in range(repeats)
    ]
    return [min(times) for times in zip(*rounds, strict=True)]


def sweep_of(task: Task) -> Run:
    """A sweep that finds out by itself how to ask the model, each time, as a single one does."""

    def run(seen: Seen) -> Predictions:
        result = gradlab.sweep(task.model, task.batch, ["sign"], task.epsilons, batch_size=task.batch_size)
        return result.curves[0].predictions

    return run


def fit(times: Sequence[dict[str, Any]]) -> dict[str, float]:
    """Seconds = images · (a + b · epsilons), with the least relative error; and the largest error of that line."""
    images, epsilons, seconds = (
        np.array([one[name] for one in times], float) for name in ("images", "epsilons", "seconds")
    )
    terms = np.stack([images, images * epsilons], axis=1) / seconds[:, None]
    (a, b), *_ = np.linalg.lstsq(terms, np.ones(len(times)), rcond=None)
    return {
        "per_image": float(a),
        "per_image_and_epsilon": float(b),
        "largest_error": float(abs(terms @ (a, b) - 1).max()),
    }


def fit_line(found: dict[str, float]) -> str:
    """The fit in words."""
    a, b = 1e6 * found["per_image"], 1e6 * found["per_image_and_epsilon"]
    return (
        f"Linear in both: {a:.1f} µs an image + {b:.2f} µs an image and epsilon;"
        f" every time above is within {found['largest_error']:.1%} of that."
    )


def table(times: Sequence[dict[str, Any]]) -> str:
    """A row for each number of images: seconds, and µs per image and epsilon, for each number of epsilons."""
    columns = sorted({one["epsilons"] for one in times})
    cells = {(one["images"], one["epsilons"]): one["seconds"] for one in times}
    rows = [
        [f"{n:,}", *(f"{cells[n, k]:.3f} s · {1e6 * cells[n, k] / n / k:.1f} µs" for k in columns)]
        for n in sorted({one["images"] for one in times})
    ]
    return markdown(["images", *(f"{k} epsilons" for k in columns)], rows, left=())


def memory(images: int, model: str) -> dict[str, Any]:
    """What benchmarks/memory.py measures."""
    command = [sys.executable, str(Path(__file__).with_name("memory.py")), "--images", str(images), "--model", model]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def memory_line(found: dict[str, Any]) -> str:
    """The memory in words."""
    verdict = "under" if found["bytes"] < MEMORY_BAR else "OVER"
    return (
        f"Peak memory of the default sweep of {found['images']:,} images ({found['epsilons']} epsilons,"
        f" {found['precision']}, {found['seconds']:.1f} s) on the CPU: {found['bytes'] / 1e9:.2f} GB above the"
        f" import of torch, {verdict} the bar of {MEMORY_BAR / 1e9:.1f} GB."
    )


if __name__ == "__main__":
    sys.exit(main())
