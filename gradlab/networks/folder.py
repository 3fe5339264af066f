"""A network in a folder, laid out as timm's Hub does it: `config.json` and `model.safetensors`.

Nothing of it is run: the architecture is looked up by its name in timm and torchvision, which bring the code, and the
weights are numbers. The weights' header is compared with the architecture before any of it is built.
"""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from gradlab.errors import BadValueError, CorruptFileError, MissingFileError
from gradlab.images.registry import PHOTOS, image_set, image_sets
from gradlab.networks.brought import Network
from gradlab.networks.folder_config import CONFIG, LARGEST_CONFIG, Plan, read_plan
from gradlab.networks.folder_weights import WEIGHTS, Entry, check_tensors, read_header, read_tensors
from gradlab.networks.library import architecture

LARGEST_UPLOAD = 200_000_000  # bytes of weights that a visitor may send
_LARGEST = 4_000_000_000  # of a folder of one's own


def load_network(
    folder: str | Path,
    name: str | None = None,
    classes: str | Sequence[str] | None = None,
    *,
    otherwise: str | None = None,
) -> Network:
    """The network in a folder: any architecture of timm's or torchvision's, with weights of your own.

    The folder has the layout of timm's Hub (`timm.models.save_for_hf`): `config.json` with `architecture` (a name in
    timm, or `torchvision/` and a name there), `num_classes` and `pretrained_cfg` (`mean`, `std`, `input_size` and, if
    you like, `label_names`), and `model.safetensors`.

    Args:
        folder: where the two files are.
        name: of the network in links and on the command line; None: the folder's.
        classes: the names of its classes, or the key of the image set whose classes they are; None takes those that
            `config.json` names, or ImageNet's where it names none and has 1,000.
        otherwise: the key of the image set whose classes they are if `config.json` names none and has as many.

    Raises:
        MissingFileError: when one of the files isn't there.
        CorruptFileError: when one is not what it should be, or they don't fit each other.
        BadValueError: for a value that makes no sense, or a name that a link can't hold.
        UnknownNameError: for an architecture that neither library has.
    """
    place = Path(folder)
    config, weights = _read(place / CONFIG, LARGEST_CONFIG), _read(place / WEIGHTS, _LARGEST)
    return network_from(config, weights, place.resolve().name if name is None else name, classes, otherwise)


def network_from(
    config: bytes,
    weights: bytes,
    name: str,
    classes: str | Sequence[str] | None = None,
    otherwise: str | None = None,
    most: int = _LARGEST,
) -> Network:
    """The network in the bytes of the two files; arguments and errors as for `load_network`.

    Args:
        config: those of `config.json`.
        weights: those of `model.safetensors`.
        name: of the network.
        classes: their names, or whose they are.
        otherwise: as for `load_network`.
        most: how many bytes the weights may have.
    """
    plan = read_plan(config)
    if len(weights) > most:
        raise BadValueError(f"{WEIGHTS}: expected at most {most / 1e6:,.0f} MB, got {len(weights) / 1e6:,.1f} MB")
    module = build(plan, weights)
    network = Network(
        module, _classes(plan, classes, otherwise), plan.size, plan.mean, plan.std, name, plan.channels,
        note=f"{plan.architecture}, from a folder with its own weights.",
    )  # fmt: skip
    network.from_folder = True
    return network.described(architecture=plan.architecture, sha256=hashlib.sha256(weights).hexdigest())


def build(plan: Plan, weights: bytes) -> nn.Module:
    """The architecture of a plan with these weights in float32, in eval mode; it takes normalised images.

    Raises:
        UnknownNameError: for an architecture that neither library has.
        CorruptFileError: for weights that are not those of the architecture.
        BadValueError: for an architecture that can't be built so.
    """
    found = read_header(weights)
    check_tensors(found, _without_values(plan, found), plan.architecture)
    module = untrained(plan)
    module.load_state_dict(read_tensors(weights), strict=False)  # the names were compared
    return module.float().eval().requires_grad_(False).to(memory_format=torch.channels_last)


def untrained(plan: Plan) -> nn.Module:
    """The architecture of a plan, with weights drawn by chance, which are still to be replaced.

    Raises:
        UnknownNameError: for an architecture that neither library has.
        BadValueError: for an architecture that can't be built so.
    """
    with torch.random.fork_rng(devices=[]):
        module = _made(plan)
    if plan.pooling and plan.pooling != _pooling(module):
        raise BadValueError(
            f"{CONFIG}: expected the global_pool of {plan.architecture}, {_pooling(module)!r}, got {plan.pooling!r:.40}"
        )
    return module


def _without_values(plan: Plan, found: dict[str, Entry]) -> dict[str, Tensor]:
    """The tensors of the architecture; none takes any memory, however large the network that was asked for is."""
    try:
        with torch.device("meta"):
            return _made(plan).state_dict()
    except NotImplementedError:  # a few of torchvision's compute with tensors while they are built
        given, needed = sum(torch.Size(entry.shape).numel() for entry in found.values()), _numbers(plan.architecture)
        if given < needed / 2:
            raise CorruptFileError(
                f"{WEIGHTS}: expected some {needed:,} numbers for {plan.architecture}, got {given:,}"
            ) from None
        with torch.random.fork_rng(devices=[]):
            return _made(plan).state_dict()


def _numbers(name: str) -> int:
    """How many weights an architecture of torchvision's has, as its table says."""
    from torchvision.models import get_model_weights

    known: Any = next(iter(get_model_weights(name.removeprefix("torchvision/"))))
    return int(known.meta["num_params"])


def _made(plan: Plan) -> nn.Module:
    try:
        return architecture(plan.architecture, plan.classes, plan.channels)
    except (TypeError, ValueError, AssertionError, RuntimeError, AttributeError) as error:
        if isinstance(error, NotImplementedError | BadValueError):
            raise
        reason = " ".join(str(error).split()) or type(error).__name__
        raise BadValueError(
            f"{CONFIG}: expected an architecture that can be built with {plan.classes:,} classes and {plan.channels} "
            f"channels, got {plan.architecture}: {reason:.120}"
        ) from None


def _pooling(module: nn.Module) -> str:
    found = getattr(module, "global_pool", "")
    return str(found if isinstance(found, str) else getattr(found, "pool_type", ""))


def _classes(plan: Plan, given: str | Sequence[str] | None, otherwise: str | None) -> str | Sequence[str]:
    """Names of the classes, or whose they are."""
    if given is not None:
        if (count := _count(given)) != plan.classes:
            raise BadValueError(f"{CONFIG}: expected num_classes to be {count:,}, as are named, got {plan.classes:,}")
        return given
    if plan.names:
        fitting = (known.key for known in image_sets() if plan.names in (known.classes, known.synsets))
        return next(fitting, plan.names)
    unnamed = (key for key in (otherwise, PHOTOS) if key and _count(key) == plan.classes)
    return next(unnamed, [f"class {number}" for number in range(plan.classes)])


def _count(classes: str | Sequence[str]) -> int:
    return len(image_set(classes).classes if isinstance(classes, str) else classes)


def _read(path: Path, most: int) -> bytes:
    if not path.is_file():
        raise MissingFileError(f"{path} is missing: expected a folder with {CONFIG} and {WEIGHTS}")
    if (size := path.stat().st_size) > most:
        raise CorruptFileError(f"{path}: expected at most {most:,} bytes, got {size:,}")
    return path.read_bytes()
