"""What reproduces a result: a line for the shell, and a short script against the public API.

Which images they take is read off the result. A draw is nested, so a sweep that was stopped after 300 of its 2,000
images is the whole sweep of a draw of 300. What was neither drawn nor is the whole split is named image by image.
"""

import json
import shlex
import textwrap
from collections.abc import Mapping

import numpy as np

from gradlab.epsilon import default_grid
from gradlab.types import LabelSource, Rule, SweepResult

_FEW = 12  # a draw of more images than these never comes in the split's own order


def limit_of(result: SweepResult) -> str | None:
    """How many images to draw for the same ones again: a number, or `all` for the whole split in its own order.

    None where no draw gives them.
    """
    in_order = bool((np.diff(result.indices) > 0).all())
    places = np.sort(np.concatenate([result.indices, result.failed]))
    if in_order and result.complete and result.done > _FEW and bool((places == np.arange(result.done)).all()):
        return "all"
    part_of_a_split = in_order and not result.complete
    return None if result.draw_seed is None or part_of_a_split else str(result.done)


def sweep_command(result: SweepResult) -> str | None:
    """The command line that makes this sweep again, or None where there is none. It doesn't measure SSIM.

    There is none for images that were named one by one, are of the train split, or were drawn with another seed than
    that of the rule `random`; for epsilons of one's own that differ between the rules; and for a network that gradlab
    did not load.
    """
    limit, grids = limit_of(result), _grids(result)
    drawn_alike = result.split == "test" and (limit == "all" or result.draw_seed == result.seed)
    if limit is None or not drawn_alike or isinstance(grids, dict) or not result.weights_sha256:
        return None
    words = ["python", "-m", "gradlab", "sweep", "--dataset", result.dataset, "--model", result.model]
    words += ["--rules", ",".join(curve.rule for curve in result.curves)]
    words += [] if grids is None else [f"--epsilons={','.join(map(repr, grids))}"]
    words += ["--limit", limit, "--labels", str(result.label_source), "--seed", str(result.seed)]
    words += ["--eight-bit"] if result.eight_bit else []
    words += ["--source", result.source, "--precision", result.precision, "--batch-size", str(result.batch_size)]
    return shlex.join(words)


def sweep_code(result: SweepResult) -> str:
    """A script that makes this sweep again and prints its clean accuracy, `sweep_to_csv` and the areas.

    On the same device and versions these are the same numbers, to the last digit. For a network that gradlab did not
    load, the line that makes it is left to fill in.
    """
    options = {
        "rules": _literal([str(curve.rule) for curve in result.curves]),
        "epsilons": _literal(_grids(result)),
        "labels": _literal(str(result.label_source)),
        "eight_bit": _literal(result.eight_bit),
        **({"ssim": "True"} if any(curve.ssim is not None for curve in result.curves) else {}),
        "seed": _literal(result.seed),
        "batch_size": _literal(result.batch_size),
        "precision": _literal(result.precision),
    }
    lines = [
        _comment(f"{result.model} on {result.dataset}, measured with {result.software} on {result.device}"),
        "import gradlab",
        "from gradlab.report import sweep_to_csv",
        "from gradlab.statistics import normalised_area",
        "",
        _model_line(result.model, result.dataset, bool(result.weights_sha256)),
        _batch_lines(result),
        "result = gradlab.sweep(",
        "    model,",
        "    batch,",
        *(f"    {name}={value}," for name, value in options.items()),
        ")",
        "",
        'print("clean accuracy", result.clean_accuracy)',
        "print(sweep_to_csv(result))",
        "for curve in result.curves:",
        "    accuracy = result.correct(curve) / result.images",
        "    up, down = normalised_area(curve.epsilons, accuracy, result.clean_accuracy)",
        '    print(curve.rule, "mean accuracy, climbing", up, "descending", down)',
        "# For the rest, see class_accuracy, confusion, first_flip and mcnemar in gradlab.statistics.",
    ]
    return "\n".join(lines) + "\n"


