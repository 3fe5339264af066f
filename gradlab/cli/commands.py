"""What each command does; `paper` has a file of its own."""

import argparse
import math
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from gradlab.cli.output import deliver, progress_bar, show, table, write_json, write_text
from gradlab.cli.places import check_stored
from gradlab.cli.streams import say
from gradlab.errors import BadValueError, GradlabError, MissingFileError
from gradlab.steps.epsilon import format_epsilon, parse_epsilon
from gradlab.types import Batch, LabelSource, Rule, SweepResult, class_name, rounding_defined

ROOT = Path(__file__).resolve().parents[2]


def app(options: argparse.Namespace) -> None:
    """`gradlab app`."""
    command = [sys.executable, "-m", "streamlit", "run", "dashboard.py", "--server.port", str(options.port)]
    # From the project's root, where .streamlit/config.toml is.
    if code := subprocess.run(command, cwd=ROOT, check=False).returncode:
        raise SystemExit(code)


def datasets(options: argparse.Namespace) -> None:
    """`gradlab datasets`."""
    from gradlab.images.registry import image_sets
    from gradlab.images.status import dataset_status
    from gradlab.images.store import store_fault

    if fault := store_fault():
        say("datasets", fault)
    show([dict(dataset_status(known.key)) for known in image_sets()], options.json_path, "datasets")


def models(options: argparse.Namespace) -> None:
    """`gradlab models`."""
    from gradlab.networks import known_cards
    from gradlab.training import remeasure

    if options.measure:
        check_stored(card.dataset for card in known_cards())
    cards = [asdict(card) | {"without_twins": _without_twins(card)} for card in known_cards()]
    if options.measure:
        cards = [row | {"measured": remeasure(card)} for row, card in zip(cards, known_cards(), strict=True)]
    columns = ("name", "dataset", "parameters", "clean_accuracy", "without_twins", "measured_on", "trained_on",
               "epochs", "fitted", "measured")  # fmt: skip
    show(cards, options.json_path, "models", columns)


def _without_twins(card: Any) -> float | None:
    """The clean accuracy that the shipped study has without twins; None where it, or which they are, is not known."""
    from gradlab.experiments.stored import load_stored
    from gradlab.report.sampling import clean_rest

    try:
        return clean_rest(load_stored(card))
    except GradlabError:
        return None


def measures(options: argparse.Namespace) -> None:
    """`gradlab measures`."""
    from gradlab.measures import METRICS, OPTIONAL, available, download_lpips, lpips_needs

    if options.download_lpips:
        print(f"gradlab measures: AlexNet's weights are in {download_lpips()}", file=sys.stderr)
    here = available()
    rows: list[dict[str, Any]] = [
        {
            "name": name, "title": metric.title, "unit": metric.unit, "closer": metric.closer, "range": metric.range,
            "noticeable": metric.noticeable, "about": metric.about, "source": asdict(metric.source),
            "known": metric.known, "evidence": asdict(metric.evidence), "available": name in here,
        }
        for name, metric in (METRICS | OPTIONAL).items()
    ]  # fmt: skip
    shown = [row | {"source": row["source"]["url"]} for row in rows] if options.json_path is None else rows
    show(shown, options.json_path, "measures", ("name", "unit", "closer", "noticeable", "range", "source", "available"))
    if needs := lpips_needs():
        print(f"gradlab measures: {needs}", file=sys.stderr)


def fetch(options: argparse.Namespace) -> None:
    """`gradlab fetch`."""
    from gradlab.images.fetch import fetch

    print(fetch(options.name, options.folder))


def perturb(options: argparse.Namespace) -> None:
    """`gradlab perturb`."""
    from gradlab.experiments.explore import explore
    from gradlab.figures.pixels import to_picture
    from gradlab.networks import load_model

    rule, epsilon, labels = Rule(options.rule), parse_epsilon(options.epsilon), _labels(options)
    model = load_model(options.model, options.dataset, options.device)
    wanted: dict[str, Any] = {"indices": [options.index]} if options.index is not None else {"limit": 1}
    batch = _batch(options, **wanted)
    seen = explore(model, batch, rule, epsilon, labels=labels, seed=options.seed)
    rows = [
        {
            "form": form,
            "prediction": batch.classes[view.prediction],
            "probability": float(view.probabilities.max()),
            **{name: value if math.isfinite(value) else None for name, value in view.measures.items()},
        }
        for form, view in (("clean", seen.clean), ("perturbed", seen.perturbed), ("8-bit, as written", seen.rounded))
    ]
    if not rounding_defined(rule, epsilon):
        say("perturb", "at half a level float noise rounds each value up or down: the 8-bit image is one of many")
    facts = {"model": options.model, "dataset": batch.dataset, "split": batch.split, "source": batch.source}
    facts |= {
        "index": int(batch.indices[0]),
        "label": class_name(batch.classes, seen.label),
        "rule": str(rule),
        "epsilon": epsilon,
    }

    def shown() -> None:
        if options.json_path is None:
            print("{model} on image {index} of {dataset}/{split} ({source}): {label}".format(**facts))
        show(rows, options.json_path, "forms", facts=facts)

    picture = to_picture(seen.rounded.image, scale=1)
    deliver([("--out", options.out, lambda: picture.save(options.out)), ("--json", options.json_path or "-", shown)])


