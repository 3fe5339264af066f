"""Pictures that were chosen one by one: from their files, a visitor's squares again, to the last bit."""

import hashlib
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

import gradlab
from gradlab.errors import BadValueError, CorruptFileError, GradlabError, MissingFileError
from gradlab.images.own import OwnPictures
from gradlab.images.registry import image_set


def picture(kind: str = "PNG", seed: int = 0, size: tuple[int, int] = (90, 60)) -> bytes:
    wide, tall = size
    pixels = np.random.default_rng(seed).integers(0, 256, (tall, wide, 3), np.uint8)
    Image.fromarray(pixels).save(out := BytesIO(), kind)
    return out.getvalue()


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("space", ["cifar10", "fashion_mnist", "photos"])
def test_files_give_what_the_page_has_of_them(here: Path, space: str) -> None:
    own = OwnPictures()
    contents = [picture("JPEG"), picture("TIFF", 1, (1500, 1000))]  # the second is made smaller as it is decoded
    own.add("a cat.jpg", contents[0])
    own.add("a cat.jpg", contents[1])
    own.cut(0, (7, 3, 41))
    known = image_set(own.key_of(space))
    assert [one.name for one in known.pictures] == ["a cat.jpg", "a cat (2).jpg"]
    assert [one.sha256 for one in known.pictures] == [hashlib.sha256(one).hexdigest() for one in contents]
    for one, content in zip(known.pictures, contents, strict=True):
        (here / one.name).write_bytes(content)
    again = gradlab.load_pictures({one.name: one.square for one in known.pictures}, classes=space)
    assert torch.equal(again.batch().images, known.batch().images)
    assert (again.sha256, again.pictures, again.classes) == (known.sha256, known.pictures, known.classes)
    assert (again.space, again.labelled) == (space, False)
    own.forget()


def test_the_sha256_is_that_of_what_sha256sum_prints(here: Path) -> None:
    content = picture()
    (here / "one.png").write_bytes(content)
    listed = f"{hashlib.sha256(content).hexdigest()}  one.png\n"
    assert gradlab.load_pictures("one.png").sha256 == hashlib.sha256(listed.encode()).hexdigest()


def test_they_come_in_their_order(here: Path) -> None:
    names = [f"{number}.png" for number in range(8)]
    for seed, name in enumerate(names):
        (here / name).write_bytes(picture(seed=seed))
    found = gradlab.load_pictures(names, classes="cifar10")
    assert found.batch(limit=8).indices.tolist() == list(range(8))
    assert found.batch(limit=3, seed=5).indices.tolist() == [0, 1, 2]


def test_without_a_square_it_is_the_one_in_the_middle(here: Path) -> None:
    (here / "one.png").write_bytes(picture())
    found = gradlab.load_pictures([here / "one.png"], 16, classes=["cat", "dog"], channels=1)
    assert found.pictures[0].square == (15, 0, 60)
    assert (found.shape, found.classes) == ((1, 16, 16), ("cat", "dog"))
    folder = gradlab.load_folder(".", 16, channels=1, classes=["cat", "dog"])
    assert torch.equal(found.batch().images, folder.batch().images)


@pytest.mark.parametrize(
    ("pictures", "error", "word"),
    [
        ([], BadValueError, "expected at least one picture, got none"),
        ("gone.png", MissingFileError, "expected a picture, got gone.png"),
        ("a\0b.png", MissingFileError, "expected a picture, got"),
        (".", MissingFileError, "expected a picture, got"),
        ("half.png", CorruptFileError, "half.png: expected a whole picture"),
        ("page.png", BadValueError, "page.png: expected a picture"),
        ({"one.png": (0, 0, 61)}, BadValueError, "one.png: expected a square within 90 × 60 pixels"),
        ({"one.png": (0, 0)}, BadValueError, "expected left, top and length of a square as whole numbers, got"),
        ({"one.png": (0, 0, 9.5)}, BadValueError, "expected left, top and length of a square as whole numbers, got"),
        ({"one.png": "all"}, BadValueError, "expected left, top and length of a square as whole numbers, got 'all'"),
    ],
)
def test_what_makes_no_sense_is_said(here: Path, pictures: Any, error: type[GradlabError], word: str) -> None:
    (here / "one.png").write_bytes(picture())
    (here / "half.png").write_bytes(picture()[:2000])
    (here / "page.png").write_bytes(b"<!DOCTYPE html><html></html>")
    with pytest.raises(error, match=word):
        gradlab.load_pictures(pictures)


@pytest.mark.parametrize(
    ("titles", "names"),
    [
        (["image.png"] * 3, ["image.png", "image (2).png", "image (3).png"]),
        (["a (2).png", "a.png", "A.png", "a.png"], ["a (2).png", "a.png", "A (3).png", "a (4).png"]),
        (["..", "", "C:x?.jpg", ".jpg"], ["A picture", "A picture (2)", "C_x_.jpg", "jpg"]),
        (["cat", "cat"], ["cat", "cat (2)"]),
    ],
)
def test_names_of_files_are_names_everywhere(titles: list[str], names: list[str]) -> None:
    own = OwnPictures()
    for number, title in enumerate(titles):
        own.add(title, picture(seed=number, size=(8, 8)))
    assert [one.name for one in own.files] == names
    own.forget()
