"""Learned perceptual image patch similarity: an optional measure, which is absent until a person asks for it.

Two things have to be there: the package `lpips`, for the weights that its authors fitted to people's judgements, and
AlexNet as torchvision trained it on ImageNet, which is downloaded once, and only on request. The package's own code is
not run: it would download by itself.
"""

from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor, nn

from gradlab.errors import BadValueError, CorruptFileError, MissingFileError
from gradlab.steps.float32 import plain_float32

TRUNK_URL = "https://download.pytorch.org/models/alexnet-owt-7be5be79.pth"
TRUNK_MB = 233
LEAST = 31  # pixels across: of smaller images AlexNet's second pooling leaves nothing
_ENDS = (2, 5, 8, 10, 12)  # of AlexNet's five parts, each ending with a ReLU
_SHIFT, _SCALE = (-0.030, -0.088, -0.188), (0.458, 0.448, 0.450)  # from [-1, 1] to what AlexNet was trained with


class _Network(NamedTuple):
    """The parts of AlexNet, and the weight of each channel that comes out of them, (C, 1, 1)."""

    parts: list[nn.Module]
    weights: list[Tensor]


def lpips(a: Float[Tensor, "n c h w"], b: Float[Tensor, "n c h w"], *, download: bool = False) -> Float[Tensor, " n"]:
    """The learned distance of each pair (AlexNet, version 0.1): from 0 (identical) upwards.

    NaN for images of less than 31x31 pixels, of which AlexNet leaves nothing. Grey images count as R = G = B.

    Zhang, Isola, Efros, Shechtman, Wang 2018, https://doi.org/10.1109/CVPR.2018.00068.

    Args:
        a: images in [0, 1].
        b: images in [0, 1].
        download: consent to download AlexNet's weights, 233 MB, into torch hub's cache where they are not there yet.

    Raises:
        MissingFileError: without the package `lpips`; or without AlexNet's weights, unless they may be downloaded.
        CorruptFileError: when a file of weights is damaged.
        BadValueError: for images of neither 1 nor 3 channels.
    """
    if a.shape[1] not in (1, 3):
        raise BadValueError(f"expected grey or RGB images, of 1 or 3 channels, got {a.shape[1]}")
    if download:
        download_lpips()
    if needs := lpips_needs():
        raise MissingFileError(needs)
    if min(a.shape[2:]) < LEAST:
        return a.new_full((len(a),), torch.nan)
    network = _network(_heads_path(), trunk_path(), a.device)
    with plain_float32(a.device):
        return _distance(network, a, b)


def lpips_needs() -> str:
    """What has to be done before `lpips` can be measured; empty where it can."""
    if not _heads_path():
        return "LPIPS needs the package lpips, which is not installed: pip install 'gradlab[lpips]'"
    if not trunk_path().is_file():
        return (
            f"LPIPS needs AlexNet's ImageNet weights, {TRUNK_MB} MB from {TRUNK_URL}, in {trunk_path().parent}: "
            "`gradlab measures --download-lpips` fetches them"
        )
    return ""


def trunk_path() -> Path:
    """Where AlexNet's weights are looked for: torch hub's cache, as torchvision does."""
    return Path(torch.hub.get_dir()) / "checkpoints" / TRUNK_URL.rpartition("/")[2]


def download_lpips() -> Path:
    """Fetch AlexNet's weights, whose name holds the beginning of their sha256, unless they are there already.

    Progress goes to stderr.

    Raises:
        MissingFileError: without the package `lpips`, without which they are of no use.
        OSError: without a network, or without room.
        CorruptFileError: when something else came.
    """
    path = trunk_path()
    if not _heads_path():
        raise MissingFileError(lpips_needs())
    if path.is_file():
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    prefix = path.stem.rpartition("-")[2]
    try:
        torch.hub.download_url_to_file(TRUNK_URL, str(path), prefix)
    except RuntimeError as error:
        raise CorruptFileError(f"{TRUNK_URL}: expected a file whose sha256 begins with {prefix}: {error}") from None
    return path


def _heads_path() -> Path | None:
    """The fitted weights, in the installed package; found without importing it."""
    spec = find_spec("lpips")
    path = Path(spec.origin).parent / "weights/v0.1/alex.pth" if spec and spec.origin else None
    return path if path and path.is_file() else None


@lru_cache(maxsize=2)
def _network(heads: Path, trunk: Path, device: torch.device) -> _Network:
    from torchvision.models import alexnet

    with torch.device("meta"):
        features = alexnet(weights=None).features
    layers = _read(trunk)
    try:
        kept = {name.removeprefix("features."): values for name, values in layers.items() if "features." in name}
        features.load_state_dict(kept, assign=True)
        weights = [values.reshape(-1, 1, 1).to(device) for _, values in sorted(_read(heads).items())]
        sizes = [len(one) for one in weights]
        if sizes != [64, 192, 384, 256, 256]:
            raise RuntimeError(f"expected weights of AlexNet's five parts, got {sizes}")
    except RuntimeError as error:
        raise CorruptFileError(f"{heads} and {trunk} do not make up LPIPS: {error}") from None
    parts = [features[start:end] for start, end in zip((0, *_ENDS), _ENDS, strict=False)]
    return _Network([part.requires_grad_(False).eval().to(device) for part in parts], weights)


def _read(path: Path) -> dict[str, Tensor]:
    """Tensors by name."""
    try:
        # Their authors offer no other format; with `weights_only` nothing but tensors is made of what stands in it.
        found: dict[str, Tensor] = torch.load(path, map_location="cpu", weights_only=True)  # noqa: TID251
    except Exception as error:  # noqa: BLE001, RUF100 - it depends on the damage what is raised
        raise CorruptFileError(f"expected weights in {path}, got a file that cannot be read: {error!r:.80}") from None
    return found


@torch.inference_mode()
def _distance(network: _Network, a: Tensor, b: Tensor) -> Tensor:
    """Σ over the parts of the mean over their places of Σ weight · (difference of unit vectors)²."""
    x, y = _normalised(a), _normalised(b)
    total = a.new_zeros(len(a))
    for part, weight in zip(network.parts, network.weights, strict=True):
        x, y = part(x), part(y)
        total += (weight * (_unit(x) - _unit(y)).square()).sum(dim=1).mean(dim=(1, 2))
    return total


def _normalised(images: Tensor) -> Tensor:
    shift, scale = (torch.tensor(v, device=images.device, dtype=images.dtype).view(3, 1, 1) for v in (_SHIFT, _SCALE))
    return (2 * images.expand(-1, 3, -1, -1) - 1 - shift) / scale


def _unit(values: Tensor) -> Tensor:
    lengths: Tensor = torch.linalg.vector_norm(values, dim=1, keepdim=True)
    return values / (lengths + 1e-10)
