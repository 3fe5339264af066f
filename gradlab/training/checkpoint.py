"""A checkpoint is one safetensors file, replaced in one go: a training that is cut off never leaves half of one."""

import json
import os
from pathlib import Path

from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from gradlab.errors import CorruptFileError


def save_checkpoint(path: Path, tensors: dict[str, Tensor], facts: dict[str, object]) -> None:
    """Write tensors and JSON-able facts to `path`, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(f".{os.getpid()}.tmp")
    try:
        whole = {name: tensor.detach().clone().contiguous() for name, tensor in tensors.items()}
        save_file(whole, temporary, metadata={"gradlab": json.dumps(facts)})
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


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
