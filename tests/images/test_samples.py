import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor

from gradlab.errors import CorruptFileError, MissingFileError
from gradlab.images.make_samples import main, make_sample
from gradlab.images.samples import read_sample, sample_facts, sample_paths, sha256
from gradlab.images.store import read_split
from gradlab.images.table import DATASETS

Fill = Callable[..., tuple[Tensor, Tensor]]


@pytest.fixture
def copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """A copy of the SVHN sample, to be broken: sheet and JSON."""
    sheet, facts = sample_paths("svhn")
    monkeypatch.setenv("GRADLAB_ASSETS", str(tmp_path))
    copies = sample_paths("svhn")
    assert copies[0].parent == tmp_path / "samples"
    copies[0].parent.mkdir()
    shutil.copy(sheet, copies[0])
    shutil.copy(facts, copies[1])
    return copies


@pytest.mark.parametrize("name", DATASETS)
def test_a_sample_has_2000_images_of_its_classes(name: str) -> None:
    sample, spec = read_sample(name), DATASETS[name]
    assert sample.images.shape == (2_000, *spec.shape)
    assert sample.images.dtype == torch.uint8
    assert sample.labels.dtype == sample.indices.dtype == torch.int64
    assert len(sample.indices.unique()) == 2_000
    counts = sample.labels.bincount(minlength=len(spec.classes))
    if name == "svhn":
        assert counts.tolist() == [141, 432, 312, 215, 169, 177, 157, 162, 118, 117]
    else:
        assert set(counts.tolist()) == {2_000 // len(spec.classes)}


@pytest.mark.parametrize("name", DATASETS)
def test_a_sample_says_where_it_comes_from(name: str) -> None:
    facts, spec = sample_facts(name), DATASETS[name]
    assert (facts["split"], facts["licence"], facts["citation"]) == ("test", spec.licence, spec.citation)
    assert facts["official_offset"] == {"cifar100": None, "svhn": 8_000}.get(name, 0)
    assert "official test images" in facts["split_note"]


@pytest.mark.parametrize("name", DATASETS)
def test_a_sheet_is_a_picture_of_50_columns(name: str) -> None:
    channels, height, width = DATASETS[name].shape
    with Image.open(sample_paths(name)[0]) as sheet:
        assert sheet.format == "WEBP"
        assert sheet.size == (50 * width, 40 * height)
        last = np.asarray(sheet.convert("RGB").crop((49 * width, 39 * height, *sheet.size)))
    assert np.array_equal(last[..., :channels].transpose(2, 0, 1), read_sample(name).images[-1].numpy())


@pytest.mark.full_data
@pytest.mark.parametrize("name", DATASETS)
def test_a_sample_equals_the_store_bit_for_bit(name: str) -> None:
    sample = read_sample(name)
    images, labels = read_split(name, "test")
    offset = 0
    if name == "svhn" and len(images) == DATASETS[name].sizes["test"]:
        offset = sample.facts["official_offset"]
    if name == "cifar100" and labels[:100].tolist() != list(range(100)):
        pytest.skip("the store has CIFAR-100 in its official order, which the sample's indices do not count in")
    assert torch.equal(images[sample.indices + offset], sample.images)
    assert torch.equal(labels[sample.indices + offset], sample.labels)


def test_one_changed_byte_of_the_sheet_is_corrupt(copied: tuple[Path, Path]) -> None:
    content = bytearray(copied[0].read_bytes())
    content[len(content) // 2] ^= 1
    copied[0].write_bytes(content)
    with pytest.raises(CorruptFileError, match=r"svhn\.webp: expected bytes with sha256"):
        read_sample("svhn")


def edit(path: Path, change: Callable[[dict], object]) -> None:
    facts = json.loads(path.read_text())
    change(facts)
    path.write_text(json.dumps(facts))


@pytest.mark.parametrize("what", ["lossy", "smaller", "text"])
def test_another_sheet_is_corrupt_even_if_the_json_vouches_for_the_file(what: str, copied: tuple[Path, Path]) -> None:
    if what == "text":
        copied[0].write_text("no picture")
    else:
        with Image.open(copied[0]) as sheet:
            sheet.load()
        size = (1_600, 1_248) if what == "smaller" else sheet.size
        sheet.crop((0, 0, *size)).save(copied[0], "WEBP", lossless=what == "smaller", quality=80, method=0)
    digest = hashlib.sha256(copied[0].read_bytes()).hexdigest()
    edit(copied[1], lambda facts: facts["sha256"].update(file=digest))
    expected = {"lossy": "pixels with sha256", "smaller": "40 x 50 images", "text": "a WebP sheet"}[what]
    with pytest.raises(CorruptFileError, match=f"expected {expected}"):
        read_sample("svhn")


@pytest.mark.parametrize(
    "change",
    [
        lambda facts: facts["labels"].__setitem__(0, 9),
        lambda facts: facts["indices"].__setitem__(0, 1),
        lambda facts: facts["labels"].pop(),
        lambda facts: facts.update(images=1_999),
        lambda facts: facts.update(dataset="cifar10"),
        lambda facts: facts["classes"].reverse(),
        lambda facts: facts.pop("sha256"),
        lambda facts: facts["sha256"].pop("pixels"),
        lambda facts: facts.update(columns=0),
        lambda facts: facts.update(columns="many"),
        lambda facts: facts["labels"].__setitem__(0, 2**80),
        lambda facts: facts.update(sha256="none"),
    ],
)
def test_changed_facts_are_corrupt(change: Callable[[dict], object], copied: tuple[Path, Path]) -> None:
    edit(copied[1], change)
    with pytest.raises(CorruptFileError, match=r"svhn\.json: expected the facts of the svhn sample"):
        read_sample("svhn")


@pytest.mark.parametrize("content", [b"", b"[1, 2]", b"null", b"\xff\xfe", b'{"dataset": "svhn"}', b"{"])
def test_what_is_no_such_json_is_corrupt(content: bytes, copied: tuple[Path, Path]) -> None:
    copied[1].write_bytes(content)
    with pytest.raises(CorruptFileError, match=r"svhn\.json"):
        sample_facts("svhn")


@pytest.mark.parametrize("which", [0, 1])
def test_a_missing_file_is_missing(which: int, copied: tuple[Path, Path]) -> None:
    copied[which].unlink()
    with pytest.raises(MissingFileError, match=copied[which].name):
        read_sample("svhn")


@pytest.mark.parametrize("name", ["cifar10", "fashion_mnist"])
def test_making_a_sample_is_lossless_balanced_and_repeatable(
    name: str, fill: Fill, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRADLAB_ASSETS", str(tmp_path / "assets"))
    monkeypatch.setattr("gradlab.images.make_samples.EFFORT", {"quality": 0, "method": 0})
    images, labels = fill(name, 150)
    sheet = make_sample(name, count=70)  # two rows, the second not full
    first = sheet.read_bytes(), sample_paths(name)[1].read_bytes()
    sample = read_sample(name)
    assert torch.equal(sample.images, images[sample.indices])
    assert torch.equal(sample.labels, labels[sample.indices])
    assert set(sample.labels.bincount().tolist()) == {7}
    make_sample(name, count=70)
    assert (sheet.read_bytes(), sample_paths(name)[1].read_bytes()) == first


def test_the_maker_says_in_one_line_what_is_missing(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["svhn"]) == 2
    assert "python -m gradlab fetch svhn" in capsys.readouterr().err.splitlines()[-1]


def test_checksums_do_not_depend_on_the_byte_order() -> None:
    assert sha256(np.array([1, 2], dtype=">i8")) == sha256(np.array([1, 2], dtype="<i8"))
