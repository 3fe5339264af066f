"""What the pages ask the backend for, kept between runs. Keyed by names, indices and numbers, never by tensors.

Sessions are threads of one process that share a device: one lock lets them take turns, a chunk of work each. What is
kept is shared, so nobody may change it; that is also why it is kept as it is (`cache_resource`) and not copied for each
reader.
"""

from collections import OrderedDict
from collections.abc import Hashable, Iterator
from typing import Any, TypeVar

import numpy as np
import streamlit as st
from torch import nn

from gradlab.datasets import dataset_status, load_batch
from gradlab.datasets.load import Source
from gradlab.datasets.store import read_split
from gradlab.device import describe_device, resolve_device
from gradlab.epsilon import default_grid, fine_grid
from gradlab.errors import GradlabError
from gradlab.explore import epsilon_for_l2, explore
from gradlab.explore import track as explore_track
from gradlab.gallery import walk
from gradlab.landscape import loss_line, stream_loss_plane
from gradlab.models import find_card, load_model
from gradlab.stored import load_stored, results_path, selected
from gradlab.sweep import stream_sweep
from gradlab.types import (
    Batch,
    BoolArray,
    Exploration,
    IntArray,
    LabelSource,
    LossLine,
    LossPlane,
    Rule,
    SweepResult,
    Tiles,
    Track,
    TransferResult,
)
from gradlab.ui.turns import Turns

SweepKey = tuple[str, str, tuple[Rule, ...], int, LabelSource, bool]
TransferKey = tuple[str, tuple[str, ...], Rule, float, int, LabelSource]
StudyKey = tuple[str, str, str, str]
Studies = dict[LabelSource, SweepResult]  # for true and for predicted labels
PlaneKey = tuple[str, str, int, Rule, float, LabelSource, int]
Key = TypeVar("Key", bound=Hashable)
Done = TypeVar("Done", SweepResult, LossPlane, TransferResult)
_KEPT = 24
_KEPT_PARTS = {"pool": 4, "steps": 12, "flips": 64}  # of galleries: up to 50 MB, 6 MB and 16 kB each

# Forward passes of one image in a batch, by the kind of device: some tenths of a second. Between batches a run of the
# page hears Stop, other choices, and that its tab was closed, for which three sessions at once should not take 2 s.
_PASSES = {"cpu": 2000}
_PASSES_ELSEWHERE = 50_000


@st.cache_resource(show_spinner=False)
def device_lock() -> Turns:
    """Whoever computes holds this, for a chunk of work at a time."""
    return Turns()


def device_name() -> str:
    """The device that everything runs on, as a person would say it."""
    return describe_device(str(resolve_device("auto")))


@st.cache_resource(max_entries=16, show_spinner="Loading the network …")
def model(name: str, dataset: str) -> nn.Module:
    """A shipped network, on the device."""
    return load_model(name, dataset)


@st.cache_resource(max_entries=4, show_spinner="Loading the images …")
def sample(dataset: str) -> Batch:
    """The embedded sample of a data set: the images that one can leaf through, the classes mixed."""
    return load_batch(dataset, limit=dataset_status(dataset)["sample"], source="sample")


@st.cache_resource(max_entries=4, show_spinner="Loading the images …")
def batch(dataset: str, limit: int) -> Batch:
    """A class-balanced draw from the test split (the embedded sample, where the full set is not at hand)."""
    return load_batch(dataset, limit=limit)


@st.cache_resource(max_entries=256, show_spinner=False)
def exploration(
    dataset: str, model_name: str, index: int, rule: Rule, epsilon: float, labels: LabelSource, source: Source = "auto"
) -> Exploration:
    """One image under one step."""
    one = load_one(dataset, index, source)
    network = model(model_name, dataset)
    with device_lock():
        return explore(network, one, rule, epsilon, labels=labels)


@st.cache_resource(max_entries=128, show_spinner=False)
def track(dataset: str, model_name: str, index: int, rule: Rule, labels: LabelSource) -> Track:
    """One image along its direction, over the fine grid of the rule."""
    one, network = load_one(dataset, index), model(model_name, dataset)
    with device_lock():
        return explore_track(network, one, rule, fine_grid(rule), labels=labels)


@st.cache_resource(max_entries=256, show_spinner=False)
def equal_l2(
    dataset: str, model_name: str, index: int, rule: Rule, l2: float, labels: LabelSource
) -> tuple[float, float]:
    """The epsilons, up and down the loss, at which one image is changed by that distance."""
    one = load_one(dataset, index)
    network = model(model_name, dataset)
    with device_lock():
        return epsilon_for_l2(network, one, rule, l2, labels=labels)


@st.cache_resource(max_entries=256, show_spinner=False)
def load_one(dataset: str, index: int, source: Source = "auto") -> Batch:
    """The image at a place of the test split; of `auto`, that of the embedded sample where it is in there."""
    if source == "auto" and index in sample(dataset).indices.tolist():
        source = "sample"
    return load_batch(dataset, indices=[index], source=source)


@st.cache_resource(show_spinner=False)
def _sweeps() -> OrderedDict[SweepKey, SweepResult]:
    return OrderedDict()


def images_at_hand(dataset: str) -> int:
    """How many test images a sweep can draw from."""
    status = dataset_status(dataset)
    return status["test"] or status["sample"] or len(sample(dataset))


def showable(result: SweepResult) -> tuple[BoolArray, Source]:
    """Which images of a result can be shown, (N,), and where they come from.

    What was measured elsewhere may be of images that are not here; and a split may come in another order here, which
    its labels tell. The places in the embedded sample are those of the shipped studies.
    """
    stored = dataset_status(result.dataset)["test"] or 0
    within = result.source == "store" and result.indices.max() < stored
    if within and np.array_equal(_stored_labels(result.dataset, stored)[result.indices], result.labels):
        return np.ones(result.images, np.bool_), "store"
    return np.isin(result.indices, sample(result.dataset).indices.numpy()), "sample"


