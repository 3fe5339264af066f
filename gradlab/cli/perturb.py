"""`gradlab perturb`: one image, and what the network makes of it before and after."""

import argparse
import math
from pathlib import Path
from typing import Any

from gradlab.cli.command import DRAW, JSON, NETWORK, RULES, command, drawn, label_source, option, whole
from gradlab.cli.output import deliver, say, table, tables_or_json
from gradlab.shipped import __version__
from gradlab.steps.epsilon import parse_epsilon
from gradlab.types import Rule, class_name, rounding_defined

_INDEX = "the image's place in the test split; default: one that --seed draws"


@command(
    option("--index", type=whole(0), metavar="N", help=_INDEX),
    option("--rule", default="sign", help=f"{RULES} (default: %(default)s)"),
    option(
        "--epsilon",
        default="8/255",
        help="signed: above 0 leads away from the class, below 0 towards it (default: %(default)s)",
    ),
    option("--out", type=Path, required=True, metavar="PNG"),
    *NETWORK,
    *DRAW,
    JSON,
)
def perturb(options: argparse.Namespace) -> None:
    """Perturb one image and write it as a PNG."""
    from gradlab.experiments.explore import explore
    from gradlab.figures.pixels import to_picture
    from gradlab.networks import load_model

    rule, epsilon, labels = Rule(options.rule), parse_epsilon(options.epsilon), label_source(options)
    model = load_model(options.model, options.dataset, options.device)
    wanted: dict[str, Any] = {"indices": [options.index]} if options.index is not None else {"limit": 1}
    batch = drawn(options, **wanted)
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
    truth = class_name(batch.classes, seen.label)
    facts |= {"index": int(batch.indices[0]), "label": truth, "rule": str(rule), "epsilon": epsilon}
    sums = {name: getattr(seen.provenance, name) for name in ("weights_sha256", "images_sha256")}
    facts |= {name: value for name, value in sums.items() if value}
    head = "{model} on image {index} of {dataset}/{split} ({source}): {label}".format(**facts)
    picture = to_picture(seen.rounded.image, scale=1)
    deliver([
        ("--out", options.out, lambda: picture.save(options.out)),
        tables_or_json(
            options.json_path, lambda: print(f"{head}\n{table(rows)}"),
            lambda: {"gradlab": __version__, **facts, "forms": rows},
        ),
    ])  # fmt: skip
