"""What can be taken away: files that say what the page says, and code that makes it again."""

import runpy
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from apps import CURVES, charts, component, numbers, open_app
from PIL import Image

import gradlab
from gradlab.experiments.explore import explore
from gradlab.figures.pixels import noise_picture, png, signed_picture
from gradlab.report import (
    GRADLAB_BIBTEX,
    PAPER_BIBTEX,
    explore_code,
    gallery_code,
    sweep_code,
    sweep_command,
    walk_code,
)
from gradlab.statistics import mcnemar
from gradlab.steps.perturb import to_eight_bit
from gradlab.types import Exploration, LabelSource, Rule
from gradlab.ui.components import takeaway
from gradlab.ui.jobs.sweep import batch_size

CHOICE = ("cifar10", "alexnet", 0, Rule.SIGN, -8 / 255, LabelSource.parse("target:cat"))


@pytest.fixture
def place() -> int:
    """Of an image that is always at hand."""
    return int(gradlab.load_batch("cifar10", limit=1, source="sample").indices[0])


def ran(script: str, folder: Path) -> dict[str, Any]:
    """What the names of a script stand for when it has run."""
    file = folder / "script.py"
    file.write_text(script, encoding="utf-8")
    return runpy.run_path(str(file))


def labels_of_files(app: object) -> list[str]:
    return [button.label for button in app.get("download_button")]


def test_curves_offer_files_and_code() -> None:
    app = open_app(CURVES, limit="100", rules="sign,raw", labels="target:cat")
    model, batch = gradlab.load_model("alexnet", "cifar10"), gradlab.load_batch("cifar10", limit=100)
    size = batch_size("cifar10", (Rule.SIGN, Rule.RAW), rounded=False)
    result = gradlab.sweep(model, batch, labels="target:cat", batch_size=size)
    assert [block.value for block in app.code] == [sweep_code(result).strip(), sweep_command(result)]
    assert labels_of_files(app) == ["CSV", "HTML report", "JSON", "Result file"]


def test_explore_offers_files_and_code(place: int) -> None:
    app = open_app(labels="target:cat", rule="sign", epsilon="-8/255", image=str(place))
    caption, cited, script = (block.value for block in app.code)
    assert script == explore_code(*CHOICE[:2], place, *CHOICE[3:], "sample").strip()
    assert f"test image {place} of CIFAR-10" in caption
    assert cited == f"{PAPER_BIBTEX}\n{GRADLAB_BIBTEX}".strip()
    assert labels_of_files(app) == [
        "Perturbed image, PNG", "Clean image, PNG", "Noise ×16, PNG", "Signed difference ×16, PNG",
        "Figure, PNG", "Figure, SVG", "Numbers, JSON", "Numbers, CSV",
    ]  # fmt: skip


def test_explore_names_the_gain_and_the_rounding_of_its_pictures(place: int) -> None:
    app = open_app(image=str(place), gain="64", rounded="1")
    assert labels_of_files(app)[2:4] == ["Noise ×64, 8-bit, PNG", "Signed difference ×64, 8-bit, PNG"]


@pytest.fixture(scope="module")
def seen() -> Exploration:
    one = gradlab.load_batch("cifar10", limit=1, source="sample")
    return explore(gradlab.load_model("alexnet", "cifar10"), one, Rule.RAW, 0.3)


def saved(picture: takeaway.Picture) -> np.ndarray:
    """The levels in the file that a button gives, (H, W, C)."""
    return np.asarray(Image.open(BytesIO(png(picture.draw()))))


def test_saved_images_hold_the_levels_of_the_backend(seen: Exploration) -> None:
    for rounded in (False, True):
        perturbed, clean, *_ = takeaway.exploration_pictures(seen, 16, rounded)
        assert saved(perturbed).shape == (32, 32, 3)
        levels = to_eight_bit(torch.from_numpy(seen.perturbed.image)).numpy() * 255
        np.testing.assert_array_equal(saved(perturbed), np.rint(levels).transpose(1, 2, 0))
        np.testing.assert_array_equal(saved(perturbed), np.rint(seen.rounded.image * 255).transpose(1, 2, 0))
        np.testing.assert_array_equal(saved(clean), seen.clean.image.transpose(1, 2, 0) * np.float32(255))
        assert (saved(clean) != saved(perturbed)).any()


@pytest.mark.parametrize("rounded", [False, True])
def test_saved_differences_are_those_of_the_page(seen: Exploration, rounded: bool) -> None:
    delta = (seen.rounded if rounded else seen.perturbed).image - seen.clean.image
    _, _, noise, signed = takeaway.exploration_pictures(seen, 64, rounded)
    np.testing.assert_array_equal(saved(noise), np.asarray(noise_picture(delta, 64, 1)))
    np.testing.assert_array_equal(saved(signed), np.asarray(signed_picture(delta, 64, 1)))
    assert (saved(signed) != saved(takeaway.exploration_pictures(seen, 8, rounded)[3])).any()
    assert (saved(signed) != saved(takeaway.exploration_pictures(seen, 64, not rounded)[3])).any()
    assert [one.name.endswith("-x64-8bit") for one in (noise, signed)] == [rounded] * 2


