import json
from pathlib import Path

import pytest
import torch

import gradlab
from gradlab.errors import BadValueError, CorruptFileError, MissingFileError
from gradlab.images.imagenet import imagenet
from gradlab.images.photographs import PHOTOGRAPHS
from gradlab.images.registry import image_set, known_image_set, registered, space_of
from gradlab.images.status import dataset_status
from gradlab.shipped import assets_root
from gradlab.types import UNKNOWN


def test_imagenet_has_a_thousand_classes_each_with_a_name_of_its_own() -> None:
    ids, names = imagenet()
    assert len(ids) == len(set(ids)) == len(names) == len(set(names)) == 1_000
    assert list(ids) == sorted(ids), "the usual order"
    assert (ids[0], names[0], names[281], names[999]) == ("n01440764", "tench", "tabby", "toilet tissue")


def test_six_photographs_are_always_at_hand_and_nobody_knows_their_labels() -> None:
    known, batch = image_set("photos"), gradlab.load_batch("photos", limit=None)
    assert batch.images.shape == (6, *known.shape) == (6, 3, 224, 224)
    assert batch.labels.tolist() == [UNKNOWN] * 6
    assert batch.indices.tolist() == list(range(6))
    assert torch.equal(batch.images, (batch.images * 255).round() / 255), "bytes"
    assert not known.labelled
    assert dataset_status("photos")["sample"] == 6
    assert gradlab.load_batch("photos", indices=[4], source="sample").source == "sample"
    with pytest.raises(MissingFileError, match="test split of photos, its only one, got train"):
        gradlab.load_batch("photos", split="train")


def test_all_six_come_unless_a_number_is_asked_for() -> None:
    batch = gradlab.load_batch("photos")
    assert sorted(batch.indices.tolist()) == list(range(6))
    assert sorted(image_set("photos").batch().indices.tolist()) == list(range(6))
    assert len(gradlab.load_batch("photos", limit=4)) == len(image_set("photos").batch(limit=4)) == 4
    with pytest.raises(BadValueError, match="limit: expected at most 6, all images of the photos split, got 512"):
        gradlab.load_batch("photos", limit=512)


def test_each_photograph_has_a_title_and_its_credit() -> None:
    known = image_set("photos")
    assert len(known.titles) == len(known.credits) == len(PHOTOGRAPHS) == 6
    told = json.loads((assets_root() / "samples" / "photos.json").read_text(encoding="utf-8"))["photographs"]
    assert [(one["title"], one["by"], one["licence"]) for one in told] == [
        (one.title, one.by, one.licence) for one in PHOTOGRAPHS
    ]
    for one, credit in zip(PHOTOGRAPHS, known.credits, strict=True):
        assert one.by in credit
        assert one.licence in credit


def test_a_sheet_that_is_missing_or_changed_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    facts, sheet = ((assets_root() / "samples" / f"photos.{kind}").read_bytes() for kind in ("json", "webp"))
    monkeypatch.setenv("GRADLAB_ASSETS", str(tmp_path))
    assert dataset_status("photos")["sample"] is None
    with pytest.raises(MissingFileError, match="photographs' facts"):
        gradlab.load_batch("photos", limit=1)
    (tmp_path / "samples").mkdir()
    (tmp_path / "samples" / "photos.json").write_bytes(facts)
    (tmp_path / "samples" / "photos.webp").write_bytes(sheet[:-1] + bytes([sheet[-1] ^ 1]))
    with pytest.raises(CorruptFileError, match="expected bytes with sha256"):
        gradlab.load_batch("photos", limit=1)
    for broken in (b"{", b'{"dataset": "photos"}', facts.replace(b'"images": 6', b'"images": 7')):
        (tmp_path / "samples" / "photos.json").write_bytes(broken)
        assert "expected the facts of the photographs" in str(dataset_status("photos")["problem"])


def test_a_set_may_have_the_classes_of_another() -> None:
    from gradlab.images.brought import image_set_of

    classes = image_set("cifar10").classes
    mine = image_set_of("mine", torch.zeros(1, 3, 32, 32), classes=classes, space="cifar10", listed=False)
    with registered(mine):
        assert (space_of("mine"), space_of("cifar10"), space_of("nobody's")) == ("cifar10", "cifar10", "nobody's")
        assert known_image_set("mine") is mine
