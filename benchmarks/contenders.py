"""Who is measured, and what was promised of gradlab's speed against each."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import gradlab
from benchmarks.floor import exact_floor_settings, floor_settings, prepare_floor
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

BAR_TASK = ("alexnet", "cpu", 512, 10)  # the model, device, images and epsilons that the bars are for


@dataclass(frozen=True, eq=False)
class Contender:
    """Somebody who does the task.

    Attributes:
        name: as in the table.
        settings: the ways to try, for a task.
        prepare: makes what is made once (models, classifiers, arrays), outside the measured time; gives what is timed.
        exact: whether every prediction has to be float32's own.
        shows: whether its images can be seen.
        bar: how many times as long as gradlab it has to take at least, as was promised; None: nothing was.
    """

    name: str
    settings: Callable[[Task], Sequence[Setting]]
    prepare: Callable[[Task, Setting], Run]
    exact: bool = True
    shows: bool = True
    bar: float | None = None


def prepare_gradlab(task: Task, setting: Setting) -> Run:
    """`gradlab.sweep`, which also measures each image's L2, L∞, PSNR, probability and clipped share."""

    def run(seen: Seen) -> Predictions:
        result = gradlab.sweep(
            task.model, task.batch, ["sign"], task.epsilons, batch_size=setting.batch, precision=setting.precision
        )
        return result.curves[0].predictions

    return run


def _own(precision: str) -> Callable[[Task], list[Setting]]:
    return lambda task: [Setting(task.batch_size, precision=precision)]


OURS = Contender("gradlab", _own("auto"), prepare_gradlab, shows=False)
FLOOR = Contender("floor", floor_settings, prepare_floor, exact=False, bar=1 / 1.15)
CONTENDERS = (
    OURS,
    Contender("gradlab, float32", _own("float32"), prepare_gradlab, shows=False),
    FLOOR,
    Contender("floor, answers kept", exact_floor_settings, prepare_floor, bar=1 / 1.15),
    Contender("torchattacks", library_settings, prepare_torchattacks, bar=5),
    Contender("torchattacks, as it comes", as_it_comes(None), prepare_torchattacks, bar=5),
    Contender("foolbox", library_settings, prepare_foolbox, bar=7),
    Contender("foolbox, as it comes", as_it_comes(None), prepare_foolbox, bar=7),
    Contender("foolbox, run()", library_settings, prepare_foolbox_run),
    Contender("ART", library_settings, prepare_art, bar=14),
    Contender("ART, as it comes", as_it_comes(ART_BATCH), prepare_art, bar=14),
)
