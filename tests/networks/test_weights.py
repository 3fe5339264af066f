import hashlib
import json
import shutil
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path

import pytest
import torch
from torch import Tensor

from gradlab.errors import BadValueError, CorruptFileError, GradlabError, MissingFileError, UnknownNameError
from gradlab.networks import ARCHITECTURES, ModelCard, find_card, load_model, read_cards, save_weights, weights_path
from gradlab.networks import write_card as put_card
from gradlab.networks.cards import cards_path

CARD = ModelCard(
    name="small", dataset="fashion_mnist", architecture="alexnet", channels=1, size=28, classes=10, parameters=0,
    sha256="", clean_accuracy=0.1, correct=1_000, measured_on="", trained_on="", recipe={"epochs": 1}, epochs=1,
    steps=1, precision="float32", hardware="none",
)  # fmt: skip


def untrained(channels: int = 1, size: int = 28, classes: int = 10) -> dict[str, Tensor]:
    torch.manual_seed(0)
    return ARCHITECTURES["alexnet"](channels, size, classes).state_dict()


@pytest.fixture
def assets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of assets of this test's own, empty."""
    monkeypatch.setenv("GRADLAB_ASSETS", str(tmp_path / "assets"))
    (tmp_path / "assets").mkdir()
    return tmp_path / "assets"


Ship = Callable[..., ModelCard]


@pytest.fixture
def ship(assets: Path) -> Ship:
    """Put weights and their card into the assets, with a right checksum."""

    def write(state: dict[str, Tensor] | None = None, **changes: object) -> ModelCard:
        card = replace(CARD, **changes)
        card = replace(card, sha256=save_weights(state or untrained(), weights_path(card)))
        put_card(card)
        return card

    return write


def refuse(card: ModelCard, kind: type[GradlabError], match: str) -> str:
    with pytest.raises(kind, match=match) as caught:
        load_model(card.name, card.dataset, "cpu")
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_what_is_saved_is_loaded(ship: Ship) -> None:
    card, state = ship(), untrained()
    model = load_model("small", "fashion_mnist", "cpu")
    assert model.card == card == find_card("small", "fashion_mnist")
    assert model.state_dict().keys() == state.keys()
    for name, value in model.state_dict().items():
        assert value.dtype == torch.float32
        assert torch.equal(value, state[name].half().float())


def test_a_loaded_model_is_ready_to_be_asked_and_not_to_be_trained(ship: Ship) -> None:
    ship()
    model = load_model("small", "fashion_mnist", "cpu")
    assert not any(module.training for module in model.modules())
    assert not any(parameter.requires_grad for parameter in model.parameters())
    assert model(torch.rand(2, 1, 28, 28)).shape == (2, 10)


def test_the_checksum_is_that_of_the_file(ship: Ship) -> None:
    card = ship()
    assert card.sha256 == hashlib.sha256(weights_path(card).read_bytes()).hexdigest()
    assert [path.name for path in weights_path(card).parent.iterdir()] == ["small-fashion_mnist.safetensors"]


def test_a_flipped_bit_is_found(ship: Ship) -> None:
    path = weights_path(card := ship())
    content = bytearray(path.read_bytes())
    content[-1000] ^= 1
    path.write_bytes(content)
    came = hashlib.sha256(content).hexdigest()
    refuse(card, CorruptFileError, f"{path}: expected sha256 {card.sha256[:12]}…, got {came[:12]}…")


def test_a_missing_file_is_named(ship: Ship) -> None:
    path = weights_path(card := ship())
    path.unlink()
    refuse(card, MissingFileError, f"{path} is missing.*{card.sha256[:12]}")


@pytest.mark.parametrize("kept", [0, 4, 500, -1])
def test_a_truncated_file_with_a_fitting_checksum(ship: Ship, kept: int) -> None:
    path = weights_path(card := ship())
    content = path.read_bytes()[:kept]
    path.write_bytes(content)
    put_card(replace(card, sha256=hashlib.sha256(content).hexdigest()))
    refuse(card, CorruptFileError, f"{path} is not a safetensors file")


@pytest.mark.parametrize("state", [untrained(3, 32), untrained(classes=100), {"weight": torch.zeros(2)}])
def test_weights_of_another_shape(ship: Ship, state: dict[str, Tensor]) -> None:
    refuse(ship(state), CorruptFileError, "small-fashion_mnist.safetensors doesn't fit the architecture alexnet")


def test_an_architecture_that_does_not_exist(ship: Ship) -> None:
    message = refuse(ship(architecture="alexnett"), UnknownNameError, "alexnett")
    assert "did you mean alexnet?" in message


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"{}",
        b"\xff\xfe",
        b'{"models": 5}',
        b'{"models": ["alexnet"]}',
        b'{"models": [{"name": "alexnet"}]}',
        json.dumps({"models": [asdict(CARD) | {"extra": 1}]}).encode(),
    ],
)
def test_a_broken_table(assets: Path, content: bytes) -> None:
    (assets / "models.json").write_bytes(content)
    with pytest.raises(CorruptFileError, match="models.json is not a table of weights"):
        read_cards()
    refuse(CARD, CorruptFileError, "models.json")


def test_a_missing_table(assets: Path) -> None:
    refuse(CARD, MissingFileError, f"{assets / 'models.json'} is missing")


def test_names_that_do_not_exist(ship: Ship) -> None:
    ship()
    ship(name="other")
    ship(dataset="svhn")
    expected = "unknown model for fashion_mnist 'smal' .did you mean small..: expected one of other, small$"
    refuse(replace(CARD, name="smal"), UnknownNameError, expected)
    expected = "unknown data set with weights 'cifar': expected one of fashion_mnist, photos, svhn$"
    refuse(replace(CARD, dataset="cifar"), UnknownNameError, expected)


@pytest.mark.parametrize(("device", "kind"), [("tpu", UnknownNameError), ("cuda:999", BadValueError)])
def test_a_device_that_is_not_there(ship: Ship, device: str, kind: type[GradlabError]) -> None:
    ship()
    with pytest.raises(kind, match=device):
        load_model("small", "fashion_mnist", device)


def test_a_card_replaces_the_one_of_its_name_and_data_set(ship: Ship) -> None:
    first, other = ship(), ship(dataset="cifar10", channels=3, size=32, state=untrained(3, 32))
    again = replace(first, clean_accuracy=0.2)
    put_card(again)
    assert read_cards() == [other, again]
    assert not list(cards_path().parent.glob("*.tmp"))


def test_the_file_of_a_card_can_be_moved_with_its_folder(ship: Ship, monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere = cards_path().parent.with_name("elsewhere")
    ship()
    shutil.move(cards_path().parent, elsewhere)
    monkeypatch.setenv("GRADLAB_ASSETS", str(elsewhere))
    assert load_model("small", "fashion_mnist", "cpu").card.name == "small"
