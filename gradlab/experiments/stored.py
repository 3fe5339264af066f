"""What was measured beforehand and is shipped in `assets/results`: baselines over whole test splits, and gradients.

Each belongs to one file of weights.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np

from gradlab.errors import BadValueError, CorruptFileError, MissingFileError
from gradlab.images.registry import known_image_set
from gradlab.images.splits import without_shared, without_twins
from gradlab.networks import ModelCard, find_card
from gradlab.report.archive import load_result, save_result
from gradlab.shipped import assets_root, write_whole
from gradlab.steps.epsilon import of_default_grid
from gradlab.types import MEASURES, Curve, FloatGradients, LabelSource, Rule, SweepResult

EQUAL = "equal"  # the part of a baseline that compares the rules at equal change
PARTS: tuple[LabelSource | str, ...] = (LabelSource.TRUE, LabelSource.PREDICTED, EQUAL)
_FINE = {"psnr": 4, "ssim": 128}  # parts of a unit, to which what is kept of each image is rounded down


def results_path(card: ModelCard, part: LabelSource | str = LabelSource.TRUE) -> Path:
    """Where a part of a network's baseline is; the name says which, unless its gradients are for the true labels."""
    suffix = "" if part == LabelSource.TRUE else f"-{part}"
    return assets_root() / "results" / f"{card.name}-{card.dataset}{suffix}.npz"


def load_baseline(
    model: str, dataset: str, labels: LabelSource | str = LabelSource.TRUE, *,
    rules: Sequence[Rule | str] | None = None, eight_bit: bool = False, twins: bool = True,
) -> SweepResult:  # fmt: skip
    """What was measured beforehand of a shipped network over a whole test split.

    Args:
        model: the network's name.
        dataset: what it was trained on.
        labels: one of `PARTS`: the labels that the gradients were taken for, `true` or `predicted`; or `equal`, for the
            rules at equal change. (Each measure is one number an epsilon, for all images together.)
        rules: whose curves to give, in this order, each over its default grid: what `sweep` with these rules would have
            measured (but for a smallest epsilon that is the baseline's own). None gives all that is stored, finer grids
            included.
        eight_bit: with `rules`, whether to keep what the network said after rounding to 8 bit.
        twins: whether to keep the images that have a twin in the train split.

    Raises:
        UnknownNameError: for a network that isn't shipped, or a rule that was not measured.
        MissingFileError: when there is none.
        CorruptFileError: when it is damaged, or was made with other weights than the network's.
        BadValueError: when it lacks an epsilon of a rule's default grid, or the rounding; or it is not known which
            images have a twin.
    """
    found = baseline_of(measured_card(model, dataset), labels if labels == EQUAL else LabelSource.parse(labels))
    if rules is not None:
        found = selected(found, [Rule(rule) for rule in rules], eight_bit)
    return found if twins else without_twins(found)


def measurable(cards: Iterable[ModelCard]) -> list[ModelCard]:
    """The networks of image sets whose labels are known: of others no accuracy can be measured."""
    return [card for card in cards if (known := known_image_set(card.dataset)) and known.labelled]


def measured_card(model: str, dataset: str) -> ModelCard:
    """The card of a network, for the image set that it was measured on.

    Raises:
        UnknownNameError: when there is no such network.
        MissingFileError: for another image set of the same classes: of that nothing was measured beforehand.
    """
    card = find_card(model, dataset)
    if card.dataset != dataset:
        raise MissingFileError(f"expected {card.dataset}, on which {model} was measured beforehand, got {dataset}")
    return card


def baseline_of(card: ModelCard, part: LabelSource | str = LabelSource.TRUE) -> SweepResult:
    """As `load_baseline`, of the network of a card.

    An image of the same photograph as a train image (`splits.shared_places`) is left out, where a baseline has it.
    """
    path = results_path(card, part)
    if not path.is_file():
        raise MissingFileError(f"{path.name} is missing: nothing was measured yet for {card.name} on {card.dataset}")
    result = load_result(path)
    if result.weights_sha256 != card.sha256:
        raise CorruptFileError(
            f"{path.name}: expected a result of the weights {card.sha256[:12]}…, got one of "
            f"{result.weights_sha256[:12]}…: measure again"
        )
    return without_shared(result)


def save_baseline(card: ModelCard, result: SweepResult) -> Path:
    """Put a baseline among the shipped ones, in place of an older one."""
    path = results_path(card, part_of(result))
    path.parent.mkdir(parents=True, exist_ok=True)
    save_result(result, path)
    return path


def part_of(result: SweepResult) -> LabelSource | str:
    """Which part of a baseline a result is."""
    return EQUAL if any(curve.equal_to for curve in result.curves) else result.label_source