@pytest.mark.parametrize("rounded", [False, True])
def test_the_figure_for_a_paper_is_of_what_the_page_shows(seen: Exploration, rounded: bool) -> None:
    choice = ("cifar10", "alexnet", 0, Rule.RAW, 0.3, LabelSource.TRUE)
    figure, after = takeaway.exploration_figure(seen, choice, 64, rounded), seen.rounded if rounded else seen.perturbed
    np.testing.assert_array_equal(figure.perturbed, after.image)
    np.testing.assert_array_equal(figure.image, seen.clean.image)
    assert figure.gain == 64
    assert figure.below[2][1] == f"{after.probabilities.max():.1%}"
    assert figure.below[1][1].startswith("ε = +0.3 (")


def test_a_grey_image_stays_grey() -> None:
    one = gradlab.load_batch("fashion_mnist", limit=1, source="sample")
    found = explore(gradlab.load_model("alexnet", "fashion_mnist"), one, Rule.SIGN, -8 / 255)
    shapes = [saved(picture).shape for picture in takeaway.exploration_pictures(found, 16, False)]
    assert shapes == [(28, 28), (28, 28), (28, 28), (28, 28, 3)]


GALLERY, COMPARE = "gradlab/ui/pages/gallery.py", "gradlab/ui/pages/compare.py"


def test_many_images_offer_the_code_of_what_was_chosen() -> None:
    app = open_app(
        GALLERY, model="alexnet", epsilon="-2/255", pool="100", show="flipped", order="flip", classes="cat,ship"
    )
    wanted = gallery_code(
        "cifar10", "alexnet", Rule.SIGN, -2 / 255, LabelSource.TRUE, side=-1, images=100, show="flipped",
        order="flip", classes=["cat", "ship"],
    )  # fmt: skip
    assert [block.value for block in app.code] == [wanted.strip()]


def test_the_code_of_many_images_chooses_those_of_the_page(tmp_path: Path) -> None:
    app = open_app(
        GALLERY, model="alexnet", labels="target:cat", rule="l2", epsilon="0.3", show="flipped", order="after"
    )
    (script,) = (block.value for block in app.code)
    shown = ran(script, tmp_path)["shown"]
    tiles = component(app, "gradlab.tiles")["groups"][0]["tiles"]
    assert [tile["id"] for tile in tiles] == [str(place) for place in shown.indices]
    assert [tile["lines"][1].partition("%")[0] for tile in tiles] == [
        f"{sure:.0%}"[:-1] for sure in shown.tiles.confidence
    ]


def test_one_image_offers_its_code(place: int) -> None:
    app = open_app(GALLERY, gallery="one", model="alexnet", image=str(place), rows="sign,l2", labels="predicted")
    wanted = walk_code("cifar10", "alexnet", place, [Rule.SIGN, Rule.L2], LabelSource.PREDICTED, "sample")
    assert [block.value for block in app.code] == [wanted.strip()]


@pytest.mark.parametrize("kind", ["models", "rules"])
def test_the_code_of_a_comparison_gives_the_tables_of_the_page(kind: str, tmp_path: Path) -> None:
    app = open_app(COMPARE, dataset="svhn", model="alexnet", limit="100", rule="sign", epsilon="-4/255", compare=kind)
    if "solve" in [button.key for button in app.button]:
        app.button(key="solve").click().run()
    (script,) = (block.value for block in app.code)
    found = ran(script, tmp_path)
    image, points = (table.value.iloc[:, 1:] for table in app.table)
    for n, name in enumerate("ab"):
        assert image.iloc[5, n] == f"{found[f'seen_{name}'].perturbed.measures['l2']:.4g}"
        assert points.iloc[2, n] == f"{found[f'right_{name}'].sum()} ({found[f'right_{name}'].mean():.1%})"
    test = mcnemar(found["right_a"], found["right_b"])
    assert points.iloc[3].tolist() == [str(test.only_a), str(test.only_b)]


def test_the_code_of_a_transfer_gives_the_matrix_of_the_page(tmp_path: Path) -> None:
    app = open_app(COMPARE, dataset="svhn", model="alexnet", limit="100", compare="transfer", rule="l2", epsilon="0.5")
    (script,) = (block.value for block in app.code)
    result = ran(script, tmp_path)["result"]
    shown = numbers(charts(app)[0]["data"][0]["z"])
    np.testing.assert_array_equal(shown, np.vstack([result.clean_correct, result.correct]) / result.images)
