"""What the views of a sweep are made of, as rows: classes, confusion, flips, changes, areas."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from gradlab.report.points import share_names
from gradlab.report.table import finite, of_origin, of_rule, rows_to_csv
from gradlab.statistics import class_accuracy, confusion, first_flip, normalised_area, spread
from gradlab.types import Changes, Curve, Gallery, Rule, SweepResult, class_name, rounding_defined


def classes_to_csv(result: SweepResult, *curves: Curve) -> str:
    """The accuracy of each class at each epsilon of some rules, and on how many images it rests.

    Classes without images have no rows; without labels, `keeps_class` stands for accuracy.
    """
    return rows_to_csv([row for curve in curves for row in _class_rows(result, curve)])


def _class_rows(result: SweepResult, curve: Curve) -> list[dict[str, Any]]:
    count = len(result.classes)
    members = np.bincount(result.labels, minlength=count)
    rows = np.concatenate([result.clean_predictions[None], curve.predictions])
    shares = class_accuracy(rows, result.labels, count)
    return [
        {**of_rule(curve.rule), "epsilon": epsilon, "class": result.classes[n],
         "images": int(members[n]), share_names(result)[0]: float(shares[k, n])}
        for k, epsilon in enumerate([0.0, *curve.epsilons.tolist()])
        for n in np.flatnonzero(members).tolist()
        if k == 0 or epsilon
    ]  # fmt: skip


def confusion_to_csv(result: SweepResult, curve: Curve, k: int) -> str:
    """How many images went from each class to each, in the model's own eyes; pairs without any are left out."""
    counts = confusion(result.clean_predictions, curve.predictions[k].astype(np.int64), len(result.classes))
    step = {**of_rule(curve.rule), "epsilon": float(curve.epsilons[k])}
    return rows_to_csv(
        [
            {**step, "before": result.classes[n], "after": result.classes[m], "images": int(counts[n, m])}
            for n, m in zip(*np.nonzero(counts), strict=True)
        ]
    )


def flips_to_csv(result: SweepResult) -> str:
    """Each image, and at which epsilon of each rule its class changes first, on either side of 0; empty where never."""
    rows: list[dict[str, Any]] = []
    for curve in result.curves:
        up, down = first_flip(curve.epsilons, curve.predictions, result.clean_predictions)
        rows += [
            {**of_rule(curve.rule), "image": int(place), "climbing": finite(one), "descending": finite(other)}
            for place, one, other in zip(result.indices, up, down, strict=True)
        ]
    return rows_to_csv(rows)


def gallery_to_csv(gallery: Gallery, classes: Sequence[str], rule: Rule, epsilon: float) -> str:
    """Each image under one step: its classes before and after, and where it first flips; empty where it never does.

    What the gallery does not hold has no column: the class after the step, how sure the network is, and, in the last
    ones, of which images and network it is.
    """
    held: dict[str, list[Any]] = {}
    if gallery.predictions is not None:
        held["after"] = [classes[n] for n in gallery.predictions]
    held["first_flip"] = [finite(flip) for flip in gallery.flips]
    if gallery.clean_confidence is not None:
        held["sure_before"] = gallery.clean_confidence.astype(float).tolist()
    if gallery.tiles:
        held["sure_after"] = gallery.tiles.confidence.astype(float).tolist()
    return rows_to_csv(
        [
            {**of_rule(rule), "epsilon": epsilon, "image": int(gallery.indices[n]),
             "class": class_name(classes, int(gallery.labels[n])), "before": classes[gallery.clean_predictions[n]],
             **{name: values[n] for name, values in held.items()}, **of_origin(gallery.provenance)}
            for n in range(len(gallery))
        ]
    )  # fmt: skip


def changes_to_rows(changes: Changes, rule: Rule, epsilon: float) -> list[dict[str, Any]]:
    """Each measure of a step, before and after rounding to 8 bit: percentiles over the images, and how many these are.

    A PSNR that is infinite, and an SSIM of images that are too small for one, are None; so are all after rounding where
    that is not defined (`gradlab.types.rounding_defined`).
    """
    forms = {"computed": changes.computed, "8-bit": changes.rounded}
    if not rounding_defined(rule, epsilon):
        forms["8-bit"] = dict.fromkeys(changes.rounded, np.array([np.nan]))
    return [
        {**of_rule(rule), "epsilon": epsilon, "images": len(changes), "form": form,
         "measure": name, **dict(zip(("p5", "median", "p95"), map(finite, spread(values)), strict=True))}
        for form, columns in forms.items()
        for name, values in columns.items()
    ]  # fmt: skip


def areas_to_csv(result: SweepResult) -> str:
    """The mean accuracy of each rule over its epsilons, on either side of 0."""
    rows = []
    for curve in result.curves:
        shares = result.correct(curve) / result.images
        up, down = normalised_area(curve.epsilons, shares, result.clean_accuracy)
        rows.append({**of_rule(curve.rule), "climbing": finite(up), "descending": finite(down)})
    return rows_to_csv(rows)