def condensed(result: SweepResult, whole: Mapping[Rule, Sequence[str]] | None = None) -> SweepResult:
    """The same with each measure as one number an epsilon, over all images; predictions stay as they are.

    Args:
        result: of a sweep.
        whole: measures that are kept of each image, by the rule: PSNR to 1/4 dB and SSIM to 1/128, rounded down, so
            that an image is above a limit in whole dB exactly where what is kept of it is.
    """

    def column(curve: Curve, name: str) -> Any:
        values = getattr(curve, name)
        if values is None:
            return None
        if name in (whole or {}).get(curve.rule, ()) and curve.equal_to is None:
            return (np.floor(values * _FINE[name]) / _FINE[name]).astype(np.float32)
        return curve.level(name).astype(np.float32)[:, None]

    curves = [replace(curve, **{name: column(curve, name) for name in MEASURES}) for curve in result.curves]
    return replace(result, curves=tuple(curves))


def selected(result: SweepResult, rules: Sequence[Rule], rounded: bool) -> SweepResult:
    """The part of a baseline that a sweep over the default grids would have measured.

    Args:
        result: a baseline, or any other that has these grids.
        rules: whose curves to keep, in this order.
        rounded: whether to keep what the network said after rounding to 8 bit.

    Raises:
        UnknownNameError: when the result lacks a rule.
        BadValueError: when it lacks an epsilon of a rule's default grid (`of_default_grid`), or the rounding.
    """
    curves = [result.curve(rule) for rule in rules]
    if rounded and any(curve.rounded is None for curve in curves):
        raise BadValueError("expected a result with eight_bit=True, got one that did not round")
    return replace(result, curves=tuple(_on_default_grid(curve, rounded) for curve in curves))


def _on_default_grid(curve: Curve, rounded: bool) -> Curve:
    kept = of_default_grid(curve.rule, curve.epsilons)
    if kept is None:
        raise BadValueError(f"expected all epsilons of the default grid of {curve.rule}, got {curve.epsilons.tolist()}")
    columns: dict[str, Any] = {"epsilons": curve.epsilons[kept], "rounded": None}
    for name in ("predictions", *MEASURES, *(("rounded",) if rounded else ())):
        values = getattr(curve, name)
        columns[name] = None if values is None else values[kept]
    return replace(curve, **columns)


def gradients_path() -> Path:
    """The file with what float32 makes of the networks' gradients."""
    return assets_root() / "results" / "gradients.json"


def load_gradients(cards: Sequence[ModelCard]) -> list[FloatGradients]:
    """What float32 makes of the gradients of these networks, in their order; those that have no row are left out.

    Raises:
        MissingFileError: when there is no such file.
        CorruptFileError: when it cannot be read, or a row was made with other weights than the card's.
    """
    path = gradients_path()
    try:
        rows = [_row(entry) for entry in json.loads(path.read_text(encoding="utf-8"))["networks"]]
    except FileNotFoundError:
        raise MissingFileError(
            f"{path.name} is missing: what float32 makes of gradients was not measured yet"
        ) from None
    except (ValueError, KeyError, TypeError) as error:
        raise CorruptFileError(f"{path.name} is not a table of gradients ({error}): measure again") from None
    found = {(row.model, row.dataset): row for row in rows}
    chosen = [(card, found[card.name, card.dataset]) for card in cards if (card.name, card.dataset) in found]
    for card, row in chosen:
        if row.weights_sha256 != card.sha256:
            raise CorruptFileError(
                f"{path.name}: expected a row of the weights {card.sha256[:12]}… of {card.name} on {card.dataset}, got "
                f"one of {row.weights_sha256[:12]}…: measure again"
            )
    return [row for _, row in chosen]


def save_gradients(rows: Sequence[FloatGradients]) -> Path:
    """Put these rows into the file, whole or not at all, in place of older ones of the same networks."""
    path = gradients_path()
    kept = json.loads(path.read_text(encoding="utf-8"))["networks"] if path.is_file() else []
    new = {(row.model, row.dataset) for row in rows}
    kept = [entry for entry in kept if (entry["model"], entry["dataset"]) not in new]
    entries = sorted([*kept, *map(asdict, rows)], key=lambda entry: (entry["dataset"], entry["model"]))
    write_whole(path, f"{json.dumps({'networks': entries}, indent=1, ensure_ascii=False)}\n".encode())
    return path


def _row(entry: dict[str, Any]) -> FloatGradients:
    lists = {"epsilons": tuple(entry["epsilons"]), "right": {who: tuple(n) for who, n in entry["right"].items()}}
    return FloatGradients(**{**entry, **lists})
