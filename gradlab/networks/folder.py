"""A network in a folder, laid out as timm's Hub does it: `config.json` and `model.safetensors`.

Nothing of it is run: the architecture is looked up by its name in timm and torchvision, which bring the code, and the
weights are numbers. The weights' header is compared with the architecture before any of it is built.
"""

import hashlib
import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import BufferedIOBase
from pathlib import Path

from gradlab.errors import BadValueError, CorruptFileError, MissingFileError
from gradlab.images.registry import PHOTOS, image_set, image_sets, space_of
from gradlab.networks.brought import Made, Network
from gradlab.networks.building import build
from gradlab.networks.folder_config import CONFIG, LARGEST_CONFIG, Plan, read_plan
from gradlab.networks.folder_weights import WEIGHTS

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
    named = place.resolve().name if name is None else name
    with _opened(place / CONFIG, LARGEST_CONFIG) as config, _opened(place / WEIGHTS, _LARGEST) as weights:
        sha256 = hashlib.file_digest(weights, "sha256").hexdigest()
        return _network(config.read(), weights, sha256, named, classes, otherwise)


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
    if len(weights) > most:
        raise BadValueError(f"{WEIGHTS}: expected at most {most / 1e6:,.0f} MB, got {len(weights) / 1e6:,.1f} MB")
    sha256 = hashlib.sha256(weights).hexdigest()  # not by way of BytesIO, which would copy the bytes for it
    return _network(config, io.BytesIO(weights), sha256, name, classes, otherwise)


def _network(
    config: bytes, weights: BufferedIOBase, sha256: str, name: str, classes: str | Sequence[str] | None,
    otherwise: str | None,
) -> Network:  # fmt: skip
    plan = read_plan(config)
    network = Network(
        Made(build(plan, weights), sha256), _classes(plan, classes, otherwise), plan.size, plan.mean, plan.std, name,
        plan.channels, note=f"{plan.architecture}, from a folder with its own weights.",
    )  # fmt: skip
    network.from_folder = True
    return network.described(architecture=plan.architecture)


def _classes(plan: Plan, given: str | Sequence[str] | None, otherwise: str | None) -> str | Sequence[str]:
    """Names of the classes, or whose they are."""
    if given is not None:
        if (count := _count(given)) != plan.classes:
            raise BadValueError(f"{CONFIG}: expected num_classes to be {count:,}, as are named, got {plan.classes:,}")
        return given
    if plan.names:
        fitting = (space_of(known.key) for known in image_sets() if plan.names in (known.classes, known.synsets))
        return next(fitting, plan.names)
    unnamed = (key for key in (otherwise, PHOTOS) if key and _count(key) == plan.classes)
    return next(unnamed, [f"class {number}" for number in range(plan.classes)])


def _count(classes: str | Sequence[str]) -> int:
    return len(image_set(classes).classes if isinstance(classes, str) else classes)


@contextmanager
def _opened(path: Path, most: int) -> Iterator[BufferedIOBase]:
    if not path.is_file():
        raise MissingFileError(f"{path} is missing: expected a folder with {CONFIG} and {WEIGHTS}")
    if (size := path.stat().st_size) > most:
        raise CorruptFileError(f"{path}: expected at most {most:,} bytes, got {size:,}")
    with path.open("rb") as file:
        yield file
