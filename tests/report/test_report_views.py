"""The numbers behind each view of a sweep, as CSV."""

import csv
import io
from dataclasses import replace

import numpy as np
import pytest
from helpers import curve, result

from gradlab.report import areas_to_csv, changes_to_rows, classes_to_csv, confusion_to_csv, flips_to_csv, gallery_to_csv
from gradlab.types import Changes, Gallery, LabelSource, Provenance, Rule, Tiles

KNOWN = replace(
    result(curve(Rule.SIGN, [-0.1, 0.0, 0.1], [[0, 1, 2, 0], [0, 1, 2, 1], [1, 2, 0, 1]])),
    labels=np.array([0, 1, 2, 0]), clean_predictions=np.array([0, 1, 2, 1]), indices=np.array([7, 3, 9, 1]),
)  # fmt: skip


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_classes() -> None:
    found = rows(classes_to_csv(KNOWN, KNOWN.curves[0]))
    count = len(KNOWN.classes)
    assert len(found) == 3 * count, "three epsilons, 0 once"
    first = {(row["epsilon"], row["class"]): (row["images"], row["accuracy"]) for row in found}
    zero = KNOWN.classes[0]
    assert first["0.0", zero] == ("2", "0.5")
    assert first["-0.1", zero] == ("2", "1.0")
    assert first["0.1", zero] == ("2", "0.0")
    if count > 3:
        assert first["0.1", KNOWN.classes[3]] == ("0", "")


def test_classes_of_several_rules_follow_each_other() -> None:
    other = replace(KNOWN.curves[0], rule=Rule.L2)
    found = rows(classes_to_csv(KNOWN, KNOWN.curves[0], other))
    alone = rows(classes_to_csv(KNOWN, KNOWN.curves[0]))
    assert found[: len(alone)] == alone
    assert [row | {"rule": "sign", "unit": "pixel"} for row in found[len(alone) :]] == alone
    assert {row["unit"] for row in found[len(alone) :]} == {"l2"}


@pytest.mark.parametrize("after", [True, False])
@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize("made", [True, False])
def test_a_gallery_is_told_image_by_image_and_what_it_lacks_has_no_column(
    after: bool, before: bool, made: bool
) -> None:
    tiles = Tiles(np.zeros((2, 1, 1, 1), np.uint8), np.array([1, 1]), np.array([0.5, 0.25], np.float32))
    gallery = Gallery(
        indices=np.array([7, 3]), labels=np.array([0, 1]), clean_predictions=np.array([0, 1]),
        predictions=np.array([1, 1]) if after else None, flips=np.array([0.1, np.nan]),
        clean_confidence=np.array([0.75, 0.5], np.float32) if before else None, tiles=tiles if made else None,
    )  # fmt: skip
    first, second = rows(gallery_to_csv(gallery, KNOWN.classes, Rule.SIGN, 0.2))
    zero, one = KNOWN.classes[:2]
    wanted = {"rule": "sign", "unit": "pixel", "epsilon": "0.2", "image": "7", "class": zero, "before": zero}
    wanted |= {"after": one} if after else {}
    wanted |= {"first_flip": "0.1"}
    wanted |= {"sure_before": "0.75"} if before else {}
    wanted |= {"sure_after": "0.5"} if made else {}
    assert list(first.items()) == list(wanted.items())
    assert (second["image"], second["first_flip"]) == ("3", ""), "which never flips"


def test_a_gallery_says_in_its_last_columns_where_it_comes_from() -> None:
    origin = Provenance("zoo", "test", "memory", "56", "tiny", "12", LabelSource.TRUE, 0, "CPU", "gradlab 1")
    gallery = Gallery(np.arange(2), np.arange(2), np.arange(2), np.arange(2), np.ones(2), provenance=origin)
    wanted = {"dataset": "zoo", "split": "test", "model": "tiny", "weights_sha256": "12", "images_sha256": "56"}
    for row in rows(gallery_to_csv(gallery, KNOWN.classes, Rule.SIGN, 0.2)):
        assert list(row.items())[-5:] == list(wanted.items())


def test_confusion_counts_what_moved() -> None:
    found = rows(confusion_to_csv(KNOWN, KNOWN.curves[0], 2))
    pairs = {(row["before"], row["after"]): int(row["images"]) for row in found}
    names = KNOWN.classes
    assert pairs == {
        (names[0], names[1]): 1, (names[1], names[2]): 1, (names[2], names[0]): 1, (names[1], names[1]): 1,
    }  # fmt: skip
    assert {row["epsilon"] for row in found} == {"0.1"}


def test_flips_are_image_by_image() -> None:
    found = rows(flips_to_csv(KNOWN))
    assert [(row["image"], row["climbing"], row["descending"]) for row in found] == [
        ("7", "0.1", ""), ("3", "0.1", ""), ("9", "0.1", ""), ("1", "", "-0.1"),
    ]  # fmt: skip


def test_areas() -> None:
    (found,) = rows(areas_to_csv(KNOWN))
    assert float(found["climbing"]) == pytest.approx((0.75 + 0.0) / 2)
    assert float(found["descending"]) == pytest.approx((0.75 + 1.0) / 2)


def test_changes() -> None:
    """Twenty images: the 5th percentile is the first, the 95th the nineteenth; what is infinite is empty."""
    l2 = np.arange(20, dtype=np.float32)
    psnr = np.where(l2 < 15, l2, np.inf).astype(np.float32)
    found = changes_to_rows(Changes({"l2": l2, "psnr": psnr}, {"l2": l2 * 2, "psnr": psnr}), Rule.RAW, -0.5)
    about = {"rule": "raw", "unit": "gradient", "epsilon": -0.5, "images": 20}
    assert found[0] == about | {"form": "computed", "measure": "l2", "p5": 0, "median": 9, "p95": 18}
    assert found[1] == about | {"form": "computed", "measure": "psnr", "p5": 0, "median": 9, "p95": None}
    assert found[2] == about | {"form": "8-bit", "measure": "l2", "p5": 0, "median": 18, "p95": 36}
    assert len(found) == 4


def test_changes_after_rounding_are_empty_at_half_a_level() -> None:
    l2 = np.arange(20, dtype=np.float32)
    found = changes_to_rows(Changes({"l2": l2}, {"l2": l2}), Rule.SIGN, -1.5 / 255)
    assert [row["median"] for row in found] == [9, None]
    assert [row["median"] for row in changes_to_rows(Changes({"l2": l2}, {"l2": l2}), Rule.SIGN, -1 / 255)] == [9, 9]
