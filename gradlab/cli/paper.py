"""`gradlab paper`: the claims and all networks, from the shipped baselines, or measured again."""

import argparse
from collections.abc import Iterator
from functools import partial
from typing import Any

from gradlab.cli.command import DEVICE, JSON, check_stored, command, option
from gradlab.cli.output import attempt, deliver, progress_bar, say, table, tables_or_json
from gradlab.errors import BadValueError, CorruptFileError, MissingFileError, UnknownNameError
from gradlab.shipped import __version__
from gradlab.steps.epsilon import format_epsilon
from gradlab.types import FloatGradients, LabelSource, Rule, SweepResult

Pair = tuple[SweepResult, SweepResult | None]  # a baseline for the true labels, and its part at equal change

_VISIBLE = "a PSNR in dB: images below it count as changed visibly (default: %(default)s)"


@command(
    option("--model", help="the network's name; default: all"),
    option("--dataset", help="default: all"),
    option(
        "--measure", action="store_true", help="measure again on the full test splits; takes minutes for each network"
    ),
    option("--visible-below", type=float, default=40.0, metavar="DB", help=_VISIBLE),
    option("--save-baselines", action="store_true", help="with --measure: save the results in assets/"),
    DEVICE,
    JSON,
)
def paper(options: argparse.Namespace) -> None:
    """Show the paper's claims beside our measurements, and all networks in one table."""
    from gradlab.experiments.stored import measurable
    from gradlab.networks import known_cards
    from gradlab.paper import PAPER_MODEL, fair_row
    from gradlab.report import claims_to_dicts, combinations_to_dicts, fair_to_dicts, gradients_to_dicts

    if options.save_baselines and not options.measure:
        raise BadValueError("--save-baselines: expected --measure beside it, which makes what is to be saved")
    cards = _chosen(measurable(known_cards()), options.model, options.dataset)
    missing: list[dict[str, str]] = []
    compared: list[dict[str, Any]] = []
    unsaved: list[str] = []
    pairs = list(_measured(cards, options, compared, unsaved) if options.measure else _shipped(cards, missing))
    baselines, limit = {(baseline.model, baseline.dataset): baseline for baseline, _ in pairs}, options.visible_below
    equals = {(baseline.model, baseline.dataset): equal for baseline, equal in pairs if equal}
    baseline = baselines.get(PAPER_MODEL)
    claims = claims_to_dicts(baseline, equals.get(PAPER_MODEL), limit) if baseline else []
    about = {(card.name, card.dataset): {"trained_on": card.trained_on, "fitted": card.fitted} for card in cards}
    rows = combinations_to_dicts(list(baselines.values()), about, equals, limit)
    fair = fair_to_dicts([row for baseline, equal in pairs if (row := fair_row(baseline, equal))])
    gradients, unknown = _gradients(cards)
    content = {"gradlab": __version__, "claims": claims, "combinations": rows, "fair": fair, "missing": missing}
    content |= {"gradients": gradients_to_dicts(gradients)} | ({"compared": compared} if options.measure else {})
    result = tables_or_json(options.json_path, lambda: _print_tables(content, gradients), lambda: content)
    deliver([result], unsaved)
    for why in (*(row["why"] for row in missing), *unknown) if options.json_path is None else unknown:
        say("paper", why)


def _print_tables(content: dict[str, Any], gradients: list[FloatGradients]) -> None:
    from gradlab.images.registry import image_sets
    from gradlab.report import gradients_table

    if claims := content["claims"]:
        print(f"{_claims_table(claims)}\n")
    if gradients:
        shown = gradients_table(gradients, {known.key: known.title for known in image_sets()})
        print(f"Right after a step by the sign of the gradient, as each takes it\n\n{table(shown)}\n")
    if fair := content["fair"]:
        print(f"{_fair_table(fair)}\n")
    if rows := content["combinations"]:
        print(_combinations_table(rows))
    if compared := content.get("compared"):
        print(f"\n{table(compared)}")


def _chosen(cards: list[Any], model: str | None, dataset: str | None) -> list[Any]:
    """Those of a name, a data set, or all."""
    for what, wanted in (("name", model), ("dataset", dataset)):
        if wanted is not None and wanted not in {getattr(card, what) for card in cards}:
            kind = {"name": "model", "dataset": "data set with weights"}[what]
            raise UnknownNameError(kind, wanted, sorted({getattr(card, what) for card in cards}))
    chosen = [card for card in cards if model in (None, card.name) and dataset in (None, card.dataset)]
    if not chosen:
        raise UnknownNameError(f"model for {dataset}", model, [card.name for card in cards if card.dataset == dataset])
    return chosen


def _shipped(cards: list[Any], missing: list[dict[str, str]]) -> Iterator[Pair]:
    """The shipped baselines; those that are missing, or of other weights, are named in `missing`."""
    from gradlab.experiments.stored import EQUAL, baseline_of

    for card in cards:
        found: list[SweepResult] = []
        try:
            found.append(baseline_of(card))
            found.append(baseline_of(card, EQUAL))
        except (MissingFileError, CorruptFileError) as error:
            missing.append({"model": card.name, "dataset": card.dataset, "why": str(error)})
        if found:
            yield found[0], found[1] if len(found) > 1 else None


def _gradients(cards: list[Any]) -> tuple[list[FloatGradients], list[str]]:
    """What float32 makes of these networks' gradients, or why that is not known."""
    from gradlab.experiments.stored import load_gradients

    try:
        return load_gradients(cards), []
    except (MissingFileError, CorruptFileError) as error:
        return [], [str(error)]


