"""What can be taken away from a page: files, and the code that shows the same."""

import json
import math
from collections.abc import Callable
from io import BytesIO
from typing import Any

import streamlit as st

from gradlab import __version__, archive, report
from gradlab.datasets import DATASETS
from gradlab.figures.html import figure_to_html
from gradlab.figures.pixels import to_picture
from gradlab.figures.sweep import Axis, sweep_figure
from gradlab.types import Exploration, LabelSource, Rule, SweepResult, View

# data set, model, the image's place in the test split, rule, epsilon, label source
Choice = tuple[str, str, int, Rule, float, LabelSource]


def sweep_stem(result: SweepResult, what: str = "") -> str:
    """The name of a file made of a sweep, without its ending: such as gradlab-cifar10-alexnet-500-classes."""
    return "-".join(filter(None, ("gradlab", result.dataset, result.model, str(result.images), what)))


def sweep_files(result: SweepResult, axis: Axis) -> None:
    """Buttons: a sweep as a report, JSON, CSV and npz."""
    stem = sweep_stem(result)
    with st.container(horizontal=True):
        _button(
            "HTML report", f"{stem}.html", "text/html",
            lambda: report.sweep_to_html(result, figure_to_html(sweep_figure(result, axis))),
        )  # fmt: skip
        _button("JSON", f"{stem}.json", "application/json", lambda: _json(report.sweep_to_dict(result)))
        _button("Result file", f"{stem}.npz", "application/octet-stream", lambda: archive.dumps(result))


def sweep_code(result: SweepResult) -> None:
    """The script, and the command where there is one, that computes a sweep."""
    with st.expander("This view as code", icon=":material/code:"):
        st.code(report.sweep_code(result), language="python")
        command = report.sweep_command(result)
        if command:
            st.code(command, language="bash", wrap_lines=True)


def table_files(title: str, stem: str, rows: list[dict[str, Any]]) -> None:
    """Buttons: a table as JSON and CSV."""
    with st.container(horizontal=True):
        _button(f"{title}, JSON", f"{stem}.json", "application/json", lambda: _json(rows))
        _button(f"{title}, CSV", f"{stem}.csv", "text/csv", lambda: report.rows_to_csv(rows))


def exploration_files(seen: Exploration, choice: Choice) -> None:
    """Buttons: the perturbed image as a PNG of its own size, and all numbers as JSON."""
    dataset, model, place, rule, epsilon, _ = choice
    stem = f"gradlab-{dataset}-{model}-{place}-{rule}-{epsilon:+.4g}"
    with st.container(horizontal=True):
        _button("Perturbed image, PNG", f"{stem}.png", "image/png", lambda: _png(seen))
        _button("Numbers, JSON", f"{stem}.json", "application/json", lambda: _json(exploration_to_dict(seen, choice)))


def exploration_code(choice: Choice) -> None:
    """The script that shows what the page Explore does."""
    with st.expander("This view as code", icon=":material/code:"):
        st.code(report.explore_code(*choice), language="python")


def exploration_to_dict(seen: Exploration, choice: Choice) -> dict[str, Any]:
    """One image under one step as plain JSON-able values; a PSNR of ∞ is None."""
    dataset, model, place, rule, epsilon, labels = choice
    classes = DATASETS[dataset].classes
    views = {"clean": seen.clean, "perturbed": seen.perturbed, "rounded": seen.rounded}
    return {
        "gradlab": __version__,
        "dataset": dataset,
        "split": "test",
        "image": place,
        "model": model,
        "rule": str(rule),
        "unit": rule.unit,
        "epsilon": epsilon,
        "labels": str(labels),
        "true": classes[seen.label],
        "used": classes[seen.used_label],
        "loss": seen.loss,
        "gradient_l2": seen.gradient_l2,
        **{name: _view_to_dict(view, classes) for name, view in views.items()},
    }


def _view_to_dict(view: View, classes: tuple[str, ...]) -> dict[str, Any]:
    return {
        "prediction": classes[view.prediction],
        "probabilities": {name: float(share) for name, share in zip(classes, view.probabilities, strict=True)},
        **{name: value if math.isfinite(value) else None for name, value in view.measures.items()},
        "changed": view.changed,
    }


def _png(seen: Exploration) -> bytes:
    buffer = BytesIO()
    to_picture(seen.perturbed.image, scale=1).save(buffer, "PNG")
    return buffer.getvalue()


def _json(values: dict[str, Any] | list[dict[str, Any]]) -> str:
    return json.dumps(values, indent=1, ensure_ascii=False, allow_nan=False)


def _button(label: str, name: str, kind: str, make: Callable[[], str | bytes]) -> None:
    """A file that is made when it is asked for, and no new run of the page."""
    st.download_button(
        label, make, file_name=name, mime=kind, icon=":material/download:", on_click="ignore", key=f"file_{label}"
    )
