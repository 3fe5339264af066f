"""Where the tensors live: the one place that chooses a device and gives it a name a person knows."""

import platform
from functools import cache
from pathlib import Path

import torch
from torch import nn

from gradlab.errors import BadValueError, UnknownNameError

CHOICES = ("auto", "cuda", "mps", "cpu")


def resolve_device(name: str | torch.device = "auto") -> torch.device:
    """Turn a choice into a device that is really there.

    Args:
        name: `auto` (cuda, else mps, else cpu), `cuda`, `cuda:N`, `mps` or `cpu`.

    Raises:
        UnknownNameError: for any other name.
        BadValueError: for a device that this machine doesn't have.
    """
    if isinstance(name, torch.device):
        return name
    present = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if name == "auto":
        return torch.device(next(kind for kind, there in present.items() if there))
    kind, colon, number = name.partition(":")
    if kind not in present or (colon and not (kind == "cuda" and number.isdecimal())):
        raise UnknownNameError("device", name, CHOICES)
    if not present[kind] or (kind == "cuda" and number and int(number) >= torch.cuda.device_count()):
        here = ", ".join(["auto", *(kind for kind, there in present.items() if there)])
        raise BadValueError(f"device {name!r} is not on this machine: expected one of {here}")
    return torch.device(name)


def available_devices() -> tuple[str, ...]:
    """Every device of this machine, by the name that `resolve_device` takes: the fastest first, `cpu` last."""
    cuda = tuple(f"cuda:{number}" for number in range(torch.cuda.device_count()))
    return (*cuda, *(["mps"] if torch.backends.mps.is_available() else []), "cpu")


def device_of(model: nn.Module) -> torch.device:
    """Where a model is, by its first parameter; the CPU, where it has none."""
    return next((parameter.device for parameter in model.parameters()), torch.device("cpu"))


def multiplies_bfloat16(device: torch.device) -> bool:
    """Whether bfloat16 is multiplied faster than float32.

    NVIDIA's GPUs do it from Ampere on (older ones only imitate it), processors with AMX tiles or AVX-512 BF16.
    """
    if device.type == "cuda":
        return torch.cuda.get_device_capability(device) >= (8, 0)
    if device.type != "cpu":
        return False
    capabilities: dict[str, object] = getattr(torch.cpu, "get_capabilities", dict)()
    return bool(capabilities.get("amx_bf16") or capabilities.get("avx512_bf16"))


@cache
def describe_device(device: str) -> str:
    """The device as a person would say it: `NVIDIA H200`, `Apple GPU`, or the processor's name."""
    if device.startswith("cuda"):
        return torch.cuda.get_device_name(device)
    if device.startswith("mps"):
        return "Apple GPU"
    threads = torch.get_num_threads()
    return f"CPU ({_processor()}, {threads} thread{'' if threads == 1 else 's'})"


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.is_file():
        for line in cpuinfo.read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()
