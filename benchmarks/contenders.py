"""Who is measured, and what was promised of gradlab's speed against each."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import gradlab
from benchmarks.floor import can_compile, exact_floor_settings, floor_settings, prepare_floor
from benchmarks.libraries import (
    ART_BATCH,
    as_it_comes,
    library_settings,
    prepare_art,
    prepare_foolbox,
    prepare_foolbox_run,
    prepare_torchattacks,
)
from benchmarks.task import Predictions, Run, Seen, Setting, Task
from gradlab.experiments.asking import asking_of


@dataclass(frozen=True)
class Promise:
    """What was promised of gradlab's speed with one network.

    Attributes:
        bars: how many times as long as gradlab a contender, by its name, has to take at least.
        dataset: whose images and network these are.
        images: how many images that is for, on a CPU.
        repeats: how many rounds are taken of so many images.
        epsilons: how many that is for.
    """

    bars: Mapping[str, float]
    dataset: str = "cifar10"
    images: int = 512
    repeats: int = 7
    epsilons: int = 10


# Each in its own best setting: a library as it comes has no bar. The floor's say that gradlab takes at most 1.15 times
# as long; of the other networks and the floor nothing was promised.
PROMISES = {
    "alexnet": Promise({"torchattacks": 5, "foolbox": 7, "ART": 6, "floor": 1 / 1.15, "floor, answers kept": 1 / 1.15}),
    "resnet9": Promise({"torchattacks": 6, "foolbox": 8, "ART": 7}, images=256, repeats=3),
    "efficientnet_lite0": Promise({"torchattacks": 3, "foolbox": 3, "ART": 3}, "photos", images=64, repeats=3),
}
NOTHING_PROMISED = Promise({})


@dataclass(frozen=True, eq=False)
class Contender:
    """Somebody who does the task.

    Attributes:
        name: as in the table.
        settings: the ways to try, for a task.
        prepare: makes what is made once (models, classifiers, arrays), outside the measured time; gives what is timed.
        exact: whether every prediction has to be float32's own.
        shows: whether its images can be seen.
        whole: whether it is tried with all epsilons, and what was tried is what is timed: where preparing takes long.
        plain: whether its float32 is float32 while it is timed; else as PyTorch comes, with TF32 on a GPU.
    """

    name: str
    settings: Callable[[Task], Sequence[Setting]]
    prepare: Callable[[Task, Setting], Run]
    exact: bool = True
    shows: bool = True
    whole: bool = False
    plain: bool = True


def prepare_gradlab(task: Task, setting: Setting) -> Run:
    """`gradlab.sweep`, which also measures each image's L2, L∞, PSNR, probability and clipped share.

    How to ask the model is found out once, in the first run: compiling and calibrating are preparation, as making a
    classifier is for others. Gradients are not kept: each run takes its own.
    """
    asking = asking_of(task.model, setting.precision, setting.compiled, keep=False)

    def run(seen: Seen) -> Predictions:
        result = gradlab.sweep(task.model, task.batch, ["sign"], task.epsilons, batch_size=setting.batch, asking=asking)
        return result.curves[0].predictions

    return run


def gradlab_settings(task: Task) -> list[Setting]:
    """The network itself, and compiled where that can be done."""
    ways = (False, True) if can_compile(task.device) else (False,)
    return [Setting(task.batch_size, precision="auto", compiled=compiled) for compiled in ways]


def float32_settings(task: Task) -> list[Setting]:
    """In float32 from first to last."""
    return [Setting(task.batch_size)]


OURS = Contender("gradlab", gradlab_settings, prepare_gradlab, shows=False, whole=True)
FLOOR = Contender("floor", floor_settings, prepare_floor, exact=False, whole=True)
CONTENDERS = (
    OURS,
    Contender("gradlab, float32", float32_settings, prepare_gradlab, shows=False),
    FLOOR,
    Contender("floor, answers kept", exact_floor_settings, prepare_floor, whole=True),
    Contender("torchattacks", library_settings, prepare_torchattacks),
    Contender("torchattacks, as it comes", as_it_comes(None), prepare_torchattacks, plain=False),
    Contender("foolbox", library_settings, prepare_foolbox),
    Contender("foolbox, as it comes", as_it_comes(None), prepare_foolbox, plain=False),
    Contender("foolbox, run()", library_settings, prepare_foolbox_run),
    Contender("ART", library_settings, prepare_art),
    Contender("ART, as it comes", as_it_comes(ART_BATCH), prepare_art, plain=False),
)
