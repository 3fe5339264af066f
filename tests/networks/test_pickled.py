"""The one door through which a pickle may come: by its checksum, and tensors only."""

import hashlib
from collections import OrderedDict
from pathlib import Path

import pytest
import torch
from torch import nn

from gradlab.errors import BadValueError, CorruptFileError, MissingFileError
from gradlab.networks.pickled import read_state

FORMATS = pytest.mark.parametrize("new", [True, False], ids=["zip", "legacy"])


def saved(content: object, path: Path, new: bool = True) -> str:
    """Its sha256."""
    torch.save(content, path, _use_new_zipfile_serialization=new)  # noqa: TID251 - what is to be read
    return hashlib.sha256(path.read_bytes()).hexdigest()


@FORMATS
def test_both_formats_are_read_as_they_were_written(tmp_path: Path, new: bool) -> None:
    module = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4))
    sha256 = saved(module.state_dict(), tmp_path / "a.pth", new)
    for digits in (8, 64):
        found = read_state(tmp_path / "a.pth", sha256[:digits])
        assert list(found) == list(module.state_dict())
        assert all(torch.equal(found[name], value) for name, value in module.state_dict().items())


@FORMATS
def test_parameters_come_as_plain_tensors(tmp_path: Path, new: bool) -> None:
    sha256 = saved(OrderedDict(weight=nn.Parameter(torch.ones(2))), tmp_path / "a.pth", new)
    weight = read_state(tmp_path / "a.pth", sha256)["weight"]
    assert (type(weight), weight.requires_grad, weight.tolist()) == (torch.Tensor, False, [1, 1])


class _Trap:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return print, ("it ran",)


@FORMATS
def test_of_a_file_with_another_checksum_nothing_is_read(
    tmp_path: Path, new: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    came = saved({"weight": torch.ones(2)}, tmp_path / "a.pth", new)
    monkeypatch.setattr(torch, "load", lambda *_, **__: pytest.fail("it was read"))
    with pytest.raises(CorruptFileError, match=rf"a\.pth: expected sha256 00000000…, got {came[:12]}…$"):
        read_state(tmp_path / "a.pth", "00000000")


@FORMATS
def test_code_in_a_file_does_not_run(tmp_path: Path, new: bool, capsys: pytest.CaptureFixture[str]) -> None:
    sha256 = saved({"weight": _Trap()}, tmp_path / "a.pth", new)
    with pytest.raises(CorruptFileError, match="cannot be read") as caught:
        read_state(tmp_path / "a.pth", sha256)
    assert "\n" not in str(caught.value)
    assert "it ran" not in capsys.readouterr().out
    torch.load(tmp_path / "a.pth", weights_only=False)  # noqa: TID251 - the trap does work
    assert "it ran" in capsys.readouterr().out


@pytest.mark.parametrize("content", [[torch.ones(2)], {1: torch.ones(2)}, {"epoch": 3}, torch.ones(2)])
def test_what_is_no_state_dict_is_refused(tmp_path: Path, content: object) -> None:
    sha256 = saved(content, tmp_path / "a.pth")
    with pytest.raises(CorruptFileError, match="expected tensors by name"):
        read_state(tmp_path / "a.pth", sha256)


@pytest.mark.parametrize("content", [b"", b"no weights", b"PK\x03\x04"])
def test_what_is_no_weights_file_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.pth").write_bytes(content)
    with pytest.raises(CorruptFileError, match="cannot be read"):
        read_state(tmp_path / "a.pth", hashlib.sha256(content).hexdigest())


@pytest.mark.parametrize("sha256", ["", "7be5be7", "7BE5BE79", "no hexadecimals", "0" * 65])
def test_a_checksum_has_to_say_something(tmp_path: Path, sha256: str) -> None:
    with pytest.raises(BadValueError, match="expected a sha256 of 8 to 64 hexadecimal digits"):
        read_state(tmp_path / "a.pth", sha256)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(MissingFileError, match=r"a\.pth is missing: expected weights with sha256 7be5be79…"):
        read_state(tmp_path / "a.pth", "7be5be79")
