"""One image under a step and along its direction; and a few images under a step."""

from gradlab.experiments.explore import epsilon_for_l2, explore
from gradlab.experiments.explore import track as explore_track
from gradlab.experiments.gallery import walk
from gradlab.experiments.landscape import loss_line
from gradlab.experiments.pool import stream_pool, stream_tiles
from gradlab.images.load import Source
from gradlab.steps.epsilon import fine_grid
from gradlab.types import Exploration, LabelSource, LossLine, Rule, Tiles, Track
from gradlab.ui.cached.devices import device_lock, kept_by_device
from gradlab.ui.cached.inputs import load_few, load_one, model


@kept_by_device(128)
def exploration(
    dataset: str, model_name: str, index: int, rule: Rule, epsilon: float, labels: LabelSource, source: Source = "auto"
) -> Exploration:
    """One image under one step."""
    one, network = load_one(dataset, index, source), model(model_name, dataset)
    with device_lock():
        return explore(network, one, rule, epsilon, labels=labels)


@kept_by_device(64)
def track(dataset: str, model_name: str, index: int, rule: Rule, labels: LabelSource) -> Track:
    """One image along its direction, over the fine grid of the rule."""
    one, network = load_one(dataset, index), model(model_name, dataset)
    with device_lock():
        return explore_track(network, one, rule, fine_grid(rule), labels=labels)


@kept_by_device(256)
def equal_l2(
    dataset: str, model_name: str, index: int, rule: Rule, l2: float, labels: LabelSource
) -> tuple[float, float]:
    """The epsilons, up and down the loss, that change one image by this distance."""
    one, network = load_one(dataset, index), model(model_name, dataset)
    with device_lock():
        return epsilon_for_l2(network, one, rule, l2, labels=labels)


@kept_by_device(256, show_spinner="Computing the loss along the direction …")
def line(dataset: str, model_name: str, index: int, rule: Rule, reach: float, labels: LabelSource) -> LossLine:
    """The loss along the direction from an image."""
    one, network = load_one(dataset, index), model(model_name, dataset)
    return loss_line(network, one, rule, reach, labels=labels, lock=device_lock())


@kept_by_device(16, show_spinner="Taking all steps with this image …")
def walked(
    dataset: str, model_name: str, index: int, rules: tuple[Rule, ...], labels: LabelSource
) -> dict[Rule, Tiles]:
    """One image under every epsilon of the default grids of some rules."""
    one, network = load_one(dataset, index), model(model_name, dataset)
    return walk(network, one, rules, labels=labels, lock=device_lock())


@kept_by_device(64)
def stepped(
    dataset: str, model_name: str, places: tuple[int, ...], rule: Rule, epsilon: float, labels: LabelSource,
    source: Source = "auto",
) -> Tiles:  # fmt: skip
    """A few images under one step, in 8 bit."""
    network, lock = model(model_name, dataset), device_lock()
    *_, pool = stream_pool(network, load_few(dataset, places, source), labels=labels, lock=lock)
    *_, tiles = stream_tiles(network, pool, rule, epsilon, lock=lock)
    return tiles
