"""The one way from a plan and its weights to a network: for folders, for what is uploaded, for what was fetched.

The file's header is compared with the architecture before anything is built of it. Then the weights are read tensor by
tensor into the place where they stay: they are in memory once.
"""

from io import BufferedIOBase
from typing import Any

import torch
from torch import Tensor, nn

from gradlab.errors import BadValueError, CorruptFileError
from gradlab.networks.folder_config import CONFIG, Plan
from gradlab.networks.folder_weights import WEIGHTS, Entry, check_tensors, read_header, read_tensor
from gradlab.networks.library import TORCHVISION, architecture, usual_size


def build(plan: Plan, file: BufferedIOBase, *, trusted: bool = False) -> nn.Module:
    """The architecture of a plan with the weights of a safetensors file: float32, eval mode, frozen, channels_last.

    Args:
        plan: what `config.json` says.
        file: `model.safetensors`, open for reading bytes, or its bytes as `io.BytesIO`.
        trusted: whether the file is known to be that of the architecture: then one may be built in full to compare.

    Returns:
        A module that takes normalised images (N, C, H, W) and gives logits (N, K).

    Raises:
        UnknownNameError: for an architecture that neither timm nor torchvision has.
        CorruptFileError: for weights that are not those of the architecture.
        BadValueError: for an architecture that can't be built so.
    """
    found = read_header(file)
    module = _hollow(plan, found, trusted)
    check_tensors(found, module.state_dict(), _said(plan))
    _check_pooling(plan, module)
    if not _filled_by_its_file(module):
        module = _untrained(plan)
    _fill(module, file, found)
    return module.float().eval().requires_grad_(False).to(memory_format=torch.channels_last)


def _hollow(plan: Plan, found: dict[str, Entry], trusted: bool) -> nn.Module:
    """The architecture, whose tensors take no memory, however large the network that was asked for is.

    A few compute with tensors while they are built. They are built in full, but only for a file that is trusted or has
    about as many numbers as they need.
    """
    try:
        with torch.device("meta"):
            return _made(plan)
    except (NotImplementedError, BadValueError) as error:
        if not trusted and not isinstance(error, NotImplementedError):
            raise
    given, needed = sum(torch.Size(entry.shape).numel() for entry in found.values()), _numbers(plan.architecture)
    if not trusted and given < needed / 2:
        raise CorruptFileError(f"{WEIGHTS}: expected some {needed:,} numbers for {plan.architecture}, got {given:,}")
    return _untrained(plan)


def _untrained(plan: Plan) -> nn.Module:
    """In full, with weights drawn by chance, which are still to be replaced."""
    with torch.random.fork_rng(devices=[]):
        return _made(plan)


def _numbers(name: str) -> float:
    """How many weights an architecture of torchvision's has, as its table says; nobody knows it of others."""
    from torchvision.models import get_model_weights

    if not name.startswith(TORCHVISION):
        return float("inf")
    known: Any = next(iter(get_model_weights(name.removeprefix(TORCHVISION))))
    return int(known.meta["num_params"])


def _made(plan: Plan) -> nn.Module:
    try:
        return architecture(plan.architecture, plan.classes, plan.channels, plan.size)
    except (TypeError, ValueError, AssertionError, RuntimeError, AttributeError) as error:
        if isinstance(error, NotImplementedError | BadValueError):
            raise
        reason = " ".join(str(error).split()) or type(error).__name__
        raise BadValueError(
            f"{CONFIG}: expected an architecture that can be built with {plan.classes:,} classes and {plan.channels} "
            f"channels, got {_said(plan)}: {reason:.120}"
        ) from None


def _said(plan: Plan) -> str:
    """The architecture's name, with the size of its images where that is an unusual one."""
    usual = usual_size(plan.architecture)
    return plan.architecture + ("" if usual in (None, plan.size) else f" for {plan.size}x{plan.size} pixels")


def _check_pooling(plan: Plan, module: nn.Module) -> None:
    found = getattr(module, "global_pool", "")
    pooling = str(found if isinstance(found, str) else getattr(found, "pool_type", ""))
    if plan.pooling and plan.pooling != pooling:
        raise BadValueError(
            f"{CONFIG}: expected the global_pool of {plan.architecture}, {pooling!r}, got {plan.pooling!r:.40}"
        )


def _filled_by_its_file(module: nn.Module) -> bool:
    """Whether a file of weights has all that is hollow; some architectures compute tables while they are built."""
    known = set(module.state_dict())
    tables = [value for name, value in module.named_buffers() if name not in known]
    loose = [value for part in module.modules() for value in vars(part).values() if isinstance(value, Tensor)]
    return not any(value.is_meta for value in (*tables, *loose))


@torch.no_grad()
def _fill(module: nn.Module, file: BufferedIOBase, found: dict[str, Entry]) -> None:
    """Read the weights: in place of those that are hollow, or into those that are there."""

    def read(name: str, there: Tensor) -> Tensor:
        kind = torch.float32 if there.is_floating_point() else there.dtype
        value = read_tensor(file, name, found[name], kind) if name in found else torch.zeros(there.shape, dtype=kind)
        # Here and not at the end: what is left of the other layout is taken for the next tensor.
        return value.contiguous(memory_format=torch.channels_last) if value.dim() == 4 else value

    wanted = module.state_dict()
    if any(there.is_meta for there in wanted.values()):
        module.load_state_dict({name: read(name, there) for name, there in wanted.items()}, assign=True)
        return
    for name, there in wanted.items():
        there.copy_(read(name, there))
