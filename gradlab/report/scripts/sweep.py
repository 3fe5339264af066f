"""The script of the page *Curves*, and the line for the shell."""

import shlex

from gradlab.images.registry import known_image_set
from gradlab.report.scripts.parts import baseline_lines, batch_lines, limit_of, literal, measured_line, model_line
from gradlab.steps.epsilon import default_grid
from gradlab.types import SweepResult


def sweep_command(result: SweepResult) -> str | None:
    """The command line that makes this sweep again, or None where there is none. It doesn't measure SSIM.

    There is none for images that were named one by one, are of the train split, or were drawn with another seed than
    that of the rule `random`; for epsilons of one's own that differ between the rules; for pictures that were chosen
    one by one; and for a network that gradlab did not load.
    """
    limit, grids = limit_of(result), grids_of(result)
    drawn_alike = result.split == "test" and (limit == "all" or result.draw_seed == result.seed)
    known = known_image_set(result.dataset)
    one_by_one = known is not None and known.pictures  # whose squares no option names
    if limit is None or not drawn_alike or isinstance(grids, dict) or not result.weights_sha256 or one_by_one:
        return None
    words = ["python", "-m", "gradlab", "sweep", "--dataset", result.dataset, "--model", result.model]
    words += ["--rules", ",".join(curve.rule for curve in result.curves)]
    words += [] if grids is None else [f"--epsilons={','.join(map(repr, grids))}"]
    words += ["--limit", limit, "--labels", str(result.label_source), "--seed", str(result.seed)]
    words += ["--eight-bit"] if result.eight_bit else []
    words += ["--equal", equal] if (equal := equal_of(result)) else []
    if result.images_sha256:
        words += ["--images", f"{result.dataset}={(known and known.origin) or result.dataset}"]
    words += ["--source", result.source] if result.source != "memory" else []  # what was brought is in no store
    words += ["--precision", result.precision, "--batch-size", str(result.batch_size)]
    return shlex.join(words)


def sweep_code(result: SweepResult, *, shipped: bool = False) -> str:
    """A script that gives this sweep again and prints its clean accuracy, `sweep_to_csv` and the areas.

    On the same device and versions these are the same numbers, to the last digit. For a network that gradlab did not
    load, the line that makes it is left to fill in.

    Args:
        result: the sweep.
        shipped: whether all of it was measured beforehand: then the script reads it, and needs no images.
    """
    rules = literal([str(curve.rule) for curve in result.curves])
    lines = [
        measured_line(result),
        "import gradlab",
        "from gradlab.report import sweep_to_csv",
        "from gradlab.statistics import normalised_area",
        "",
        *(baseline_lines(result, rules) if shipped else _measured(result, rules)),
        "",
        'print("clean accuracy", result.clean_accuracy)'
        if result.labelled
        else f'print("counted: the {result.counted}")',
        "print(sweep_to_csv(result))",
        "for curve in result.curves:",
        "    accuracy = result.correct(curve) / result.images",
        "    up, down = normalised_area(curve.epsilons, accuracy, result.clean_accuracy)",
        f'    print(curve.rule, "mean {result.counted}, epsilon > 0:", up, "epsilon < 0:", down)',
        "# For the rest, see class_accuracy, confusion, first_flip and paired_difference in gradlab.statistics.",
    ]
    return "\n".join(lines) + "\n"


def _measured(result: SweepResult, rules: str) -> list[str]:
    """The lines that measure a sweep."""
    options = {
        "rules": rules,
        "epsilons": literal(grids_of(result)),
        "labels": literal(str(result.label_source)),
        "eight_bit": literal(result.eight_bit),
        **({"equal_to": literal(equal)} if (equal := equal_of(result)) else {}),
        **({"ssim": "True"} if any(curve.ssim is not None for curve in result.curves) else {}),
        "seed": literal(result.seed),
        "batch_size": literal(result.batch_size),
        "precision": literal(result.precision),
    }
    return [
        model_line(result.model, result.dataset, bool(result.weights_sha256)),
        batch_lines(result),
        "result = gradlab.sweep(",
        "    model,",
        "    batch,",
        *(f"    {name}={value}," for name, value in options.items()),
        ")",
    ]


def equal_of(result: SweepResult) -> str:
    """What the steps were scaled to, as `gradlab.sweep` takes it; empty where they were not."""
    return next((str(curve.equal_to) for curve in result.curves if curve.equal_to), "")


def grids_of(result: SweepResult) -> list[float] | dict[str, list[float]] | None:
    """The epsilons as `gradlab.sweep` takes them: None for the default grids, a list where all rules have the same."""
    grids = {str(curve.rule): curve.epsilons.tolist() for curve in result.curves}
    if all(curve.epsilons.tolist() == list(default_grid(curve.steps_of)) for curve in result.curves):
        return None
    first = next(iter(grids.values()))
    return first if all(grid == first for grid in grids.values()) else grids
