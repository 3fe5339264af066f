"""Results that are shipped: studies over whole test splits, in `assets/results`, each for one file of weights."""

import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from gradlab.errors import BadValueError, CorruptFileError, MissingFileError
from gradlab.images.splits import without_shared
from gradlab.networks import ModelCard
from gradlab.report.archive import load_result, save_result
from gradlab.shipped import assets_root
from gradlab.steps.epsilon import of_default_grid
from gradlab.types import MEASURES, Curve, FloatGradients, LabelSource, Rule, SweepResult

EQUAL = "equal"  # the part of a study that compares the rules at equal change
PARTS: tuple[LabelSource | str, ...] = (LabelSource.TRUE, LabelSource.PREDICTED, EQUAL)


def results_path(card: ModelCard, part: LabelSource | str = LabelSource.TRUE) -> Path:
    """Where a part of the study of a network is; the name says which, unless its gradients are for the true labels."""
    suffix = "" if part == LabelSource.TRUE else f"-{part}"
    return assets_root() / "results" / f"{card.name}-{card.dataset}{suffix}.npz"


def load_stored(card: ModelCard, part: LabelSource | str = LabelSource.TRUE) -> SweepResult:
    """A part of the study of a network, if it was made with these very weights.

    Args:
        card: of the network.
        part: one of `PARTS`: the labels that the gradients are taken for, or `EQUAL`.

    An image of the same photograph as a train image (`splits.shared_places`) is left out, where a study has it.

    Raises:
        MissingFileError: when there is none.
        CorruptFileError: when it is damaged, or was made with other weights than the card's.
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


def save_stored(card: ModelCard, result: SweepResult) -> Path:
    """Put a study among the shipped ones, in place of an older one."""
    path = results_path(card, part_of(result))
    path.parent.mkdir(parents=True, exist_ok=True)
    save_result(result, path)
    return path


def part_of(result: SweepResult) -> LabelSource | str:
    """Which part of a study a result is."""
    return EQUAL if any(curve.equal_to for curve in result.curves) else result.label_source


def rules_held(result: SweepResult) -> tuple[Rule, ...]:
    """The rules that `selected` finds in a study, in the table's order: a study may be older than a rule."""
    own = {curve.rule: curve for curve in result.curves if curve.equal_to is None}
    return tuple(rule for rule in Rule if rule in own and of_default_grid(rule, own[rule].epsilons) is not None)


def selected(result: SweepResult, rules: Sequence[Rule], rounded: bool) -> SweepResult:
    """The part of a study that a sweep over the default grids would have measured.

    Args:
        result: of a study, or any other that has these grids.
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
    """Where it is kept what float32 makes of the networks' gradients."""
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
    temporary = path.with_suffix(".tmp")
    temporary.write_text(json.dumps({"networks": entries}, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    temporary.replace(path)
    return path


def _row(entry: dict[str, Any]) -> FloatGradients:
    lists = {"epsilons": tuple(entry["epsilons"]), "right": {who: tuple(n) for who, n in entry["right"].items()}}
    return FloatGradients(**{**entry, **lists})
