"""The loss landscape around an image as rows, and in words."""

from typing import Any

import numpy as np

from gradlab.report.table import finite, of_origin, of_rule, rows_to_csv
from gradlab.steps.epsilon import format_epsilon
from gradlab.types import FloatArray, IntArray, LossLine, LossPlane, Rule
from gradlab.types.landscape import above, stand_ins

_NAMED = 5  # classes of a plane, the largest shares first


def loss_line_to_csv(line: LossLine, classes: tuple[str, ...]) -> str:
    """One row an epsilon: the loss, what it would be were it linear, in nats, and the class that the network says.

    A value that is not a number is left empty. The last columns say of which image and network it is, where the line
    has a provenance.
    """
    return rows_to_csv(
        [
            {**_about(line, classes), "epsilon": epsilon, "loss": loss, "if_linear": straight, "prediction": name,
             **of_origin(line.provenance)}
            for epsilon, loss, straight, name in zip(
                line.epsilons.tolist(), _known(line.loss), _known(line.straight), _named(line.predictions, classes),
                strict=True,
            )
        ]
    )  # fmt: skip


def loss_plane_to_csv(plane: LossPlane, classes: tuple[str, ...]) -> str:
    """One row a cell that is computed: epsilon along d, eta along r, the loss in nats, and the class.

    A value that is not a number is left empty. The last columns are those of `loss_line_to_csv`.
    """
    rows, columns = np.nonzero(plane.computed)
    return rows_to_csv(
        [
            {**_about(plane, classes), "across": plane.across, "epsilon": epsilon, "eta": eta, "loss": loss,
             "prediction": name, **of_origin(plane.provenance)}
            for epsilon, eta, loss, name in zip(
                plane.epsilons[columns].tolist(), plane.epsilons[rows].tolist(), _known(plane.loss[rows, columns]),
                _named(plane.predictions[rows, columns], classes), strict=True,
            )
        ]
    )  # fmt: skip


def descent_text(line: LossLine) -> str:
    """What the loss does on the negative side: where it is lowest, and whether it rises beyond. One sentence.

    What is within the arithmetic's noise, as `gradlab.types.landscape.above` has it, is called flat.
    """
    clean, outward = line.loss[line.middle], line.loss[: line.middle]
    if np.isnan(clean) or np.isnan(outward).all():
        return "For the clean image, or for every negative step, the network gives no number."
    where = "" if np.isfinite(outward).all() else ", where it is a number"
    if line.lowest == line.middle:
        flat = not above(outward, clean).any()
        return f"The loss stays flat{where}." if flat else f"No negative step of this grid lowers the loss{where}."
    lowest = f"Lowest loss {line.loss[line.lowest]:.3g} nats at ε = {_written(line, line.lowest)}"
    if line.lowest == 0:
        return f"{lowest}, where the axis ends: it may fall further."
    return f"{lowest}; further out {_beyond(line, where)}"


def _beyond(line: LossLine, where: str) -> str:
    """What the loss does further out than where it is lowest."""
    beyond = line.loss[: line.lowest]
    if np.isnan(beyond).all():
        return "the network gives no number."
    if not above(beyond, line.loss[line.lowest]).any():
        return f"it stays flat as far as the axis reaches{where}."
    if line.too_far is None:
        return f"it rises again, but not above the clean loss as far as the axis reaches{where}."
    return f"it rises again, and at {_written(line, line.too_far)} it is above the clean loss: the step is too long."


def change_text(line: LossLine, place: int | None, classes: tuple[str, ...]) -> str:
    """At which epsilon the class first changes, and to which; `place` is one of the line's `changes`."""
    if place is None:
        return "The class does not change as far as the axis reaches."
    kind = int(line.predictions[place])
    if kind < 0:
        return f"The network first gives no number at ε = {_written(line, place)}."
    return f"The class changes first at ε = {_written(line, place)}, to **{classes[kind]}**."


def slope_text(slope: float, rule: Rule) -> str:
    """A slope in nats for each level of 255, or for each unit of epsilon."""
    value = f"{slope / rule.unit.row.levels:.3g}".replace("-", "−") if slope else "0"
    return f"{value} nats per {f'1{rule.unit.over}' if rule.unit.over else 'unit of ε'}"


def shares_text(plane: LossPlane, classes: tuple[str, ...]) -> str:
    """How much of a plane, as it is drawn, each class has: a cell that is not computed counts as the one it shows."""
    near = stand_ins(plane.computed)
    said = plane.predictions.ravel()[near][plane.computed.ravel()[near]]
    kinds, counts = np.unique(said[said >= 0], return_counts=True)
    order = np.argsort(-counts, kind="stable")
    parts = [f"{counts[k] / said.size:.1%} {classes[int(kinds[k])]}" for k in order[:_NAMED]]
    if rest := len(order[_NAMED:]):
        parts.append(f"{counts[order[_NAMED:]].sum() / said.size:.1%} {rest} other class{'es' * (rest > 1)}")
    if none := int((said < 0).sum()):
        parts.append(f"{none / said.size:.1%} no number")
    return ", ".join(parts)


def _written(line: LossLine, place: int) -> str:
    return format_epsilon(float(line.epsilons[place]), line.rule)


def _about(seen: LossLine | LossPlane, classes: tuple[str, ...]) -> dict[str, Any]:
    return {**of_rule(seen.rule), "loss_of": classes[seen.label]}


def _named(predictions: IntArray, classes: tuple[str, ...]) -> list[str | None]:
    return [classes[kind] if kind >= 0 else None for kind in predictions.tolist()]


def _known(values: FloatArray) -> list[float | None]:
    return [finite(value) for value in values.tolist()]
