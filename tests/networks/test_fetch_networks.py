"""Networks of torchvision's are fetched whole or not at all, from a server on the loopback, with weights by chance."""

import errno
import os
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors import SafetensorError
from serving import TINY, Server, offer, pickled, torchvision_module
from torchvision.transforms.functional import normalize

from gradlab.errors import BadValueError, CorruptFileError, GradlabError, MissingFileError, UnknownNameError
from gradlab.images.imagenet import imagenet
from gradlab.networks import find_card, known_cards, load_model
from gradlab.networks.fetch import fetch_network, offered
from gradlab.networks.fetch_torchvision import OFFERED, weights_of
from gradlab.networks.fetched import fetched_cards, networks_root, read_config

KEY = f"torchvision-{TINY}"


def nothing_was_kept() -> bool:
    return not networks_root().exists() or os.listdir(networks_root()) == []


@pytest.fixture
def weights() -> bytes:
    return pickled(torchvision_module().state_dict())


@pytest.fixture
def whole(store: Path, server: Server, weights: bytes, monkeypatch: pytest.MonkeyPatch) -> str:
    """All is as it should be; the path that is asked for."""
    return offer(server, monkeypatch, weights)


# What comes


def test_a_fetched_network_is_the_one_that_torchvision_makes_of_the_weights(store: Path, whole: str) -> None:
    found = fetch_network(TINY)
    assert (found.new, found.folder) == (True, store / "networks" / KEY)
    assert sorted(os.listdir(found.folder)) == ["config.json", "model.safetensors"]
    assert os.listdir(networks_root()) == [KEY]
    model = load_model(KEY, "photos", "cpu")
    images = torch.rand(2, 3, 224, 224)
    theirs = torchvision_module()(normalize(images, [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]))
    torch.testing.assert_close(model(images), theirs, rtol=1e-4, atol=1e-5)
    assert not model.training
    assert not any(parameter.requires_grad for parameter in model.parameters())


def test_its_card_says_what_is_known_and_its_config_where_it_is_from(whole: str) -> None:
    fetch_network(f"torchvision/{TINY}")
    card = find_card(KEY, "photos")
    assert card in known_cards("photos")
    assert (card.architecture, card.classes, card.size, card.channels) == (f"torchvision/{TINY}", 1000, 224, 3)
    assert card.parameters == sum(one.numel() for one in torchvision_module().parameters())
    assert (card.clean_accuracy, card.measured_on) == (None, "")
    assert "It says that 60.6% of ImageNet's validation images are right." in card.note
    assert "BSD-3-Clause" in card.note
    config = read_config(networks_root() / KEY)
    assert config["gradlab"]["name"] == f"torchvision/{TINY}"
    assert config["gradlab"]["url"].endswith(whole)
    assert config["gradlab"]["download_sha256"].startswith(whole.removesuffix(".pth").rpartition("-")[2])
    assert config["label_names"] == list(imagenet()[0])
    assert config["label_descriptions"]["n01440764"] == "tench"
    assert config["pretrained_cfg"]["mean"] == [0.485, 0.456, 0.406]


def test_torchvision_counts_the_classes_as_gradlab_does() -> None:
    same = sum(a == b for a, b in zip(imagenet()[1], weights_of("alexnet").meta["categories"], strict=True))
    assert same >= 995  # of two cranes each calls another one "crane"


def test_what_is_there_is_left_as_it_is(server: Server, whole: str) -> None:
    first = fetch_network(TINY)
    before = {path: path.stat().st_mtime_ns for path in first.folder.iterdir()}
    server.asked.clear()
    again = fetch_network(f"torchvision/{TINY}")
    assert (again.new, again.card) == (False, first.card)
    assert {path: path.stat().st_mtime_ns for path in first.folder.iterdir()} == before
    assert server.asked == []


@pytest.mark.parametrize("damage", ["weights", "config", "half"])
def test_a_damaged_one_is_replaced(whole: str, damage: str) -> None:
    folder = fetch_network(TINY).folder
    if damage == "half":
        (folder / "model.safetensors").unlink()
    else:
        (folder / {"weights": "model.safetensors", "config": "config.json"}[damage]).write_bytes(b"damaged")
    assert fetch_network(TINY).new
    assert os.listdir(networks_root()) == [KEY]
    load_model(KEY, "photos", "cpu")


def test_weights_that_were_changed_are_not_loaded(whole: str) -> None:
    folder = fetch_network(TINY).folder
    content = bytearray((folder / "model.safetensors").read_bytes())
    content[-1] ^= 1
    (folder / "model.safetensors").write_bytes(content)
    with pytest.raises(CorruptFileError, match=r"model\.safetensors: expected sha256"):
        load_model(KEY, "photos", "cpu")
    (folder / "model.safetensors").unlink()
    with pytest.raises(MissingFileError, match="is missing"):
        load_model(KEY, "photos", "cpu")


def test_a_bar_shows_how_far_it_is(whole: str, capsys: pytest.CaptureFixture[str]) -> None:
    fetch_network(TINY)
    out, err = capsys.readouterr()
    assert out == ""
    assert "100%" in err
    assert TINY in err


# What goes wrong