def _measured(
    cards: list[Any], options: argparse.Namespace, compared: list[dict[str, Any]], unsaved: list[str]
) -> Iterator[Pair]:
    """Measure over the whole test splits, and compare with what is shipped; `--save-baselines` ships it.

    What could not be saved is named in `unsaved`.
    """
    from gradlab.experiments.baseline import equal_steps, stream_baseline, stream_equal
    from gradlab.experiments.stored import EQUAL, part_of, save_baseline
    from gradlab.images.load import load_batch
    from gradlab.networks import load_model

    models = [load_model(card.name, card.dataset, options.device) for card in cards]
    check_stored(card.dataset for card in cards)
    for card, model in zip(cards, models, strict=True):
        batch = load_batch(card.dataset, limit=None, source="store")
        true, predicted = (
            _measure(model, batch, stream_baseline(model, batch, labels), labels)
            for labels in (LabelSource.TRUE, LabelSource.PREDICTED)
        )
        equal = _measure(model, batch, stream_equal(model, batch, equal_steps(true)), EQUAL)
        for part in (true, predicted, equal):
            compared.append(_compared(card, part))
            if options.save_baselines:
                name = f"the baseline of {card.name} on {card.dataset}, {_named(part_of(part))},"
                unsaved += attempt(name, partial(save_baseline, card, part))
        yield true, equal


def _named(part: LabelSource | str) -> str:
    return f"{part} labels" if isinstance(part, LabelSource) else "at equal change"


def _measure(model: Any, batch: Any, stages: Iterator[Any], part: LabelSource | str) -> SweepResult:
    with progress_bar(len(batch), "image") as bar:
        for stage in stages:
            if stage.done < bar.n:
                bar.reset()
            about = f"{model.card.name}, {model.card.dataset}, {_named(part)}"
            bar.set_description(f"{about}: {stage.text}", refresh=False)
            bar.update(stage.done - bar.n)
    if stage.result is None:
        raise MissingFileError("expected images to measure on, got none")
    result: SweepResult = stage.result
    return result


def _compared(card: Any, measured: SweepResult) -> dict[str, Any]:
    from gradlab.experiments.stored import baseline_of, part_of
    from gradlab.report import agreement

    part = part_of(measured)
    row = {"model": card.name, "dataset": card.dataset, "part": str(part)}
    try:
        same, of = agreement(baseline_of(card, part), measured)
    except (MissingFileError, CorruptFileError):
        return row | {"predictions": None, "differ": None}
    return row | {"predictions": of, "differ": of - same}


def _claims_table(rows: list[dict[str, Any]]) -> str:
    about = rows[0]
    shown = [
        {
            "claim": row["text"],
            "claimed": f"{row['claimed']:.2%}",
            "measured": _percent(row["measured"]),
            "95 %": _interval(row, "low", "high"),
            "images": row["point"]["images"],
            "where": _where(row["point"]),
            f"only {row['limit']:g} dB or more": _percent(row["unseen"]),
            "95 % of it": _interval(row, "unseen_low", "unseen_high"),
            "verdict": row["verdict"],
            "fitted": row["fitted"],
        }
        for row in rows
    ]
    head = "{model} on {images} images of {dataset}/{split}, {labels} labels, {device}".format(**about)
    return f"{head}\n\n{table(shown)}"


def _interval(row: dict[str, Any], low: str, high: str) -> str:
    return "" if row[low] is None else f"{row[low]:.2%} to {row[high]:.2%}"


def _fair_table(rows: list[dict[str, Any]]) -> str:
    shown = [
        {
            "data set": row["dataset"],
            "model": row["model"],
            "where": _where(row["point"]),
            "gradient": _percent(row["l2"]["gradient"]),
            "sign, same L2": _percent(row["l2"]["sign"]),
            "difference": _difference(row["l2"]),
            "sign, same Linf": _percent(row["linf"]["sign"]),
            "l2, same mean L2": _percent(row["allocation"]["l2"]),
            "difference to raw": _difference(row["allocation"]),
        }
        for row in rows
    ]
    head = "Still classified correctly at equal change on each image, and with one length; paired differences in points"
    return f"{head}\n\n{table(shown)}"


def _difference(row: dict[str, Any]) -> str:
    if row["difference"] is None:
        return ""
    value, low, high = (100 * row[name] for name in ("difference", "low", "high"))
    return f"{value:+.2f} ({low:+.2f} to {high:+.2f})"


def _combinations_table(rows: list[dict[str, Any]]) -> str:
    limit = rows[0]["limit"]
    titles = {"sign": "sign, lowest", "raw": "raw, lowest", "raw_unseen": f"raw, only images of {limit:g} dB or more"}
    shown = [
        {
            "data set": row["dataset"],
            "model": row["model"],
            "images": row["images"],
            "clean": f"{row['clean']['accuracy']:.2%}",
            "without twins": _percent(row["clean_accuracy_without_twins"]),
            "interval factor": row["interval_factor"],
            **{title: _share(row[name], "accuracy") for name, title in titles.items()},
            "lowest error, negative": _share(row["negative"], "error"),
            "fitted": row["fitted"],
        }
        for row in rows
    ]
    return table(shown)


def _percent(share: float | None) -> str:
    return "" if share is None else f"{share:.2%}"


def _share(at: dict[str, Any], of: str) -> str:
    if at["accuracy"] is None:
        return "–"
    return f"{at['accuracy'] if of == 'accuracy' else 1 - at['accuracy']:.2%} at {_where(at)}"


def _where(at: dict[str, Any]) -> str:
    if at["rule"] is None:
        return ""
    psnr = "" if at["psnr"] is None else f", {at['psnr']:.1f} dB"
    return f"{at['rule']} {format_epsilon(at['epsilon'], Rule(at['rule']))}{psnr}"
