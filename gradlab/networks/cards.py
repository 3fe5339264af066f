"""The table of shipped weights: `assets/models.json`, one card for each file."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from gradlab.errors import CorruptFileError, MissingFileError
from gradlab.shipped import assets_root, write_whole


@dataclass(frozen=True)
class ModelCard:
    """What is known of one network; what nobody measured or trained here is None, 0 or empty.

    Attributes:
        name: its name: `alexnet`, `alexnet-paper`.
        dataset: the image set whose classes it tells apart.
        architecture: a key of `ARCHITECTURES`.
        channels: of the images that it takes.
        size: height and width of these images, in pixels.
        classes: how many logits it gives.
        parameters: how many numbers were trained.
        sha256: of the weights file, or of the weights.
        clean_accuracy: of the stored file, measured on `measured_on`.
        correct: how many of the images that is.
        measured_on: how many images of which split that measurement rests on.
        trained_on: how many images of which split it was trained on.
        recipe: the recipe's fields.
        epochs: passes over the train split that were taken; the last one in part, where training was stopped.
        steps: of the optimiser.
        precision: of the forward and backward passes.
        hardware: where it was trained.
        note: what else a reader should know.
        fitted: which figures were fitted to the test images, and how; empty where none was.
    """

    name: str
    dataset: str
    architecture: str
    channels: int
    size: int
    classes: int
    parameters: int
    sha256: str
    clean_accuracy: float | None = None
    correct: int | None = None
    measured_on: str = ""
    trained_on: str = ""
    recipe: dict[str, Any] = field(default_factory=dict)
    epochs: int = 0
    steps: int = 0
    precision: str = ""
    hardware: str = ""
    note: str = ""
    fitted: str = ""

    @property
    def file(self) -> str:
        """The weights' file name."""
        return f"{self.name}-{self.dataset}.safetensors"


def cards_path() -> Path:
    """Where the table is."""
    return assets_root() / "models.json"


def weights_path(card: ModelCard) -> Path:
    """Where the weights of a card are."""
    return assets_root() / "weights" / card.file


def read_cards() -> list[ModelCard]:
    """The cards of what is shipped; `gradlab.networks.registry` knows the others, too.

    Raises:
        MissingFileError: when there is no table.
        CorruptFileError: when the table can't be read.
    """
    path = cards_path()
    try:
        return [ModelCard(**entry) for entry in json.loads(path.read_text(encoding="utf-8"))["models"]]
    except FileNotFoundError:
        raise MissingFileError(f"{path} is missing: expected the table of weights; restore assets/") from None
    except (ValueError, KeyError, TypeError) as error:
        raise CorruptFileError(f"{path} is not a table of weights ({error}): restore it from the repository") from None


def write_card(card: ModelCard) -> None:
    """Put a card into the table, in place of the one of the same name and data set."""
    others = read_cards() if cards_path().is_file() else []
    cards = [other for other in others if (other.name, other.dataset) != (card.name, card.dataset)]
    cards = sorted([*cards, card], key=lambda c: (c.dataset, c.name))
    text = json.dumps({"models": [asdict(c) for c in cards]}, indent=1, ensure_ascii=False)
    write_whole(cards_path(), f"{text}\n".encode())
