"""Curves: those that are shipped, and those that are computed here."""

from collections.abc import Iterator

import streamlit as st

from gradlab.errors import GradlabError
from gradlab.experiments.stored import load_baseline, results_path, rules_held, selected
from gradlab.experiments.sweep import stream_sweep
from gradlab.networks import find_card
from gradlab.steps.epsilon import default_grid
from gradlab.types import LabelSource, Rule, SweepResult
from gradlab.ui.cached.devices import device, device_lock
from gradlab.ui.cached.inputs import batch, model
from gradlab.ui.cached.shelves import keeping, recall

# data set, model, rules, number of images, label source, whether to round as well
SweepKey = tuple[str, str, tuple[Rule, ...], int, LabelSource, bool]

# Forward passes of one image in a batch, by the kind of device: some tenths of a second. Between batches a run of the
# page hears Stop, other choices, and that its tab was closed, for which three sessions at once should not take 2 s.
_PASSES = {"cpu": 2000}
_PASSES_ELSEWHERE = 50_000


def stored_study(model_name: str, dataset: str, labels: LabelSource | str) -> SweepResult:
    """A part of the shipped study of a network, one of `gradlab.experiments.stored.PARTS`.

    It is read again when its file, or the network's, is another.

    Raises:
        MissingFileError: when there is none.
        CorruptFileError: when it is damaged, or does not belong to the network's weights.
    """
    card = find_card(model_name, dataset)
    path = results_path(card, labels)
    changed = path.stat().st_mtime_ns if path.is_file() else 0
    return _stored_study(model_name, dataset, labels, card.sha256, str(path), changed)


@st.cache_resource(max_entries=32, show_spinner="Loading the curves …")
def _stored_study(
    model_name: str, dataset: str, labels: LabelSource | str, sha256: str, path: str, changed: int
) -> SweepResult:
    return load_baseline(model_name, dataset, labels)


def study(model_name: str, dataset: str, labels: LabelSource) -> SweepResult | None:
    """The curves of a network that are shipped, over the rules' default grids; None where there are none.

    That is with other labels than the true ones, and when what is shipped is damaged, of other weights or of other
    grids: then the curves are computed as any others.
    """
    if labels != LabelSource.TRUE:
        return None
    try:
        found = stored_study(model_name, dataset, labels)
        held = rules_held(found)
        return selected(found, held, rounded=True) if held else None
    except GradlabError:
        return None


def finished_sweep(key: SweepKey) -> SweepResult | None:
    """A sweep that was measured beforehand, or that somebody has already waited for."""
    dataset, model_name, rules, limit, labels, rounded = key
    ready = study(model_name, dataset, labels)
    if ready and ready.images == limit and {curve.rule for curve in ready.curves}.issuperset(rules):
        return selected(ready, rules, rounded)
    found: SweepResult | None = recall("sweeps", key)
    return found


def begin_sweep(key: SweepKey, ssim: bool = False) -> Iterator[SweepResult]:
    """Begin a sweep, with SSIM if wanted; it is computed a batch at a time, as its results are asked for."""
    dataset, model_name, rules, limit, labels, rounded = key
    # Loaded here and not in the generator: loading may show a spinner, where a rerun may end whatever is running.
    network, images = model(model_name, dataset), batch(dataset, limit)
    stream = stream_sweep(
        network, images, rules, labels=labels, eight_bit=rounded, ssim=ssim,
        batch_size=batch_size(rules, rounded), compiled=False, lock=device_lock(),
    )  # fmt: skip
    return keeping("sweeps", key, stream)


def batch_size(rules: tuple[Rule, ...], rounded: bool) -> int:
    """So many images that a batch of them takes some tenths of a second."""
    passes = sum(len(default_grid(rule)) for rule in rules) * (2 if rounded else 1)
    return max(4, min(512, _PASSES.get(device().type, _PASSES_ELSEWHERE) // passes))
