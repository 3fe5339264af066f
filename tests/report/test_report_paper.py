"""The tables of the paper as plain values: the numbers of the sweeps, and nothing that JSON cannot say."""

import csv
import io
import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from helpers import curve, result
from scipy.stats import binomtest

from gradlab.report import (
    agreement,
    claims_to_dicts,
    combinations_to_dicts,
    labels_difference,
    labels_paragraph,
    rows_to_csv,
)
from gradlab.statistics import compare, paired_difference_of_counts
from gradlab.types import LabelSource, Rule, SweepResult

# Of four images three are right at first. Sign: all wrong at 0.1, all right at -0.1; raw: two wrong at 0.1.
SIGN = curve(Rule.SIGN, [-0.1, 0.0, 0.1], [[0, 1, 2, 0], [0, 1, 2, 1], [1, 2, 0, 1]])
RAW = curve(Rule.RAW, [-0.1, 0.0, 0.005, 0.1], [[0, 1, 2, 1], [0, 1, 2, 1], [1, 1, 2, 1], [1, 2, 2, 1]])
BASELINE = result(SIGN, RAW)
BARE = result(curve(Rule.L2, [0.1], [[0, 1, 2, 1]]))


def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_the_claims_have_the_numbers_of_the_sweep() -> None:
    """Images 0 and 2 are those to choose on, 1 and 3 those to report on."""
    clean, sign, without, negative = claims_to_dicts(BASELINE)
    assert [row["claim"] for row in (clean, sign, without, negative)] == ["clean", "sign", "plain gradient", "negative"]
    assert [row["claimed"] for row in (clean, sign, without, negative)] == [0.6354, 0.0, 0.2639, 0.0429]
    assert [row["measured"] for row in (clean, sign, without, negative)] == [0.75, 0.0, None, 0.0]
    assert (sign["point"]["rule"], sign["point"]["epsilon"], sign["point"]["psnr"]) == ("sign", 0.1, pytest.approx(20))
    assert [row["point"]["images"] for row in (clean, sign, negative)] == [4, 2, 2]
    assert all(row["fitted"] for row in (clean, sign, without, negative))
    # Without the sign one image of the two to choose on stays right: 26.39 % is not passed.
    assert (without["measured"], without["low"], without["verdict"]) == (None, None, "cannot be told")
    assert (without["unseen"], without["unseen_low"], without["limit"]) == (None, None, 40.0)
    assert without["point"] == dict.fromkeys(sign["point"])
    assert (negative["of"], negative["point"]["epsilon"], negative["point"]["correct"]) == ("error", -0.1, 2)
    end = binomtest(2, 2).proportion_ci(method="wilson")
    assert (negative["low"], negative["high"]) == pytest.approx((0, 1 - end.low))
    assert clean["point"]["psnr"] is None, "infinite"


def test_what_passes_unseen_is_among_the_claims() -> None:
    """Of 0.005 all images have 46 dB; of 0.1, 20 dB, so that none counts as attacked."""
    row = claims_to_dicts(BASELINE, result(RAW))[2]
    assert row["unseen_point"]["epsilon"] == 0.005
    assert row["unseen"] == 0.5, "image 1 stays right, and 3 stays wrong"
    assert claims_to_dicts(BASELINE, result(RAW), limit=50.0)[2]["unseen"] == 0.5
    assert claims_to_dicts(BASELINE, result(RAW), limit=10.0)[2]["unseen_point"]["epsilon"] == 0.005


