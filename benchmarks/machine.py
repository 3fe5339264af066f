"""When, where and with what was measured: the head of a table; and the memory that a process takes."""

import datetime
import os
import platform
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import torch

import gradlab
from benchmarks.task import Task
from gradlab.device import describe_device

DISTRIBUTIONS = ("torch", "torchattacks", "foolbox", "adversarial-robustness-toolbox")
BUSY = 0.3  # processes waiting for a core, on the average of the last minute


def conditions(task: Task) -> dict[str, Any]:
    """For the JSON, and for `heading`."""
    return {
        "date": datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "hardware": describe_device(str(task.device)),
        "cores": os.cpu_count(),
        "threads": torch.get_num_threads(),
        "load": load(),
        "system": f"{platform.system()} {platform.machine()}, Python {platform.python_version()}",
        "versions": versions(),
        "model": getattr(getattr(task.model, "card", None), "file", type(task.model).__name__),
        "dataset": task.batch.dataset,
        "source": task.batch.source,
        "images": len(task.batch),
        "epsilons": len(task.epsilons),
        "precision": gradlab.sweep(task.model, task.batch, ["sign"], task.epsilons).precision,
    }


def load() -> float:
    """Processes that wanted a core, on the average of the last minute."""
    return round(os.getloadavg()[0], 2)


def versions() -> dict[str, str | None]:
    """Of gradlab, torch and the libraries; None where one is missing."""
    return {"gradlab": gradlab.__version__} | {name: _version(name) for name in DISTRIBUTIONS}


def heading(found: dict[str, Any]) -> str:
    """The same in a few lines."""
    versions = ", ".join(f"{name} {number}" for name, number in found["versions"].items() if number)
    lines = [
        f"{found['date']} · {found['hardware']} · {found['cores']} cores, {found['threads']} threads",
        f"{found['system']} · {versions}",
        f"{found['model']} · {found['images']:,} images of {found['dataset']} ({found['source']})"
        f" · {found['epsilons']} epsilons · gradlab evaluates in {found['precision']}",
        *found.get("remarks", ()),
    ]
    if found["load"] > BUSY:
        lines.append(f"THE MACHINE WAS BUSY (load {found['load']} before the start): these times are worth little")
    return "\n".join(lines)


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
