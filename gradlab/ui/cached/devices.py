"""The device that a session computes on, its lock, and what is kept for each: networks, and one image under a step."""

from collections.abc import Callable, Hashable, Iterable
from functools import wraps
from typing import Any, ParamSpec, TypeVar, cast

import streamlit as st
import torch
from torch import nn

from gradlab.device import available_devices, describe_device, resolve_device
from gradlab.experiments.explore import epsilon_for_l2, explore, stream_track
from gradlab.experiments.first import first_images
from gradlab.experiments.landscape import loss_line
from gradlab.experiments.pool import stream_pool, stream_tiles
from gradlab.images.load import Source
from gradlab.images.registry import space_of
from gradlab.networks import load_model
from gradlab.steps.line import Line, line_through
from gradlab.types import Exploration, LabelSource, LossLine, Rule, Tiles, Track
from gradlab.types.turns import Turns
from gradlab.ui import state
from gradlab.ui.cached.images import beginning, load_few, load_one
from gradlab.ui.cached.keeping import keeper

Asked = ParamSpec("Asked")
Answer = TypeVar("Answer")
Kept = dict[Hashable, Any]


def device() -> torch.device:
    """The device that this session has chosen."""
    return resolve_device(state.get("device"))


def device_name(choice: str | None = None) -> str:
    """A device's name for people: the session's, unless another is chosen."""
    return describe_device(str(resolve_device(choice) if choice else device()))


def device_lock() -> Turns:
    """The lock to hold while computing on this session's device, for a chunk of work at a time."""
    return _lock(str(device()))


@st.cache_resource(show_spinner=False)
def _lock(device: str) -> Turns:
    return Turns()


def kept() -> Kept:
    """What was computed on this session's device, so that nobody waits for it again."""
    return _kept(str(device()))


@st.cache_resource(show_spinner=False)
def _kept(device: str) -> Kept:
    return {}


def keep(there: Kept, key: Hashable, thing: Any, most: int) -> None:
    """Keep it for whoever asks for the same: the last `most` of a kind, which is the type of the key."""
    there[key] = thing
    alike = [one for one in list(there) if type(one) is type(key)]
    for one in alike[: max(0, len(alike) - most)]:
        there.pop(one, None)


def forgetter() -> Callable[[Iterable[str]], None]:
    """What forgets, on every device, all that was computed of image sets with some keys; any thread may call it."""
    places = [_kept(device) for device in {str(resolve_device(name)) for name in available_devices()}]

    def forget(names: Iterable[str]) -> None:
        for there in places:
            for key in list(there):
                if any(name in repr(key) for name in names):
                    there.pop(key, None)

    return forget


def kept_by_device(
    max_entries: int, show_spinner: bool | str = False
) -> Callable[[Callable[Asked, Answer]], Callable[Asked, Answer]]:
    """Like `st.cache_resource`, but for each device separately."""

    def decorate(function: Callable[Asked, Answer]) -> Callable[Asked, Answer]:
        def computed(device: str, *arguments: Any, **named: Any) -> Answer:
            return function(*arguments, **named)

        # Streamlit tells caches apart by these names.
        computed.__module__, computed.__qualname__ = function.__module__, function.__qualname__
        of = keeper(computed, max_entries, show_spinner)

        @wraps(function)
        def asked(*arguments: Asked.args, **named: Asked.kwargs) -> Answer:
            answer: Answer = of(*arguments, *named.values())(str(device()), *arguments, **named)
            return answer

        return asked

    return decorate


def model(name: str, dataset: str) -> nn.Module:
    """A network, on the session's device; one for all image sets of the same classes."""
    return _model(name, space_of(dataset))


@kept_by_device(16, show_spinner="Loading the network …")
def _model(name: str, space: str) -> nn.Module:
    return load_model(name, space, device())


@kept_by_device(64)
def exploration(
    dataset: str, model_name: str, index: int, rule: Rule, epsilon: float, labels: LabelSource, source: Source = "auto"
) -> Exploration:
    """One image under one step."""
    one, network = load_one(dataset, index, source), model(model_name, dataset)
    way = _way(dataset, model_name, index, rule, labels, source)
    with device_lock():
        return explore(network, one, rule, epsilon, labels=labels, line=way)


# Each some 2 MB for a photograph: wherever the handle is let go, no other gradient is needed.
@kept_by_device(16)
def _way(dataset: str, model_name: str, index: int, rule: Rule, labels: LabelSource, source: Source) -> Line:
    one, network = load_one(dataset, index, source), model(model_name, dataset)
    with device_lock():
        return line_through(network, one, rule, labels)


def track(dataset: str, model_name: str, index: int, rule: Rule, labels: LabelSource) -> Track:
    """One image along its direction, as far as it takes to change this image.

    Over the fine grid of the rule; of a large image over a few, and over more when `finer` was called.
    """
    return cast(Track, _growing(dataset, model_name, index, rule, labels).now.result)


def finer(dataset: str, model_name: str, index: int, rule: Rule, labels: LabelSource) -> bool:
    """Ask about a few more epsilons of the fine grid; False when it is all there."""
    work = _growing(dataset, model_name, index, rule, labels)
    return not work.broken and work.advance()


@kept_by_device(32)
def _growing(dataset: str, model_name: str, index: int, rule: Rule, labels: LabelSource) -> state.Work[Track]:
    one, network = load_one(dataset, index), model(model_name, dataset)
    way = _way(dataset, model_name, index, rule, labels, "auto")
    steps = stream_track(network, one, rule, labels=labels, lock=device_lock(), line=way)
    work = state.Work(state.Progress(result=step, at_once=True) for step in steps)
    work.advance()
    return work


@kept_by_device(64, show_spinner="Looking for an image to begin with …")
def first_places(dataset: str, model_name: str) -> tuple[int | None, int | None]:
    """Where in the test split the images to begin with are: one that a small step turns, one that it repairs."""
    few, network = beginning(dataset), model(model_name, dataset)
    with device_lock():
        found = first_images(network, few)
    turned, repaired = (None if row is None else int(few.indices[row]) for row in (found.turned, found.repaired))
    return turned, repaired


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