def sweep(options: argparse.Namespace) -> None:
    """`gradlab sweep`."""
    from gradlab.experiments.sweep import stream_sweep
    from gradlab.images.splits import check_twins, twins_among, without_twins
    from gradlab.networks import load_model

    rules = [Rule(name.strip()) for name in options.rules.split(",")]
    epsilons = [parse_epsilon(text) for text in options.epsilons.split(",")] if options.epsilons is not None else None
    labels, limit = _labels(options), _limit(options.limit)
    model = load_model(options.model, options.dataset, options.device)
    batch = _batch(options, limit=limit, source=options.source)
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
    from gradlab.figures.html import figure_to_html
    from gradlab.figures.sweep import sweep_figure
    from gradlab.report import sweep_to_csv, sweep_to_dict, sweep_to_html
    from gradlab.report.archive import save_result

    def shown() -> None:
        if options.json_path is not None:
            write_json(sweep_to_dict(result), options.json_path)
        else:
            _print_sweep(result)

    def page() -> None:
        write_text(options.html, sweep_to_html(result, figure_to_html(sweep_figure(result))))

    deliver([
        ("--save", options.save, lambda: save_result(result, options.save)),
        ("--csv", options.csv, lambda: write_text(options.csv, sweep_to_csv(result))),
        ("--html", options.html, page),
        ("--json", options.json_path or "-", shown),
    ])  # fmt: skip


def _print_sweep(result: SweepResult) -> None:
    from gradlab.report import curve_points, precision_text
    from gradlab.report.sampling import sampling_notes

    print(
        f"{result.model} on {result.images} images of {result.dataset}/{result.split} ({result.source}), "
        f"{result.label_source} labels, clean {result.clean_accuracy:.2%}, {result.device}"
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
        print(f"\n{table(rows, tuple(rows[0]))}")


def _rounded(share: dict[str, Any]) -> float | str:
    return "not defined" if share["accuracy"] is None else float(share["accuracy"])


def train(options: argparse.Namespace) -> None:
    """`gradlab train`."""
    from dataclasses import replace

    from gradlab.training import RECIPES, checkpoint_path, find_recipe

    recipes = list(RECIPES.values()) if options.all else [find_recipe(options.model, options.dataset)]
    changes = {name: getattr(options, name) for name in ("seed", "epochs") if getattr(options, name) is not None}
    check_stored((recipe.dataset for recipe in recipes), "train")
    cards = []
    for recipe in recipes:
        # Of all, those that have no checkpoint yet begin.
        resume = options.resume and (not options.all or checkpoint_path(recipe, options.runs).is_file())
        cards.append(asdict(_trained(replace(recipe, **changes), options, resume)))
    columns = ("name", "dataset", "parameters", "clean_accuracy", "measured_on", "sha256")
    show(cards, options.json_path, "models", columns)


def _trained(recipe: Any, options: argparse.Namespace, resume: bool) -> Any:
    """The card of what came out, after a line for each epoch."""
    from gradlab.device import resolve_device
    from gradlab.networks import ModelCard
    from gradlab.steps.evaluate import pick_precision
    from gradlab.training import EpochDone, Progress, run

    device = resolve_device(options.device)
    with progress_bar(0, "step") as bar:
        for event in run(recipe, device, pick_precision(options.precision, device), options.runs, resume):
            match event:
                case Progress(epoch=epoch, step=step, steps=steps, loss=loss):
                    bar.total = steps
                    bar.set_description(f"epoch {epoch + 1}/{recipe.epochs} loss {loss:.3f}", refresh=False)
                    bar.update(step - bar.n)
                case EpochDone(epoch=epoch, loss=loss, accuracy=accuracy):
                    text = f"epoch {epoch}: loss {loss:.4f}, test accuracy {accuracy:.2%}"
                    bar.write(f"{recipe.name} for {recipe.dataset}, {text}", file=sys.stderr)
                    bar.reset()
                case ModelCard():
                    card = event
    return card


def _batch(options: argparse.Namespace, **wanted: Any) -> Batch:
    """The images; with a word where they are not from the store that the environment names."""
    from gradlab.images.load import load_batch
    from gradlab.images.store import store_fault

    def fault() -> str | None:
        return store_fault(options.dataset) if wanted.get("source", "auto") == "auto" else None

    try:
        batch = load_batch(options.dataset, seed=options.seed, **wanted)
    except MissingFileError as error:
        raise MissingFileError(f"{error} ({why})" if (why := fault()) else error) from error
    if batch.source == "sample" and (why := fault()):
        say(options.command, f"{why}; the images are from the embedded sample")
    return batch


def _labels(options: argparse.Namespace) -> LabelSource:
    """Where the labels are from; a target is one of the data set's classes."""
    from gradlab.images.registry import image_set

    labels, classes = LabelSource.parse(options.labels), image_set(options.dataset).classes
    if labels.kind == "target":
        labels.target_index(classes)
    return labels


def _limit(text: str) -> int | None:
    if text == "all":
        return None
    try:
        return int(text)
    except ValueError:
        raise BadValueError(f"--limit {text!r}: expected a whole number of images, or `all`") from None
