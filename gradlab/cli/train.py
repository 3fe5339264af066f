"""`gradlab train`: a recipe followed, or all of them."""

import argparse
import sys
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, get_args

from gradlab.cli.command import JSON, SEEDS, TRAINED, check_stored, command, option, whole
from gradlab.cli.output import progress_bar, show
from gradlab.types import Precision


@command(
    option("--all", action="store_true", help="train by every recipe, one after the other"),
    option("--resume", action="store_true", help="go on from the last checkpoint"),
    option("--runs", type=Path, default=Path("runs"), metavar="DIR", help="where checkpoints are kept"),
    option("--seed", type=SEEDS, metavar="N", help="instead of the recipe's"),
    option("--epochs", type=whole(1), metavar="N", help="instead of the recipe's"),
    option("--precision", choices=get_args(Precision), default="auto", help="default: auto"),
    *TRAINED,
    JSON,
)
def train(options: argparse.Namespace) -> None:
    """Train a network from scratch, and save it in assets/."""
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
