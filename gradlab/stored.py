"""Results that are shipped: studies over whole test splits, in `assets/results`, each for one file of weights."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from gradlab.archive import load_result, save_result
from gradlab.assets import assets_root
from gradlab.epsilon import default_grid
from gradlab.errors import BadValueError, CorruptFileError, MissingFileError
from gradlab.models import ModelCard
from gradlab.types import MEASURES, Curve, LabelSource, Rule, SweepResult


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


def selected(result: SweepResult, rules: Sequence[Rule], rounded: bool) -> SweepResult:
    """The part of a study that a sweep over the default grids would have measured.

    Args:
        result: of a study, or any other that has these grids.
        rules: whose curves to keep, in this order.
        rounded: whether to keep what the network said after rounding to 8 bit.

    Raises:
        UnknownNameError: when the result lacks a rule.
        BadValueError: when it lacks an epsilon of a rule's default grid, or the rounding.
    """
    curves = [result.curve(rule) for rule in rules]
    if rounded and any(curve.rounded is None for curve in curves):
        raise BadValueError("expected a result with eight_bit=True, got one that did not round")
    return replace(result, curves=tuple(_on_default_grid(curve, rounded) for curve in curves))


def _on_default_grid(curve: Curve, rounded: bool) -> Curve:
    kept = np.isin(curve.epsilons, default_grid(curve.rule))
    if kept.sum() != len(default_grid(curve.rule)):
        raise BadValueError(f"expected all epsilons of the default grid of {curve.rule}, got {curve.epsilons.tolist()}")
    columns: dict[str, Any] = {"epsilons": curve.epsilons[kept], "rounded": None}
    for name in ("predictions", *MEASURES, *(("rounded",) if rounded else ())):
        values = getattr(curve, name)
        columns[name] = None if values is None else values[kept]
    return replace(curve, **columns)
