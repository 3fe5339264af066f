"""The script of the page *Landscape*."""

from gradlab.report.scripts.parts import image_line, literal, model_line
from gradlab.types import LabelSource, Rule


def landscape_code(
    dataset: str, model: str, index: int, rule: Rule | str, reach: float, labels: LabelSource | str, across: int,
    source: str = "auto",
) -> str:  # fmt: skip
    """A script that computes the line and the plane of the page Landscape and prints them as CSV.

    Args:
        dataset: the data set's name.
        model: the weights' name.
        index: the image's place in the test split.
        rule: the direction.
        reach: the largest epsilon, in the rule's unit.
        labels: which label the loss is taken for.
        across: the seed of the random direction.
        source: where the image comes from: `store`, `sample` or `auto`.
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