def test_a_network_is_a_row_with_all_its_points() -> None:
    about = {("tiny", "zoo"): {"trained_on": "9 animals", "fitted": "all of it"}}
    row, bare = combinations_to_dicts([BASELINE, BARE], about, {("tiny", "zoo"): result(RAW)})
    assert (row["model"], row["dataset"], row["images"], row["trained_on"]) == ("tiny", "zoo", 4, "9 animals")
    assert (row["fitted"], row["limit"]) == ("all of it", 40.0)
    epsilons = [row[name]["epsilon"] for name in ("clean", "sign", "raw", "raw_unseen", "negative")]
    assert epsilons == [0.0, 0.1, 0.005, 0.005, -0.1]
    assert [row[name]["accuracy"] for name in ("clean", "sign", "raw", "raw_unseen")] == [0.75, 0, 0.5, 0.5]
    assert bare["sign"].keys() == row["sign"].keys()
    assert set(bare["sign"].values()) == {None}
    assert combinations_to_dicts([BARE])[0]["trained_on"] is None


@pytest.mark.parametrize("rows", [claims_to_dicts(BASELINE), combinations_to_dicts([BASELINE, BARE])])
def test_json_and_csv_hold_the_same(rows: list[dict[str, Any]]) -> None:
    assert json.loads(json.dumps(rows, allow_nan=False)) == rows
    for row, line in zip(rows, table(rows_to_csv(rows)), strict=True):
        for name, value in row.items():
            inner = {f"{name}_{key}": v for key, v in value.items()} if isinstance(value, dict) else {name: value}
            for column, content in inner.items():
                assert line[column] == ("" if content is None else str(content))


def test_no_rows_are_an_empty_table() -> None:
    assert rows_to_csv([]).strip() == ""


def test_two_baselines_are_compared_where_both_have_the_image_and_the_epsilon() -> None:
    assert agreement(BASELINE, BASELINE) == (32, 32)
    shuffled = replace(
        result(curve(Rule.SIGN, [-0.3, 0.1], [[2, 2, 2], [2, 0, 1]]), labels=(1, 2, 0)),
        indices=np.array([1, 2, 9]), clean_predictions=np.array([1, 1, 0]),
    )  # fmt: skip
    # Images 1 and 2, clean (1, 2 against 1, 1) and at sign 0.1 (2, 0 against 2, 0).
    assert agreement(BASELINE, shuffled) == (3, 4)


def untold(*predictions: list[int]) -> SweepResult:
    curves = [curve(rule, [-0.1, 0.0], [said, [0, 1, 2, 1]]) for rule, said in zip(Rule, predictions, strict=False)]
    return replace(result(*curves), label_source=LabelSource.PREDICTED)


def test_the_paragraph_on_labels_is_made_of_the_numbers() -> None:
    """Of images 1 and 3, the second is wrong at first; chosen is on images 0 and 2."""
    text = labels_paragraph(BASELINE, untold([0, 1, 2, 1], [0, 0, 2, 1]))
    assert "all counts are of the other, 2." in text
    assert "at best (sign, ε = −25.5/255) it puts 1 of the 1 wrong images right and 0 of the 1 right" in text
    assert "0 of the wrong ones are still wrong. So 0 of 2 (0.00%) are wrong after it, and 1 (50.00%) were" in text
    assert text.endswith("no ε that was measured leaves fewer images wrong.")
    text = labels_paragraph(BASELINE, untold([0, 1, 2, 1], [0, 1, 2, 0]))
    assert "at best (plain gradient, ε = −0.1) it puts 1 of the 1 wrong images right" in text
    assert labels_paragraph(BARE, BARE) == ""


def test_true_and_predicted_labels_are_compared_image_by_image() -> None:
    # Of images 1 and 3: true labels, best at `sign` −0.1, both right. Predicted ones: one.
    said = labels_difference(BASELINE, untold([0, 1, 2, 1], [0, 1, 2, 1]))
    words = compare(paired_difference_of_counts(1, 0, 2)).words("true labels", "predicted labels")
    assert said == f"On the same images, each at the ε that was best for the other half of them: {words}."
    assert labels_difference(BARE, BARE) == ""
    other = replace(untold([0, 1, 2, 1], [0, 0, 2, 1]), indices=np.arange(4) + 1)
    assert labels_difference(BASELINE, other) == ""
