"""Scripts over somebody's own images: run beside the folder, they give the same numbers again."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers import printed
from PIL import Image

import gradlab
from gradlab.images.fitting import Target
from gradlab.images.folder import image_set_from
from gradlab.images.registry import registered
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
