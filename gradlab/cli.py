"""The command line: `python -m gradlab COMMAND`, or `gradlab COMMAND` once installed.

Results go to stdout, as a table or with `--json PATH` as JSON (`-` is stdout, and then nothing else is printed there);
progress and messages go to stderr. Exit codes: 0; 2 for a bad argument or input, with one line; 130 when interrupted.
"""

import argparse
import json
import math
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from gradlab import __version__
from gradlab.arguments import parse_arguments
from gradlab.epsilon import format_epsilon, parse_epsilon
from gradlab.errors import BadValueError, GradlabError
from gradlab.types import LabelSource, Rule, SweepResult

ROOT = Path(__file__).resolve().parent.parent


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return the exit code."""
    options = parse_arguments(arguments)
    try:
        _check_outputs(options)
        _RUN[options.command](options)
    except (GradlabError, OSError) as error:
        print(f"gradlab {options.command}: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print(f"gradlab {options.command}: interrupted", file=sys.stderr)
        return 130
    return 0


def _check_outputs(options: argparse.Namespace) -> None:
    """Before any work is done: whatever is to be written has a place to go."""
    for flag, name in (("--json", "json_path"), *((f"--{name}", name) for name in ("out", "csv", "html", "save"))):
        given = getattr(options, name, None)
        if given is None or given == "-":
            continue
        path = Path(given)
        if path.is_dir():
            raise BadValueError(f"{flag} {given}: expected a file's name, got a folder")
        if not path.parent.is_dir():
            raise BadValueError(f"{flag} {given}: expected a folder that exists, got {path.parent}")
        if not os.access(path if path.exists() else path.parent, os.W_OK):
            raise BadValueError(f"{flag} {given}: expected a place that may be written to")


def _app(options: argparse.Namespace) -> None:
    command = [sys.executable, "-m", "streamlit", "run", "dashboard.py", "--server.port", str(options.port)]
    # From the project's root, where .streamlit/config.toml is.
    if code := subprocess.run(command, cwd=ROOT, check=False).returncode:
        raise SystemExit(code)


def _datasets(options: argparse.Namespace) -> None:
    from gradlab.datasets import DATASETS, dataset_status

    _show([dict(dataset_status(name)) for name in DATASETS], options.json_path, "datasets")


def _models(options: argparse.Namespace) -> None:
    from gradlab.models import read_cards
    from gradlab.training import remeasure

    cards = [asdict(card) | ({"measured": remeasure(card)} if options.measure else {}) for card in read_cards()]
    columns = ("name", "dataset", "parameters", "clean_accuracy", "measured_on", "trained_on", "epochs", "measured")
    _show(cards, options.json_path, "models", columns)


def _fetch(options: argparse.Namespace) -> None:
    from gradlab.datasets import fetch

    print(fetch(options.name, options.folder))


def _perturb(options: argparse.Namespace) -> None:
    from gradlab.datasets import load_batch
    from gradlab.explore import explore
    from gradlab.figures.pixels import to_picture
    from gradlab.models import load_model

    rule, epsilon, labels = Rule(options.rule), parse_epsilon(options.epsilon), LabelSource.parse(options.labels)
    if options.out.suffix.lower() != ".png":
        raise BadValueError(f"--out {options.out}: expected a name that ends in .png")
    model = load_model(options.model, options.dataset, options.device)
    wanted: dict[str, Any] = {"indices": [options.index]} if options.index is not None else {"limit": 1}
    batch = load_batch(options.dataset, seed=options.seed, **wanted)
    seen = explore(model, batch, rule, epsilon, labels=labels, seed=options.seed)
    to_picture(seen.rounded.image, scale=1).save(options.out)
    rows = [
        {
            "form": form,
            "prediction": batch.classes[view.prediction],
            "probability": float(view.probabilities.max()),
            **{name: value if math.isfinite(value) else None for name, value in view.measures.items()},
        }
        for form, view in (("clean", seen.clean), ("perturbed", seen.perturbed), ("8-bit, as written", seen.rounded))
    ]
    facts = {"model": options.model, "dataset": batch.dataset, "split": batch.split, "source": batch.source}
    facts |= {"index": int(batch.indices[0]), "label": batch.classes[seen.label], "rule": str(rule), "epsilon": epsilon}
    if options.json_path is None:
        print("{model} on image {index} of {dataset}/{split} ({source}): {label}".format(**facts))
    _show(rows, options.json_path, "forms", facts=facts)


def _sweep(options: argparse.Namespace) -> None:
    from gradlab.datasets import load_batch
    from gradlab.models import load_model
    from gradlab.sweep import stream_sweep

    rules = [Rule(name.strip()) for name in options.rules.split(",")]
    epsilons = [parse_epsilon(text) for text in options.epsilons.split(",")] if options.epsilons is not None else None
    labels = LabelSource.parse(options.labels)
    model = load_model(options.model, options.dataset, options.device)
    batch = load_batch(options.dataset, limit=_limit(options.limit), seed=options.seed, source=options.source)
    how = {name: getattr(options, name) for name in ("eight_bit", "seed", "batch_size", "precision")}
    with _bar(len(batch), "image") as bar:
        for result in stream_sweep(model, batch, rules, epsilons, labels=labels, **how):
            bar.update(result.done - bar.n)
    for notice in result.notices:
        print(f"gradlab sweep: {notice}", file=sys.stderr)
    if len(result.failed):
        places = ", ".join(map(str, result.failed))
        print(f"gradlab sweep: left out {len(result.failed)} images that gave NaN: {places}", file=sys.stderr)
    _write_sweep(result, options)


def _write_sweep(result: SweepResult, options: argparse.Namespace) -> None:
    """To each file that was asked for; and as tables, unless the JSON goes to stdout."""
    from gradlab.archive import save_result
    from gradlab.figures.html import figure_to_html
    from gradlab.figures.sweep import sweep_figure
    from gradlab.report import sweep_to_csv, sweep_to_dict, sweep_to_html

    if options.save is not None:
        save_result(result, options.save)
    if options.csv is not None:
        options.csv.write_text(sweep_to_csv(result), encoding="utf-8")
    if options.html is not None:
        options.html.write_text(sweep_to_html(result, figure_to_html(sweep_figure(result))), encoding="utf-8")
    if options.json_path is not None:
        _write_json(sweep_to_dict(result), options.json_path)
    else:
        _print_sweep(result)


def _print_sweep(result: SweepResult) -> None:
    from gradlab.report import curve_points

    print(
        f"{result.model} on {result.images} images of {result.dataset}/{result.split} ({result.source}), "
        f"{result.label_source} labels, clean {result.clean_accuracy:.2%}, {result.device}"
    )
    for curve in result.curves:
        points = curve_points(result, curve)
        rows = [
            {"rule": str(curve.rule), **point, "epsilon": format_epsilon(point["epsilon"], curve.rule)}
            | {"rounded": point.get("rounded", {}).get("accuracy")}
            for point in points
        ]
        print(f"\n{_table(rows, tuple(rows[0]))}")


def _train(options: argparse.Namespace) -> None:
    from dataclasses import replace

    from gradlab.device import resolve_device
    from gradlab.models import ModelCard
    from gradlab.training import EpochDone, Progress, find_recipe, pick_precision, run

    recipe = find_recipe(options.model, options.dataset)
    changes = {name: getattr(options, name) for name in ("seed", "epochs") if getattr(options, name) is not None}
    recipe = replace(recipe, **changes)
    device = resolve_device(options.device)
    with _bar(0, "step") as bar:
        for event in run(recipe, device, pick_precision(options.precision, device), options.runs, options.resume):
            match event:
                case Progress(epoch=epoch, step=step, steps=steps, loss=loss):
                    bar.total = steps
                    bar.set_description(f"epoch {epoch + 1}/{recipe.epochs} loss {loss:.3f}", refresh=False)
                    bar.update(step - bar.n)
                case EpochDone(epoch=epoch, loss=loss, accuracy=accuracy):
                    bar.write(f"epoch {epoch}: loss {loss:.4f}, test accuracy {accuracy:.2%}", file=sys.stderr)
                    bar.reset()
                case ModelCard():
                    card = event
    columns = ("name", "dataset", "parameters", "clean_accuracy", "measured_on", "sha256")
    _show([asdict(card)], options.json_path, "models", columns)


def _limit(text: str) -> int | None:
    if text == "all":
        return None
    try:
        return int(text)
    except ValueError:
        raise BadValueError(f"--limit {text!r}: expected a whole number of images, or `all`") from None


def _bar(total: int, unit: str) -> Any:
    from tqdm import tqdm

    # Not drawn before its first update: a bad input, which shows before that, then leaves one line on stderr.
    return tqdm(total=total, unit=unit, file=sys.stderr, dynamic_ncols=True, mininterval=0.2, delay=1e-3)


def _show(
    rows: list[dict[str, Any]],
    json_path: str | None,
    key: str,
    columns: Sequence[str] | None = None,
    facts: dict[str, Any] | None = None,
) -> None:
    """Print rows as a table, or write them as JSON under `key`, after what `facts` says of all of them."""
    if json_path is not None:
        _write_json({"gradlab": __version__, **(facts or {}), key: rows}, json_path)
    else:
        print(_table(rows, columns or tuple(rows[0])))


def _write_json(content: dict[str, Any], path: str) -> None:
    text = json.dumps(content, ensure_ascii=False, allow_nan=False)
    if path == "-":
        print(text)
    else:
        Path(path).write_text(text + "\n", encoding="utf-8")


def _table(rows: list[dict[str, Any]], columns: Sequence[str]) -> str:
    shown = [c for c in columns if any(row.get(c) not in (None, "") for row in rows)]
    cells = [shown, *([_cell(row.get(c)) for c in shown] for row in rows)]
    widths = [max(len(line[k]) for line in cells) for k in range(len(shown))]
    return "\n".join("  ".join(text.ljust(w) for text, w in zip(line, widths, strict=True)).rstrip() for line in cells)


def _cell(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else "" if value is None else str(value)


_RUN = {
    "app": _app,
    "datasets": _datasets,
    "models": _models,
    "fetch": _fetch,
    "perturb": _perturb,
    "sweep": _sweep,
    "train": _train,
}
