"""`gradlab sweep`: accuracy over signed epsilons, as tables, JSON, CSV, a page and a file."""

import argparse
import sys
from pathlib import Path
from typing import Any, get_args

from gradlab.cli.command import DRAW, JSON, NETWORK, RULES, USUALLY, command, drawn, label_source, option, whole
from gradlab.cli.output import deliver, progress_bar, table, tables_or_json, write_text
from gradlab.errors import BadValueError
from gradlab.steps.epsilon import format_epsilon, parse_epsilon
from gradlab.types import Precision, Rule, SweepResult

_EQUAL = "l2 or linf: change each image as much as the rule raw does; l2:max and so on: as much as max does"
_TWINS = "leave out the test images that have a twin in the train split (CIFAR-10; CIFAR-100 in the official order)"
_PRECISION = "of the evaluation; bfloat16 repeats close calls and some others in float32 (default: %(default)s)"


@command(
    option("--rules", default="sign,raw", help=f"comma-separated: {RULES} (default: %(default)s)"),
    option("--epsilons", help="comma-separated, such as -8/255,0,8/255; default: a grid for each rule"),
    option("--limit", default="usual", help=f"images, class-balanced, or `all` ({USUALLY})"),
    option("--eight-bit", action="store_true", help="also classify the images as saved: rounded to n/255"),
    option("--equal", dest="equal_to", metavar="MEASURE[:RULE]", help=_EQUAL),
    option("--without-twins", action="store_true", help=_TWINS),
    option("--source", choices=("auto", "store", "sample"), default="auto", help="default: %(default)s"),
    option("--precision", choices=get_args(Precision), default="auto", help=_PRECISION),
    option("--batch-size", type=whole(1), metavar="N", help="default: by the device"),
    option("--csv", type=Path, metavar="PATH", help="write a table"),
    option("--html", type=Path, metavar="PATH", help="write a page with the figure, and how it was measured"),
    option("--save", type=Path, metavar="NPZ", help="write the whole result, for gradlab.load_result"),
    *NETWORK,
    *DRAW,
    JSON,
)
def sweep(options: argparse.Namespace) -> None:
    """Measure the accuracy over the step size epsilon, from one gradient for each image."""
    from gradlab.experiments.sweep import stream_sweep
    from gradlab.images.splits import check_twins, twins_among, without_twins
    from gradlab.networks import load_model

    rules = [Rule(name.strip()) for name in options.rules.split(",")]
    epsilons = [parse_epsilon(text) for text in options.epsilons.split(",")] if options.epsilons is not None else None
    labels, limit = label_source(options), _limit(options.limit)
    model = load_model(options.model, options.dataset, options.device)
    batch = drawn(options, limit=limit, source=options.source)
    if options.without_twins:  # or it would be told after the work
        about = batch.indices.numpy(), batch.labels.numpy(), len(batch.classes)
        check_twins(batch.dataset, twins_among(batch.dataset, batch.split, *about))
    how = {name: getattr(options, name) for name in ("eight_bit", "equal_to", "seed", "batch_size", "precision")}
    with progress_bar(len(batch), "image") as bar:
        for result in stream_sweep(model, batch, rules, epsilons, labels=labels, **how):
            bar.update(result.done - bar.n)
    if options.without_twins:
        result = without_twins(result)
    for notice in result.notices:
        print(f"gradlab sweep: {notice}", file=sys.stderr)
    if len(result.failed):
        places = ", ".join(map(str, result.failed))
        print(f"gradlab sweep: left out {len(result.failed)} images that gave NaN: {places}", file=sys.stderr)
    _write_sweep(result, options)


def _write_sweep(result: SweepResult, options: argparse.Namespace) -> None:
    """To each file that was asked for; and as tables, unless the JSON goes to stdout."""
    from gradlab.figures.printed import figure_to_html
    from gradlab.figures.said import sweep_said
    from gradlab.figures.sweep import sweep_figure
    from gradlab.report import sweep_to_csv, sweep_to_dict, sweep_to_html
    from gradlab.report.archive import save_result

    def page() -> None:
        write_text(options.html, sweep_to_html(result, figure_to_html(sweep_figure(result)), said=sweep_said(result)))

    deliver([
        ("--save", options.save, lambda: save_result(result, options.save)),
        ("--csv", options.csv, lambda: write_text(options.csv, sweep_to_csv(result))),
        ("--html", options.html, page),
        tables_or_json(options.json_path, lambda: _print_sweep(result), lambda: sweep_to_dict(result)),
    ])  # fmt: skip


def _print_sweep(result: SweepResult) -> None:
    from gradlab.report import curve_points, precision_text
    from gradlab.report.sampling import sampling_notes

    print(
        f"{result.model} on {result.images} images of {result.dataset}/{result.split} ({result.source}), "
        f"{result.label_source} labels, {_clean(result)}, {result.device}"
    )
    print(f"Evaluated in {precision_text(result)}")
    for note in sampling_notes(result):
        print(note)
    for curve in result.curves:
        points = curve_points(result, curve)
        if curve.equal_to is not None:
            print(f"\n{curve.rule}, scaled on each image to the {curve.equal_to.measure} of {curve.steps_of}", end="")
        rows = [
            {"rule": str(curve.rule), **point, "epsilon": format_epsilon(point["epsilon"], curve.steps_of)}
            | ({"rounded": _rounded(point["rounded"])} if "rounded" in point else {})
            for point in points
        ]
        print(f"\n{table(rows)}")


def _rounded(share: dict[str, Any]) -> float | str:
    return "not defined" if share["low"] is None else float(next(iter(share.values())))


def _clean(result: SweepResult) -> str:
    return f"clean {result.clean_accuracy:.2%}" if result.labelled else f"counted: the {result.counted}"


def _limit(text: str) -> int | str | None:
    if text in ("all", "usual"):
        return None if text == "all" else text
    try:
        return int(text)
    except ValueError:
        raise BadValueError(f"--limit {text!r}: expected a whole number of images, or `all`") from None
