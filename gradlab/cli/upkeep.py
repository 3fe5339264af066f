"""What is at hand, and what fetches and serves it: `gradlab app`, `datasets`, `models`, `measures`, `fetch`."""

import argparse
import runpy
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import gradlab
from gradlab.cli.command import GUESTS, JSON, check_stored, command, option, whole
from gradlab.cli.guests import loaded, pairs, readers
from gradlab.cli.output import say, show
from gradlab.errors import BadValueError, GradlabError, MissingFileError

_LAB = "your own Python, which defines `networks`, a list of gradlab.Network, and `images`, by key"
_UPLOADS = "whether visitors may bring networks of their own (default: yes, for this machine alone can reach it)"
_LPIPS = "download what LPIPS needs: AlexNet's ImageNet weights, 233 MB, into torch hub's cache"


@command(
    option("--port", type=whole(1, 65_535), default=8501, help="default: %(default)s"),
    option("--lab", type=Path, metavar="FILE.py", help=_LAB),
    option("--uploads", action=argparse.BooleanOptionalAction, help=_UPLOADS),
    *GUESTS,
)
def app(options: argparse.Namespace) -> None:
    """Serve the dashboard on this machine."""
    networks, images = _lab(options.lab) if options.lab else ([], {})
    networks += [loaded(name, folder) for name, folder in pairs("--network", options.networks).items()]
    images |= readers(pairs("--images", options.images))
    gradlab.serve(networks, images, options.port, uploads=options.uploads)


def _lab(file: Path) -> tuple[list[Any], dict[str, Any]]:
    """What an operator's own file defines as `networks` and `images`; it is run here, in the server's process."""
    if not file.is_file():
        raise MissingFileError(f"--lab {file}: expected a Python file, got nothing there")
    sys.path.insert(0, str(file.resolve().parent))  # as Python does for a script
    found = runpy.run_path(str(file))
    networks, images = found.get("networks", []), found.get("images", {})
    if not isinstance(networks, list | tuple) or not isinstance(images, dict) or not (networks or images):
        raise BadValueError(f"--lab {file}: expected a list `networks` or a dict `images` defined there, got neither")
    return list(networks), dict(images)


@command(JSON)
def datasets(options: argparse.Namespace) -> None:
    """List the data sets, and which images are at hand."""
    from gradlab.images.registry import image_sets
    from gradlab.images.status import dataset_status
    from gradlab.images.store import store_fault

    if fault := store_fault():
        say("datasets", fault)
    show([dict(dataset_status(known.key)) for known in image_sets()], options.json_path, "datasets")


@command(option("--measure", action="store_true", help="measure the accuracies again, on the full test splits"), JSON)
def models(options: argparse.Namespace) -> None:
    """List the networks: the shipped ones, and those that were fetched."""
    from gradlab.experiments.stored import measurable
    from gradlab.networks import known_cards
    from gradlab.training import remeasure

    known = known_cards()
    labelled = measurable(known) if options.measure else []
    check_stored(card.dataset for card in labelled)
    cards = [asdict(card) | {"without_twins": _without_twins(card)} for card in known]
    if options.measure:
        cards = [
            row | {"measured": remeasure(card) if card in labelled else None}
            for row, card in zip(cards, known, strict=True)
        ]
    columns = ("name", "dataset", "parameters", "clean_accuracy", "without_twins", "measured_on", "trained_on",
               "epochs", "fitted", "measured")  # fmt: skip
    show(cards, options.json_path, "models", columns)


def _without_twins(card: Any) -> float | None:
    """The clean accuracy that the shipped baseline has without twins; None where either is not known."""
    from gradlab.experiments.stored import baseline_of
    from gradlab.report.sampling import clean_rest

    try:
        return clean_rest(baseline_of(card))
    except GradlabError:
        return None


@command(option("--download-lpips", action="store_true", help=_LPIPS), JSON)
def measures(options: argparse.Namespace) -> None:
    """List the measures of a change: range, source, and when people notice it."""
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


@command(
    option("name", help="a data set: cifar10, cifar100, fashion_mnist or svhn; or the word network"),
    option("network", nargs="?", metavar="NETWORK", help="after network: alexnet, vgg16, ... or timm/NAME on the Hub"),
    option("--from", dest="folder", type=Path, metavar="DIR", help="an existing torchvision folder of the data set"),
    option("--list", action="store_true", help="after network: which there are, and which are in the store"),
)
def fetch(options: argparse.Namespace) -> None:
    """Download a full data set, or `network NETWORK` for photographs, into the local store."""
    if options.name == "network":
        _fetch_network(options)
    elif options.network or options.list:
        raise BadValueError(
            f"expected a data set alone, or `network NETWORK`, got {options.name} {options.network or '--list'}"
        )
    else:
        from gradlab.images.fetch import fetch

        print(fetch(options.name, options.folder))


def _fetch_network(options: argparse.Namespace) -> None:
    from gradlab.networks.fetch import fetch_network, offered

    if options.list and not options.network:
        show(offered(), None, "networks")
        say("fetch", "and any of timm's on the Hugging Face Hub that tells ImageNet's classes: timm/resnet18.a1_in1k")
    elif options.network is None or options.folder or options.list:
        raise BadValueError("expected `network NETWORK` or `network --list`; --from is for data sets")
    else:
        found = fetch_network(options.network)
        how = "is now in the store" if found.new else "was in the store already, and is left as it is"
        say("fetch", f"{options.network} {how}: --dataset {found.card.dataset} --model {found.card.name}")
        print(found.folder)
