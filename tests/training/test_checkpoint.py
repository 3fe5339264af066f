import json
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import save, save_file

from gradlab.errors import CorruptFileError
from gradlab.training.checkpoint import load_checkpoint, save_checkpoint

TENSORS = {"a": torch.arange(6.0).view(2, 3), "n": torch.tensor(7)}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "runs" / "one.safetensors"


def test_what_is_saved_is_loaded(path: Path) -> None:
    last = torch.rand(2, 3, 4, 4).contiguous(memory_format=torch.channels_last)
    save_checkpoint(path, {**TENSORS, "last": last}, {"epoch": 3, "recipe": {"stop_at": None, "crop": 4}})
    tensors, facts = load_checkpoint(path)
    assert facts == {"epoch": 3, "recipe": {"stop_at": None, "crop": 4}}
    assert tensors.keys() == {"a", "n", "last"}
    for name, value in {**TENSORS, "last": last}.items():
        assert tensors[name].dtype == value.dtype
        assert torch.equal(tensors[name], value)
    assert [file.name for file in path.parent.iterdir()] == ["one.safetensors"]


def test_tensors_that_share_memory_are_saved(path: Path) -> None:
    """Which safetensors refuses by itself."""
    save_checkpoint(path, {"whole": TENSORS["a"], "part": TENSORS["a"][:1]}, {})
    assert torch.equal(load_checkpoint(path)[0]["part"], TENSORS["a"][:1])


@pytest.mark.parametrize("reason", [KeyboardInterrupt, OSError("no space left on device")])
def test_an_interrupted_write_leaves_the_old_one(
    path: Path, monkeypatch: pytest.MonkeyPatch, reason: type[BaseException] | BaseException
) -> None:
    save_checkpoint(path, TENSORS, {"epoch": 1})
    before = path.read_bytes()

    def half(to: Path, content: bytes) -> None:
        with to.open("wb") as file:
            file.write(content[:50])
        raise reason

    monkeypatch.setattr(Path, "write_bytes", half)
    with pytest.raises((KeyboardInterrupt, OSError)):
        save_checkpoint(path, TENSORS, {"epoch": 2})
    assert path.read_bytes() == before
    assert load_checkpoint(path)[1] == {"epoch": 1}
    assert [file.name for file in path.parent.iterdir()] == ["one.safetensors"]


def _bytes(content: bytes) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(content)


def _metadata(metadata: dict[str, str] | None) -> Callable[[Path], object]:
    return lambda path: save_file(TENSORS, path, metadata)


@pytest.mark.parametrize(
    "write",
    [
        _bytes(b""),
        _bytes(b"a checkpoint"),
        _bytes(save(TENSORS, {"gradlab": "{}"})[:-1]),
        _metadata(None),
        _metadata({"other": "{}"}),
        _metadata({"gradlab": "{"}),
        _metadata({"gradlab": json.dumps([1])}),
        _metadata({"gradlab": json.dumps("recipe")}),
        _metadata({"gradlab": json.dumps(5)}),
    ],
)
def test_what_is_no_checkpoint(path: Path, write: Callable[[Path], object]) -> None:
    path.parent.mkdir()
    write(path)
    with pytest.raises(CorruptFileError, match=f"{path} is not a gradlab checkpoint") as caught:
        load_checkpoint(path)
    assert "\n" not in str(caught.value)
