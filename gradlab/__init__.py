"""gradlab: a laboratory for one-step gradient perturbations of images.

    model = gradlab.load_model("alexnet", "cifar10")
    batch = gradlab.load_batch("cifar10", limit=512)
    x_adv = gradlab.perturb(model, batch.images, batch.labels, epsilon=8 / 255, rule="sign")
    result = gradlab.sweep(model, batch, rules=("sign", "raw"))

What is named here is the public API. Each name is loaded when it is first used, so that `import gradlab` is quick and
the parts that need no torch (figures, report, statistics) never load it.
"""

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from gradlab.archive import load_result, save_result
    from gradlab.check import Check, check_network
    from gradlab.datasets import load_batch
    from gradlab.epsilon import default_grid
    from gradlab.equal import equal_epsilon
    from gradlab.errors import GradlabError
    from gradlab.explore import epsilon_for_l2, explore
    from gradlab.gallery import gallery, walk
    from gradlab.gradient import Gradient, exact_gradient, loss_gradient
    from gradlab.landscape import loss_line, loss_plane, stream_loss_plane
    from gradlab.models import load_model
    from gradlab.perturb import direction, perturb, step, to_eight_bit
    from gradlab.sweep import stream_sweep, sweep
    from gradlab.transfer import stream_transfer, transfer
    from gradlab.types import (
        Batch,
        Curve,
        Exploration,
        Gallery,
        LabelSource,
        LossLine,
        LossPlane,
        Rule,
        SweepResult,
        Tiles,
        TransferResult,
    )

_HOMES = {
    **dict.fromkeys(("load_result", "save_result"), "archive"),
    **dict.fromkeys(("Check", "check_network"), "check"),
    "load_batch": "datasets",
    "default_grid": "epsilon",
    "equal_epsilon": "equal",
    **dict.fromkeys(("epsilon_for_l2", "explore"), "explore"),
    **dict.fromkeys(("gallery", "walk"), "gallery"),
    "GradlabError": "errors",
    "load_model": "models",
    **dict.fromkeys(("Gradient", "exact_gradient", "loss_gradient"), "gradient"),
    **dict.fromkeys(("direction", "perturb", "step", "to_eight_bit"), "perturb"),
    **dict.fromkeys(("loss_line", "loss_plane", "stream_loss_plane"), "landscape"),
    **dict.fromkeys(("stream_sweep", "sweep"), "sweep"),
    **dict.fromkeys(("stream_transfer", "transfer"), "transfer"),
    **dict.fromkeys(("Batch", "Curve", "Exploration", "Gallery", "LabelSource", "LossLine", "LossPlane"), "types"),
    **dict.fromkeys(("Rule", "SweepResult", "Tiles", "TransferResult"), "types"),
}

__all__ = [
    "Batch",
    "Check",
    "Curve",
    "Exploration",
    "Gallery",
    "Gradient",
    "GradlabError",
    "LabelSource",
    "LossLine",
    "LossPlane",
    "Rule",
    "SweepResult",
    "Tiles",
    "TransferResult",
    "check_network",
    "default_grid",
    "direction",
    "epsilon_for_l2",
    "equal_epsilon",
    "exact_gradient",
    "explore",
    "gallery",
    "load_batch",
    "load_model",
    "load_result",
    "loss_gradient",
    "loss_line",
    "loss_plane",
    "perturb",
    "save_result",
    "step",
    "stream_loss_plane",
    "stream_sweep",
    "stream_transfer",
    "sweep",
    "to_eight_bit",
    "transfer",
    "walk",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'gradlab' has no attribute {name!r}")
    value = getattr(import_module(f"gradlab.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


class _Package(ModuleType):
    """Keeps `gradlab.perturb`, `gradlab.sweep`, `gradlab.explore` and others the functions.

    Importing the submodules of the same names would otherwise put the modules in their place.
    """

    def __setattr__(self, name: str, value: object) -> None:
        shared = isinstance(value, ModuleType) and _HOMES.get(name) == name
        super().__setattr__(name, getattr(value, name) if shared else value)


sys.modules[__name__].__class__ = _Package
