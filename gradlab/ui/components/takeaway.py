"""What can be taken away from a page: files, and the code that shows the same."""

import json
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import streamlit as st
from PIL import Image

from gradlab import report
from gradlab.figures.equation import Equation, equation_png, equation_svg
from gradlab.figures.pixels import noise_picture, png, signed_picture, to_picture
from gradlab.figures.printed import figure_to_html
from gradlab.figures.said import sweep_said
from gradlab.figures.sweep import Axis, sweep_figure
from gradlab.images.registry import called, image_set, space_of
from gradlab.images.table import DATASETS
from gradlab.networks import ModelCard, find_card
from gradlab.report import archive
from gradlab.steps.epsilon import PIXEL_LEVELS, format_epsilon
from gradlab.types import Curve, Exploration, LabelSource, Rule, SweepResult
from gradlab.ui import cached
from gradlab.ui.components.brought import with_folders, with_guests

# data set, model, the image's place in the test split, rule, epsilon, label source
Choice = tuple[str, str, int, Rule, float, LabelSource]


class Picture(NamedTuple):
    """A picture that can be saved.

    Attributes:
        title: of its button.
        name: what tells its file from the others.
        help: what it is; empty where the title says it.
        draw: makes it, when it is asked for.
    """

    title: str
    name: str
    help: str
    draw: Callable[[], Image.Image]


def sweep_stem(result: SweepResult, what: str = "", axis: str = "", rules: Iterable[Rule] | None = None) -> str:
    """The name of a file made of a sweep, without its ending: such as gradlab-cifar10-alexnet-500-sign-raw-over-l2.

    Args:
        result: the sweep.
        what: what is made of it.
        axis: what stands on the horizontal axis, where there is a choice.
        rules: those that are drawn; all of the sweep's unless they are given.
    """
    drawn = dict.fromkeys(curve.rule for curve in result.curves) if rules is None else rules
    over = f"over-{axis}" if axis else ""
    return "-".join(filter(None, ("gradlab", result.dataset, result.model, str(result.images), *drawn, what, over)))


def point_stem(result: SweepResult, curve: Curve, k: int, what: str) -> str:
    """The same of a file that shows one point of a curve: such as gradlab-cifar10-alexnet-500-sign-flows+0.03137."""
    return f"{sweep_stem(result, what, rules=[curve.rule])}{float(curve.epsilons[k]):+.4g}"


def sweep_files(result: SweepResult, axis: Axis) -> None:
    """Buttons: a sweep as a report, JSON, CSV and npz."""
    stem = sweep_stem(result)
    with st.container(horizontal=True):
        _button(
            "HTML report", f"{sweep_stem(result, axis=axis)}.html", "text/html",
            lambda: report.sweep_to_html(
                result, figure_to_html(sweep_figure(result, axis)), axis=axis, said=sweep_said(result, axis)
            ),
        )  # fmt: skip
        _button("JSON", f"{stem}.json", "application/json", lambda: _json(report.sweep_to_dict(result)))
        _button("Result file", f"{stem}.npz", "application/octet-stream", lambda: archive.dumps(result))


def code(script: str, command: str | None = None) -> None:
    """The script, and the command where there is one, that gives the numbers of the page."""
    with st.expander("This view as code", icon=":material/code:"):
        st.code(with_guests(script), language="python")
        if command and (line := with_folders(command, script)):
            st.code(line, language="bash", wrap_lines=True)


def shipped(result: SweepResult) -> bool:
    """Whether all of a sweep's curves were measured beforehand: then no images are needed to have them again."""
    held = cached.baseline(result.model, result.dataset, result.label_source) if result.condensed else None
    return held is not None and {curve.rule for curve in held.curves} >= {curve.rule for curve in result.curves}


def sweep_as_code(result: SweepResult) -> None:
    """The script of a sweep; and the command that measures it, where its images are at hand."""
    here = result.source != "store" or cached.showable(result)[1] == "store"
    code(report.sweep_code(result, shipped=shipped(result)), report.sweep_command(result) if here else None)


def table_files(title: str, stem: str, rows: list[dict[str, Any]]) -> None:
    """Buttons: a table as JSON and CSV."""
    with st.container(horizontal=True):
        _button(f"{title}, JSON", f"{stem}.json", "application/json", lambda: _json(rows))
        _button(f"{title}, CSV", f"{stem}.csv", "text/csv", lambda: report.rows_to_csv(rows))


