"""What a command is made of: name, help, options and body; and the options that several have, with what they mean."""

import argparse
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from gradlab.cli.output import say
from gradlab.errors import MissingFileError
from gradlab.types import Batch, LabelSource, Rule

Option = tuple[tuple[str, ...], dict[str, Any]]  # what `argparse` takes: flags, and what is said of them
Run = Callable[..., None]


@dataclass(frozen=True)
class Command:
    """A word that can be typed after `gradlab`, or after another command.

    Attributes:
        name: the word.
        help: says in one line what it does.
        options: what else is typed.
        run: does it, with the options as `argparse` reads them.
        actions: the words that stand after it, by name.
    """

    name: str
    help: str
    options: tuple[Option, ...]
    run: Run
    actions: Mapping[str, "Command"] = field(default_factory=dict)


def command(*options: Option, actions: Mapping[str, Command] | None = None) -> Callable[[Run], Command]:
    """Make a command of a function: its name is the word, the first line of its docstring the help."""

    def made(run: Run) -> Command:
        name, said = run.__name__.strip("_").replace("_", "-"), (run.__doc__ or "").partition("\n")[0].rstrip(".")
        return Command(name, said[:1].lower() + said[1:], options, run, actions or {})

    return made


def option(*flags: str, **about: Any) -> Option:
    """What `argparse.ArgumentParser.add_argument` is given."""
    return flags, about


def by_name(*commands: Command) -> dict[str, Command]:
    """In the order in which the help lists them."""
    return {each.name: each for each in commands}


def whole(least: int, most: int | None = None) -> Callable[[str], int]:
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


RULES = ", ".join(Rule)
SEEDS = whole(0, 2**32 - 1)
USUALLY = "default: 512, or all where there are fewer"
JSON = option("--json", dest="json_path", metavar="PATH", help="write JSON; - is stdout")
_OF_FOLDER = (
    "a network of your own: a folder with config.json and model.safetensors, as timm's Hub has them; may be repeated"
)
_OF_IMAGES = (
    "images of your own: a folder of pictures, with a subfolder for each class or without, or a CSV, npz or "
    "safetensors file; may be repeated"
)
GUESTS = (
    option("--network", dest="networks", action="append", metavar="NAME=FOLDER", help=_OF_FOLDER),
    option("--images", action="append", metavar="NAME=FOLDER", help=_OF_IMAGES),
)
DEVICE = option("--device", default="auto", help="auto, cuda, mps or cpu (default: %(default)s)")
NETWORK = (
    option("--dataset", help="the images' name (default: those of --images, else cifar10)"),
    option("--model", help="the network's name (default: that of --network, else alexnet or the data set's first)"),
    DEVICE,
    *GUESTS,
)
TRAINED = (
    option("--dataset", default="cifar10", help="default: %(default)s"),
    option("--model", default="alexnet", help="the network's name (default: %(default)s)"),
    DEVICE,
)
_SEED = "for the draw of images and for the rule `random` (default: %(default)s)"
DRAW = (
    option(
        "--labels",
        help="the class to step away from: true, predicted or target:<class> (default: true, or predicted where nobody "
        "knows the labels)",
    ),
    option("--seed", type=SEEDS, default=0, metavar="N", help=_SEED),
)


def drawn(options: argparse.Namespace, **wanted: Any) -> Batch:
    """The images that are asked for; with a word where they are not from the store that the environment names."""
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


def label_source(options: argparse.Namespace) -> LabelSource:
    """Where the labels are from; a target is one of the data set's classes. Not chosen: the true ones, if known."""
    from gradlab.images.registry import image_set

    known = image_set(options.dataset)
    if options.labels is None:
        return LabelSource.TRUE if known.labelled else LabelSource.PREDICTED
    labels = LabelSource.parse(options.labels)
    if labels.kind == "target":
        labels.target_index(known.classes)
    return labels


def check_stored(names: Iterable[str], split: str = "test") -> None:
    """Each of the data sets is in the store, before the first of them is worked on.

    Raises:
        MissingFileError: for the first that is not.
    """
    from gradlab.images.load import load_batch

    for name in dict.fromkeys(names):
        load_batch(name, split=split, limit=1, source="store")
