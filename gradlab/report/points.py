"""A result as rows of numbers: the JSON that the command line writes, and CSV."""

from typing import Any

import numpy as np

from gradlab.report.sampling import sampling_to_dict
from gradlab.report.spotcheck import spot_check_to_dict
from gradlab.report.table import finite, of_curve, of_rule, picked, rows_to_csv
from gradlab.shipped import __version__
from gradlab.statistics import against_own, paired_interval, wilson_interval
from gradlab.types import MEASURES, Curve, IntArray, SweepResult, TransferResult


def sweep_to_dict(result: SweepResult) -> dict[str, Any]:
    """A sweep as plain JSON-able values.

    `low` and `high` are the Wilson 95 % interval of the accuracy; `probability` (of the true class), `l2`, `linf` and
    `clipped` (the share of values that the step would have carried out of [0, 1]) are means and `psnr` (dB) is the
    median, over the images, of the achieved change after clipping. Where half of the images or more did not change,
    `psnr` is None (JSON has no infinity). `rounded` is there where the sweep classified the images after rounding to 8
    bit as well; all of it is None at an epsilon where that is not defined (`gradlab.types.rounding_defined`). In it
    `difference` is the accuracy after minus that before rounding, over the same images, and `difference_low` to
    `difference_high` the 95 % interval of this paired difference.
    `checked` to `wrong_high` say how far answers in a faster precision can be believed, as `spot_check_to_dict` does.
    `zero_gradient` is the share of images whose gradient is exactly zero, `failed` names those that are left out.
    `images_sha256` is there for somebody's own images: of the files that they are from. What
    the images stand for, and what the intervals take for granted, is in the keys of `sampling.sampling_to_dict`.
    Without labels there is no accuracy: `labelled` is False, `clean_accuracy` None, and the points have `keeps_class`,
    the share of images that keep the class they had before the step, and `kept`, how many these are.
    """
    return {
        "gradlab": __version__,
        **picked(result, "dataset", "split", "images", "planned"),
        "failed": result.failed.tolist(),
        **picked(result, "source", *(["images_sha256"] if result.images_sha256 else []), "draw_seed"),
        **picked(result, "model", "weights_sha256"),
        "labels": str(result.label_source),
        **picked(result, "eight_bit", "device", "precision"),
        **spot_check_to_dict(result),
        **picked(result, "batch_size", "software", "seed"),
        "seconds": round(result.seconds, 3),
        "notices": list(result.notices),
        **({} if result.labelled else {"labelled": False}),
        "clean_accuracy": result.clean_accuracy if result.labelled else None,
        "zero_gradient": float(result.zero_gradient.mean()),
        **sampling_to_dict(result),
        "curves": [{**of_curve(curve), "points": curve_points(result, curve)} for curve in result.curves],
    }


def curve_points(result: SweepResult, curve: Curve) -> list[dict[str, Any]]:
    """One dict an epsilon, as `sweep_to_dict` describes them."""
    plain = _shares(result, result.correct(curve))
    rounded = None if curve.rounded is None else _rounded(result, curve, curve.rounded)
    measures = [name for name in MEASURES if getattr(curve, name) is not None]
    levels = {name: curve.level(name) for name in measures}
    return [
        {
            "epsilon": float(curve.epsilons[k]),
            **plain[k],
            **{name: finite(level[k]) for name, level in levels.items()},
            **({} if rounded is None else {"rounded": rounded[k]}),
        }
        for k in range(len(curve.epsilons))
    ]


def _rounded(result: SweepResult, curve: Curve, predictions: IntArray) -> list[dict[str, Any]]:
    """The shares after rounding, each with its difference from the one before; None where there is none."""
    after, before = predictions == result.labels, curve.predictions == result.labels
    only_after, only_before = (after & ~before).sum(axis=1), (before & ~after).sum(axis=1)
    low, high = paired_interval(only_after, only_before, result.images)
    ends = np.stack([(only_after - only_before) / result.images, low, high], axis=1).tolist()
    names = ("difference", "difference_low", "difference_high")
    shares = _shares(result, result.correct_rounded(curve))
    return [
        {**share, **(dict.fromkeys(names) if share["low"] is None else dict(zip(names, ends[k], strict=True)))}
        for k, share in enumerate(shares)
    ]


def share_names(result: SweepResult | TransferResult) -> tuple[str, str]:
    """What the columns are called that hold the share of images that is counted, and how many these are."""
    return ("accuracy", "correct") if result.labelled else ("keeps_class", "kept")


def _shares(result: SweepResult, correct: np.ndarray) -> list[dict[str, Any]]:
    low, high = wilson_interval(correct, result.images)
    share, count = share_names(result)
    return [
        {share: right / result.images, "low": float(low[k]), "high": float(high[k]), count: int(right)}
        if np.isfinite(right)
        else dict.fromkeys((share, "low", "high", count))
        for k, right in enumerate(correct.tolist())
    ]


def sweep_to_csv(*results: SweepResult) -> str:
    """Sweeps of one kind as CSV: a header, then one row for each epsilon of each rule.

    The columns are those of `sweep_to_dict`'s points, numbers written in full; `rounded_accuracy` and so on where the
    sweep rounded; without labels, `keeps_class` in place of accuracy. The first columns say what was measured, so that
    the tables of several sweeps can be joined. An empty `psnr` means that half of the images or more did not change.
    """
    rows = [
        {**_about(result), **of_curve(curve), **point}
        for result in results
        for curve in result.curves
        for point in curve_points(result, curve)
    ]
    return rows_to_csv(rows)


def _about(result: SweepResult) -> dict[str, Any]:
    return {
        **picked(result, "dataset", "split", "source", "model"),
        "labels": str(result.label_source),
        **picked(result, "images", "precision"),
        **spot_check_to_dict(result),
    }


def transfer_to_csv(result: TransferResult) -> str:
    """One line for each network on the clean images (`made_on` is empty), then one for each pair.

    `low` and `high` are the Wilson 95 % interval of the accuracy; `l2` and `linf` are means and `psnr` (dB) is the
    median, over the images, of the change that was achieved on the source; empty where half of the
    images or more did not change. `minus_own` is
    the accuracy minus that of the network that the images were perturbed on, with the 95 % interval of this paired
    difference, from `minus_own_low` to `minus_own_high`; empty for the clean images.
    """
    levels = {name: result.level(name) for name in ("l2", "linf", "psnr")}
    share, count = share_names(result)
    rows = []
    for s, correct in enumerate([result.clean_correct, *result.correct]):
        low, high = wilson_interval(correct, result.images)
        for t, target in enumerate(result.models):
            rows.append({
                **picked(result, "dataset", "split", "source", "images"),
                "labels": str(result.label_source), **of_rule(result.rule),
                "epsilon": result.epsilon if s else 0.0, "made_on": result.models[s - 1] if s else None,
                "tested_on": target, share: int(correct[t]) / result.images, "low": float(low[t]),
                "high": float(high[t]), count: int(correct[t]),
                **_minus_own(result, s - 1, t),
                **{name: finite(level[s - 1]) if s else None for name, level in levels.items()},
            })  # fmt: skip
    return rows_to_csv(rows)


def _minus_own(result: TransferResult, made_on: int, tested_on: int) -> dict[str, float | None]:
    names = ("minus_own", "minus_own_low", "minus_own_high")
    if made_on < 0:
        return dict.fromkeys(names)
    found = against_own(result, made_on, tested_on)
    return dict(zip(names, (found.difference, found.low, found.high), strict=True))
