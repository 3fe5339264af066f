"""A checkpoint is one safetensors file, replaced in one go: a training that is cut off never leaves half of one."""

import json
from pathlib import Path

from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from gradlab.errors import CorruptFileError
from gradlab.shipped import write_whole


def save_checkpoint(path: Path, tensors: dict[str, Tensor], facts: dict[str, object]) -> None:
    """Write tensors and JSON-able facts to `path`, whole or not at all."""
    whole = {name: tensor.detach().clone().contiguous() for name, tensor in tensors.items()}
    write_whole(path, save(whole, metadata={"gradlab": json.dumps(facts)}))


def load_checkpoint(path: Path) -> tuple[dict[str, Tensor], dict[str, object]]:
    """The tensors and facts of a checkpoint.

    Raises:
        CorruptFileError: when it isn't one.
    """
    try:
        with safe_open(path, framework="pt") as file:
            return {name: file.get_tensor(name) for name in file.keys()}, dict(json.loads(file.metadata()["gradlab"]))
    except (SafetensorError, KeyError, TypeError, ValueError) as error:
        raise CorruptFileError(f"{path} is not a gradlab checkpoint ({error}): delete it, or train anew") from error
