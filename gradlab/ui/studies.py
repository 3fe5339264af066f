"""Studies of a network over all test images: the shipped one, and one that is measured on the spot."""

from collections.abc import Iterator
from dataclasses import replace

from torch import nn

from gradlab.errors import GradlabError
from gradlab.experiments.stored import EQUAL, load_gradients
from gradlab.experiments.study import Stage, equal_steps, stream_equal, stream_study
from gradlab.images.load import load_batch
from gradlab.images.status import dataset_status
from gradlab.networks import find_card, known_cards
from gradlab.types import Batch, FloatGradients, LabelSource, Rule, SweepResult
from gradlab.ui import cached

StudyKey = tuple[str, str, str, str]
Studies = dict[LabelSource | str, SweepResult]  # by the part, one of `gradlab.experiments.stored.PARTS`


def study(model_name: str, dataset: str, part: LabelSource | str) -> tuple[SweepResult | None, str]:
    """What is known of a network, a part of its study: the shipped one, or else one that was measured since.

    Returns:
        The study, if there is any; and what is wrong with the shipped one, if anything is.
    """
    try:
        return cached.stored_study(model_name, dataset, part), ""
    except GradlabError as error:
        fresh = finished_study(study_key(dataset, model_name))
        return (fresh[part] if fresh else None), str(error)


def equals() -> dict[tuple[str, str], SweepResult]:
    """The parts at equal change of all networks, by the names of network and data set; those that there are."""
    found = {(card.name, card.dataset): study(card.name, card.dataset, EQUAL)[0] for card in known_cards()}
    return {key: result for key, result in found.items() if result}


def gradients() -> tuple[list[FloatGradients], str]:
    """What float32 makes of the networks' gradients, as shipped; and why there is none, if so."""
    try:
        return load_gradients(known_cards()), ""
    except GradlabError as error:
        return [], str(error)


def study_key(dataset: str, model_name: str) -> StudyKey:
    """What a study is of, its weights named by their checksum."""
    return "study", dataset, model_name, find_card(model_name, dataset).sha256


def finished_study(key: StudyKey) -> Studies | None:
    """All parts of the study, if somebody has already waited for them."""
    found: Studies | None = cached.recall("studies", key)
    return found


def begin_study(key: StudyKey) -> Iterator[Stage]:
    """Begin to measure a network on all test images at hand; a batch at a time, as its stages are asked for."""
    _, dataset, model_name, _ = key
    whole = dataset_status(dataset)["test"] is not None
    images = load_batch(dataset, limit=None if whole else cached.images_at_hand(dataset))
    return _studied(cached.model(model_name, dataset), images, key)


def _studied(network: nn.Module, images: Batch, key: StudyKey) -> Iterator[Stage]:
    """The parts of a study, one after the other; all are kept when the last is done."""
    results: Studies = {}
    size = cached.batch_size(tuple(Rule), rounded=True)
    for labels in (LabelSource.TRUE, LabelSource.PREDICTED):
        for stage in stream_study(network, images, labels, batch_size=size, compiled=False, lock=cached.device_lock()):
            if stage.result:
                results[labels] = stage.result
            yield replace(stage, text=f"{labels} labels, {stage.text}")
    steps = equal_steps(results[LabelSource.TRUE])
    for stage in stream_equal(network, images, steps, batch_size=size, compiled=False, lock=cached.device_lock()):
        if stage.result:
            results[EQUAL] = stage.result
        yield stage
    cached.keep("studies", key, results)
