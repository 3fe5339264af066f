"""`gradlab sweep --images NAME=FOLDER` over a folder alone: its classes find a network by themselves."""

import json
from pathlib import Path

import numpy as np
from calling import Call
from PIL import Image


def pictures(folder: Path, *classes: str) -> Path:
    """Three pictures of each class."""
    chance = np.random.default_rng(0)
    for name in classes:
        (folder / name).mkdir(parents=True)
        for k in range(3):
            Image.fromarray(chance.integers(0, 256, (40, 40, 3), np.uint8)).save(folder / name / f"{k}.png")
    return folder


def test_a_folder_of_known_classes(call: Call, tmp_path: Path) -> None:
    pictures(tmp_path / "pets", "Cats", "dog", "unicorn")
    done = call("sweep", "--images", f"pets={tmp_path / 'pets'}", "--rules", "sign", "--epsilons=0.01", "--json", "-")
    assert done.code == 0, done
    found = json.loads(done.out)
    assert (found["dataset"], found["model"], found["images"]) == ("pets", "alexnet", 6), "all, without a --limit"
    assert len(found["images_sha256"]) == 64
    assert "pets: 2 of 3 class names match the network's. Without a match, and left out: unicorn." in done.err


def test_a_folder_whose_classes_no_network_knows(call: Call, tmp_path: Path) -> None:
    done = call("sweep", "--images", f"pets={pictures(tmp_path / 'pets', 'unicorn', 'dragon')}")
    assert (done.code, done.out) == (2, "")
    assert "expected a network that tells its classes apart (dragon, unicorn, …), got none" in done.err
    assert "got none: no class name matches those of a known data set\n" in done.err


def test_a_folder_of_which_too_few_classes_are_known(call: Call, tmp_path: Path) -> None:
    done = call("sweep", "--images", f"pets={pictures(tmp_path / 'pets', 'unicorn', 'dragon', 'frog', 'ship')}")
    assert (done.code, done.out) == (2, "")
    assert "2 of 4 class names match those of CIFAR-10, the nearest, and more than half have to\n" in done.err
