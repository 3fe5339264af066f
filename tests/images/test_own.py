"""A visitor's pictures: squares for each class space, under keys that nobody guesses, gone when forgotten."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image

import gradlab
from gradlab.errors import BadValueError, GradlabError
from gradlab.images.own import MOST, OwnPictures, is_own
from gradlab.images.registry import image_set, image_sets, known_image_set


def png(width: int = 60, height: int = 40, colour: tuple[int, int, int] = (200, 30, 30)) -> bytes:
    pixels = np.full((height, width, 3), colour, np.uint8)
    pixels[:, : width // 2] = 255 - pixels[:, : width // 2]
    Image.fromarray(pixels).save(out := BytesIO(), "PNG")
    return out.getvalue()


def test_each_space_gets_the_square_in_its_own_size_and_colours() -> None:
    own = OwnPictures()
    own.add("holiday.png", png())
    for space in ("cifar10", "fashion_mnist", "photos"):
        key, of = own.key_of(space), image_set(space)
        known, batch = image_set(key), gradlab.load_batch(key, limit=None)
        assert (known.space, known.classes, known.shape, known.labelled) == (space, of.classes, of.shape, False)
        assert (known.title, known.titles) == ("Your pictures", ("holiday.png",))
        assert tuple(batch.images.shape) == (1, *of.shape)
        assert (batch.source, batch.labels.tolist()) == ("memory", [-1])
    own.forget()


def test_the_square_begins_in_the_middle_and_can_be_moved() -> None:
    own = OwnPictures()
    own.add("a", png(60, 40))
    assert own.pictures[0].box == (10, 0, 40)
    own.cut(0, (20, 0, 40))
    right = gradlab.load_batch(own.key_of("cifar10"), limit=None).images[0]
    own.cut(0, (0, 0, 20))
    left = gradlab.load_batch(own.key_of("cifar10"), limit=None).images[0]
    assert left[0].max() < 0.3
    assert right[0, :, 20:].min() > 0.7
    for box in ((21, 0, 40), (0, 0, 41), (0, 0, 0), (-1, 0, 9)):
        with pytest.raises(BadValueError, match="within 60 × 40"):
            own.cut(0, box)
    assert own.pictures[0].box == (0, 0, 20)
    with pytest.raises(BadValueError, match="one of 1 pictures, got number 2"):
        own.cut(1, (0, 0, 20))
    own.forget()


def test_a_change_makes_new_keys_and_earlier_ones_lead_there() -> None:
    own = OwnPictures()
    own.add("a", png())
    first = own.key_of("cifar10")
    assert own.key_of("cifar10") == first == own.now(first)
    own.add("b", png())
    assert known_image_set(first) is None
    second = own.now(first)
    assert second == own.key_of("cifar10") != first
    assert own.held(first)
    assert not own.held("own-0123456789abcdef")
    own.remove(0)
    assert image_set(own.now(first) or "").titles == ("b",)
    own.remove(0)
    assert own.now(first) is None
    with pytest.raises(BadValueError, match="expected a picture, got none"):
        own.key_of("cifar10")


def test_nobody_else_is_told_of_them_or_reads_them() -> None:
    answers: list[GradlabError] = []

    def allowed() -> None:
        if answers:
            raise answers[0]

    own = OwnPictures(allowed)
    own.add("a", png())
    key = own.key_of("cifar10")
    assert is_own(key)
    assert not is_own("own-cats")
    assert key not in {known.key for known in image_sets()}
    gradlab.load_batch(key, limit=None)
    answers.append(BadValueError("not yours"))
    with pytest.raises(BadValueError, match="not yours"):
        gradlab.load_batch(key, limit=None)
    own.forget()
    assert known_image_set(key) is None


def test_at_most_so_many_and_a_bad_one_changes_nothing() -> None:
    own = OwnPictures()
    for number in range(MOST):
        own.add(f"{number}.png", png(8, 8))
    key = own.key_of("cifar10")
    with pytest.raises(BadValueError, match="at most 20 pictures"):
        own.add("one more", png())
    own.remove(3)
    key = own.key_of("cifar10")
    with pytest.raises(BadValueError, match="got a PDF"):
        own.add("misnamed.png", b"%PDF-1.4")
    assert own.key_of("cifar10") == key
    own.forget()


@pytest.mark.parametrize(
    ("name", "title"),
    [("C:\\photos\\cat.jpg", "cat.jpg"), ("../../etc/passwd", "passwd"), ("", "A picture"), ("\n\t", "A picture"),
     ("a\nb\x1b[31m", "ab[31m"), ("x" * 99, "x" * 59 + "…"), ("<b>Ünï</b>", "b>")],
)  # fmt: skip
def test_a_name_is_for_reading_only(name: str, title: str) -> None:
    own = OwnPictures()
    own.add(name, png(8, 8))
    assert own.pictures[0].title == title


def test_a_network_of_the_space_looks_at_them() -> None:
    own = OwnPictures()
    own.add("a", png())
    key = own.key_of("cifar10")
    batch = gradlab.load_batch(key, limit=None)
    seen = gradlab.explore(gradlab.load_model("alexnet", key, "cpu"), batch, "sign", 8 / 255, labels="predicted")
    assert seen.used_label == seen.clean.prediction
    own.forget()
