"""A transfer as rows: each network on the clean images, then each pair."""

from gradlab.report.table import finite, of_rule, rows_to_csv
from gradlab.statistics import against_own, wilson_interval
from gradlab.types import TransferResult


def transfer_to_csv(result: TransferResult) -> str:
    """One line for each network on the clean images (`made_on` is empty), then one for each pair.

    `low` and `high` are the Wilson 95 % interval of the accuracy; `l2` and `linf` are means and `psnr` (dB) is the
    median, over the images, of the change that was achieved on the source; empty where half of the
    images or more did not change. `minus_own` is
    the accuracy minus that of the network that the images were perturbed on, with the 95 % interval of this paired
    difference, from `minus_own_low` to `minus_own_high`; empty for the clean images.
    """
    levels = {name: result.level(name) for name in ("l2", "linf", "psnr")}
    rows = []
    for s, correct in enumerate([result.clean_correct, *result.correct]):
        low, high = wilson_interval(correct, result.images)
        for t, target in enumerate(result.models):
            rows.append({
                "dataset": result.dataset, "split": result.split, "source": result.source, "images": result.images,
                "labels": str(result.label_source), **of_rule(result.rule),
                "epsilon": result.epsilon if s else 0.0, "made_on": result.models[s - 1] if s else None,
                "tested_on": target, "accuracy": int(correct[t]) / result.images, "low": float(low[t]),
                "high": float(high[t]), "correct": int(correct[t]),
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
