"""Where the time goes, operation by operation, of several runs side by side."""

from collections.abc import Mapping

import torch
from torch.profiler import ProfilerActivity, profile

from benchmarks.tables import markdown
from benchmarks.task import Run, not_shown

ROWS = 16


def breakdown(runs: Mapping[str, Run], device: torch.device) -> str:
    """A table of milliseconds of each operation's own in one run of each; the largest operations, and the sum of all.

    What is missing from a run's time is Python's. The profiler makes each operation a little slower.
    """
    times = {name: _operations(run, device) for name, run in runs.items()}
    every = sorted(set().union(*times.values()), key=lambda op: -max(own.get(op, 0.0) for own in times.values()))
    rows = [[op, *(f"{own.get(op, 0.0):.1f}" for own in times.values())] for op in every[:ROWS]]
    rows.append(["all operations", *(f"{sum(own.values()):.1f}" for own in times.values())])
    return markdown(["ms", *times], rows)


def _operations(run: Run, device: torch.device) -> dict[str, float]:
    run(not_shown)
    cuda = device.type == "cuda"
    with profile(activities=[ProfilerActivity.CPU, *([ProfilerActivity.CUDA] if cuda else [])]) as record:
        run(not_shown)
    attribute = "self_device_time_total" if cuda else "self_cpu_time_total"
    # Kernels are listed too, besides the operations that started them and have their time already.
    operations = (event for event in record.key_averages() if event.device_type.name == "CPU")
    return {event.key: getattr(event, attribute) / 1000 for event in operations}
