"""`gradlab paper`: the claims and all networks, from the shipped studies, or measured again."""

import argparse
from collections.abc import Iterator
from functools import partial
from typing import Any

from gradlab import __version__
from gradlab.cli.output import attempt, deliver, progress_bar, table, write_json
from gradlab.cli.places import check_stored
from gradlab.cli.streams import say
from gradlab.epsilon import format_epsilon
from gradlab.errors import BadValueError, CorruptFileError, MissingFileError, UnknownNameError
from gradlab.types import FloatGradients, LabelSource, Rule, SweepResult

LABELS = (LabelSource.TRUE, LabelSource.PREDICTED)


def paper(options: argparse.Namespace) -> None:
    """Print both tables, or write them as JSON."""
    from gradlab.models import read_cards
    from gradlab.paper import PAPER_MODEL
    from gradlab.report import claims_to_dicts, combinations_to_dicts, gradients_to_dicts

    if options.save_studies and not options.measure:
        raise BadValueError("--save-studies: expected --measure beside it, which makes what is to be saved")
    cards = _chosen(read_cards(), options.model, options.dataset)
    missing: list[dict[str, str]] = []
    compared: list[dict[str, Any]] = []
    unsaved: list[str] = []
    studies = list(_measured(cards, options, compared, unsaved) if options.measure else _shipped(cards, missing))
    claims = [row for study in studies if (study.model, study.dataset) == PAPER_MODEL for row in claims_to_dicts(study)]
    rows = combinations_to_dicts(studies, {(card.name, card.dataset): card.trained_on for card in cards})
    gradients, unknown = _gradients(cards)

    def shown() -> None:
        if options.json_path is None:
            _print_tables(claims, rows, gradients, compared)
            return
        content = {"gradlab": __version__, "claims": claims, "combinations": rows, "missing": missing}
        content["gradients"] = gradients_to_dicts(gradients)
        write_json(content | ({"compared": compared} if options.measure else {}), options.json_path)

    deliver([("--json", options.json_path or "-", shown)], unsaved)
    for why in (*(row["why"] for row in missing), *unknown) if options.json_path is None else unknown:
        say("paper", why)


def _print_tables(
    claims: list[dict[str, Any]],
    rows: list[dict[str, Any]],
    gradients: list[FloatGradients],
    compared: list[dict[str, Any]],
) -> None:
    from gradlab.datasets import DATASETS
    from gradlab.report import gradients_table

    if claims:
        print(f"{_claims_table(claims)}\n")
    if gradients:
        shown = gradients_table(gradients, {name: spec.title for name, spec in DATASETS.items()})
        print(f"Right after a step by the sign of the gradient, as each takes it\n\n{table(shown, tuple(shown[0]))}\n")
    if rows:
        print(_combinations_table(rows))
    if compared:
        print(f"\n{table(compared, tuple(compared[0]))}")


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


def _shipped(cards: list[Any], missing: list[dict[str, str]]) -> Iterator[SweepResult]:
    """The shipped studies; those that there are not, or not of these weights, are named in `missing`."""
    from gradlab.stored import load_stored

    for card in cards:
        try:
            yield load_stored(card)
        except (MissingFileError, CorruptFileError) as error:
            missing.append({"model": card.name, "dataset": card.dataset, "why": str(error)})


def _gradients(cards: list[Any]) -> tuple[list[FloatGradients], list[str]]:
    """What float32 makes of these networks' gradients, or why that is not known."""
    from gradlab.stored import load_gradients

    try:
        return load_gradients(cards), []
    except (MissingFileError, CorruptFileError) as error:
        return [], [str(error)]


def _measured(
    cards: list[Any], options: argparse.Namespace, compared: list[dict[str, Any]], unsaved: list[str]
) -> Iterator[SweepResult]:
    """Measure over the whole test splits, and compare with what is shipped; `--save-studies` ships it.

    What could not be saved is named in `unsaved`.
    """
    from gradlab.datasets import load_batch
    from gradlab.models import load_model
    from gradlab.stored import save_stored

    models = [load_model(card.name, card.dataset, options.device) for card in cards]
    check_stored(card.dataset for card in cards)
    for card, model in zip(cards, models, strict=True):
        batch = load_batch(card.dataset, limit=None, source="store")
        for labels in LABELS:
            study = _study(model, batch, labels)
            compared.append(_compared(card, study))
            if options.save_studies:
                name = f"the study of {card.name} on {card.dataset}, {labels} labels,"
                unsaved += attempt(name, partial(save_stored, card, study))
            if labels == LabelSource.TRUE:
                yield study


def _study(model: Any, batch: Any, labels: LabelSource) -> SweepResult:
    from gradlab.study import stream_study

    with progress_bar(len(batch), "image") as bar:
        for stage in stream_study(model, batch, labels):
            if stage.done < bar.n:
                bar.reset()
            bar.set_description(
                f"{model.card.name}, {model.card.dataset}, {labels} labels: {stage.text}", refresh=False
            )
            bar.update(stage.done - bar.n)
    if stage.result is None:
        raise MissingFileError("expected images to measure on, got none")
    return stage.result


def _compared(card: Any, study: SweepResult) -> dict[str, Any]:
    from gradlab.report import agreement
    from gradlab.stored import load_stored

    row = {"model": card.name, "dataset": card.dataset, "labels": str(study.label_source)}
    try:
        same, of = agreement(load_stored(card, study.label_source), study)
    except (MissingFileError, CorruptFileError):
        return row | {"predictions": None, "differ": None}
    return row | {"predictions": of, "differ": of - same}


def _claims_table(rows: list[dict[str, Any]]) -> str:
    about = rows[0]
    shown = [
        {
            "claim": row["text"],
            "claimed": f"{row['claimed']:.2%}",
            "measured": "" if row["measured"] is None else f"{row['measured']:.2%}",
            "95 %": "" if row["measured"] is None else f"{row['low']:.2%} to {row['high']:.2%}",
            "where": _where(row["point"]),
            "verdict": row["verdict"],
        }
        for row in rows
    ]
    head = (
        f"{about['model']} on {about['images']} images of {about['dataset']}/{about['split']}, {about['labels']} labels"
    )
    return f"{head}, {about['device']}\n\n{table(shown, tuple(shown[0]))}"


def _combinations_table(rows: list[dict[str, Any]]) -> str:
    titles = {"sign": "sign, lowest", "raw": "raw, lowest", "raw_clean_looking": "raw, PSNR 40 dB and more"}
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
        }
        for row in rows
    ]
    return table(shown, tuple(shown[0]))


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
