"""Curves that were measured beforehand, and are shipped."""

from dataclasses import replace

import streamlit as st

from gradlab.errors import GradlabError
from gradlab.experiments.stored import baseline_of, measured_card, results_path
from gradlab.steps.epsilon import of_default_grid
from gradlab.types import LabelSource, SweepResult


def stored(model_name: str, dataset: str, part: LabelSource | str) -> SweepResult:
    """One part of a network's baseline, one of `gradlab.experiments.stored.PARTS`.

    It is read again when its file, or the network's, has changed.

    Raises:
        MissingFileError: when there is none.
        CorruptFileError: when it is damaged, or does not belong to the network's weights.
    """
    card = measured_card(model_name, dataset)
    path = results_path(card, part)
    changed = path.stat().st_mtime_ns if path.is_file() else 0
    return _stored(model_name, dataset, part, card.sha256, str(path), changed)


@st.cache_resource(max_entries=32, show_spinner="Loading the curves …")
def _stored(
    model_name: str, dataset: str, part: LabelSource | str, sha256: str, path: str, changed: int
) -> SweepResult:
    return baseline_of(measured_card(model_name, dataset), part)


def baseline(model_name: str, dataset: str, labels: LabelSource) -> SweepResult | None:
    """The curves of a network's baseline that can stand in for a sweep: those with the rule's whole default grid.

    None where there is none: with other labels than the true ones, and when what is shipped is damaged or of other
    weights. Then the curves are computed as any others.
    """
    if labels != LabelSource.TRUE:
        return None
    try:
        found = stored(model_name, dataset, labels)
    except GradlabError:
        return None
    curves = tuple(
        curve
        for curve in found.curves
        if curve.rounded is not None and of_default_grid(curve.rule, curve.epsilons) is not None
    )
    return replace(found, curves=curves) if curves else None
