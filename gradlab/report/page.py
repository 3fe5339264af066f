"""A result as a page of its own: provenance, figure, table, and how to get the same again."""

from html import escape
from pathlib import Path
from typing import Any

from gradlab.images.registry import called
from gradlab.report.points import curve_points, share_names
from gradlab.report.sampling import sampling_notes
from gradlab.report.scripts import limit_of, sweep_code, sweep_command
from gradlab.report.spotcheck import precision_text
from gradlab.statistics import EACH_ALONE
from gradlab.steps.epsilon import format_epsilon
from gradlab.types import Curve, Rule, SweepResult

# As far as its heading. Its policy makes the promise of a self-contained page one that the browser keeps.
_HEAD = Path(__file__).with_suffix(".html").read_text(encoding="utf-8").rstrip("\n")

_SOURCES = {
    "store": "the full set on disk",
    "sample": "the sample embedded in gradlab",
    "memory": "images that somebody brought",
}

_LABELS = {
    "true": "the data set's own class. Below 0 the step leads towards it: it is told the right answer.",
    "predicted": "what the network says of the clean image, right or wrong. No answer is given away.",
    "target": "one class for all images. Below 0 every image is pulled towards it; above 0 away from it.",
}

_COLUMNS = (
    f"COUNTED, bands and the figures in brackets: {EACH_ALONE}. "
    "Probability (of CLASS), L2, L∞, SSIM and clipped (the share of values that the step would have carried "
    "out of [0, 1]) are means over the images, PSNR is the median, after clipping; ∞ where half of the images or more "
    "did not change. The same ε is not the same change for two kinds of noise: compare L2, L∞ or PSNR."
)
_ROUNDING = (
    " Rounding: the COUNTED after rounding to 8 bit minus that before it, over the same images, in percentage points, "
    "with the 95 % interval of this paired difference. Not defined: a step of half a level, which rounding takes up or "
    "down by float noise."
)
_OVER = {"epsilon": "the step size ε", "l2": "the achieved mean L2"}
_NO_COMMAND = "No command line makes this very sweep: its images, step sizes or network are its own. The script does."


def sweep_to_html(result: SweepResult, figure_html: str, axis: str = "epsilon", said: str = "") -> str:
    """A page that needs nothing but itself: it makes no request, and follows the reader's light or dark scheme.

    Args:
        result: of a sweep, complete or not.
        figure_html: as `gradlab.figures.printed.figure_to_html` writes it; taken as it is, all else is escaped.
        axis: what stands on the figure's horizontal axis, `epsilon` or `l2`.
        said: what the figure shows, as `gradlab.figures.said.sweep_said` writes it; it is its description, too.
    """
    title = f"{result.model} on {result.dataset}: {result.counted} over {_OVER[axis]}"
    parts = [
        _HEAD.replace("TITLE", escape(title)),
        f'<p class="note">{escape(_summary(result))}</p>',
        *(f'<p class="note">{escape(note)}</p>' for note in sampling_notes(result)),
        *(f"<p><strong>{escape(notice)}</strong></p>" for notice in _notices(result)),
        _figure(figure_html, said),
        "<h2>Where the numbers come from</h2>",
        _facts(result),
        "<h2>The numbers</h2>",
        f'<p class="note">{_columns(result)}</p>',
        *(_curve_table(result, curve) for curve in result.curves),
        "<h2>The same again</h2>",
        _reproduction(result),
        "</body>\n</html>\n",
    ]
    return "\n".join(parts)


def _columns(result: SweepResult) -> str:
    of = "the true class" if result.labelled else "the class before the step"
    text = _COLUMNS.replace("COUNTED", result.counted.capitalize()).replace("CLASS", of)
    rounded = any(curve.rounded is not None for curve in result.curves)
    return text + (_ROUNDING.replace("COUNTED", result.counted) if rounded else "")


def _figure(figure_html: str, said: str) -> str:
    """The figure with what it shows below it; an image to those who can't see it."""
    if not said:
        return figure_html
    drawn = f'<div role="img" aria-label="{escape(said)}">{figure_html}</div>'
    return f"<figure>\n{drawn}\n<figcaption>{escape(said)}</figcaption>\n</figure>"


