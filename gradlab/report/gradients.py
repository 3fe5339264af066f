"""What float32 makes of the networks' gradients: as plain values, and as the table of the README."""

from collections.abc import Iterable, Mapping
from typing import Any

from gradlab.report.table import picked
from gradlab.statistics import wilson_interval
from gradlab.steps.epsilon import format_epsilon
from gradlab.types import FloatGradients, Rule

_OURS = ("gradlab", "float64")


def gradients_to_dicts(rows: Iterable[FloatGradients]) -> list[dict[str, Any]]:
    """One dict a network: shares from 0 to 1, and for each who makes steps and each epsilon how many are still right.

    `right` lists who made the step (`float64`: along the signs of the same network in float64), epsilon in pixel units,
    the accuracy and its Wilson 95 % interval `low` to `high`.
    """
    return [
        {
            **picked(row, "model", "dataset", "weights_sha256", "split", "source", "images"),
            "lost": row.lost / row.images,
            "turned": row.turned / row.images,
            "wrong_signs": row.wrong_signs,
            "clean_accuracy": row.clean / row.images,
            "right": [
                {"by": who, "epsilon": epsilon, **_accuracy(count, row.images)}
                for who, counts in row.right.items()
                for epsilon, count in zip(row.epsilons, counts, strict=True)
            ],
            **picked(row, "device", "software"),
        }
        for row in rows
    ]


def gradients_to_rows(rows: Iterable[FloatGradients]) -> list[dict[str, Any]]:
    """The same for a CSV: one row for each network, who made the step, and epsilon; no value is a list."""
    return [
        {name: value for name, value in network.items() if name != "right"} | one
        for network in gradients_to_dicts(rows)
        for one in network["right"]
    ]


def gradients_table(rows: Iterable[FloatGradients], titles: Mapping[str, str]) -> list[dict[str, str]]:
    """One row a network, as text under the columns' titles; libraries whose figures are the same share a cell.

    Args:
        rows: of the networks.
        titles: of the data sets, by name.
    """
    return [
        {
            "data set": titles[row.dataset],
            "network": row.model,
            "lost or turned": _percent((row.lost + row.turned) / row.images),
            "wrong signs": _percent(row.wrong_signs),
            **{
                f"{who}, {format_epsilon(epsilon, Rule.SIGN)}": text
                for k, epsilon in enumerate(row.epsilons)
                for who, text in _who(row, k).items()
            },
        }
        for row in rows
    ]


def _who(row: FloatGradients, k: int) -> dict[str, str]:
    """Who made the steps of the k-th epsilon, and how many images are still right."""
    shares = {who: _percent(counts[k] / row.images) for who, counts in row.right.items()}
    peers = [who for who in shares if who not in _OURS]
    figures = [shares[who] for who in peers]
    # One figure for all, or each library's own in the order of their names.
    return {", ".join(peers): " / ".join(figures if len(set(figures)) > 1 else figures[:1])} | {
        who: shares[who] for who in _OURS
    }


def _percent(share: float) -> str:
    return f"{share:.2%}".replace("%", "\u00a0%")


def _accuracy(count: int, images: int) -> dict[str, float]:
    low, high = wilson_interval(count, images)
    return {"accuracy": count / images, "low": float(low), "high": float(high)}
