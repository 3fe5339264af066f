"""The scripts of the page *Gallery*."""

from collections.abc import Sequence

from gradlab.report.scripts.parts import first_line, image_line, literal, model_line
from gradlab.types import LabelSource, Rule


def gallery_code(  # noqa: PLR0913 - the step, and all that a person chooses among the images
    dataset: str,
    model: str,
    rule: Rule | str,
    epsilon: float,
    labels: LabelSource | str,
    *,
    side: int,
    images: int,
    show: str = "all",
    order: str = "place",
    classes: Sequence[str] = (),
) -> str:
    """A script that takes a step with many images and prints those that the page shows, and the flips of all.

    Args:
        dataset: the data set's name.
        model: the weights' name.
        rule: the direction.
        epsilon: the signed step, in the rule's unit.
        labels: which label the loss is taken for.
        side: above or below 0: where flips are looked for.
        images: how many of the embedded sample, its first ones.
        show: which of them are shown, a name of `gradlab.experiments.gallery.SHOWS`.
        order: what they are sorted by, a name of `gradlab.experiments.gallery.ORDERS`.
        classes: the names of the true classes to keep; none named, all are kept.
    """
    names, kept = literal(list(classes)), "[batch.classes.index(name) for name in names]"
    named = f"names = {names}\n" if classes else ""
    return f"""\
import gradlab
import numpy as np
from gradlab.report import gallery_to_csv

{model_line(model, dataset)}
{first_line(dataset, images)}
rule, epsilon = gradlab.Rule({literal(rule)}), {epsilon!r}
every = gradlab.gallery(model, batch, rule, epsilon, side={side}, labels={literal(str(labels))})

for first, count in zip(*np.unique(every.flips, return_counts=True)):
    print("first flip at", first, "of", count, "images")  # nan: never
{named}shown = every.at(gradlab.chosen(every, {literal(show)}, {literal(order)}{f", {kept}" if classes else ""}))
print(len(shown), "of", len(every), "images")
print(gallery_to_csv(shown, batch.classes, rule, epsilon))
"""


def walk_code(
    dataset: str, model: str, index: int, rules: Sequence[Rule | str], labels: LabelSource | str, source: str = "auto"
) -> str:
    """A script that takes every step of some rules with one image and prints what the page says of each.

    Args:
        dataset: the data set's name.
        model: the weights' name.
        index: the image's place in the test split.
        rules: the directions.
        labels: which label the loss is taken for.
        source: where the image comes from: `store`, `sample` or `auto`.
    """
    return f"""\
import gradlab

{model_line(model, dataset)}
{image_line(dataset, index, source)}
rows = gradlab.walk(model, batch, {literal(list(rules))}, labels={literal(str(labels))})

for rule, tiles in rows.items():
    for epsilon, said, sure in zip(gradlab.default_grid(rule), tiles.predictions, tiles.confidence):
        print(rule, epsilon, batch.classes[said], sure)
"""
