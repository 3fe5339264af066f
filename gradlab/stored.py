"""Results that are shipped: studies over whole test splits, in `assets/results`, each for one file of weights."""

from pathlib import Path

from gradlab.archive import load_result, save_result
from gradlab.assets import assets_root
from gradlab.errors import CorruptFileError, MissingFileError
from gradlab.models import ModelCard
from gradlab.types import LabelSource, SweepResult


def results_path(card: ModelCard, labels: LabelSource = LabelSource.TRUE) -> Path:
    """Where the study of a network is; with the labels that its gradients were taken for in the name, unless true."""
    suffix = "" if labels == LabelSource.TRUE else f"-{labels.kind}"
    return assets_root() / "results" / f"{card.name}-{card.dataset}{suffix}.npz"


def load_stored(card: ModelCard, labels: LabelSource = LabelSource.TRUE) -> SweepResult:
    """The study of a network, if it was made with these very weights.

    Raises:
        MissingFileError: when there is none.
        CorruptFileError: when it is damaged, or was made with other weights than the card's.
    """
    path = results_path(card, labels)
    if not path.is_file():
        raise MissingFileError(f"{path.name} is missing: nothing was measured yet for {card.name} on {card.dataset}")
    result = load_result(path)
    if result.weights_sha256 != card.sha256:
        raise CorruptFileError(
            f"{path.name}: expected a result of the weights {card.sha256[:12]}…, got one of "
            f"{result.weights_sha256[:12]}…: measure again"
        )
    return result


def save_stored(card: ModelCard, result: SweepResult) -> Path:
    """Put a study among the shipped ones, in place of an older one."""
    path = results_path(card, result.label_source)
    path.parent.mkdir(parents=True, exist_ok=True)
    save_result(result, path)
    return path