def test_another_file_than_the_one_that_was_promised_is_never_read(
    store: Path, server: Server, weights: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    offer(server, monkeypatch, weights, digits="0" * 8)
    monkeypatch.setattr(torch, "load", lambda *_, **__: pytest.fail("it was read"))
    with pytest.raises(CorruptFileError, match=rf"{TINY}-00000000\.pth: expected sha256 00000000…, got "):
        fetch_network(TINY)
    assert nothing_was_kept()


def test_without_a_connection_one_line_says_so(store: Path, whole: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADLAB_TORCHVISION_URL", "http://127.0.0.1:1/models")
    with pytest.raises(MissingFileError, match=r"^expected to download http://127\.0\.0\.1:1/.*refused; is there a"):
        fetch_network(TINY)
    assert nothing_was_kept()


def test_a_server_without_the_file_is_told_apart(store: Path, server: Server, whole: str) -> None:
    server.files.clear()
    with pytest.raises(MissingFileError, match="Not Found"):
        fetch_network(TINY)
    assert nothing_was_kept()


def test_a_connection_that_breaks_leaves_nothing(server: Server, whole: str) -> None:
    server.breaks[whole] = 1
    with pytest.raises(MissingFileError, match="got 2,|IncompleteRead"):
        fetch_network(TINY)
    assert nothing_was_kept()


def test_without_room_nothing_is_asked_for(whole: str, monkeypatch: pytest.MonkeyPatch) -> None:
    free = shutil.disk_usage("/")._replace(free=7_000_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: free)
    with pytest.raises(GradlabError, match=r"^expected 11 MB of free space in .*, got 7 MB$"):
        fetch_network(TINY)
    assert nothing_was_kept()


FULL = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize(
    ("when", "error"),
    [
        ("gradlab.networks.download.tqdm", FULL),
        ("gradlab.networks.fetch_torchvision.save_file", SafetensorError("I/O error: No space left on device")),
        ("pathlib.Path.write_text", FULL),
    ],
    ids=["download", "weights", "config"],
)
def test_a_disk_that_fills_up_leaves_nothing(
    whole: str, when: str, error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*given: Any, **named: Any) -> None:
        raise error

    monkeypatch.setattr(when, full)
    with pytest.raises(GradlabError, match=r"^expected to write torchvision/.*No space left on device; nothing of it"):
        fetch_network(TINY)
    assert nothing_was_kept()


@pytest.mark.parametrize("when", ["gradlab.networks.download.tqdm", "gradlab.networks.fetch.load_from"])
def test_an_interruption_leaves_nothing(whole: str, when: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*given: Any, **named: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(when, interrupt)
    with pytest.raises(KeyboardInterrupt):
        fetch_network(TINY)
    assert nothing_was_kept()


def test_a_store_that_may_not_be_written_to_is_named(
    tmp_path: Path, whole: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("GRADLAB_DATA", str(tmp_path / "file"))
    with pytest.raises(GradlabError, match="expected to write .*, got: Not a directory"):
        fetch_network(TINY)


@pytest.mark.parametrize("wrong", ["missing", "shape", "nan", "shared"])
def test_weights_that_do_not_work_are_not_kept(
    store: Path, server: Server, wrong: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = torchvision_module().state_dict()
    if wrong == "missing":
        del state["fc.weight"]
    elif wrong == "shape":
        state["fc.weight"] = torch.zeros(10, 1024)
    elif wrong == "nan":
        state["fc.weight"][0, 0] = torch.nan
    else:
        state["fc.bias"] = state["fc.weight"]
    offer(server, monkeypatch, pickled(state))
    with pytest.raises(CorruptFileError, match="expected the .* tensors of|finite numbers|share nothing"):
        fetch_network(TINY)
    assert nothing_was_kept()


@pytest.mark.parametrize("name", ["alexnte", "fcn_resnet50", "../x", "torchvision/", "", "vit_h_14", "inception_v3"])
def test_a_name_that_is_none_is_refused(store: Path, name: str) -> None:
    with pytest.raises((UnknownNameError, BadValueError), match="alexnet, vgg16|expected a network's name"):
        fetch_network(name)
    assert nothing_was_kept()


# What is in the store


def test_what_else_lies_in_the_store_is_passed_over(store: Path) -> None:
    assert fetched_cards() == []
    for name, content in {
        "a b": "{}",
        ".tmp": "{}",
        "empty": None,
        "other": '{"architecture": "x"}',
        "list": "[]",
    }.items():
        (store / "networks" / name).mkdir(parents=True)
        if content is not None:
            (store / "networks" / name / "config.json").write_text(content)
    (store / "networks" / "file").write_text("")
    assert fetched_cards() == []


def test_cards_are_read_from_the_config_alone_and_again_when_it_changes(
    whole: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = fetch_network(TINY).folder
    monkeypatch.setattr("gradlab.networks.fetched.check_sha256", lambda *_: pytest.fail("weights were read"))
    known_cards()
    monkeypatch.setattr("gradlab.networks.fetched.read_config", lambda folder: pytest.fail("it was read again"))
    assert [card.name for card in fetched_cards()] == [KEY]
    monkeypatch.undo()
    shutil.rmtree(folder)
    assert fetched_cards() == []


def test_what_is_offered_is_torchvisions(store: Path) -> None:
    rows = offered()
    assert [row["name"] for row in rows] == list(OFFERED)
    assert rows[0] == {
        "name": "alexnet", "model": "torchvision-alexnet", "parameters": 61_100_840, "MB": 233,
        "accuracy, says torchvision": pytest.approx(0.565, abs=5e-4), "fetched": "no",
    }  # fmt: skip
    assert "torchvision.models" in sys.modules


@pytest.mark.parametrize("name", OFFERED)
def test_each_that_is_offered_can_be_built_of_what_its_source_describes(name: str) -> None:
    from gradlab.networks.library import architecture

    with torch.device("meta"):
        built = architecture(f"torchvision/{name}", 1000)
    weights = weights_of(name)
    assert sum(one.numel() for one in built.parameters()) == weights.meta["num_params"]
    assert weights.transforms().crop_size == [224]
