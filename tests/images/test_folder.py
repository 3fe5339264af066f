"""Image sets from a person's own files: what is in them, what is left out, and what they fit."""

import hashlib
import io
import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

import gradlab
from gradlab.errors import BadValueError, CorruptFileError, MissingFileError, UnknownNameError
from gradlab.images import fitting
from gradlab.images.decode import decode
from gradlab.images.fitting import Target, central, fitted
from gradlab.images.folder import image_set_from
from gradlab.images.registry import registered
from gradlab.images.table import DATASETS

CIFAR = Target.of("cifar10")
PHOTOS = Path(__file__).resolve().parents[3] / "shared/data/photos"


def picture(
    colour: tuple[int, int, int] = (200, 100, 50), size: tuple[int, int] = (40, 30), kind: str = "PNG"
) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size, colour).save(file, kind)
    return file.getvalue()


def put(root: Path, **files: bytes) -> Path:
    """Files by their names, `__` for a folder's slash and `_` for a dot."""
    for name, content in files.items():
        path = root / name.replace("__", "/").replace("_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return root


def test_class_subfolders_are_labelled(tmp_path: Path) -> None:
    put(tmp_path / "holiday", Cats__b_jpg=picture(), Cats__a_png=picture((1, 2, 3)), frog__c_webp=picture(kind="WEBP"))
    found = gradlab.load_folder(tmp_path / "holiday", classes="cifar10")
    assert (found.title, found.shape, found.space, found.labelled) == ("holiday", (3, 32, 32), "cifar10", True)
    assert found.classes == DATASETS["cifar10"].classes
    batch = found.batch()
    assert batch.labels.tolist() == [3, 3, 6]
    assert batch.images.shape == (3, 3, 32, 32)
    assert torch.equal(batch.images[0, :, 5, 5] * 255, torch.tensor([1.0, 2.0, 3.0]))
    assert (batch.dataset, batch.source, batch.sha256) == (found.key, "memory", found.sha256)
    assert found.key == f"own-{found.sha256[:8]}"
    assert [found.name_of(place, label) for place, label in enumerate(batch.labels.tolist())] == ["cat", "cat", "frog"]
    assert found.notes == (
        "8 of the network's 10 classes have no image: airplane, automobile, bird, deer, dog and 3 more.",
    )
    with registered(found):
        assert gradlab.load_batch(found.key, limit=2).sha256 == found.sha256


def test_without_a_network_the_folders_are_the_classes(tmp_path: Path) -> None:
    found = gradlab.load_folder(put(tmp_path, b__x_png=picture(), a__x_png=picture(), a__y_png=picture()), size=16)
    assert (found.classes, found.shape, found.batch().labels.tolist()) == (("a", "b"), (3, 16, 16), [0, 0, 1])
    assert (found.matching, found.notes, found.space) == (None, (), "")
    assert gradlab.load_folder(tmp_path).shape == (3, 224, 224)
    grey = gradlab.load_folder(tmp_path, size=16, channels=1)
    assert grey.shape == (1, 16, 16)
    result = gradlab.sweep(nn.Sequential(nn.Flatten(), nn.Linear(256, 2)).eval(), grey.batch(limit=2), ("sign",))
    assert (result.images, result.dataset, result.images_sha256) == (2, grey.key, grey.sha256)


def test_a_flat_folder_is_not_labelled(tmp_path: Path) -> None:
    put(tmp_path, a_png=picture(), b_png=picture())
    found = gradlab.load_folder(tmp_path, classes=("red", "green"), size=8)
    assert (found.labelled, found.batch().labels.tolist(), found.classes) == (False, [-1, -1], ("red", "green"))
    assert found.titles == ("a.png", "b.png")
    photographs = gradlab.load_folder(tmp_path)
    assert (photographs.space, photographs.shape, len(photographs.classes)) == ("photos", (3, 224, 224), 1000)
    with pytest.raises(BadValueError, match="^expected the network's classes for images that have none"):
        gradlab.load_folder(tmp_path, size=100)


def test_what_matches_no_class_is_left_out_and_told(tmp_path: Path) -> None:
    put(tmp_path, cat__a_png=picture(), unicorn__b_png=picture(), dog__c_png=picture())
    found = gradlab.load_folder(tmp_path, classes="cifar10")
    assert found.batch().labels.tolist() == [3, 5]
    assert found.titles == ()
    assert found.matching is not None
    assert (found.matching.unmatched, dict(found.matching.matched)) == (("unicorn",), {"cat": 3, "dog": 5})
    assert found.notes[0] == "2 of 3 class names match the network's. Without a match, and left out: unicorn."


def test_where_nothing_matches_all_are_kept_without_labels(tmp_path: Path) -> None:
    found = gradlab.load_folder(put(tmp_path, beach__a_png=picture(), hotel__b_png=picture()), classes="cifar10")
    assert (found.labelled, found.batch().labels.tolist()) == (False, [-1, -1])
    assert found.notes == ("No class name matches the network's, so the labels count as unknown: beach, hotel.",)


def test_broken_pictures_are_left_out_and_named(tmp_path: Path) -> None:
    put(
        tmp_path, cat__a_png=picture(kind="JPEG"), cat__b_png=picture()[:60], cat__c_jpg=b"<html></html>",
        cat__d_png=b"", dog__e_jpg=b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        dog__f_gif=picture(kind="GIF"), dog__g_bmp=b"BM" * 99,
    )  # fmt: skip
    found = gradlab.load_folder(tmp_path, classes="cifar10")
    assert found.batch().labels.tolist() == [3, 5], "a JPEG that is called PNG is a picture"
    assert found.notes[1:] == (
        "1 file is left out, since it is empty: cat/d.png.",
        "4 files are left out, since they can't be read as pictures: cat/b.png, cat/c.jpg, dog/e.jpg, dog/g.bmp.",
    )
    put(tmp_path / "none", x_png=b"no picture")
    with pytest.raises(BadValueError, match=r"got none\. 1 file is left out, since it can't be read .*: x\.png\.$"):
        gradlab.load_folder(tmp_path / "none", classes="cifar10")


def test_a_list_in_csv(tmp_path: Path) -> None:
    put(tmp_path, x__a_png=picture(), b_png=picture((9, 9, 9)))
    (tmp_path / "list.csv").write_text("file,label\nx/a.png,6\nb.png,0\ngone.png,1\n")
    found = image_set_from(tmp_path / "list.csv", "mine", CIFAR)
    assert (found.key, found.title, found.batch().labels.tolist()) == ("mine", "list.csv", [6, 0])
    assert found.notes[-1] == "1 file is left out, since there is no such file: gone.png."


def test_the_checksum_is_that_of_standard_tools(tmp_path: Path) -> None:
    put(tmp_path, cat__b_png=picture(), cat__a_png=picture((1, 1, 1)), dog__c_png=picture())
    said = subprocess.run(
        "find . -type f | sed 's|^./||' | LC_ALL=C sort | xargs sha256sum | sha256sum", shell=True, cwd=tmp_path,
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    first = gradlab.load_folder(tmp_path, classes="cifar10")
    assert said.split()[0] == first.sha256
    put(tmp_path, cat__b_png=picture((0, 0, 1)))
    assert gradlab.load_folder(tmp_path, classes="cifar10").sha256 != first.sha256
    (tmp_path / "list.csv").write_text("cat/a.png,cat")
    listed = hashlib.sha256()
    for name in ("list.csv", "cat/a.png"):
        listed.update(f"{hashlib.sha256((tmp_path / name).read_bytes()).hexdigest()}  {name}\n".encode())
    assert gradlab.load_folder(tmp_path / "list.csv", classes="cifar10").sha256 == listed.hexdigest()


def test_a_draw_of_what_is_too_much(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for k in range(9):
        put(tmp_path, **{f"{'cat' if k < 6 else 'dog'}__{k}_png": picture((k, k, k))})
    found = gradlab.load_folder(tmp_path, classes="cifar10", limit=4)
    assert found.batch().labels.tolist() == [3, 3, 5, 5]
    assert found.notes[-1] == "4 of the 9 images are drawn, equally many of each class."
    monkeypatch.setattr(fitting, "MOST_BYTES", 6 * 3 * 32 * 32)
    found = gradlab.load_folder(tmp_path, classes="cifar10")
    assert len(found.batch()) == 6
    assert found.notes[-1] == "6 of the 9 images are drawn, equally many of each class: 0 MB hold no more."
    flat = gradlab.load_folder(tmp_path / "cat", classes="cifar10", limit=2)
    assert flat.notes == ("2 of the 6 images are drawn at random.",)
    assert len(gradlab.load_folder(tmp_path, classes="cifar10", limit=8).batch()) == 8, "who names a number gets it"
    with pytest.raises(BadValueError, match="a limit of at least 1, got 0"):
        gradlab.load_folder(tmp_path, limit=0)


def test_what_the_network_gets_is_the_central_square() -> None:
    wide = np.zeros((10, 30, 3), np.uint8)
    wide[:, 10:20] = 255
    assert central(wide, (3, 5, 5)).min() == 255
    assert central(wide.transpose(1, 0, 2), (1, 4, 4)).tolist() == [[[255] * 4] * 4]


def arrays(tmp_path: Path, **entries: object) -> Path:
    np.savez(tmp_path / "data.npz", **entries)  # type: ignore[arg-type]
    return tmp_path / "data.npz"


def test_arrays(tmp_path: Path) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (4, 32, 32, 3), np.uint8)
    path = arrays(tmp_path, x_test=pixels, y_test=np.array([[3], [0], [9], [3]]))
    found = gradlab.load_folder(path, classes="cifar10")
    batch = found.batch()
    assert batch.labels.tolist() == [3, 0, 9, 3]
    assert torch.equal(batch.images, torch.from_numpy(pixels).permute(0, 3, 1, 2).float() / 255)
    assert found.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert gradlab.load_folder(path).classes == ("0", "3", "9")
    assert gradlab.load_folder(path, size=16, channels=1).shape == (1, 16, 16)
    with pytest.raises(BadValueError, match="class numbers from 0 to 8, got 9"):
        gradlab.load_folder(path, classes=list("abcdefghi"))


def test_arrays_with_names(tmp_path: Path) -> None:
    path = arrays(tmp_path, images=np.zeros((3, 8, 8), np.uint8), labels=[1, 0, -1], classes=["Frogs", "x"])
    found = gradlab.load_folder(path, classes="cifar10")
    assert (found.batch().labels.tolist(), found.shape) == ([6], (3, 32, 32))
    assert found.matching is not None
    assert found.matching.unmatched == ("x",)


def test_a_set_is_made_to_fit_another_network(tmp_path: Path) -> None:
    put(tmp_path, Cats__a_png=picture(), dragon__b_png=picture(), Frog__c_png=picture())
    own = gradlab.load_folder(tmp_path, size=64)
    found = fitted(own, "holiday", CIFAR)
    assert (found.key, found.shape, found.batch().labels.tolist()) == ("holiday", (3, 32, 32), [3, 6])
    assert (found.sha256, found.title) == (own.sha256, own.title)
    assert "left out: dragon." in found.notes[0]
    other = fitted(own, "other", Target.of(classes=("a", "frog")))
    assert (other.shape, other.batch().labels.tolist(), other.classes) == ((3, 64, 64), [1], ("a", "frog"))
    path = arrays(tmp_path, images=np.full((2, 1, 5, 5), 0.3))
    again = fitted(gradlab.load_folder(path, classes=("a", "b")), "grey", Target.of(classes=("c", "d", "e")))
    assert (again.classes, again.labelled) == (("c", "d", "e"), False)
    assert again.batch().images.unique().tolist() == [np.float32(0.3)]


@pytest.mark.parametrize(
    ("make", "options", "error", "said"),
    [
        (lambda root: root / "gone", {}, MissingFileError, "got nothing at"),
        (lambda root: put(root, a_png=picture()) / "a.png", {}, BadValueError, "ends in .csv, .npz or .safetensors"),
        (lambda root: put(root, a_png=picture()), {"classes": "cifar11"}, UnknownNameError, "unknown data set"),
        (lambda root: put(root, a_png=picture()), {"size": 0}, BadValueError, "a size from 1 to 4,096"),
        (lambda root: put(root, a_png=picture()), {"channels": 4}, BadValueError, "1 or 3 channels"),
        (lambda root: put(root, a_npz=b"PK") / "a.npz", {}, CorruptFileError, "a damaged file"),
    ],
)  # fmt: skip
def test_what_is_no_image_set(
    tmp_path: Path, make: Callable[[Path], Path], options: dict[str, object], error: type[Exception], said: str
) -> None:
    with pytest.raises(error, match=said) as caught:
        gradlab.load_folder(make(tmp_path), **options)  # type: ignore[arg-type]
    assert "\n" not in str(caught.value)


@pytest.mark.slow
@pytest.mark.skipif(not PHOTOS.is_dir(), reason="needs the 200 photographs in ../shared/data/photos")
def test_photographs_by_wordnet_id_and_as_a_list(tmp_path: Path) -> None:
    facts = json.loads((PHOTOS / "manifest.json").read_text())["images"]
    rows = ["file,label"]
    for one in facts:
        put(tmp_path, **{f"{one['wnid']}__{one['file']}".replace(".", "_"): (PHOTOS / one["file"]).read_bytes()})
        rows.append(f"{one['wnid']}/{one['file']},{one['label']}")
    (tmp_path / "list.csv").write_text("\n".join(rows))
    found = gradlab.load_folder(tmp_path, classes="photos")
    batch = found.batch()
    assert batch.labels.tolist() == [one["label"] for one in facts]
    assert found.notes[0].startswith("800 of the network's 1,000 classes have no image: ")
    listed = gradlab.load_folder(tmp_path / "list.csv", classes="photos").batch()
    assert torch.equal(listed.images, batch.images)
    assert torch.equal(listed.labels, batch.labels)
    model = gradlab.load_model("efficientnet_lite0", "photos", "cpu")
    with torch.inference_mode():
        said = torch.cat([model(part).argmax(1) for part in batch.images.split(50)])
    assert int((said == batch.labels).sum()) >= 174, "87 %; 176 of 200 when this was written"


def test_a_picture_is_decoded_as_anywhere_else(tmp_path: Path) -> None:
    content = picture(size=(50, 40), kind="JPEG")
    found = gradlab.load_folder(put(tmp_path, cat__a_jpg=content), classes="cifar10")
    expected = torch.from_numpy(central(decode(content), (3, 32, 32)))
    assert torch.equal(found.batch().images[0] * 255, expected.float())


def test_without_a_network_the_likeliest_classes_are_taken(tmp_path: Path) -> None:
    put(tmp_path / "a", cats__a_png=picture(), dog__b_png=picture(), unicorn__c_png=picture())
    found = image_set_from(tmp_path / "a", "mine", Target())
    assert (found.space, found.shape, found.batch().labels.tolist()) == ("cifar10", (3, 32, 32), [3, 5])
    put(tmp_path / "b", n01440764__a_png=picture(), tiger_shark__b_png=picture())
    assert image_set_from(tmp_path / "b", "mine", Target()).space == "photos"
    put(tmp_path / "c", cat__a_png=picture(), x__b_png=picture())
    assert image_set_from(tmp_path / "c", "mine", Target()).classes == ("cat", "x"), "half is not most"
    put(tmp_path / "d", **{"0__a_png": picture(), "1__b_png": picture()})
    assert image_set_from(tmp_path / "d", "mine", Target()).classes == ("0", "1"), "numbers tell nothing"