def explore_code(
    dataset: str, model: str, index: int, rule: Rule | str, epsilon: float, labels: LabelSource | str
) -> str:
    """A script that perturbs one image as the page Explore does and prints the numbers that it shows.

    Args:
        dataset: the data set's name.
        model: the weights' name.
        index: the image's place in the test split.
        rule: the direction.
        epsilon: the signed step, in the rule's unit.
        labels: which label the loss is taken for.
    """
    return f"""\
import gradlab

{_model_line(model, dataset, known=True)}
batch = gradlab.load_batch({_literal(dataset)}, indices=[{index}])
seen = gradlab.explore(model, batch, {_literal(str(rule))}, {epsilon!r}, labels={_literal(str(labels))})

print("true class", batch.classes[seen.label])
print("loss of", batch.classes[seen.used_label], seen.loss, "L2 norm of its gradient", seen.gradient_l2)
for form, view in (("clean", seen.clean), ("perturbed", seen.perturbed), ("8-bit", seen.rounded)):
    print(form, batch.classes[view.prediction], view.probabilities.max(), view.measures, "changed", view.changed)
for name, before, after in zip(batch.classes, seen.clean.probabilities, seen.perturbed.probabilities):
    print(name, before, after)
"""


def landscape_code(
    dataset: str, model: str, index: int, rule: Rule | str, reach: float, labels: LabelSource | str, across: int
) -> str:
    """A script that computes the line and the plane of the page Landscape and prints them as CSV.

    Args:
        dataset: the data set's name.
        model: the weights' name.
        index: the image's place in the test split.
        rule: the direction.
        reach: the largest epsilon, in the rule's unit.
        labels: which label the loss is taken for.
        across: the seed of the random direction.
    """
    step = f"{_literal(str(rule))}, {reach!r}, labels={_literal(str(labels))}"
    return f"""\
import gradlab
from gradlab.report import loss_line_to_csv, loss_plane_to_csv

{_model_line(model, dataset, known=True)}
batch = gradlab.load_batch({_literal(dataset)}, indices=[{index}])
line = gradlab.loss_line(model, batch, {step})
plane = gradlab.loss_plane(model, batch, {step}, across={across})

print("lowest loss of the negative direction", line.loss[line.lowest], "at epsilon", line.epsilons[line.lowest])
print(loss_line_to_csv(line, batch.classes))
print(loss_plane_to_csv(plane, batch.classes))
"""


def _grids(result: SweepResult) -> list[float] | dict[str, list[float]] | None:
    """The epsilons as `gradlab.sweep` takes them: None for the default grids, a list where all rules have the same."""
    grids = {str(curve.rule): curve.epsilons.tolist() for curve in result.curves}
    if all(grid == list(default_grid(Rule(rule))) for rule, grid in grids.items()):
        return None
    first = next(iter(grids.values()))
    return first if all(grid == first for grid in grids.values()) else grids


def _model_line(model: str, dataset: str, known: bool) -> str:
    if known:
        return f"model = gradlab.load_model({_literal(model)}, {_literal(dataset)})"
    return f"model = ...  {_comment(f'your own {model}: it takes images in [0, 1] and gives logits')}"


def _batch_lines(result: SweepResult) -> str:
    limit = limit_of(result)
    about = f"split={_literal(result.split)}, source={_literal(result.source)}"
    call = f"batch = gradlab.load_batch({_literal(result.dataset)}, {about}"
    if limit == "all":
        return f"{call}, limit=None)"
    if limit:
        return f"{call}, limit={limit}, seed={result.draw_seed})"
    places = ", ".join(map(str, [*result.indices.tolist(), *result.failed.tolist()]))
    return f"places = [\n{textwrap.indent(textwrap.fill(places, 112), '    ')}\n]\n{call}, indices=places)"


def _literal(value: object) -> str:
    """A value as Python writes it, text in double quotes."""
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_literal(k)}: {_literal(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return f"[{', '.join(map(_literal, value))}]"
    return repr(value)


def _comment(text: str) -> str:
    """On one line, whatever is in it: what follows a line break would be run."""
    return f"# {' '.join(text.split())}"
