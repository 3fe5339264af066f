"""The lines that scripts have in common, and how values are written in them."""

import json
import textwrap
from collections.abc import Mapping, Sequence

import numpy as np

from gradlab.images.registry import PictureFile, image_set, known_image_set, space_of
from gradlab.images.splits import shared_places, twin_mask
from gradlab.types import IntArray, SweepResult, TransferResult

_FEW = 12  # a draw of more images than these never comes in the split's own order


def limit_of(result: SweepResult | TransferResult) -> str | None:
    """How many images to draw for the same ones again: a number, or `all` for the whole split in its own order.

    None where no draw gives them.
    """
    in_order = bool((np.diff(result.indices) > 0).all())
    places = np.sort(np.concatenate([result.indices, result.failed]))
    if in_order and result.complete and result.done > _FEW and _is_whole(result, places):
        return "all"
    part_of_a_split = in_order and not result.complete
    return None if result.draw_seed is None or part_of_a_split else str(result.done)


def _is_whole(result: SweepResult | TransferResult, places: IntArray) -> bool:
    """Whether these are all places of a split except those that `load_batch` leaves out of it."""
    size = int(places[-1]) + 1
    return np.array_equal(places, np.setdiff1d(np.arange(size), shared_places(result.dataset, result.split, size)))


def batch_lines(result: SweepResult | TransferResult, name: str = "batch") -> str:
    """The images of a result, as the variable `name`."""
    limit = limit_of(result)
    if result.images_sha256:
        return f"{own_line(result.dataset, result.classes, result.images_sha256)}\n{_own_batch(result, limit, name)}"
    # Of which only some was measured beforehand, over the whole split: those of its images that are here.
    part_of_a_baseline = isinstance(result, SweepResult) and result.condensed and limit is None
    source = "auto" if part_of_a_baseline else result.source
    about = f"split={literal(result.split)}, source={literal(source)}"
    call = f"{name} = gradlab.load_batch({literal(result.dataset)}, {about}"
    if limit == "all":
        return f"{call}, limit=None)"
    if limit:
        return f"{call}, limit={limit}, seed={result.draw_seed})"
    return f"{_places(result)}\n{call}, indices=places)"


def _places(result: SweepResult | TransferResult) -> str:
    places = ", ".join(map(str, [*result.indices.tolist(), *result.failed.tolist()]))
    return f"places = [\n{textwrap.indent(textwrap.fill(places, 112), '    ')}\n]"


def _own_batch(result: SweepResult | TransferResult, limit: str | None, name: str) -> str:
    if limit == "all":
        return f"{name} = images.batch()"
    if limit:
        return f"{name} = images.batch(limit={limit}, seed={result.draw_seed})"
    return f"{_places(result)}\n{name} = images.batch().part(places)"


def own_line(dataset: str, classes: Sequence[str], sha256: str) -> str:
    """Somebody's own images, as the variable `images`: read again from the folder or the files that they are from."""
    known = known_image_set(dataset)
    of = known.space if known and known_image_set(known.space) else None
    options = {"classes": literal(of or list(classes))}
    if known and (of is None or image_set(of).shape != known.shape):
        options |= {"size": str(known.shape[1]), "channels": str(known.shape[0])}
    told = ", ".join(f"{key}={value}" for key, value in options.items())
    if known and known.pictures:
        return f"{_picture_lines(known.pictures)}\nimages = gradlab.load_pictures(pictures, {told})"
    about = comment(f"of your own: the SHA-256 of their files is {sha256}")
    return f"{about}\nimages = gradlab.load_folder({literal((known and known.origin) or dataset)}, {told})"


def _picture_lines(pictures: Sequence[PictureFile]) -> str:
    """Pictures that somebody chose one by one, as the variable `pictures`."""
    return "\n".join([
        comment("Your pictures: put each beside this script, under the name that it has here. One that you pasted, or"),
        comment("took with the camera, has no file yet: \"Save it\" in the dialog \"Your pictures\" gives you one."),
        comment("The three numbers are the square that the network gets: left, top and length, in pixels."),
        comment("The SHA-256 is that of the file as it came to the page."),
        "pictures = {",
        *(f"    {literal(one.name)}: {one.square!r},  {comment(f'SHA-256 {one.sha256}')}" for one in pictures),
        "}",
    ])  # fmt: skip


def baseline_lines(result: SweepResult, rules: str, name: str = "result") -> list[str]:
    """A result whose curves were all measured beforehand, as the variable `name`; `rules` is how they are written."""
    mask = twin_mask(result)
    options = {
        "labels": literal(str(result.label_source)),
        "rules": rules,
        **({"eight_bit": "True"} if result.eight_bit else {}),
        **({"twins": "False"} if mask is not None and not mask.any() else {}),
    }
    told = ", ".join(f"{key}={value}" for key, value in options.items())
    return [
        comment("measured beforehand and shipped with gradlab: read here, not measured again"),
        f"{name} = gradlab.load_baseline({literal(result.model)}, {literal(result.dataset)}, {told})",
    ]


def first_line(dataset: str, images: int) -> str:
    """The first images of those that pages leaf through, as the variable `batch`."""
    if (known := known_image_set(dataset)) and known.sha256:
        return f"{own_line(dataset, known.classes, known.sha256)}\nbatch = images.batch(limit={images})"
    return f'batch = gradlab.load_batch({literal(dataset)}, limit={images}, source="sample")'


def image_line(dataset: str, index: int, source: str, name: str = "batch") -> str:
    """One image of the test split, as the variable `name`; a `source` of `auto` goes without saying."""
    if (known := known_image_set(dataset)) and known.sha256:
        return f"{own_line(dataset, known.classes, known.sha256)}\n{name} = images.batch().part([{index}])"
    origin = "" if source == "auto" else f", source={literal(source)}"
    return f"{name} = gradlab.load_batch({literal(dataset)}, indices=[{index}]{origin})"


def model_line(model: str, dataset: str, known: bool = True, name: str = "model") -> str:
    """A network, as the variable `name`; one that gradlab does not know is left to fill in."""
    if known:
        return f"{name} = {load_line(model, dataset)}"
    return f"{name} = ...  {comment(f'your own {model}: it takes images in [0, 1] and gives logits')}"


def load_line(model: str, dataset: str) -> str:
    """A network, by the classes that it tells apart: images of somebody's own are known here alone."""
    return f"gradlab.load_model({literal(model)}, {literal(space_of(dataset))})"


def measured_line(result: SweepResult) -> str:
    """What a script is about; pictures of one visitor have a key that says nothing to anybody else."""
    known = known_image_set(result.dataset)
    images = "your pictures" if known and known.pictures else result.dataset
    return comment(f"{result.model} on {images}, measured with {result.software} on {result.device}")


def literal(value: object) -> str:
    """A value as Python writes it, text in double quotes."""
    if isinstance(value, str):
        return json.dumps(str(value), ensure_ascii=False)
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{literal(k)}: {literal(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return f"[{', '.join(map(literal, value))}]"
    return repr(value)


def comment(text: str) -> str:
    """A comment on one line: what follows a line break would be run."""
    return f"# {' '.join(text.split())}"
