"""A result as a page of its own: provenance, figure, table, and how to get the same again."""

from html import escape
from typing import Any

from gradlab.report.points import curve_points
from gradlab.report.sampling import sampling_notes
from gradlab.report.scripts import limit_of, sweep_code, sweep_command
from gradlab.report.spotcheck import precision_text
from gradlab.statistics import EACH_ALONE
from gradlab.steps.epsilon import format_epsilon
from gradlab.types import Curve, LabelSource, SweepResult

# The policy makes the promise of a self-contained page one that the browser keeps.
_HEAD = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data: blob:; \
style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
"""

_STYLE = """\
<style>
:root { --ink: #1c2330; --soft: #5b6576; --line: #d9dee7; --paper: #ffffff; --shade: #f4f6f9 }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e7ebf2; --soft: #a3adbd; --line: #38404f; --paper: #12161d; --shade: #1b212b }
}
body { margin: 0 auto; padding: 1.5rem 1rem 4rem; max-width: 60rem; color: var(--ink); background: var(--paper);
  font: 16px/1.5 system-ui, sans-serif }
h1 { font-size: 1.6rem; line-height: 1.25 }
h2 { font-size: 1.2rem; margin-top: 2.2rem }
table { border-collapse: collapse; font-variant-numeric: tabular-nums }
th, td { padding: 0.3rem 0.7rem; border-bottom: 1px solid var(--line); text-align: right; white-space: nowrap }
thead th { vertical-align: bottom; color: var(--soft); font-weight: 600 }
.facts th, .facts td { text-align: left; vertical-align: top; white-space: normal; overflow-wrap: anywhere }
.facts th { color: var(--soft); font-weight: 600; white-space: nowrap }
.wide, pre { overflow-x: auto }
pre { padding: 0.8rem; background: var(--shade); border-radius: 6px; font-size: 0.85rem }
.note { color: var(--soft) }
.plotly-graph-div .main-svg :is(.infolayer, .xaxislayer-above, .yaxislayer-above, .legend) text
  { fill: var(--ink) !important }
