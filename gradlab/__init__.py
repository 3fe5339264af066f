"""gradlab: a laboratory for one-step gradient perturbations of images.

    model = gradlab.load_model("alexnet", "cifar10")
    batch = gradlab.load_batch("cifar10", limit=512)
    x_adv = gradlab.perturb(model, batch.images, batch.labels, epsilon=8 / 255, rule="sign")
    result = gradlab.sweep(model, batch, rules=("sign", "raw"))

What is named here is the public API, with what the rooms in `_ROOMS` name. Each name is loaded when it is first used,
so that `import gradlab` is quick and the parts that need no torch (figures, report, statistics) never load it.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from gradlab.shipped import __version__ as __version__

if TYPE_CHECKING:
    from gradlab.errors import GradlabError
    from gradlab.experiments.equal import equal_epsilon
    from gradlab.experiments.explore import epsilon_for_l2, explore
    from gradlab.experiments.gallery import chosen, gallery, walk
    from gradlab.experiments.landscape import loss_line, loss_plane, stream_loss_plane
    from gradlab.experiments.stored import load_baseline
    from gradlab.experiments.sweep import stream_sweep, sweep
    from gradlab.experiments.transfer import stream_transfer, transfer
    from gradlab.images.folder import load_folder
    from gradlab.images.load import load_batch
    from gradlab.images.pictures import load_pictures
    from gradlab.networks import load_model
    from gradlab.networks.brought import Network
    from gradlab.networks.check import Check, check_network
    from gradlab.networks.folder import load_network
    from gradlab.networks.guests import bring
    from gradlab.report.archive import load_result, save_result
    from gradlab.steps.epsilon import default_grid
    from gradlab.steps.gradient import Gradient, exact_gradient, loss_gradient
    from gradlab.steps.perturb import direction, perturb, step, to_eight_bit
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
    from gradlab.ui.serving import serve

_HOMES = {
    "errors": ("GradlabError",),
    "experiments.equal": ("equal_epsilon",),
    "experiments.explore": ("epsilon_for_l2", "explore"),
    "experiments.gallery": ("chosen", "gallery", "walk"),
    "experiments.landscape": ("loss_line", "loss_plane", "stream_loss_plane"),
    "experiments.stored": ("load_baseline",),
    "experiments.sweep": ("stream_sweep", "sweep"),
    "experiments.transfer": ("stream_transfer", "transfer"),
    "images.folder": ("load_folder",),
    "images.load": ("load_batch",),
    "images.pictures": ("load_pictures",),
    "networks": ("load_model",),
    "networks.brought": ("Network",),
    "networks.check": ("Check", "check_network"),
    "networks.folder": ("load_network",),
    "networks.guests": ("bring",),
    "report.archive": ("load_result", "save_result"),
    "steps.epsilon": ("default_grid",),
    "steps.gradient": ("Gradient", "exact_gradient", "loss_gradient"),
    "steps.perturb": ("direction", "perturb", "step", "to_eight_bit"),
    "types": (
        "Batch", "Curve", "Exploration", "Gallery", "LabelSource", "LossLine", "LossPlane", "Rule", "SweepResult",
        "Tiles", "TransferResult",
    ),
    "ui.serving": ("serve",),
}  # fmt: skip
_ROOMS = ("report", "seeing", "statistics", "types")  # as in `gradlab.seeing.see`: none of them loads torch
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = list(_HOME_OF)


def __getattr__(name: str) -> Any:
    if name in _ROOMS:
        return import_module(f"gradlab.{name}")
    if name not in _HOME_OF:
        raise AttributeError(f"module 'gradlab' has no attribute {name!r}")
    value = getattr(import_module(f"gradlab.{_HOME_OF[name]}"), name)
    globals()[name] = value
    return value
