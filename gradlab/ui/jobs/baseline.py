"""What is known of a network over all test images: measured beforehand and shipped, or anew on the spot."""

from collections.abc import Iterator
from dataclasses import dataclass
from time import perf_counter
from typing import Any

from torch import nn

from gradlab.errors import GradlabError
from gradlab.experiments.baseline import Stage, equal_steps, stream_baseline, stream_equal
from gradlab.experiments.stored import EQUAL, load_gradients
from gradlab.images.load import load_batch
from gradlab.images.status import dataset_status
from gradlab.networks import find_card, known_cards
from gradlab.types import Batch, FloatGradients, LabelSource, Rule, SweepResult
from gradlab.ui import cached
from gradlab.ui.jobs.job import finished
from gradlab.ui.jobs.sweep import batch_size
from gradlab.ui.state import Progress

Parts = dict[LabelSource | str, SweepResult]  # one of each of `gradlab.experiments.stored.PARTS`


@dataclass(frozen=True)
class BaselineJob:
    """All parts of a baseline, measured anew.

    Attributes:
        dataset: the data set's name.
        model: the weights' name.
        weights: their checksum.
    """

    dataset: str
    model: str
    weights: str

    most, nothing = 8, ""

    def begin(self) -> Iterator[Progress[Parts]]:
        """On all test images at hand, a batch at a time; the parts are there with the last one."""
        whole = dataset_status(self.dataset)["test"] is not None
        images = load_batch(self.dataset, limit=None if whole else cached.images_at_hand(self.dataset))
        options = {"batch_size": batch_size(self.dataset, tuple(Rule), rounded=True), "lock": cached.device_lock()}
        return _measured(cached.model(self.model, self.dataset), images, options)


def job(dataset: str, model: str) -> BaselineJob:
    """What is to be measured, with the weights that are there."""
    return BaselineJob(dataset, model, find_card(model, dataset).sha256)


def known(model: str, dataset: str, part: LabelSource | str) -> tuple[SweepResult | None, str]:
    """What is known of a network, a part of its baseline: the shipped one, or else one that was measured since.

    Returns:
        The part, if there is any; and what is wrong with the shipped one, if anything is.
    """
    try:
        return cached.stored(model, dataset, part), ""
    except GradlabError as error:
        fresh = finished(job(dataset, model))
        return (fresh[part] if fresh else None), str(error)


def equals() -> dict[tuple[str, str], SweepResult]:
    """The parts at equal change of all networks, by the names of network and data set; those that there are."""
    found = {(card.name, card.dataset): known(card.name, card.dataset, EQUAL)[0] for card in known_cards()}
    return {key: result for key, result in found.items() if result}


def gradients() -> tuple[list[FloatGradients], str]:
    """What float32 makes of the networks' gradients, as shipped; and why there is none, if so."""
    try:
        return load_gradients(known_cards()), ""
    except GradlabError as error:
        return [], str(error)


def _measured(network: nn.Module, images: Batch, options: dict[str, Any]) -> Iterator[Progress[Parts]]:
    parts: Parts = {}
    for labels in (LabelSource.TRUE, LabelSource.PREDICTED):
        stages = stream_baseline(network, images, labels, compiled=False, **options)
        yield from _watched(stages, parts, labels, f"{labels} labels, ")
    steps = equal_steps(parts[LabelSource.TRUE])
    yield from _watched(stream_equal(network, images, steps, compiled=False, **options), parts, EQUAL, "")
    yield Progress("done", 1.0, parts)


def _watched(stages: Iterator[Stage], parts: Parts, part: LabelSource | str, labels: str) -> Iterator[Progress[Parts]]:
    """One part, which is put among the others when it is done."""
    text, first, seconds, began = "", 0, 0.0, perf_counter()
    for stage in stages:
        seconds += perf_counter() - began
        if stage.result:
            parts[part] = stage.result
        if stage.text != text:
            text, first, seconds = stage.text, stage.done, 0.0
        told = f"{labels}{text}: {stage.done:,} of {stage.planned:,} images"
        yield Progress(told, stage.done / stage.planned, left=_left(stage, stage.done - first, seconds))
        began = perf_counter()


def _left(stage: Stage, done: int, seconds: float) -> str:
    """How long this part will take yet, as fast as it went so far; nothing in its first seconds."""
    if seconds < 3 or not done:
        return ""
    minutes = (stage.planned - stage.done) * seconds / done / 60
    return f", about {minutes:.0f} min left of this part" if minutes >= 1 else ", less than a minute left of this part"
