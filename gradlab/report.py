"""A result as JSON: the form that the command line writes."""

import math
from typing import Any

import numpy as np

from gradlab import __version__
from gradlab.statistics import wilson_interval
from gradlab.types import Curve, SweepResult


def sweep_to_dict(result: SweepResult) -> dict[str, Any]:
    """A sweep as plain JSON-able values.

    `low` and `high` are the Wilson 95 % interval of the accuracy; `l2` and `linf` are means and `psnr` (dB) is the
    median, over the images, of the achieved change after clipping. Where nothing changed, `psnr` is None (JSON has no
    infinity).
    """
    return {
        "gradlab": __version__,
        "dataset": result.dataset,
        "split": result.split,
        "images": result.images,
        "source": result.source,
        "model": result.model,
        "weights_sha256": result.weights_sha256,
        "labels": str(result.label_source),
        "eight_bit": result.eight_bit,
        "device": result.device,
        "seed": result.seed,
        "seconds": round(result.seconds, 3),
        "clean_accuracy": result.clean_accuracy,
        "curves": [
            {"rule": str(curve.rule), "unit": curve.rule.unit, "points": curve_points(result, curve)}
            for curve in result.curves
        ],
    }


def curve_points(result: SweepResult, curve: Curve) -> list[dict[str, Any]]:
    """One dict an epsilon, as `sweep_to_dict` describes them."""
    correct = result.correct(curve)
    low, high = wilson_interval(correct, result.images)
    psnr = np.median(curve.psnr, axis=1)
    return [
        {
            "epsilon": float(curve.epsilons[k]),
            "accuracy": float(correct[k] / result.images),
            "low": float(low[k]),
            "high": float(high[k]),
            "correct": int(correct[k]),
            "l2": float(curve.l2[k].mean()),
            "linf": float(curve.linf[k].mean()),
            "psnr": float(psnr[k]) if math.isfinite(psnr[k]) else None,
        }
        for k in range(len(curve.epsilons))
    ]
