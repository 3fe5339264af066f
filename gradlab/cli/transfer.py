"""`gradlab transfer`: images perturbed on one network, and what the others make of them."""

import argparse
from pathlib import Path
from typing import Any

from gradlab.cli.command import DRAW, JSON, NETWORK, RULES, USUALLY, command, drawn, label_source, option, whole
from gradlab.cli.output import deliver, progress_bar, table, tables_or_json, write_text
from gradlab.errors import BadValueError
from gradlab.shipped import __version__
from gradlab.steps.epsilon import format_epsilon, parse_epsilon
from gradlab.types import Rule, TransferResult

_MODELS = "comma-separated names (default: all networks of the data set)"


@command(
    option("--models", help=_MODELS),
    option("--rule", default="sign", help=f"{RULES} (default: %(default)s)"),
    option("--epsilon", default="8/255", help="signed (default: %(default)s)"),
    option("--limit", type=whole(1), metavar="N", help=f"images, class-balanced ({USUALLY})"),
    option("--csv", type=Path, metavar="PATH", help="write a table"),
    *NETWORK,
    *DRAW,
    JSON,
)
def transfer(options: argparse.Namespace) -> None:
    """Perturb images on each network, and measure the accuracy of each other one on them."""
    from gradlab.experiments.transfer import stream_transfer
    from gradlab.networks import find_card, known_cards, load_model
    from gradlab.report import transfer_to_csv

    rule, epsilon, labels = Rule(options.rule), parse_epsilon(options.epsilon), label_source(options)
    names = [name.strip() for name in options.models.split(",")] if options.models else []
    names = names or [card.name for card in known_cards(options.dataset)]
    if len(set(names)) != len(names):
        raise BadValueError(f"--models: expected each network once, got {', '.join(names)}")
    models = {name: load_model(name, options.dataset, options.device) for name in names}
    batch = drawn(options, limit=options.limit or "usual")
    with progress_bar(len(batch), "image") as bar:
        for result in stream_transfer(models, batch, rule, epsilon, labels=labels, seed=options.seed):
            bar.update(len(result.labels) - bar.n)
    sums = {name: find_card(name, options.dataset).sha256 for name in names}
    deliver([
        ("--csv", options.csv, lambda: write_text(options.csv, transfer_to_csv(result))),
        tables_or_json(options.json_path, lambda: _print(result), lambda: _to_dict(result, sums)),
    ])  # fmt: skip


def _print(result: TransferResult) -> None:
    count = len(result.labels)
    print(f"{count} images of {result.dataset}/{result.split} ({result.source}), {result.label_source} labels")
    step = f"{result.rule} {format_epsilon(result.epsilon, result.rule)}"
    print(f"{step}: {result.counted} of each network (columns) on images perturbed on another\n")
    rows: list[dict[str, Any]] = [{"perturbed on": "none", **_shares(result, result.clean_correct)}]
    rows += [{"perturbed on": name, **_shares(result, result.correct[k])} for k, name in enumerate(result.models)]
    print(table(rows))


def _shares(result: TransferResult, correct: Any) -> dict[str, str]:
    count = len(result.labels)
    return {name: f"{int(right) / count:.2%}" for name, right in zip(result.models, correct, strict=True)}


def _to_dict(result: TransferResult, sums: dict[str, str]) -> dict[str, Any]:
    return {
        "gradlab": __version__, "dataset": result.dataset, "split": result.split, "source": result.source,
        "images": len(result.labels), "rule": str(result.rule), "epsilon": result.epsilon,
        "labels": str(result.label_source), "seed": result.seed, "device": result.device,
        "models": list(result.models), "weights_sha256": sums, "images_sha256": result.images_sha256,
        "clean_correct": result.clean_correct.tolist(), "correct": result.correct.tolist(),
    }  # fmt: skip
