"""`gradlab perturb`: what it writes is the perturbed image."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from calling import Call
from PIL import Image

from gradlab.images.load import load_batch
from gradlab.networks import load_model
from gradlab.steps.perturb import perturb, to_eight_bit


@pytest.mark.parametrize("epsilon", ["8/255", "-3/255", "0.0213"])
def test_perturb_writes_the_perturbed_image(call: Call, folder: Path, epsilon: str) -> None:
    place = int(load_batch("cifar10", limit=2_000, source="sample").indices[7])
    options = ("--index", str(place), "--epsilon", epsilon, "--device", "cpu")
    done = call("perturb", *options, "--out", "x.png", "--json", "-")
    assert (done.code, done.err) == (0, "")
    batch, model = load_batch("cifar10", indices=[place], source="sample"), load_model("alexnet", "cifar10", "cpu")
    step = {"8/255": 8 / 255, "-3/255": -3 / 255, "0.0213": 0.0213}[epsilon]
    expected = to_eight_bit(perturb(model, batch.images, batch.labels, epsilon=step, rule="sign"))
    with Image.open(folder / "x.png") as picture:
        assert picture.format == "PNG"
        written = torch.from_numpy(np.array(picture)).permute(2, 0, 1)
    assert torch.equal(written, (expected[0] * 255).round().to(torch.uint8))
    content = json.loads(done.out)
    assert (content["index"], content["label"]) == (place, batch.classes[int(batch.labels)])
    assert (content["epsilon"], content["rule"]) == (step, "sign")
    clean, perturbed, rounded = content["forms"]
    assert (clean["l2"], clean["psnr"]) == (0, None)
    assert perturbed["linf"] == pytest.approx(abs(step), rel=1e-4)
    assert rounded["linf"] * 255 == pytest.approx(round(abs(step) * 255), abs=1e-3)
    with torch.inference_mode():
        assert rounded["prediction"] == batch.classes[int(model(expected).argmax())]


def test_perturb_needs_no_place_and_no_store(call: Call, folder: Path) -> None:
    done = call("perturb", "--rule", "random", "--seed", "3", "--out", "x.PNG")
    place = int(load_batch("cifar10", limit=1, seed=3, source="sample").indices[0])
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith(f"alexnet on image {place} of cifar10/test (sample): ")
    assert len(done.out.splitlines()) == 5
    assert (folder / "x.PNG").is_file()
