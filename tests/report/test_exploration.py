"""One image under one step, as JSON and CSV: what the network says of each form, with where it comes from."""

import csv
import io
import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from helpers import CLASSES

import gradlab
from gradlab.networks import find_card
from gradlab.report import exploration_to_csv, exploration_to_dict
from gradlab.types import Exploration, LabelSource, Provenance, Rule, View

ORIGIN = Provenance("zoo", "test", "memory", "5678", "tiny", "1234", LabelSource.PREDICTED, 3, "CPU", "gradlab 1", 7)


def view(*shares: float, **measures: float) -> View:
    return View(np.zeros((1, 2, 2), np.float32), np.array(shares, np.float32), measures, 0.25)


SEEN = Exploration(
    -1, 1, 0.5, 2.0, view(0.25, 0.5, 0.25, l2=0.0, psnr=np.inf), view(0.75, 0.125, 0.125, l2=1.5, psnr=float("nan")),
    view(0.5, 0.25, 0.25, l2=1.25, psnr=30.0), ORIGIN,
)  # fmt: skip


def test_as_json_it_says_all_and_where_it_comes_from() -> None:
    found = exploration_to_dict(SEEN, CLASSES, Rule.L2, -0.5)
    version = found.pop("gradlab")
    assert version
    forms = found.pop("forms")
    assert found == {
        "dataset": "zoo", "split": "test", "source": "memory", "index": 7, "images_sha256": "5678", "model": "tiny",
        "weights_sha256": "1234", "labels": "predicted", "seed": 3, "device": "CPU", "software": "gradlab 1",
        "rule": "l2", "unit": "l2", "epsilon": -0.5, "true": "unknown", "used": "bee", "loss": 0.5, "gradient_l2": 2.0,
    }  # fmt: skip
    assert [form["form"] for form in forms] == ["clean", "perturbed", "as saved (8 bit)"]
    assert forms[0] == {
        "form": "clean", "prediction": "bee", "probability": 0.5, "l2": 0.0, "psnr": None, "changed": 0.25,
        "probabilities": {"bee": 0.5, "ant": 0.25, "cow": 0.25},
    }  # fmt: skip
    assert list(forms[0]["probabilities"]) == ["bee", "ant", "cow"], "the largest first, then in their order"
    assert forms[1]["psnr"] is None
    assert forms[2]["psnr"] == 30.0


def test_the_most_probable_are_enough() -> None:
    forms = exploration_to_dict(SEEN, CLASSES, Rule.L2, -0.5, top=1)["forms"]
    assert [form["probabilities"] for form in forms] == [{"bee": 0.5}, {"ant": 0.75}, {"ant": 0.5}]


def test_as_csv_it_is_a_row_a_form() -> None:
    clean, perturbed, rounded = csv.DictReader(io.StringIO(exploration_to_csv(SEEN, CLASSES, Rule.L2, -0.5, top=2)))
    assert clean == {
        "rule": "l2", "unit": "l2", "epsilon": "-0.5", "true": "unknown", "used": "bee", "loss": "0.5",
        "gradient_l2": "2.0", "form": "clean", "prediction": "bee", "probability": "0.5", "l2": "0.0", "psnr": "",
        "changed": "0.25", "class_1": "bee", "probability_1": "0.5", "class_2": "ant", "probability_2": "0.25",
        "dataset": "zoo", "split": "test", "image": "7", "model": "tiny", "weights_sha256": "1234",
        "images_sha256": "5678",
    }  # fmt: skip
    assert (perturbed["form"], perturbed["prediction"], perturbed["psnr"]) == ("perturbed", "ant", "")
    assert (rounded["form"], rounded["l2"], rounded["psnr"]) == ("as saved (8 bit)", "1.25", "30.0")


def test_what_nobody_knows_is_not_said() -> None:
    made = replace(SEEN, provenance=None)
    known: dict[str, Any] = exploration_to_dict(made, CLASSES, Rule.SIGN, 0.0)
    assert list(known) == ["gradlab", "rule", "unit", "epsilon", "true", "used", "loss", "gradient_l2", "forms"]
    assert "sha256" not in exploration_to_csv(made, CLASSES, Rule.SIGN, 0.0)
    shipped = replace(SEEN, provenance=replace(ORIGIN, images_sha256=""))
    assert "images_sha256" not in exploration_to_dict(shipped, CLASSES, Rule.SIGN, 0.0)
    assert "images_sha256" not in exploration_to_csv(shipped, CLASSES, Rule.SIGN, 0.0)


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_no_file_says_nan_or_inf(bad: float) -> None:
    odd = replace(SEEN, loss=bad, gradient_l2=bad, clean=view(0.5, 0.5, 0.0, l2=bad, psnr=-bad))
    json.dumps(exploration_to_dict(odd, CLASSES, Rule.SIGN, 0.1), allow_nan=False)
    table = exploration_to_csv(odd, CLASSES, Rule.SIGN, 0.1)
    assert "nan" not in table
    assert "inf" not in table


def test_what_explore_gives_is_written_as_it_is() -> None:
    one = gradlab.load_batch("cifar10", limit=1, seed=2, source="sample")
    model = gradlab.load_model("alexnet", "cifar10", "cpu")
    seen = gradlab.explore(model, one, Rule.SIGN, -8 / 255, labels="target:cat")
    found = json.loads(json.dumps(exploration_to_dict(seen, one.classes, Rule.SIGN, -8 / 255), allow_nan=False))
    assert (found["index"], found["labels"], found["used"]) == (int(one.indices), "target:cat", "cat")
    assert (found["model"], found["weights_sha256"]) == ("alexnet", find_card("alexnet", "cifar10").sha256)
    assert found["true"] == one.classes[int(one.labels)]
    clean, perturbed, rounded = found["forms"]
    assert clean["psnr"] is None, "JSON has no infinity"
    assert perturbed["l2"] == seen.perturbed.measures["l2"]
    assert rounded["prediction"] == one.classes[seen.rounded.prediction]
    shares = [perturbed["probabilities"][name] for name in one.classes]
    assert shares == seen.perturbed.probabilities.astype(float).tolist()
