"""The scripts of the pages that look at one image: *Explore* and *Landscape*."""

from gradlab.images.registry import known_image_set
from gradlab.report.scripts.parts import image_line, literal, model_line
from gradlab.types import LabelSource, Rule


def explore_code(
    dataset: str, model: str, index: int, rule: Rule | str, epsilon: float, labels: LabelSource | str,
    source: str = "auto",
) -> str:  # fmt: skip
    """A script that perturbs one image as the page Explore does and prints the numbers that it shows.

    Args:
        dataset: the data set's name.
        model: the weights' name.
        index: the image's place in the test split.
        rule: the direction.
        epsilon: the signed step, in the rule's unit.
        labels: which label the loss is taken for.
        source: where the image comes from: `store`, `sample` or `auto`.
    """
    known = known_image_set(dataset)
    truth = 'print("true class", batch.classes[seen.label])\n' if known is None or known.labelled else ""
    return f"""\
import gradlab

{model_line(model, dataset)}
{image_line(dataset, index, source)}
seen = gradlab.explore(model, batch, {literal(rule)}, {epsilon!r}, labels={literal(str(labels))})

{truth}print("loss of", batch.classes[seen.used_label], seen.loss, "L2 norm of its gradient", seen.gradient_l2)
for form, view in (("clean", seen.clean), ("perturbed", seen.perturbed), ("8-bit", seen.rounded)):
    print(form, batch.classes[view.prediction], view.probabilities.max(), view.measures, "changed", view.changed)
for name, before, after in zip(batch.classes, seen.clean.probabilities, seen.perturbed.probabilities):
    print(name, before, after)
"""


def landscape_code(
    dataset: str, model: str, index: int, rule: Rule | str, reach: float, labels: LabelSource | str, across: int,
    source: str = "auto",
) -> str:  # fmt: skip
    """A script that computes the line and the plane of the page Landscape and prints them as CSV.

    `reach` is the largest epsilon, in the rule's unit, `across` the seed of the random direction; the rest is as for
    `explore_code`.
    """
    step = f"{literal(rule)}, {reach!r}, labels={literal(str(labels))}"
    return f"""\
import gradlab
from gradlab.report import loss_line_to_csv, loss_plane_to_csv

{model_line(model, dataset)}
{image_line(dataset, index, source)}
line = gradlab.loss_line(model, batch, {step})
plane = gradlab.loss_plane(model, batch, {step}, across={across})

print("lowest loss of the negative direction", line.loss[line.lowest], "at epsilon", line.epsilons[line.lowest])
print(loss_line_to_csv(line, batch.classes))
print(loss_plane_to_csv(plane, batch.classes))
"""
