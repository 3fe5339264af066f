"""What people see, and the network: the numbers of the figure, the thresholds, and the answers that they rest on."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from gradlab.report.table import finite, of_rule, picked, rows_to_csv
from gradlab.seeing.thresholds import SEEN_AXES, axes_of, on_axis, sentence
from gradlab.types import Accuracy, Answer, Estimate, FloatArray, Protocol, Seen, SeenNetwork

_THERE = ("", "_at_low", "_at_high")  # of the threshold's interval


def seen_to_csv(found: Sequence[Seen]) -> str:
    """The numbers of the figure, a line each; `kind` says what it is.

    `answers`: the share that is right of `count` answers, with its 95 % interval, Wilson's for a single person, a
    bootstrap over people for several. `people`: the fitted share with its 95 % band. `shown`: the network's accuracy on
    the `count` images that people were shown, with its Wilson interval. `network`: the same on all `count` images of
    the sweep. `threshold` and `person` (one person's own): `epsilon`, `epsilon_low` and `epsilon_high`, empty where
    they are not known.

    `l2` and `ssim` are means at that epsilon and `psnr` the median (dB), before rounding, over the images that `of`
    says: `shown` or `all`; empty where they were not measured.
    """
    return rows_to_csv([row for seen in found for row in _rows(seen)])


def seen_to_dicts(found: Sequence[Seen], you: bool = True, protocol: Protocol | None = None) -> list[dict[str, Any]]:
    """For each rule the threshold with its interval, and the network's accuracy there, as plain JSON-able values.

    What begins with `shown_` is of the images that people were shown, what begins with `all_` of all that the sweep was
    made on: how many these are, the accuracy before anything is done, at the threshold and at the ends of its interval,
    and at the threshold the mean L2, the median PSNR (dB) and the mean SSIM, before rounding. None stands for what is
    not known. `between` are the epsilons next to an interpolated accuracy that were measured. Without labels there is
    no accuracy: `keeps_class` stands for it.

    Args:
        found: as `see` returns them.
        you: as for `sentence`.
        protocol: of the test: then `looked` and `alike` say from how many images those shown were chosen, and how many
            of these are changed about as much as the median one; where there are fewer than were shown, the nearest
            were taken.
    """
    return [_to_dict(seen, you, protocol) for seen in found]


def answers_to_rows(people: Sequence[Sequence[Answer]]) -> list[dict[str, Any]]:
    """Each answer of each person, who is only a number from 1 on; `correct` and `catch` are 1 or 0."""
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
    for kind, one in (("shown", seen.shown), ("network", network)):
        if one:
            counts = np.full(len(one.sizes), one.images)
            rows += _lines(seen, kind, one.sizes, one.share, one.low, one.high, counts)
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
    measured = seen.network if kind == "network" else seen.measured
    of = "all" if measured is seen.network else "shown"
    return {
        **of_rule(seen.rule), "kind": kind, "epsilon": _signed(seen, size), **_measures(measured, size),
        "of": of if measured else None, **empty, **more,
    }  # fmt: skip


def _measures(network: SeenNetwork | None, size: float | None) -> dict[str, float | None]:
    """By how much a step of that size changes the images."""
    known = axes_of((network,)) if size is not None else ()
    return {
        axis: finite(on_axis(network, axis, np.array([size]))[0]) if axis in known else None
        for axis in SEEN_AXES
        if axis != "epsilon"
    }


def _signed(seen: Seen, size: float | None) -> float | None:
    return None if size is None else -size if seen.descend else size


def _to_dict(seen: Seen, you: bool, protocol: Protocol | None) -> dict[str, Any]:
    fit, network = seen.fit, seen.measured
    return {
        **of_rule(seen.rule), "sentence": sentence(seen, you),
        "threshold": {"finding": fit.threshold.finding, **_interval(seen, fit.threshold)},
        "slope": fit.slope.value, "lapse": fit.lapse.value, "people": fit.people,
        "guessers": fit.guessers, "left_out": fit.left_out,
        "spread": fit.spread.value if fit.spread else None, "answers": fit.trials, "right": fit.right,
        "catch_trials": fit.catches, "catch_trials_right": fit.catches_right, "careless": seen.careless,
        **picked(network, "model", "dataset"), "labels": str(network.labels) if network else None,
        **picked(protocol, "looked", "alike"),
        **_of_images(seen, "shown", seen.shown, (seen.shown_at, *seen.shown_ends)),
        **_of_images(seen, "all", seen.network, (seen.at, *seen.ends)),
    }  # fmt: skip


def _of_images(
    seen: Seen, which: str, network: SeenNetwork | None, there: tuple[Accuracy | None, ...]
) -> dict[str, Any]:
    """What is known of the network on some images; `there`: at the threshold and at the ends of its interval."""
    share = "accuracy" if network is None or network.labelled else "keeps_class"
    facts = {
        **picked(network, "images", "source"), "eight_bit": network.rounded if network else None,
        "clean_accuracy": network.clean.share if network and network.labelled else None,
        **_measures(network, seen.fit.threshold.value),
        **{f"{share}{end}": _accuracy(seen, one) for end, one in zip(_THERE, there, strict=True)},
    }  # fmt: skip
    return {f"{which}_{name}": value for name, value in facts.items()}


def _interval(seen: Seen, threshold: Estimate) -> dict[str, float | None]:
    ends = (threshold.value, threshold.low or None, finite(threshold.high))
    return {name: _signed(seen, end) for name, end in zip(("epsilon", "low", "high"), ends, strict=True)}


def _accuracy(seen: Seen, there: Accuracy | None) -> dict[str, Any]:
    between = there.between if there else None
    return {
        **picked(there, "share", "low", "high"),
        "between": [_signed(seen, size) for size, _ in between] if between else None,
    }  # fmt: skip
