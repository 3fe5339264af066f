"""What people see, and the network: the numbers of the figure, the thresholds, and the answers that they rest on."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from gradlab.report.table import finite, of_rule, rows_to_csv
from gradlab.seen import SEEN_AXES, axes_of, on_axis, sentence
from gradlab.types import Accuracy, Answer, Estimate, FloatArray, Seen


def seen_to_csv(found: Sequence[Seen]) -> str:
    """The numbers of the figure, a line each; `kind` says what it is.

    `answers`: the share that is right of `count` answers, with its 95 % interval, Wilson's for a single person, a
    bootstrap over people for several. `people`: the fitted share
    with its 95 % band. `network`: its accuracy over `count` images, with its Wilson interval. `threshold` and `person`
    (one person's own): `epsilon`, `epsilon_low` and `epsilon_high`, empty where they are not known. `l2` and `ssim` are
    the sweep's means at that epsilon and `psnr` its median (dB); empty where the sweep did not measure them.
    """
    return rows_to_csv([row for seen in found for row in _rows(seen)])


def seen_to_dicts(found: Sequence[Seen], you: bool = True) -> list[dict[str, Any]]:
    """For each rule the threshold with its interval, and the network's accuracy there, as plain JSON-able values.

    None stands for what is not known. `between` are the epsilons next to an interpolated accuracy that were measured.
    """
    return [_to_dict(seen, you) for seen in found]


def answers_to_rows(people: Sequence[Sequence[Answer]]) -> list[dict[str, Any]]:
    """Each answer of each person, who is but a number from 1 on; `correct` and `catch` are 1 or 0."""
    return [
        {"participant": number, "rule": answer.scale, "intensity": answer.intensity, "correct": int(answer.correct),
         "catch": int(answer.catch)}
        for number, rows in enumerate(people, 1)
        for answer in rows
    ]  # fmt: skip


def _rows(seen: Seen) -> list[dict[str, Any]]:
    dots, curve, network = seen.dots, seen.curve, seen.network
    rows = _lines(seen, "answers", dots.sizes, dots.share, dots.low, dots.high, dots.answered)
    if seen.fit.trials:
        rows += _lines(seen, "people", curve.intensities, curve.middle, curve.low, curve.high)
    if network:
        counts = np.full(len(network.sizes), network.images)
        rows += _lines(seen, "network", network.sizes, network.share, network.low, network.high, counts)
    rows.append(_bounds(seen, "threshold", seen.fit.threshold))
    return [*rows, *(_bounds(seen, "person", one) for one in seen.persons)]


def _lines(
    seen: Seen, kind: str, sizes: FloatArray, share: FloatArray, low: FloatArray, high: FloatArray,
    count: Sequence[int] | np.ndarray | None = None,
) -> list[dict[str, Any]]:  # fmt: skip
    return [
        _line(seen, kind, float(size), share=float(share[n]), low=float(low[n]), high=float(high[n]),
              count=None if count is None else int(count[n]))
        for n, size in enumerate(sizes)
    ]  # fmt: skip


def _bounds(seen: Seen, kind: str, threshold: Estimate) -> dict[str, Any]:
    low, high = (_signed(seen, end) for end in (threshold.low or None, finite(threshold.high)))
    return _line(seen, kind, threshold.value, epsilon_low=low, epsilon_high=high)


def _line(seen: Seen, kind: str, size: float | None, **more: float | None) -> dict[str, Any]:
    empty = dict.fromkeys(("share", "low", "high", "count", "epsilon_low", "epsilon_high"))
    return {
        **of_rule(seen.rule), "kind": kind, "epsilon": _signed(seen, size), **_measures(seen, size), **empty, **more,
    }  # fmt: skip


def _measures(seen: Seen, size: float | None) -> dict[str, float | None]:
    """What the sweep says of the change at a size."""
    known = axes_of((seen.network,)) if size is not None else ()
    return {
        axis: finite(on_axis(seen.network, axis, np.array([size]))[0]) if axis in known else None
        for axis in SEEN_AXES
        if axis != "epsilon"
    }


def _signed(seen: Seen, size: float | None) -> float | None:
    return None if size is None else -size if seen.descend else size


def _to_dict(seen: Seen, you: bool) -> dict[str, Any]:
    fit, network = seen.fit, seen.network
    low, high = seen.ends
    return {
        **of_rule(seen.rule), "sentence": sentence(seen, you),
        "threshold": {"finding": fit.threshold.finding, **_interval(seen, fit.threshold)},
        **{f"threshold_{name}": value for name, value in _measures(seen, fit.threshold.value).items()},
        "slope": fit.slope.value, "lapse": fit.lapse.value, "people": fit.people,
        "guessers": fit.guessers, "left_out": fit.left_out,
        "spread": fit.spread.value if fit.spread else None, "answers": fit.trials, "right": fit.right,
        "catch_trials": fit.catches, "catch_trials_right": fit.catches_right, "careless": seen.careless,
        "model": network.model if network else None, "dataset": network.dataset if network else None,
        "labels": str(network.labels) if network else None, "images": network.images if network else None,
        "source": network.source if network else None, "eight_bit": network.rounded if network else None,
        "clean_accuracy": network.clean.share if network else None,
        "accuracy": _accuracy(seen, seen.at), "accuracy_at_low": _accuracy(seen, low),
        "accuracy_at_high": _accuracy(seen, high),
    }  # fmt: skip


def _interval(seen: Seen, threshold: Estimate) -> dict[str, float | None]:
    ends = (threshold.value, threshold.low or None, finite(threshold.high))
    return {name: _signed(seen, end) for name, end in zip(("epsilon", "low", "high"), ends, strict=True)}


def _accuracy(seen: Seen, there: Accuracy | None) -> dict[str, Any]:
    between = there.between if there else None
    return {
        "share": there.share if there else None, "low": there.low if there else None,
        "high": there.high if there else None,
        "between": [_signed(seen, size) for size, _ in between] if between else None,
    }  # fmt: skip