.plotly-graph-div :is(.gridlayer, .zerolinelayer) path { stroke: var(--line) !important }
</style>
"""

_SOURCES = {
    "store": "the full set on disk",
    "sample": "the sample embedded in gradlab",
    "memory": "images that somebody brought",
}

_LABELS = {
    "true": "the data set's own label. Below 0 the step descends its loss: it is told the right answer.",
    "predicted": "what the network says of the clean image, right or wrong. No answer is given away.",
    "target": "one class for all images. Below 0 every image is pulled towards it; above 0 away from it.",
}

_UNITS = {"pixel": "in pixel units", "l2": "as an L2 distance", "gradient": "times the gradient"}

_COLUMNS = (
    f"Accuracy, bands and the figures in brackets: {EACH_ALONE}. "
    "Probability (of the true class), L2, L∞, SSIM and clipped (the share of values that the step would have carried "
    "out of [0, 1]) are means over the images, PSNR is the median, after clipping; ∞ where half of the images or more "
    "did not change. Equal epsilons are not equal budgets across rules: compare L2, L∞ or PSNR."
)
_ROUNDING = (
    " Rounding: the accuracy after rounding to 8 bit minus that before it, over the same images, in percentage points, "
    "with the 95 % interval of this paired difference. Not defined: a step of half a level, which rounding takes up or "
    "down by float noise."
)
_NO_COMMAND = "No command line makes this very sweep: its images, epsilons or network are its own. The script does."


def sweep_to_html(result: SweepResult, figure_html: str) -> str:
    """A page that needs nothing but itself: it makes no request, and follows the reader's light or dark scheme.

    Args:
        result: of a sweep, complete or not.
        figure_html: as `gradlab.figures.html.figure_to_html` writes it; taken as it is, all else is escaped.
    """
    rounding = _ROUNDING if any(curve.rounded is not None for curve in result.curves) else ""
    title = f"{result.model} on {result.dataset}: accuracy over signed epsilon"
    parts = [
        f"{_HEAD}<title>{escape(title)}</title>\n{_STYLE}</head>\n<body>\n<h1>{escape(title)}</h1>",
        f'<p class="note">{escape(_summary(result))}</p>',
        *(f'<p class="note">{escape(note)}</p>' for note in sampling_notes(result)),
        *(f"<p><strong>{escape(notice)}</strong></p>" for notice in _notices(result)),
        figure_html,
        "<h2>Where the numbers come from</h2>",
        _facts(result),
        "<h2>The numbers</h2>",
        f'<p class="note">{_COLUMNS}{rounding}</p>',
        *(_curve_table(result, curve) for curve in result.curves),
        "<h2>The same again</h2>",
        _reproduction(result),
        "</body>\n</html>\n",
    ]
    return "\n".join(parts)


def _summary(result: SweepResult) -> str:
    return (
        f"{result.images} {result.split} images, {result.clean_accuracy:.2%} right before anything is done. One "
        "gradient an image serves every epsilon and both directions: x' = clip(x + ε·d, 0, 1)."
    )


def _notices(result: SweepResult) -> list[str]:
    notices = list(result.notices)
    if not result.complete:
        notices.append(f"Stopped early: {result.done} of {result.planned} images are done.")
    if len(result.failed):
        places = ", ".join(map(str, result.failed))
        notices.append(f"The network gave no finite number for {len(result.failed)} images; left out: {places}.")
    return notices


def _facts(result: SweepResult) -> str:
    limit, still = limit_of(result), int(result.zero_gradient.sum())
    drawn = "all of it" if limit == "all" else f"drawn with seed {result.draw_seed}" if limit else "named one by one"
    # A study's measures are levels; it has more epsilons, and perhaps more rules, than are shown of it.
    took = f"{result.seconds:.1f} s{', for the whole study that this is a part of' if result.condensed else ''}"
    rows = {
        "images": f"{result.images} of {result.dataset}, {result.split} split, {drawn}",
        "from": _SOURCES.get(result.source, result.source),
        "network": result.model,
        "weights, SHA-256": result.weights_sha256 or "none: a network that gradlab did not load",
        "label of the loss": _label_fact(result.label_source),
        "zero gradients": f"{still} of {result.images} images{'; the rule random alone moves these' if still else ''}",
        "seed of the rule random": str(result.seed),
        "precision": precision_text(result),
        "device": result.device,
        "software": result.software,
        "time": f"{took}; {result.batch_size} images a batch, backward passes: {result.backwards}",
    }
    cells = "".join(f"<tr><th>{escape(name)}</th><td>{escape(text)}</td></tr>\n" for name, text in rows.items())
    return f'<table class="facts">\n{cells}</table>'


def _label_fact(source: LabelSource) -> str:
    return f"{source}: {_LABELS[source.kind]}"


def _curve_table(result: SweepResult, curve: Curve) -> str:
    rows = [_cells(point, curve) for point in curve_points(result, curve)]
    head = "".join(f"<th>{escape(name)}</th>" for name in rows[0])
    body = "\n".join("<tr>" + "".join(f"<td>{escape(text)}</td>" for text in row.values()) + "</tr>" for row in rows)
    title = f"{escape(curve.rule)}, ε {_UNITS[curve.steps_of.unit]}"
    if curve.equal_to is not None:
        measure = {"l2": "L2", "linf": "L∞"}[curve.equal_to.measure]
        title += f" of {curve.steps_of}: on each image scaled to the {measure} that {curve.steps_of} comes to"
    table = f"<table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody>\n</table>"
    return f'<h3>{title}</h3>\n<div class="wide">{table}</div>'


def _cells(point: dict[str, Any], curve: Curve) -> dict[str, str]:
    rounded = {}
    if "rounded" in point:
        rounded = {"8-bit accuracy": _share(point["rounded"]), "rounding": _difference(point["rounded"])}
    return {
        "ε": format_epsilon(point["epsilon"], curve.steps_of),
        "accuracy": _share(point),
        "right": str(point["correct"]),
        **rounded,
        "probability": "no number" if point["probability"] is None else f"{point['probability']:.3f}",
        "L2": f"{point['l2']:.4g}",
        "L∞": f"{point['linf']:.4g}",
        "PSNR, dB": "∞" if point["psnr"] is None else f"{point['psnr']:.1f}",
        **({} if point.get("ssim") is None else {"SSIM": f"{point['ssim']:.4f}"}),
        "clipped": f"{point['clipped']:.2%}",
    }


def _share(point: dict[str, Any]) -> str:
    if point["accuracy"] is None:
        return "not defined"
    return f"{point['accuracy']:.1%} ({point['low']:.1%} to {point['high']:.1%})"


def _difference(rounded: dict[str, Any]) -> str:
    if rounded["difference"] is None:
        return "not defined"
    if rounded["difference"] is None:
        return "not defined"
    value, *ends = (100 * rounded[name] for name in ("difference", "difference_low", "difference_high"))
    return f"{value:+.2f} ({ends[0]:+.2f} to {ends[1]:+.2f})".replace("-", "−")


def _reproduction(result: SweepResult) -> str:
    command = sweep_command(result)
    line = f"<pre>{escape(command)}</pre>" if command else f"<p>{_NO_COMMAND}</p>"
    return f"{line}\n<details><summary>As a Python script</summary>\n<pre>{escape(sweep_code(result))}</pre></details>"