def exploration_files(seen: Exploration, choice: Choice, gain: int, rounded: bool) -> None:
    """Buttons: the pictures as PNGs of the image's own size, and all numbers as JSON and CSV.

    Args:
        seen: the image before and after the step.
        choice: what the page shows.
        gain: by how much the noise and the difference are amplified.
        rounded: whether these are of the image rounded to 8 bit, as the page shows it.
    """
    dataset, model, place, rule, epsilon, _ = choice
    stem = f"gradlab-{dataset}-{model}-{place}-{rule}-{epsilon:+.4g}"
    first, *others = exploration_pictures(seen, gain, rounded)
    with st.container(horizontal=True):
        _picture_button(first, stem)
        with st.popover("Other pictures", icon=":material/image:"):
            for picture in others:
                _picture_button(picture, stem)
        with st.popover("Figure for a paper", icon=":material/article:"):
            _figure_for_paper(seen, choice, gain, rounded, f"{stem}-figure")
        told = seen, image_set(dataset).classes, rule, epsilon
        _button("Numbers, JSON", f"{stem}.json", "application/json", lambda: _json(report.exploration_to_dict(*told)))
        _button("Numbers, CSV", f"{stem}.csv", "text/csv", lambda: report.exploration_to_csv(*told))


def _figure_for_paper(seen: Exploration, choice: Choice, gain: int, rounded: bool, stem: str) -> None:
    """Image + noise = perturbed image as one figure, what stands under it, and how both papers are cited."""
    dataset, model, place, rule, epsilon, labels = choice
    known = image_set(dataset)
    figure = exploration_figure(seen, choice, gain, rounded)
    st.markdown("The image, the added noise and the perturbed image in one figure.")
    with st.container(horizontal=True):
        _button("Figure, PNG", f"{stem}.png", "image/png", lambda: equation_png(figure), "300 dpi, two columns wide")
        _button("Figure, SVG", f"{stem}.svg", "image/svg+xml", lambda: equation_svg(figure))
    st.caption("Caption")
    card = find_card(model, dataset)
    caption = report.figure_caption(
        seen, rule, epsilon, labels, images=known.title, place=place, classes=known.classes, network=model,
        weights=card.sha256, gain=gain, rounded=rounded, called=called(dataset), trained_on=_trained_on(card, dataset),
    )  # fmt: skip
    st.code(caption, language=None, wrap_lines=True)
    st.caption("Citations, BibTeX")
    st.code(f"{report.PAPER_BIBTEX}\n{report.GRADLAB_BIBTEX}", language="latex")


def _trained_on(card: ModelCard, dataset: str) -> str:
    """What a network was trained on; the cards of ours name the split of their data set."""
    space = space_of(dataset)
    return image_set(space).title if card.trained_on and space in DATASETS else card.trained_on


def exploration_figure(seen: Exploration, choice: Choice, gain: int, rounded: bool) -> Equation:
    """The figure for a paper; the arguments are those of `exploration_files`."""
    dataset, _, _, rule, epsilon, _ = choice
    classes, after = image_set(dataset).classes, seen.rounded if rounded else seen.perturbed
    before, then = ((classes[view.prediction], f"{view.probabilities.max():.1%}") for view in (seen.clean, after))
    unit = "" if rule.unit.over else f" ({rule.unit.row.words})"  # n/255 says it
    step = (rule.row.words, f"ε = {format_epsilon(epsilon, rule)}{unit}")
    return Equation(seen.clean.image, after.image, gain, (before, step, then))


def exploration_pictures(seen: Exploration, gain: int, rounded: bool) -> list[Picture]:
    """The pictures of the page Explore, the perturbed one first; the arguments are those of `exploration_files`."""
    delta = (seen.rounded if rounded else seen.perturbed).image - seen.clean.image
    of_what, name = (", 8-bit", "-8bit") if rounded else ("", "")
    return [
        Picture(
            "Perturbed image", "", "As saved (8 bit): a PNG rounds every value to n/255",
            lambda: to_picture(seen.perturbed.image, 1),
        ),
        Picture("Clean image", "-clean", "", lambda: to_picture(seen.clean.image, 1)),
        Picture(
            f"Noise ×{gain}{of_what}", f"-noise-x{gain}{name}", f"What the step added, ×{gain}, about middle grey",
            lambda: noise_picture(delta, gain, 1),
        ),
        Picture(
            f"Signed difference ×{gain}{of_what}", f"-difference-x{gain}{name}",
            f"Mean over the channels: blue −, red +, full colour at ±{PIXEL_LEVELS / gain:.3g}/255",
            lambda: signed_picture(delta, gain, 1),
        ),
    ]  # fmt: skip


def _picture_button(picture: Picture, stem: str) -> None:
    name = f"{stem}{picture.name}.png"
    _button(f"{picture.title}, PNG", name, "image/png", lambda: png(picture.draw()), picture.help)


def _json(values: dict[str, Any] | list[dict[str, Any]]) -> str:
    return json.dumps(values, indent=1, ensure_ascii=False, allow_nan=False)


def _button(label: str, name: str, kind: str, make: Callable[[], str | bytes], help: str = "") -> None:
    """A file that is made when it is asked for, without a new run of the page."""
    st.download_button(
        label, make, file_name=name, mime=kind, icon=":material/download:", on_click="ignore", key=f"file_{label}",
        help=help or None,
    )  # fmt: skip
