"""What the pages ask the backend for, kept between runs. Keyed by names, indices and numbers, never by tensors.

Sessions are threads of one process that share a device: one lock lets them take turns, a chunk of work each. What is
kept is shared, so nobody may change it; that is also why it is kept as it is (`cache_resource`) and not copied for each
reader.
"""

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import replace

import streamlit as st
from torch import nn

from gradlab.datasets import dataset_status, load_batch
from gradlab.device import describe_device, resolve_device
from gradlab.epsilon import default_grid
from gradlab.errors import GradlabError
from gradlab.explore import explore
from gradlab.models import find_card, load_model
from gradlab.stored import load_stored, results_path
from gradlab.study import Stage, stream_study
from gradlab.sweep import stream_sweep
from gradlab.types import Batch, Exploration, LabelSource, Rule, SweepResult
from gradlab.ui.turns import Turns

SweepKey = tuple[str, str, tuple[Rule, ...], int, LabelSource, bool]
StudyKey = tuple[str, str, str, str]
Studies = dict[LabelSource, SweepResult]
_KEPT_SWEEPS = 24
_KEPT_STUDIES = 8

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


@st.cache_resource(max_entries=8, show_spinner="Loading the network …")
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
    dataset: str, model_name: str, index: int, rule: Rule, epsilon: float, labels: LabelSource
) -> Exploration:
    """One image under one step."""
    one = load_one(dataset, index)
    network = model(model_name, dataset)
    with device_lock():
        return explore(network, one, rule, epsilon, labels=labels)


@st.cache_resource(max_entries=256, show_spinner=False)
def load_one(dataset: str, index: int) -> Batch:
    """The image at a place of the test split."""
    places = sample(dataset).indices.tolist()
    return load_batch(dataset, indices=[index], source="sample" if index in places else "auto")


@st.cache_resource(show_spinner=False)
def _sweeps() -> OrderedDict[SweepKey, SweepResult]:
    return OrderedDict()


def images_at_hand(dataset: str) -> int:
    """How many test images a sweep can draw from."""
    status = dataset_status(dataset)
    return status["test"] or status["sample"] or len(sample(dataset))


def finished_sweep(key: SweepKey) -> SweepResult | None:
    """A sweep that somebody has already waited for."""
    return _sweeps().get(key)


def begin_sweep(key: SweepKey) -> Iterator[SweepResult]:
    """Begin a sweep; it is computed a batch at a time, as its results are asked for."""
    dataset, model_name, rules, limit, labels, rounded = key
    # Loaded here and not in the generator: loading may show a spinner, where a rerun may end whatever is running.
    network, images = model(model_name, dataset), batch(dataset, limit)
    stream = stream_sweep(
        network, images, rules, labels=labels, eight_bit=rounded, batch_size=_batch_size(rules, rounded),
        lock=device_lock(),
    )  # fmt: skip
    return _kept(stream, key, _sweeps())


def _batch_size(rules: tuple[Rule, ...], rounded: bool) -> int:
    passes = sum(len(default_grid(rule)) for rule in rules) * (2 if rounded else 1)
    return max(4, min(512, _PASSES.get(resolve_device("auto").type, _PASSES_ELSEWHERE) // passes))


def _kept(
    stream: Iterator[SweepResult], key: SweepKey, finished: OrderedDict[SweepKey, SweepResult]
) -> Iterator[SweepResult]:
    """The same, and the last one is kept for whoever asks for this sweep again."""
    for result in stream:
        if result.complete:
            finished[key] = result
            while len(finished) > _KEPT_SWEEPS:
                finished.popitem(last=False)
        yield result


def study(model_name: str, dataset: str, labels: LabelSource) -> tuple[SweepResult | None, str]:
    """What is known of a network: the shipped study, or one that was measured since, where that is missing or stale.

    Returns:
        The study, if there is any; and what is wrong with the shipped one, if anything is.
    """
    try:
        return stored_study(model_name, dataset, labels), ""
    except GradlabError as error:
        fresh = finished_study(study_key(dataset, model_name))
        return (fresh[labels] if fresh else None), str(error)


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


@st.cache_resource(max_entries=32, show_spinner=False)
def _stored_study(
    model_name: str, dataset: str, labels: LabelSource, sha256: str, path: str, changed: int
) -> SweepResult:
    return load_stored(find_card(model_name, dataset), labels)


def study_key(dataset: str, model_name: str) -> StudyKey:
    """What a study is of, its weights named by their checksum."""
    return "study", dataset, model_name, find_card(model_name, dataset).sha256


@st.cache_resource(show_spinner=False)
def _studies() -> OrderedDict[StudyKey, Studies]:
    return OrderedDict()


def finished_study(key: StudyKey) -> Studies | None:
    """The study, for true and for predicted labels, that somebody has already waited for."""
    return _studies().get(key)


def begin_study(key: StudyKey) -> Iterator[Stage]:
    """Begin to measure a network on all test images at hand; a batch at a time, as its stages are asked for."""
    _, dataset, model_name, _ = key
    whole = dataset_status(dataset)["test"] is not None
    images = load_batch(dataset, limit=None if whole else images_at_hand(dataset))
    network = model(model_name, dataset)
    return _studied(network, images, key, _studies())


def _studied(
    network: nn.Module, images: Batch, key: StudyKey, finished: OrderedDict[StudyKey, Studies]
) -> Iterator[Stage]:
    """A study for each label source, one after the other; both are kept when the second is done."""
    results: Studies = {}
    size = _batch_size(tuple(Rule), rounded=True)
    for labels in (LabelSource.TRUE, LabelSource.PREDICTED):
        for stage in stream_study(network, images, labels, batch_size=size, lock=device_lock()):
            if stage.result:
                results[labels] = stage.result
            yield replace(stage, text=f"{labels} labels, {stage.text}")
    finished[key] = results
    while len(finished) > _KEPT_STUDIES:
        finished.popitem(last=False)
