"""The commands over the photographs with nothing else said: six of them, whose labels nobody knows."""

import json
from typing import Any

import pytest
from calling import Call
from PIL import Image

PHOTOS = ("--dataset", "photos")


def content(call: Call, *arguments: str) -> dict[str, Any]:
    done = call(*arguments, *PHOTOS, "--json", "-")
    assert done.code == 0, done
    found: dict[str, Any] = json.loads(done.out)
    return found


def test_a_sweep_is_of_all_six_and_of_what_the_network_predicts(call: Call) -> None:
    found = content(call, "sweep", "--rules", "sign", "--epsilons=8/255")
    assert (found["images"], found["model"], found["labels"]) == (6, "efficientnet_lite0", "predicted")
    assert (found["labelled"], found["clean_accuracy"]) == (False, None)


def test_a_transfer_too(call: Call) -> None:
    found = content(call, "transfer")
    assert (found["images"], found["models"], found["labels"]) == (6, ["efficientnet_lite0"], "predicted")


def test_one_of_them_is_looked_at_and_perturbed(call: Call) -> None:
    seen = content(call, "explore")
    assert (seen["labels"], seen["true"]) == ("predicted", "unknown")
    assert seen["used"] == seen["forms"][0]["prediction"]
    assert call("perturb", *PHOTOS, "--index", "0", "--out", "out.png").code == 0
    with Image.open("out.png") as picture:
        assert picture.size == (224, 224)


@pytest.mark.parametrize("command", ["sweep", "transfer", "explore"])
def test_true_labels_that_nobody_knows_are_one_line(call: Call, command: str) -> None:
    done = call(command, *PHOTOS, "--labels", "true")
    assert (done.code, done.out) == (2, "")
    assert done.err.count("\n") == 1, done.err
    assert "predicted" in done.err


@pytest.mark.parametrize("command", ["sweep", "transfer"])
def test_more_than_six_are_one_line(call: Call, command: str) -> None:
    done = call(command, *PHOTOS, "--limit", "512")
    assert (done.code, done.out) == (2, "")
    assert "limit: expected at most 6, all images of the photos split, got 512" in done.err
