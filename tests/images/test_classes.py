"""Names of classes and what they mean to a network: worked by hand, and of every data set whatever the writing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradlab.errors import BadValueError
from gradlab.images.classes import Matching, listed, match_classes, ordered
from gradlab.images.table import DATASETS

CLASSES = ("cat", "T-shirt/top", "aquarium_fish", "wolf", "butterfly", "sunglass", "sunglasses", "crane", "Crane")
SYNSETS = tuple(f"n0000000{k}" for k in range(9))


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("cat", 0), ("Cat", 0), ("CATS", 0), (" cats ", 0), ("t_shirt top", 1), ("TShirtTop", 1), ("aquarium fish", 2),
        ("Aquarium-Fishes", 2), ("wolves", 3), ("Butterflies", 4), ("sunglass", 5), ("sunglasses", 6), ("crane", 7),
        ("Crane", 8), ("n00000003", 3), ("n00000003-wolfhound", 3), ("n00000004_x", 4), ("ｃａｔ", 0),
    ],
)  # fmt: skip
def test_a_name_means_a_class(name: str, place: int) -> None:
    assert match_classes([name], CLASSES, SYNSETS).places == {name: place}


@pytest.mark.parametrize("name", ["dog", "", "_", "caat", "n00000009", "n000000031", "s", "<b>cat</b>", "0x1", "-1"])
def test_a_name_that_means_none(name: str) -> None:
    found = match_classes([name], CLASSES, SYNSETS)
    assert (found.matched, found.unmatched, found.several) == ((), (name,), ())
    assert found.missing == CLASSES


def test_a_name_that_several_classes_fit_is_not_guessed() -> None:
    found = match_classes(["CRANE", "cat"], CLASSES, SYNSETS)
    assert found.places == {"cat": 0}
    assert found.unmatched == found.several == ("CRANE",)
    assert found.sentences()[:2] == (
        "1 of 2 class names match the network's. Without a match, and left out: CRANE.",
        "Several of the network's classes fit CRANE: use the WordNet id or the class's number.",
    )


def test_a_class_with_several_names_goes_by_each() -> None:
    classes = ("tench, Tinca tinca", "goldfish, Carassius auratus")
    assert match_classes(["tinca_tinca", "Goldfish"], classes).places == {"tinca_tinca": 0, "Goldfish": 1}
    assert match_classes(["tench, Tinca tinca"], classes).places == {"tench, Tinca tinca": 0}


def test_numbers_are_places() -> None:
    assert match_classes(["0", "02", "8"], CLASSES).places == {"0": 0, "02": 2, "8": 8}
    assert match_classes(["0", "cat"], CLASSES).unmatched == ("0",), "only where all are numbers"
    assert match_classes(["9", "0"], DATASETS["svhn"].classes).places == {"9": 9, "0": 0}
    assert match_classes(["2"], ("2", "1", "0")).places == {"2": 0}, "a name comes first"
    with pytest.raises(BadValueError, match=r"^expected class numbers from 0 to 8, got 9: do yours begin at 1\?$"):
        match_classes(["1", "9"], CLASSES)
    with pytest.raises(BadValueError, match="^expected class numbers from 0 to 8, got 99$"):
        match_classes(["99"], CLASSES)
    assert match_classes(["9" * 5000], CLASSES).unmatched == ("9" * 5000,)


def test_what_it_says() -> None:
    assert match_classes(["a", "b"], ("a", "b")).sentences() == ()
    assert match_classes(["A"], ("a", "b", "c")).sentences() == ("2 of the network's 3 classes have no image: b, c.",)
    assert match_classes(["x", "y"], ("a", "b")).sentences() == (
        "No class name matches the network's, so the labels count as unknown: x, y.",
    )
    assert listed("abcdefg") == "a, b, c, d, e and 2 more"
    assert match_classes([], ("a",)) == Matching((), (), (), ("a",), 1)


def test_the_order_of_names() -> None:
    assert ordered(["b", "10", "a", "9", "b", "09"]) == ["09", "9", "10", "a", "b"]


@pytest.mark.parametrize("name", DATASETS)
@given(change=st.sampled_from([str, str.upper, str.title, lambda s: s.replace(" ", "_"), lambda s: f" {s}."]))
def test_each_class_of_a_data_set_is_found_however_it_is_written(name: str, change: object) -> None:
    classes = DATASETS[name].classes
    found = match_classes([change(one) for one in classes], classes)  # type: ignore[operator]
    assert [place for _, place in found.matched] == list(range(len(classes)))
    assert not found.unmatched
    assert not found.missing
