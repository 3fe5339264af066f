"""Every figure that gradlab draws, of what is shipped: whole test splits and all rules."""

from collections.abc import Iterator

import numpy as np
import plotly.graph_objects as go
from helpers import plane, transferred
from observers import DESIGN, OBSERVERS, sweep

from gradlab.experiments.stored import load_baseline, selected
from gradlab.figures.classes import class_bar_figure, class_heat_figure, confusion_figure
from gradlab.figures.compare import Side, compare_figure
from gradlab.figures.flips import flip_figure, flip_side_figure
from gradlab.figures.flows import flow_figure
from gradlab.figures.landscape import loss_line_figure
from gradlab.figures.panels import class_panels_figure
from gradlab.figures.paper import SCALES, fair_figure, labels_figure
from gradlab.figures.plane import loss_plane_figure
from gradlab.figures.sweep import area_figure, sweep_figure
from gradlab.figures.thresholds import seen_figure
from gradlab.figures.transfer import transfer_figure
from gradlab.seeing.psychometrics import simulate
from gradlab.seeing.thresholds import see
from gradlab.steps.epsilon import default_grid
from gradlab.types import LabelSource, LossLine, Rule, SweepResult


def figures() -> Iterator[tuple[str, go.Figure]]:
    """Each by its function's name, and what it is of."""
    baseline = load_baseline("alexnet", "cifar10")
    whole = selected(baseline, list(Rule), True)
    for axis in ("epsilon", "l2"):
        yield f"sweep_figure {axis}", sweep_figure(whole, axis)
        yield f"class_panels_figure {axis}", class_panels_figure(whole, range(10), axis)
    for first, second in ((Rule.SIGN, Rule.RAW), (Rule.RAW, Rule.RAW), (Rule.MAX, Rule.L2)):
        sides = Side("A: alexnet", whole, whole.curve(first)), Side("B: alexnet", whole, whole.curve(second))
        yield f"compare_figure {first} {second}", compare_figure(sides, "epsilon", (3, 4))
    yield "area_figure", area_figure(whole)
    yield "flip_figure", flip_figure(whole)
    yield from _of_rules(baseline, whole)
    yield from _of_classes(whole)
    yield "transfer_figure", transfer_figure(transferred())
    for measure in SCALES:
        yield f"fair_figure {measure}", fair_figure(baseline, measure)
    told = load_baseline("alexnet", "cifar10", LabelSource.PREDICTED)
    yield "labels_figure", labels_figure(baseline, told)
    yield from _seen()


def _of_rules(baseline: SweepResult, whole: SweepResult) -> Iterator[tuple[str, go.Figure]]:
    for rule in Rule:
        yield f"class_panels_figure {rule}", class_panels_figure(selected(baseline, [rule], False), range(10))
        grid = np.array(default_grid(rule))
        for side in (-1, 1):
            flips = np.resize(np.append(grid[grid * side > 0], np.nan), 512)
            yield f"flip_side_figure {rule} {side}", flip_side_figure(flips, rule, side, side * abs(grid[3]))
        reach = np.linspace(-grid[-1], grid[-1], 41)
        line = LossLine(
            rule=rule, label=0, epsilons=reach, loss=2e3 + 1e3 * np.sin(3 * reach / grid[-1]),
            predictions=(np.arange(41) // 9).astype(np.int16), slope=1.0,
        )  # fmt: skip
        yield f"loss_line_figure {rule}", loss_line_figure(line, whole.classes, grid[-2])
        for count in (9, 41):
            square = plane(count, rule=rule, epsilons=np.linspace(-grid[-1], grid[-1], count))
            yield f"loss_plane_figure {rule} {count}", loss_plane_figure(square, whole.classes, grid[-2])


def _of_classes(whole: SweepResult) -> Iterator[tuple[str, go.Figure]]:
    for dataset in ("cifar10", "cifar100", "svhn", "fashion_mnist"):
        result = selected(load_baseline("alexnet", dataset), list(Rule), True)
        for curve in result.curves:
            yield f"class_heat_figure {dataset} {curve.rule}", class_heat_figure(result, curve, 3)
        yield f"class_bar_figure {dataset}", class_bar_figure(result, result.curves[0], 3)
        yield f"confusion_figure {dataset}", confusion_figure(result, result.curves[0], 3)
        yield f"flow_figure {dataset}", flow_figure(result, result.curves[0], 3)


def _seen() -> Iterator[tuple[str, go.Figure]]:
    found = see(DESIGN, simulate(DESIGN, OBSERVERS, runs=6, seed=30), sweep())
    for axis in ("epsilon", "l2", "psnr", "ssim"):
        yield f"seen_figure {axis}", seen_figure(found, axis)
