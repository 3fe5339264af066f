"""Scripts over somebody's own images: run beside the folder, they give the same numbers again."""

import ast
import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from helpers import printed
from PIL import Image

import gradlab
from gradlab.images.fitting import Target
from gradlab.images.folder import image_set_from
from gradlab.images.registry import PictureFile, forget, registered
from gradlab.report import sweep_to_csv, sweep_to_dict, sweep_to_html, transfer_to_csv
from gradlab.report.scripts import explore_code, gallery_code, sweep_code, sweep_command, transfer_code, walk_code
from gradlab.types import SweepResult

NAME = 'my "holiday"'
WAYS: dict[str, Any] = {"rules": ("sign",), "epsilons": [-0.01, 0.02], "precision": "float32"}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    chance = np.random.default_rng(0)
    for k in range(15):
        place = tmp_path / NAME / ("cats", "Frog", "unicorn")[k % 3] / f"{k}.png"
        place.parent.mkdir(parents=True, exist_ok=True)
        file = io.BytesIO()
        Image.fromarray(chance.integers(0, 256, (40, 36, 3), np.uint8)).save(file, "PNG")
        place.write_bytes(file.getvalue())
    monkeypatch.chdir(tmp_path)
    return tmp_path


def swept(**draw: Any) -> SweepResult:
    return gradlab.sweep(gradlab.load_model("alexnet", "holiday", "cpu"), gradlab.load_batch("holiday", **draw), **WAYS)


@pytest.mark.parametrize("draw", [{"limit": None}, {"limit": 4, "seed": 3}, {"indices": [7, 2]}])
def test_a_sweep_over_a_folder(folder: Path, draw: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    with registered(image_set_from(NAME, "holiday", Target.of("cifar10"))) as images:
        result = swept(**draw)
        script = sweep_code(result)
        assert result.images_sha256 == images.sha256 == sweep_to_dict(result)["images_sha256"]
        assert images.sha256 in sweep_to_html(result, "")
        assert (command := sweep_command(result)) is None or f"--images 'holiday={NAME}'" in command
    assert images.sha256 in script, "what it was measured on is named, and can be compared"
    assert sweep_to_csv(result).replace("holiday", "") in printed(script, folder, capsys).replace(
        f"own-{images.sha256[:8]}", ""
    )


def test_other_scripts_over_a_folder(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with registered(image_set_from(NAME, "holiday", Target.of("cifar10", channels=3, size=32))):
        models = {name: gradlab.load_model(name, "holiday", "cpu") for name in ("alexnet", "resnet9")}
        result = gradlab.transfer(models, gradlab.load_batch("holiday", limit=4), "sign", 0.03)
        scripts = [
            explore_code("holiday", "alexnet", 4, "sign", 8 / 255, "true", "memory"),
            walk_code("holiday", "alexnet", 4, ["sign"], "true", "memory"),
            gallery_code("holiday", "alexnet", "sign", 8 / 255, "true", side=1, images=6),
            transfer_code(result),
        ]
    said = [printed(script, folder, capsys) for script in scripts]
    assert "true class frog" in said[0]
    assert "6 of 6 images" in said[2]
    assert [row.split(",")[4:] for row in transfer_to_csv(result).splitlines()] == [
        row.split(",")[4:] for row in said[3].splitlines() if row
    ]


def test_classes_of_ones_own_are_named(folder: Path) -> None:
    with registered(gradlab.load_folder(NAME, size=16, channels=1)) as images:
        line = explore_code(images.key, "mine", 0, "sign", 0.1, "true")
    assert 'load_folder("my \\"holiday\\"", classes=["Frog", "cats", "unicorn"], size=16, channels=1)' in line


def test_pictures_one_by_one_are_named_with_their_squares(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = {folder / NAME / "cats" / "0.png": (3, 2, 30), folder / NAME / "Frog" / "1.png": None}
    with registered(replace(gradlab.load_pictures(files, classes="cifar10"), key="two")) as images:
        batch, model = gradlab.load_batch("two", indices=[1]), gradlab.load_model("alexnet", "two", "cpu")
        seen = gradlab.explore(model, batch, "random", 8 / 255, labels="predicted")
        script = explore_code("two", "alexnet", 1, "random", 8 / 255, "predicted", "memory")
        result = gradlab.sweep(model, gradlab.load_batch("two", limit=None), labels="predicted", **WAYS)
        assert sweep_command(result) is None, "no option of the shell names a square"
        assert "on your pictures, measured" in sweep_code(result)
    for one in images.pictures:
        assert f'"{one.name}": {one.square},  # SHA-256 {one.sha256}' in script
    for path in files:
        (folder / path.name).write_bytes(path.read_bytes())
    said = printed(script, folder, capsys)
    assert "true class" not in said
    assert f"clean {batch.classes[seen.clean.prediction]} {seen.clean.probabilities.max()!s}" in said
    assert f"perturbed {batch.classes[seen.perturbed.prediction]} {seen.perturbed.probabilities.max()!s}" in said


@pytest.mark.parametrize("name", ['a"b.png', "a\\b", "ü —.png", "#.png"])
def test_no_name_of_a_picture_becomes_code(name: str) -> None:
    images = gradlab.bring([], {"brought": torch.rand(1, 3, 32, 32)})[0]
    forget("brought")
    with registered(replace(images, sha256="1", pictures=(PictureFile(name, "2", (0, 0, 9)),))):
        script = explore_code("brought", "alexnet", 0, "sign", 0.1, "predicted")
    (mapping,) = (node.value for node in ast.parse(script).body if isinstance(node, ast.Assign) and "pictures" in
                  ast.unparse(node.targets[0]))  # fmt: skip
    assert ast.literal_eval(mapping) == {name: (0, 0, 9)}
