"""`gradlab check`: does a network fit? Each thing that is tried, passed or failed, with what to do."""

import argparse
from dataclasses import asdict
from typing import Any

from gradlab.cli.command import JSON, NETWORK, SEEDS, command, drawn, option, whole
from gradlab.cli.output import deliver, progress_bar, tables_or_json
from gradlab.shipped import __version__


@command(
    option("--limit", type=whole(1), default=256, metavar="N", help="images, at most (default: %(default)s)"),
    option("--seed", type=SEEDS, default=0, metavar="N", help="for the draw of images (default: %(default)s)"),
    *NETWORK,
    JSON,
)
def check(options: argparse.Namespace) -> None:
    """Check a network: its pixel range, logits, gradient, classes, accuracy and cost; exit code 1 where one fails."""
    from gradlab.images.registry import image_set
    from gradlab.images.status import dataset_status
    from gradlab.networks import find_card, load_model
    from gradlab.networks.check import NAMES, stream_checks

    model = load_model(options.model, options.dataset, options.device)
    status = dataset_status(options.dataset)
    batch = drawn(options, limit=min(options.limit, status["test"] or status["sample"] or options.limit))
    found = []
    with progress_bar(len(NAMES), "check") as bar:
        for one in stream_checks(model, batch):
            found.append(one)
            bar.update()
    card, failed = find_card(options.model, options.dataset), [one.name for one in found if not one.passed]
    content: dict[str, Any] = {
        "gradlab": __version__, "model": card.name, "weights_sha256": card.sha256, "dataset": batch.dataset,
        "images": len(batch), "images_sha256": image_set(options.dataset).sha256, "failed": failed,
        "checks": [asdict(one) for one in found],
    }  # fmt: skip
    deliver([tables_or_json(options.json_path, lambda: _print(content), lambda: content)])
    if failed:
        raise SystemExit(1)


def _print(content: dict[str, Any]) -> None:
    print(f"{content['model']} (weights {content['weights_sha256'][:12]}…) on {content['images']} images of "
          f"{content['dataset']}\n")  # fmt: skip
    width = max(len(one["name"]) for one in content["checks"])
    for one in content["checks"]:
        print(f"{'passed' if one['passed'] else 'FAILED'}  {one['name'].ljust(width)}  {one['found']}")
        if one["advice"]:
            print(f"{' ' * (width + 10)}{one['advice']}")
    print(f"\n{len(content['failed'])} of {len(content['checks'])} failed")