def _summary(result: SweepResult) -> str:
    right = f"{result.clean_accuracy:.2%} right before the step" if result.labelled else "whose labels nobody knows"
    return (
        f"{result.images} {called(result.dataset, result.split)}s, {right}. One gradient "
        "for each image serves every step size ε and both directions: x' = clip(x + ε·d, 0, 1)."
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
    split = f"{result.split} split, " if called(result.dataset, result.split) != "image" else ""
    # A baseline's measures are levels; it has more epsilons, and perhaps more rules, than are shown of it.
    took = f"{result.seconds:.1f} s{', for the whole baseline that this is a part of' if result.condensed else ''}"
    rows = {
        "images": f"{result.images} of {result.dataset}, {split}{drawn}",
        "from": _SOURCES.get(result.source, result.source),
        **({"images, SHA-256": result.images_sha256} if result.images_sha256 else {}),
        "network": result.model,
        "weights, SHA-256": result.weights_sha256 or "none: a network that gradlab did not load",
        "push away from": f"{result.label_source}: {_LABELS[result.label_source.kind]}",
        "zero gradients": f"{still} of {result.images} images{_moved() if still else ''}",
        "seed of the random noise": str(result.seed),
        "precision": precision_text(result),
        "device": result.device,
        "software": result.software,
        "time": f"{took}; {result.batch_size} images a batch, backward passes: {result.backwards}",
    }
    cells = "".join(f"<tr><th>{escape(name)}</th><td>{escape(text)}</td></tr>\n" for name, text in rows.items())
    return f'<table class="facts">\n{cells}</table>'


def _moved() -> str:
    """Which rules move images of which the gradient is zero."""
    return f"; only {' or '.join(rule.row.words for rule in Rule if rule.row.control)} noise moves these"


def _curve_table(result: SweepResult, curve: Curve) -> str:
    rows = [_cells(result, point, curve) for point in curve_points(result, curve)]
    head = "".join(f"<th>{escape(name)}</th>" for name in rows[0])
    body = "\n".join("<tr>" + "".join(f"<td>{escape(text)}</td>" for text in row.values()) + "</tr>" for row in rows)
    title = f"{escape(curve.rule.row.words)}, ε {curve.steps_of.unit.row.phrase}"
    if curve.equal_to is not None:
        measure = {"l2": "L2", "linf": "L∞"}[curve.equal_to.measure]
        like = curve.steps_of.row.words
        title += f" of {like}: on each image scaled to the {measure} that {like} comes to"
    table = f"<table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody>\n</table>"
    return f'<h3>{title}</h3>\n<div class="wide">{table}</div>'


def _cells(result: SweepResult, point: dict[str, Any], curve: Curve) -> dict[str, str]:
    rounded, (share, count), counted = {}, share_names(result), result.counted
    if "rounded" in point:
        rounded = {
            f"{counted}, as saved (8 bit)": _share(point["rounded"], share),
            "rounding": _difference(point["rounded"]),
        }
    return {
        "ε": format_epsilon(point["epsilon"], curve.steps_of),
        counted: _share(point, share),
        "right" if result.labelled else "keep their class": str(point[count]),
        **rounded,
        "probability": "no number" if point["probability"] is None else f"{point['probability']:.3f}",
        "L2": f"{point['l2']:.4g}",
        "L∞": f"{point['linf']:.4g}",
        "PSNR, dB": "∞" if point["psnr"] is None else f"{point['psnr']:.1f}",
        **({} if point.get("ssim") is None else {"SSIM": f"{point['ssim']:.4f}"}),
        "clipped": f"{point['clipped']:.2%}",
    }


def _share(point: dict[str, Any], name: str) -> str:
    shares = (point[name], point["low"], point["high"])
    return "not defined" if None in shares else "{:.1%} ({:.1%} to {:.1%})".format(*shares)


def _difference(rounded: dict[str, Any]) -> str:
    if rounded["difference"] is None:
        return "not defined"
    value, *ends = (100 * rounded[name] for name in ("difference", "difference_low", "difference_high"))
    return f"{value:+.2f} ({ends[0]:+.2f} to {ends[1]:+.2f})".replace("-", "−")


def _reproduction(result: SweepResult) -> str:
    command = sweep_command(result)
    line = f"<pre>{escape(command)}</pre>" if command else f"<p>{_NO_COMMAND}</p>"
    return f"{line}\n<details><summary>As a Python script</summary>\n<pre>{escape(sweep_code(result))}</pre></details>"
