"""One image under one step as plain values: what the network says of each form, and by how much it was changed."""

from collections.abc import Sequence
from typing import Any

from gradlab.report.table import finite, of_origin, of_rule, picked, rows_to_csv
from gradlab.shipped import __version__
from gradlab.types import Exploration, Provenance, Rule, View, class_name


def exploration_to_dict(
    seen: Exploration, classes: Sequence[str], rule: Rule, epsilon: float, top: int | None = None
) -> dict[str, Any]:
    """An exploration as plain JSON-able values.

    `true` is the image's class, or `unknown`; `used` the one whose `loss` (nats) the gradient was taken of, and
    `gradient_l2` is in nats per pixel unit. Each of the `forms` (before the step, after it, and after it as a PNG would
    store it) has its `prediction`, the `probability` of that class, every measure of the change, the share of values
    that `changed`, and `probabilities` by class, the largest first. What is no finite number, such as a PSNR of ∞, is
    None. Where the exploration has a provenance, that is in it too; `images_sha256` only for somebody's own images.

    Args:
        seen: as `gradlab.explore` gives it.
        classes: the names of the classes.
        rule: the direction of the step.
        epsilon: its signed size, in the rule's unit.
        top: of so many classes, the most probable ones, the probability is told; None: of all.
    """
    return {
        "gradlab": __version__,
        **_origin(seen.provenance),
        **of_rule(rule),
        "epsilon": epsilon,
        **_loss(seen, classes),
        "forms": [
            {**_form(form, view, classes), "probabilities": dict(_most_probable(view, classes, top))}
            for form, view in _views(seen).items()
        ],
    }


def exploration_to_csv(
    seen: Exploration, classes: Sequence[str], rule: Rule, epsilon: float, top: int | None = 5
) -> str:
    """The same as CSV: a row for each form, what is no finite number left empty.

    The most probable classes are in `class_1`, `probability_1` and so on. The last columns say of which images and
    which network it is, where the exploration has a provenance. The arguments are those of `exploration_to_dict`.
    """
    return rows_to_csv(
        [
            {**of_rule(rule), "epsilon": epsilon, **_loss(seen, classes), **_form(form, view, classes),
             **_columns(_most_probable(view, classes, top)), **of_origin(seen.provenance)}
            for form, view in _views(seen).items()
        ]
    )  # fmt: skip


def _origin(provenance: Provenance | None) -> dict[str, Any]:
    if provenance is None:
        return {}
    return {
        **picked(provenance, "dataset", "split", "source", "index"),
        **picked(provenance, *(["images_sha256"] if provenance.images_sha256 else []), "model", "weights_sha256"),
        "labels": str(provenance.label_source),
        **picked(provenance, "seed", "device", "software"),
    }


def _loss(seen: Exploration, classes: Sequence[str]) -> dict[str, Any]:
    return {
        "true": class_name(classes, seen.label),
        "used": classes[seen.used_label],
        "loss": finite(seen.loss),
        "gradient_l2": finite(seen.gradient_l2),
    }


def _views(seen: Exploration) -> dict[str, View]:
    return {"clean": seen.clean, "perturbed": seen.perturbed, "as saved (8 bit)": seen.rounded}


def _form(form: str, view: View, classes: Sequence[str]) -> dict[str, Any]:
    return {
        "form": form,
        "prediction": classes[view.prediction],
        "probability": finite(view.probabilities[view.prediction]),
        **{name: finite(value) for name, value in view.measures.items()},
        "changed": view.changed,
    }


def _most_probable(view: View, classes: Sequence[str], top: int | None) -> list[tuple[str, float | None]]:
    """Of equally probable ones the first comes first."""
    best = (-view.probabilities).argsort(kind="stable")[:top]
    return [(classes[k], finite(view.probabilities[k])) for k in best.tolist()]


def _columns(probable: list[tuple[str, float | None]]) -> dict[str, Any]:
    return {
        name: value
        for number, (kind, share) in enumerate(probable, 1)
        for name, value in ((f"class_{number}", kind), (f"probability_{number}", share))
    }
