"""What can be typed after `gradlab`: the commands and their options; `gradlab.cli` knows what they do."""

import argparse
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NoReturn, get_args

from gradlab.shipped import __version__
from gradlab.types import Precision, Rule

COMMANDS = {
    "app": "serve the dashboard on this machine",
    "datasets": "list the data sets, and what of them is at hand",
    "models": "list the shipped weights",
    "measures": "list the measures of a change: range, source, and from when on it is usually noticed",
    "fetch": "fill the local store with a full data set, through torchvision",
    "perturb": "perturb one image and write it as a PNG",
    "paper": "the paper's claims beside what is measured, and all networks in one table",
    "sweep": "accuracy over signed epsilons, from one gradient an image",
    "train": "train a network from scratch into assets/",
    "answers": "what people saw: list the studies, export, close or delete one, delete a participant",
}
RULES, SOURCES = ", ".join(Rule), "true, predicted, target:<class>"
LARGEST_SEED = 2**32 - 1

_Subs = Mapping[str, argparse.ArgumentParser]


class _Parser(argparse.ArgumentParser):
    """One line for a bad argument, without the usage."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}\n")


def parse_arguments(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Read a command line; what is wrong with it ends the process with 2 and one line on stderr.

    Args:
        arguments: what stands after `gradlab`; None takes it from `sys.argv`.
    """
    parser = _Parser(prog="gradlab", description="A laboratory for one-step gradient perturbations of images.")
    parser.add_argument("--version", action="version", version=f"gradlab {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND", parser_class=_Parser)
    subs = {name: commands.add_parser(name, help=text, description=text) for name, text in COMMANDS.items()}
    _add_upkeep(subs)
    _add_perturb(subs["perturb"])
    _add_sweep(subs["sweep"])
    _add_paper(subs["paper"])
    _add_train(subs["train"])
    _add_answers(subs["answers"])
    _add_shared(subs)
    return parser.parse_args(_joined(sys.argv[1:] if arguments is None else arguments))


def _joined(arguments: Sequence[str]) -> list[str]:
    """`--epsilon -8/255` as `--epsilon=-8/255`; argparse would take the -8/255 for an option."""
    joined: list[str] = []
    for argument in arguments:
        if joined and joined[-1] in ("--epsilon", "--epsilons") and re.match(r"-[\d.]", argument):
            joined[-1] += f"={argument}"
        else:
            joined.append(argument)
    return joined


def _whole(least: int, most: int | None = None) -> Callable[[str], int]:
    """A whole number between two others, for argparse."""

    def read(text: str) -> int:
        expected = f"a whole number of at least {least}" if most is None else f"a whole number from {least} to {most}"
        try:
            value = int(text)
        except ValueError:
            value = least - 1
        if value < least or (most is not None and value > most):
            raise argparse.ArgumentTypeError(f"expected {expected}, got {text!r}")
        return value

    return read


def _add_upkeep(subs: _Subs) -> None:
    subs["app"].add_argument("--port", type=_whole(1, 65_535), default=8501, help="default: %(default)s")
    measure = "measure the accuracies again, on the full test splits"
    subs["models"].add_argument("--measure", action="store_true", help=measure)
    lpips = "download what LPIPS needs: AlexNet's ImageNet weights, 233 MB, into torch hub's cache"
    subs["measures"].add_argument("--download-lpips", action="store_true", help=lpips)
    subs["fetch"].add_argument("name", help="cifar10, cifar100, fashion_mnist or svhn")
    folder = "an existing torchvision folder"
    subs["fetch"].add_argument("--from", dest="folder", type=Path, metavar="DIR", help=folder)


def _add_perturb(sub: argparse.ArgumentParser) -> None:
    place = "the image's place in the test split; default: one that --seed draws"
    sub.add_argument("--index", type=_whole(0), metavar="N", help=place)
    sub.add_argument("--rule", default="sign", help=f"{RULES} (default: %(default)s)")
    sub.add_argument("--epsilon", default="8/255", help="signed: above 0 climbs the loss (default: %(default)s)")
    sub.add_argument("--out", type=Path, required=True, metavar="PNG")