@st.cache_resource(max_entries=4, show_spinner=False)
def _stored_labels(dataset: str, images: int) -> IntArray:
    labels: IntArray = read_split(dataset, "test")[1].numpy()
    return labels


def stored_study(model_name: str, dataset: str, labels: LabelSource) -> SweepResult:
    """The shipped study of a network; read again when its file, or the network's, is another.

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
    model_name: str, dataset: str, labels: LabelSource, sha256: str, path: str, changed: int
) -> SweepResult:
    return load_stored(find_card(model_name, dataset), labels)


def study(model_name: str, dataset: str, labels: LabelSource) -> SweepResult | None:
    """The curves of a network that are shipped, all rules over their default grids; None where there are none.

    That is with other labels than the true ones, and when what is shipped is damaged, of other weights or of other
    grids: then the curves are computed as any others.
    """
    if labels != LabelSource.TRUE:
        return None
    try:
        return selected(stored_study(model_name, dataset, labels), tuple(Rule), rounded=True)
    except GradlabError:
        return None


def finished_sweep(key: SweepKey) -> SweepResult | None:
    """A sweep that was measured beforehand, or that somebody has already waited for."""
    dataset, model_name, rules, limit, labels, rounded = key
    ready = study(model_name, dataset, labels)
    if ready and ready.images == limit:
        return selected(ready, rules, rounded)
    return _sweeps().get(key)


def begin_sweep(key: SweepKey) -> Iterator[SweepResult]:
    """Begin a sweep; it is computed a batch at a time, as its results are asked for."""
    dataset, model_name, rules, limit, labels, rounded = key
    # Loaded here and not in the generator: loading may show a spinner, where a rerun may end whatever is running.
    network, images = model(model_name, dataset), batch(dataset, limit)
    stream = stream_sweep(
        network, images, rules, labels=labels, eight_bit=rounded, batch_size=batch_size(rules, rounded),
        lock=device_lock(),
    )  # fmt: skip
    return kept(stream, key, _sweeps())


def batch_size(rules: tuple[Rule, ...], rounded: bool) -> int:
    """So many images that a batch of them takes some tenths of a second."""
    passes = sum(len(default_grid(rule)) for rule in rules) * (2 if rounded else 1)
    return max(4, min(512, _PASSES.get(resolve_device("auto").type, _PASSES_ELSEWHERE) // passes))


def kept(stream: Iterator[Done], key: Key, finished: OrderedDict[Key, Done]) -> Iterator[Done]:
    """The same, and the last one is kept for whoever asks for it again."""
    for result in stream:
        if result.complete:
            finished[key] = result
            while len(finished) > _KEPT:
                finished.popitem(last=False)
        yield result


@st.cache_resource(max_entries=256, show_spinner="Computing the loss along the direction …")
def line(dataset: str, model_name: str, index: int, rule: Rule, reach: float, labels: LabelSource) -> LossLine:
    """The loss along the direction from an image."""
    return loss_line(
        model(model_name, dataset), load_one(dataset, index), rule, reach, labels=labels, lock=device_lock()
    )


@st.cache_resource(show_spinner=False)
def _planes() -> OrderedDict[PlaneKey, LossPlane]:
    return OrderedDict()


def finished_plane(key: PlaneKey) -> LossPlane | None:
    """A plane that somebody has already waited for."""
    return _planes().get(key)


def begin_plane(key: PlaneKey) -> Iterator[LossPlane]:
    """Begin a plane; it is computed a chunk at a time, as its results are asked for."""
    dataset, model_name, index, rule, reach, labels, across = key
    network, image = model(model_name, dataset), load_one(dataset, index)
    stream = stream_loss_plane(network, image, rule, reach, labels=labels, across=across, lock=device_lock())
    return kept(stream, key, _planes())


@st.cache_resource(show_spinner=False)
def transfers() -> OrderedDict[TransferKey, TransferResult]:
    """Transfers that somebody has waited for; whoever adds one sees to it that they do not become many."""
    return OrderedDict()


@st.cache_resource(show_spinner=False)
def fresh_studies() -> OrderedDict[StudyKey, Studies]:
    """Studies that were measured since the server began; whoever adds one sees to it that they do not become many."""
    return OrderedDict()


@st.cache_resource(max_entries=64, show_spinner="Taking all steps with this image …")
def walked(
    dataset: str, model_name: str, index: int, rules: tuple[Rule, ...], labels: LabelSource
) -> dict[Rule, Tiles]:
    """One image under every epsilon of the default grids of some rules."""
    one, network = load_one(dataset, index), model(model_name, dataset)
    return walk(network, one, rules, labels=labels, lock=device_lock())


def gallery_part(kind: str, key: Hashable) -> Any:
    """What was kept of a gallery: its `pool`, `steps` or `flips`; None where it was not, or no longer is."""
    return _gallery_parts()[kind].get(key)


def keep_gallery_part(kind: str, key: Hashable, part: Any) -> None:
    """Keep it for whoever asks for the same, in place of the oldest of its kind."""
    parts = _gallery_parts()[kind]
    parts[key] = part
    while len(parts) > _KEPT_PARTS[kind]:
        parts.popitem(last=False)


@st.cache_resource(show_spinner=False)
def _gallery_parts() -> dict[str, OrderedDict[Hashable, Any]]:
    return {kind: OrderedDict() for kind in _KEPT_PARTS}
