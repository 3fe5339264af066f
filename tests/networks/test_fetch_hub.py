"""Networks of timm's are fetched from a server on the loopback that answers as the Hub does."""

import json
import os
import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from serving import COMMIT, HUB_TINY, Server, hub_files, offer_on_hub, pickled, timm_config, timm_module
from torchvision.transforms.functional import normalize

from gradlab.errors import BadValueError, CorruptFileError, GradlabError, MissingFileError, UnknownNameError
from gradlab.networks import find_card, load_model
from gradlab.networks.fetch import fetch_network
from gradlab.networks.fetched import networks_root, read_config

KEY = "timm-test_resnet-r160_in1k"


def nothing_was_kept() -> bool:
    return not networks_root().exists() or os.listdir(networks_root()) == []


def test_a_fetched_network_is_the_one_that_timm_makes_of_the_weights(
    store: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    offer_on_hub(server, monkeypatch, hub_files() | {"pytorch_model.bin": b"a pickle", "README.md": b"of it"})
    found = fetch_network(HUB_TINY)
    assert (found.new, found.folder) == (True, store / "networks" / KEY)
    assert sorted(os.listdir(found.folder)) == ["config.json", "model.safetensors"]
    assert os.listdir(networks_root()) == [KEY]
    assert (found.folder / "model.safetensors").read_bytes() == hub_files()["model.safetensors"]
    model = load_model(KEY, "photos", "cpu")
    images = torch.rand(2, 3, 160, 160)
    torch.testing.assert_close(model(images), timm_module()((images - 0.5) / 0.5), rtol=1e-4, atol=1e-5)
    asked = {line.rpartition("/")[2] for line in server.asked}
    assert asked == {HUB_TINY.removeprefix("timm/"), "config.json", "model.safetensors"}
    server.asked.clear()
    assert not fetch_network(HUB_TINY).new
    assert server.asked == []


@pytest.mark.parametrize("name", ["timm/levit_128s.fb_dist_in1k", "timm/convit_tiny.fb_in1k"])
def test_what_no_file_holds_is_made_too(
    name: str, store: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = timm_module(name)
    offer_on_hub(server, monkeypatch, hub_files(module, name), name)
    model = load_model(fetch_network(name).card.name, "photos", "cpu")
    assert {key for key, _ in module.named_buffers()} - module.state_dict().keys()
    images = torch.rand(1, 3, 224, 224)
    given = timm_config(name)["pretrained_cfg"]
    theirs = module(normalize(images, given["mean"], given["std"]))
    torch.testing.assert_close(model(images), theirs, rtol=1e-3, atol=1e-4)


def test_its_card_and_config_say_where_it_is_from(store: Path, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    offer_on_hub(server, monkeypatch, hub_files())
    fetch_network(HUB_TINY)
    card = find_card(KEY, "photos")
    assert (card.architecture, card.classes, card.clean_accuracy) == ("test_resnet", 1000, None)
    assert (card.size, card.note) == (
        160, "Weights of timm on the Hugging Face Hub. Licence: apache-2.0. It was made for 160x160 pixels: images are "
        "scaled to that inside of it.",
    )  # fmt: skip
    origin = read_config(networks_root() / KEY)["gradlab"]
    assert (origin["name"], origin["commit"], origin["sha256"]) == (HUB_TINY, COMMIT, card.sha256)
    assert origin["download_sha256"] == card.sha256


@pytest.mark.parametrize("licence", ["[click](https://x)", "", "a" * 99, None, ["mit"]])
def test_only_the_name_of_a_licence_gets_onto_a_card(
    licence: object, store: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = timm_config()["pretrained_cfg"] | {"license": licence}
    content = json.dumps(timm_config(pretrained_cfg=given)).encode()
    offer_on_hub(server, monkeypatch, hub_files() | {"config.json": content}, licence=licence)
    assert fetch_network(HUB_TINY).card.note.count("Licence: not stated there. ")


def test_a_connection_that_breaks_is_taken_up_again(
    store: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.sleep", lambda seconds: None)  # between two tries
    offer_on_hub(server, monkeypatch, hub_files())
    path = "/elsewhere/model.safetensors"
    server.breaks[path] = 2
    assert fetch_network(HUB_TINY).new
    assert server.asked.count(f"GET {path}") == 3


def test_an_interruption_leaves_nothing(store: Path, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(url: str, *given: Any, **named: Any) -> None:
        assert list(store.rglob("*.incomplete")), "a download has begun"
        raise KeyboardInterrupt

    offer_on_hub(server, monkeypatch, hub_files())
    monkeypatch.setattr("huggingface_hub.file_download.http_get", interrupt)
    with pytest.raises(KeyboardInterrupt):
        fetch_network(HUB_TINY)
    assert nothing_was_kept()


def test_without_room_weights_are_not_asked_for(store: Path, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    offer_on_hub(server, monkeypatch, hub_files())
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: SimpleNamespace(free=1_000_000))
    with pytest.raises(GradlabError, match=r"^expected 2 MB of free space in .*, got 1 MB$"):
        fetch_network(HUB_TINY)
    assert not any(line.endswith("model.safetensors") for line in server.asked)
    assert nothing_was_kept()


@pytest.mark.parametrize(
    ("promised", "said"),
    [
        ({"lfs": "0" * 64}, r"model\.safetensors: expected sha256 000000000000…, got "),
        ({"git": "0" * 40}, r"config\.json: expected git's checksum 000000000000…, got "),
    ],
)
def test_another_file_than_the_one_that_was_promised_is_refused(
    promised: dict[str, str], said: str, store: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    offer_on_hub(server, monkeypatch, hub_files(), **promised)
    with pytest.raises(CorruptFileError, match=said):
        fetch_network(HUB_TINY)
    assert nothing_was_kept()


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"config.json": b"{}", "pytorch_model.bin": pickled({})}, "got pytorch_model.bin only: a pickle, which can"),
        ({"config.json": b"{}"}, "expected config.json and model.safetensors in .*, got config.json$"),
        ({}, "expected config.json and model.safetensors in .*, got no file$"),
    ],
)
def test_without_safetensors_it_is_not_taken(
    files: dict[str, bytes], said: str, store: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    offer_on_hub(server, monkeypatch, files)
    with pytest.raises(MissingFileError, match=said):
        fetch_network(HUB_TINY)
    assert len(server.asked) == 1
    assert nothing_was_kept()


@pytest.mark.parametrize(
    ("config", "error", "said"),
    [
        (b"no JSON", CorruptFileError, "config.json: expected JSON, got"),
        (b"[]", CorruptFileError, "config.json: expected a JSON object, got a list"),
        (timm_config(num_classes=21_841), BadValueError, "a network for ImageNet's 1,000 classes, got .* with 21,841"),
        (timm_config(num_classes=10**9), BadValueError, "num_classes, got 1000000000"),
        (timm_config(architecture="os.system"), UnknownNameError, "unknown architecture 'os.system'"),
        (timm_config(architecture="resnet18"), CorruptFileError, "expected the 122 tensors of resnet18, got"),
        (timm_config(global_pool="max"), BadValueError, "expected the global_pool of test_resnet, 'avg', got 'max'"),
        (timm_config(architecture=None), GradlabError, "architecture"),
        (timm_config(pretrained_cfg=None), GradlabError, "pretrained_cfg"),
        (timm_config(pretrained_cfg={"mean": "x", "std": 3, "input_size": [3, 224, 224]}), GradlabError, "mean"),
        (timm_config(pretrained_cfg={"mean": [0.5] * 3, "std": [0.5] * 3}), GradlabError, "input_size"),
    ],
)  # fmt: skip
def test_a_config_that_makes_no_sense_is_refused(
    config: Any, error: type[Exception], said: str, store: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = config if isinstance(config, bytes) else json.dumps(config).encode()
    offer_on_hub(server, monkeypatch, hub_files() | {"config.json": content})
    with pytest.raises(error, match=said) as caught:
        fetch_network(HUB_TINY)
    assert "\n" not in str(caught.value)
    assert nothing_was_kept()


def test_weights_that_are_no_safetensors_are_refused(
    store: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    offer_on_hub(server, monkeypatch, hub_files() | {"model.safetensors": pickled({"weight": torch.ones(2)})})
    with pytest.raises(CorruptFileError, match=r"model\.safetensors: expected a safetensors file"):
        fetch_network(HUB_TINY)
    assert nothing_was_kept()


def test_a_network_that_the_hub_lacks_is_told_from_a_connection_that_is_not_there(
    store: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(
        MissingFileError, match="expected a network of timm's on the Hub, got timm/none: there is no http"
    ):
        fetch_network("timm/none")
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:1")
    with pytest.raises(
        MissingFileError, match=r"expected to download .*timm/none, got: .*refused; is there a connection"
    ):
        fetch_network("timm/none")
    assert nothing_was_kept()


@pytest.mark.parametrize("name", ["timm/", "timm/../resnet18", "timm/a/b", "timm/a b", "timm/.a"])
def test_a_name_that_the_hub_cannot_have_is_refused(store: Path, server: Server, name: str) -> None:
    with pytest.raises((UnknownNameError, BadValueError), match=r"as timm/resnet18\.a1_in1k|expected a network's name"):
        fetch_network(name)
    assert server.asked == []
    assert nothing_was_kept()


def test_two_names_of_one_key_are_told_apart(store: Path, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    offer_on_hub(server, monkeypatch, hub_files())
    fetch_network(HUB_TINY)
    with pytest.raises(BadValueError, match="to be timm/test_resnet-r160_in1k, got timm/test_resnet.r160_in1k: delete"):
        fetch_network("timm/test_resnet-r160_in1k")