def _add_sweep(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("--rules", default="sign,raw", help=f"comma-separated: {RULES} (default: %(default)s)")
    sub.add_argument("--epsilons", help="comma-separated, such as -8/255,0,8/255; default: a grid for each rule")
    sub.add_argument("--limit", default="512", help="images, class-balanced, or `all` (default: %(default)s)")
    sub.add_argument("--eight-bit", action="store_true", help="classify them once more after rounding to n/255")
    equal = "l2 or linf: scale every step on each image to as much change as raw makes; l2:max and so on: as max makes"
    sub.add_argument("--equal", dest="equal_to", metavar="MEASURE[:RULE]", help=equal)
    twins = "leave out the test images that have a twin in the train split (CIFAR-10; CIFAR-100 in the official order)"
    sub.add_argument("--without-twins", action="store_true", help=twins)
    sub.add_argument("--source", choices=("auto", "store", "sample"), default="auto", help="default: %(default)s")
    precision = "of the evaluation; of bfloat16, close calls and some others again in float32 (default: %(default)s)"
    sub.add_argument("--precision", choices=get_args(Precision), default="auto", help=precision)
    sub.add_argument("--batch-size", type=_whole(1), metavar="N", help="default: by the device")
    sub.add_argument("--csv", type=Path, metavar="PATH", help="write a table")
    sub.add_argument("--html", type=Path, metavar="PATH", help="write a page with the figure and its provenance")
    sub.add_argument("--save", type=Path, metavar="NPZ", help="write the whole result, for gradlab.load_result")


def _add_paper(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("--model", help="the weights' name; default: all")
    sub.add_argument("--dataset", help="default: all")
    sub.add_argument("--measure", action="store_true", help="measure again, on the full test splits: minutes a network")
    visible = "a PSNR in dB: images that are changed to less count as changed visibly (default: %(default)s)"
    sub.add_argument("--visible-below", type=float, default=40.0, metavar="DB", help=visible)
    sub.add_argument("--save-studies", action="store_true", help="with --measure: put the results into assets/")
    sub.add_argument("--device", default="auto", help="auto, cuda, mps or cpu (default: %(default)s)")


def _add_train(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("--all", action="store_true", help="every recipe there is, one after the other")
    sub.add_argument("--resume", action="store_true", help="go on from the last checkpoint")
    sub.add_argument("--runs", type=Path, default=Path("runs"), metavar="DIR", help="where checkpoints are kept")
    sub.add_argument("--seed", type=_whole(0, LARGEST_SEED), metavar="N", help="instead of the recipe's")
    sub.add_argument("--epochs", type=_whole(1), metavar="N", help="instead of the recipe's")
    sub.add_argument("--precision", choices=get_args(Precision), default="auto", help="default: auto")


def _add_answers(sub: argparse.ArgumentParser) -> None:
    texts = {
        "list": "list all studies: when opened and closed, how many people and answers",
        "export": "write the answers of a study as CSV, to stdout or a file",
        "close": "let a study take no more people and no more answers",
        "delete": "delete a study, its people and their answers, for good",
        "delete-participant": "delete one person and their answers, for good",
    }
    actions = sub.add_subparsers(dest="action", required=True, metavar="ACTION", parser_class=_Parser)
    subs = {name: actions.add_parser(name, help=text, description=text) for name, text in texts.items()}
    for name in ("export", "close", "delete"):
        subs[name].add_argument("code", metavar="CODE", help="of the study")
    subs["delete-participant"].add_argument("key", metavar="KEY", help="of the person, from the link of their test")
    subs["list"].add_argument("--json", dest="json_path", metavar="PATH", help="write JSON; - is stdout")
    subs["export"].add_argument("--csv", type=Path, metavar="PATH", help="write a file instead")
    subs["delete"].add_argument("--yes", action="store_true", help="really delete it")
    where = "of the database; default: $GRADLAB_DATABASE, else answers.sqlite in the user's data folder"
    for action in subs.values():
        action.add_argument("--database", metavar="URL", help=where)


def _add_shared(subs: _Subs) -> None:
    for name in ("perturb", "sweep", "train"):
        subs[name].add_argument("--dataset", default="cifar10", help="default: %(default)s")
        subs[name].add_argument("--model", default="alexnet", help="the weights' name (default: %(default)s)")
        subs[name].add_argument("--device", default="auto", help="auto, cuda, mps or cpu (default: %(default)s)")
    seed = "of the draw and of the rule `random` (default: %(default)s)"
    for name in ("perturb", "sweep"):
        subs[name].add_argument("--labels", default="true", help=f"the label of the loss: {SOURCES}")
        subs[name].add_argument("--seed", type=_whole(0, LARGEST_SEED), default=0, metavar="N", help=seed)
    for name in ("datasets", "models", "measures", "perturb", "sweep", "paper", "train"):
        subs[name].add_argument("--json", dest="json_path", metavar="PATH", help="write JSON; - is stdout")
