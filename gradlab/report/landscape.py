"""The loss landscape around an image as rows."""

from typing import Any

import numpy as np

from gradlab.report.table import finite, of_rule, rows_to_csv
from gradlab.types import FloatArray, IntArray, LossLine, LossPlane


def loss_line_to_csv(line: LossLine, classes: tuple[str, ...]) -> str:
    """One row an epsilon: the loss, what it would be were it linear, in nats, and the class that the network says.

    What is no number is left empty.
    """
    return rows_to_csv(
        [
            {**_about(line, classes), "epsilon": epsilon, "loss": loss, "if_linear": straight, "prediction": name}
            for epsilon, loss, straight, name in zip(
                line.epsilons.tolist(), _known(line.loss), _known(line.straight), _named(line.predictions, classes),
                strict=True,
            )
        ]
    )  # fmt: skip


def loss_plane_to_csv(plane: LossPlane, classes: tuple[str, ...]) -> str:
    """One row a cell that is computed: epsilon along d, eta along r, the loss in nats, and the class.

    What is no number is left empty.
    """
    rows, columns = np.nonzero(plane.computed)
    return rows_to_csv(
        [
            {**_about(plane, classes), "across": plane.across, "epsilon": epsilon, "eta": eta, "loss": loss,
             "prediction": name}
            for epsilon, eta, loss, name in zip(
                plane.epsilons[columns].tolist(), plane.epsilons[rows].tolist(), _known(plane.loss[rows, columns]),
                _named(plane.predictions[rows, columns], classes), strict=True,
            )
        ]
    )  # fmt: skip


def _about(seen: LossLine | LossPlane, classes: tuple[str, ...]) -> dict[str, Any]:
    return {**of_rule(seen.rule), "loss_of": classes[seen.label]}


def _named(predictions: IntArray, classes: tuple[str, ...]) -> list[str | None]:
    return [classes[kind] if kind >= 0 else None for kind in predictions.tolist()]


def _known(values: FloatArray) -> list[float | None]:
    return [finite(value) for value in values.tolist()]
