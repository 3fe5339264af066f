"""Where the time goes, operation by operation, of several runs side by side."""

from collections.abc import Mapping

import torch
from torch.profiler import ProfilerActivity, profile

from benchmarks.tables import markdown
from benchmarks.task import Run, not_shown
from gradlab.steps.float32 import plain_float32

ROWS = 16
COMPILED = "compiled operations, joined"

Operations = Mapping[str, float]  # milliseconds of each operation's own in one run, by its name


def breakdown(times: Mapping[str, Operations]) -> str:
    """A table of several runs' operations side by side: the largest, and the sum of all.

    What is missing from a run's time is Python's. The profiler makes each operation a little slower.
    """
    every = sorted(set().union(*times.values()), key=lambda op: -max(own.get(op, 0.0) for own in times.values()))
    rows = [[op, *(f"{own.get(op, 0.0):.1f}" for own in times.values())] for op in every[:ROWS]]
    rows.append(["all operations", *(f"{sum(own.values()):.1f}" for own in times.values())])
    return markdown(["ms", *times], rows)


def operations(run: Run, device: torch.device) -> Operations:
    """Where the time of one run goes, in float32 as it is written."""
    with plain_float32(device):
        return _profiled(run, device)


def _profiled(run: Run, device: torch.device) -> Operations:
    run(not_shown)
    cuda = device.type == "cuda"
    with profile(activities=[ProfilerActivity.CPU, *([ProfilerActivity.CUDA] if cuda else [])]) as record:
        run(not_shown)
    attribute = "self_device_time_total" if cuda else "self_cpu_time_total"
    own: dict[str, float] = {}
    for event in record.key_averages():
        # Kernels are listed too, besides the operations that started them and have their time already.
        if event.device_type.name == "CPU":
            # A compiled network is named by a checksum; its own time is that of the operations joined into one.
            name = COMPILED if "CompiledFxGraph" in event.key else event.key
            own[name] = own.get(name, 0.0) + getattr(event, attribute) / 1000
    return own
