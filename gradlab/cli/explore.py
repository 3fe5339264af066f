"""`gradlab explore`: one image under one step, and what the network makes of it, in numbers."""

import argparse
from typing import Any

from gradlab.cli.command import DRAW, JSON, NETWORK, RULES, command, drawn, label_source, option, whole
from gradlab.cli.output import deliver, table, tables_or_json
from gradlab.steps.epsilon import format_epsilon, parse_epsilon
from gradlab.types import Rule, Track

_INDEX = "the image's place in the test split; default: one that --seed draws"


@command(
    option("--index", type=whole(0), metavar="N", help=_INDEX),
    option("--rule", default="sign", help=f"{RULES} (default: %(default)s)"),
    option("--epsilon", default="8/255", help="signed (default: %(default)s)"),
    option("--top", type=whole(1), default=5, metavar="K", help="so many classes are told (default: %(default)s)"),
    *NETWORK,
    *DRAW,
    JSON,
)
def explore(options: argparse.Namespace) -> None:
    """Take one step with one image, and tell what the network says before and after."""
    from gradlab.experiments.explore import explore, track
    from gradlab.networks import load_model
    from gradlab.report import exploration_to_dict

    rule, epsilon, labels = Rule(options.rule), parse_epsilon(options.epsilon), label_source(options)
    model = load_model(options.model, options.dataset, options.device)
    batch = drawn(options, **({"limit": 1} if options.index is None else {"indices": [options.index]}))
    seen = explore(model, batch, rule, epsilon, labels=labels, seed=options.seed)
    along = track(model, batch, rule, labels=labels, seed=options.seed)
    content = exploration_to_dict(seen, batch.classes, rule, epsilon, options.top)
    content["changes_at"] = _changes(along, batch.classes)
    deliver([tables_or_json(options.json_path, lambda: _print(content, rule), lambda: content)])


def _changes(along: Track, classes: tuple[str, ...]) -> list[dict[str, Any]]:
    """Where along the direction the class is another one than a step before, from 0 outwards."""
    said, zero = along.probabilities.argmax(1), along.epsilons.tolist().index(0)
    found = []
    for way in (range(zero + 1, len(said)), range(zero - 1, -1, -1)):
        before = zero
        for k in way:
            if said[k] != said[before]:
                found.append({"epsilon": float(along.epsilons[k]), "prediction": classes[said[k]]})
            before = k
    return found


def _print(content: dict[str, Any], rule: Rule) -> None:
    print("{model} on image {index} of {dataset}/{split} ({source}): {true}".format(**content))
    print(f"loss {content['loss']:.4g}, gradient L2 {content['gradient_l2']:.4g}, of the class {content['used']}\n")
    print(table([{**row, "probabilities": ""} for row in content["forms"]]))
    for row in content["forms"]:
        told = ", ".join(f"{name} {share:.2%}" for name, share in row["probabilities"].items())
        print(f"\n{row['form']}: {told}", end="")
    places = [f"{format_epsilon(one['epsilon'], rule)} {one['prediction']}" for one in content["changes_at"]]
    print(f"\n\nAlong the direction the class changes at: {', '.join(places) or 'no ε that we tried'}")
