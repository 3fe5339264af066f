"""What can be taken away: files that say what the page says, and code that makes it again."""

import json
from io import BytesIO

import numpy as np
import pytest
from apps import CURVES, open_app
from PIL import Image

import gradlab
from gradlab.explore import explore
from gradlab.report import explore_code, sweep_code, sweep_command
from gradlab.types import LabelSource, Rule
from gradlab.ui import cached
from gradlab.ui.components import takeaway

CHOICE = ("cifar10", "alexnet", 0, Rule.SIGN, -8 / 255, LabelSource.parse("target:cat"))


@pytest.fixture
def place() -> int:
    """Of an image that is always at hand."""
    return int(gradlab.load_batch("cifar10", limit=1, source="sample").indices[0])


def labels_of_files(app: object) -> list[str]:
    return [button.label for button in app.get("download_button")]


def test_curves_offer_files_and_code() -> None:
    app = open_app(CURVES, limit="100", rules="sign,raw", labels="target:cat")
    model, batch = gradlab.load_model("alexnet", "cifar10"), gradlab.load_batch("cifar10", limit=100)
    size = cached.batch_size((Rule.SIGN, Rule.RAW), rounded=False)
    result = gradlab.sweep(model, batch, labels="target:cat", batch_size=size)
    assert [block.value for block in app.code] == [sweep_code(result).strip(), sweep_command(result)]
    assert labels_of_files(app) == ["CSV", "HTML report", "JSON", "Result file"]


def test_explore_offers_files_and_code(place: int) -> None:
    app = open_app(labels="target:cat", rule="sign", epsilon="-8/255", image=str(place))
    assert [block.value for block in app.code] == [explore_code(*CHOICE[:2], place, *CHOICE[3:]).strip()]
    assert labels_of_files(app) == ["Perturbed image, PNG", "Numbers, JSON"]


def test_the_numbers_of_one_image(place: int) -> None:
    one = gradlab.load_batch("cifar10", indices=[place], source="sample")
    choice = (*CHOICE[:2], place, *CHOICE[3:])
    seen = explore(gradlab.load_model("alexnet", "cifar10"), one, Rule.SIGN, -8 / 255, labels="target:cat")
    found = json.loads(takeaway._json(takeaway.exploration_to_dict(seen, choice)))
    assert (found["image"], found["labels"], found["used"]) == (place, "target:cat", "cat")
    assert found["true"] == one.classes[int(one.labels)]
    assert found["epsilon"] == -8 / 255
    assert found["clean"]["psnr"] is None, "JSON has no infinity"
    assert found["perturbed"]["l2"] == seen.perturbed.measures["l2"]
    assert found["rounded"]["prediction"] == one.classes[seen.rounded.prediction]
    assert list(found["perturbed"]["probabilities"].values()) == seen.perturbed.probabilities.astype(float).tolist()


def test_the_picture_of_one_image_is_what_rounding_leaves_of_it() -> None:
    one = gradlab.load_batch("cifar10", limit=1, source="sample")
    seen = explore(gradlab.load_model("alexnet", "cifar10"), one, Rule.RAW, 0.3)
    picture = np.asarray(Image.open(BytesIO(takeaway._png(seen))))
    assert picture.shape == (32, 32, 3)
    np.testing.assert_array_equal(picture, np.rint(seen.rounded.image * 255).transpose(1, 2, 0))
