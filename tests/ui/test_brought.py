"""Scripts and commands name what they need of what somebody brought, and a link says which weights it was made with."""

import hashlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st
import torch
from apps import link, notices, open_app
from helpers import printed
from PIL import Image
from toys import toys

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "networks"))
from folders import CLASSES, config, folder, weights

import gradlab
from gradlab.errors import BadValueError
from gradlab.images.registry import known_image_set
from gradlab.networks import known_cards
from gradlab.networks.guests import known_guests
from gradlab.networks.own import OwnNetworks
from gradlab.report.scripts import sweep_code, sweep_command
from gradlab.ui.components.brought import with_folders, with_guests

SHA256 = hashlib.sha256(weights()).hexdigest()


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    st.cache_resource.clear()
    yield
    st.cache_resource.clear()


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A network and images in folders, in the folder that one works in."""
    folder(tmp_path / "mine")
    for n, name in enumerate(CLASSES):
        (tmp_path / "holiday" / name).mkdir(parents=True)
        for k in range(2):
            Image.new("RGB", (40, 40), (60 * n, 90, 100 * k)).save(tmp_path / "holiday" / name / f"{k}.png")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_script_names_the_folders_and_runs(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with known_guests([gradlab.load_network("mine")], {"holiday": gradlab.load_folder("holiday", 32)}):
        result = gradlab.sweep(gradlab.load_model("mine", "holiday", "cpu"), gradlab.load_batch("holiday", limit=6))
        script = with_guests(sweep_code(result))
        command = with_folders(str(sweep_command(result)), script)
    assert (
        'gradlab.load_network("mine", "mine"),  # a folder: config.json, and model.safetensors with the sha256 '
        f"{SHA256}" in script
    )
    assert 'images = gradlab.load_folder("holiday"' in script
    assert str(command).endswith(" --network mine=mine")
    assert " --images holiday=holiday " in str(command)
    try:
        assert f"clean accuracy {result.clean_accuracy}" in printed(script, here, capsys)
    finally:
        from gradlab.images.registry import forget as forget_images
        from gradlab.networks.registry import forget

        space = gradlab.load_network("mine").card.dataset
        forget("mine", space)
        forget_images(space)


def test_what_is_shipped_needs_nothing() -> None:
    script = 'import gradlab\nmodel = gradlab.load_model("alexnet", "cifar10")\nbatch = gradlab.load_batch("cifar10")\n'
    assert with_guests(script) == script
    assert with_folders("gradlab sweep", script) == "gradlab sweep"


def test_a_network_from_python_is_left_to_fill_in() -> None:
    with toys():
        script = with_guests('import gradlab\nmodel = gradlab.load_model("tiny", "toy")\n')
        assert '...,  # your own gradlab.Network(..., name="tiny")' in script
        assert with_folders("gradlab sweep", 'gradlab.load_model("tiny", "toy")') is None


def test_a_visitors_script_has_the_key_of_its_classes() -> None:
    own = OwnNetworks()
    card = own.add(json.dumps(config()).encode(), weights())
    try:
        script = f'import gradlab\nmodel = gradlab.load_model("{card.name}", "{card.dataset}")\n'
        assert card.dataset not in with_guests(script)
        assert gradlab.Network(torch.nn.Identity(), CLASSES).card.dataset in with_guests(script)
        assert SHA256 in with_guests(script)
    finally:
        own.forget()


def test_what_is_brought_is_forgotten_where_anything_of_it_makes_no_sense(here: Path) -> None:
    before = known_cards()
    network = gradlab.load_network("mine")
    for networks, images, word in [
        ([network, network], {}, "which is taken"),
        ([network, "alexnet"], {}, "expected gradlab.Network"),
        ([network], {"a/b": torch.rand(2, 3, 32, 32)}, "at most 64 letters"),
        ([network], {"cifar10": torch.rand(2, 3, 32, 32)}, "which is taken"),
        ([], {"holiday": gradlab.load_folder("holiday", 32)}, "expected a network that tells its classes apart"),
        ([], {"holiday": torch.rand(2, 3, 48, 48)}, "expected a network for such images"),
    ]:
        with pytest.raises(BadValueError, match=word):
            gradlab.bring(networks, images)
        assert known_cards() == before
        assert known_image_set(network.card.dataset) is None


def test_images_come_for_each_class_space(here: Path) -> None:
    other = gradlab.Network(lambda x: x.mean((2, 3)), ("blue", "green", "red"), 20, name="other")
    with known_guests([gradlab.load_network("mine"), other], {"holiday": gradlab.load_folder("holiday", 32)}) as sets:
        shapes = {known.key: (known.shape, known.classes, known.listed) for known in sets}
        assert shapes["holiday"] == ((3, 32, 32), CLASSES, True)
        assert shapes["holiday-2"] == ((3, 20, 20), ("blue", "green", "red"), True)
        first, second = gradlab.load_batch("holiday", limit=None), gradlab.load_batch("holiday-2", limit=None)
        names = [[batch.classes[label] for label in batch.labels] for batch in (first, second)]
        assert names[0] == names[1], "labels are matched by name"
        assert [listed for *_, listed in shapes.values()].count(False) == 2, "photographs under the spaces' own keys"
    with known_guests([other], {}) as (photographs,):
        assert photographs.listed
        assert (photographs.shape, photographs.labelled) == ((3, 20, 20), False)
    with known_guests([], {"squares": torch.rand(2, 3, 32, 32)}) as (squares,):
        assert squares.space == "cifar10", "images that cifar10's networks take"


def test_a_link_says_which_weights_it_was_made_with() -> None:
    with toys():
        app = open_app(dataset="toy", model="tiny")
        assert link(app)["weights"] == gradlab.load_model("tiny", "toy", "cpu").card.sha256[:12]
        assert notices(app) == ""
        other = open_app(dataset="toy", model="tiny", weights="0123456789ab")
        assert "made with other weights than tiny has here" in notices(other)
    assert "weights" not in link(open_app(dataset="cifar10"))


def test_a_link_says_which_files_its_images_were_read_from(here: Path) -> None:
    with known_guests([gradlab.load_network("mine")], {"holiday": gradlab.load_folder("holiday", 32)}) as (images, *_):
        app = open_app(dataset="holiday", model="mine")
        assert link(app)["files"] == images.sha256[:12]
        assert notices(app) == ""
        other = open_app(dataset="holiday", model="mine", files="0123456789ab")
        assert "made with other images than holiday has here" in notices(other)
    assert "files" not in link(open_app(dataset="cifar10"))
