"""What is said of a transfer, cell by cell, against a count image by image."""

from statistics import fmean, median

import numpy as np
from hypothesis import given
from random_results import checked, drawn, transfers
from reading import COUNT, EPSILON, IMAGES, NUMBER, SHARE, count, epsilon_of, read, says
from scipy.stats import binomtest

from gradlab.figures.transfer import transfer_figure
from gradlab.types import Rule, TransferResult
from gradlab.ui.compare.transfer import _facts, _how, _label, _sizes


def right(result: TransferResult, row: int, target: int) -> int:
    """Of the clean images in row 0, then of those perturbed on each network."""
    said = result.predictions[row - 1, target] if row else result.clean_predictions[target]
    return sum(a == b for a, b in zip(said.tolist(), result.labels.tolist(), strict=True))


@checked
@given(transfers())
def test_on_what_it_rests(result: TransferResult) -> None:
    said = read(
        rf"Rows: .*\. The step: .+, ε = (?P<epsilon>{EPSILON}) \(.*\); (?P<images>{COUNT}) {IMAGES} of .* none "
        rf"wider than (?P<points>{NUMBER}) points from end to end\) and its difference from the row's own network\. "
        r"Framed: .*",
        _facts(result),
    ) | read(rf"Evaluated in float32: (?P<seconds>{NUMBER}) s on .*", _how(result))
    assert abs(epsilon_of(said["epsilon"]) - result.epsilon) <= 1e-3 * abs(result.epsilon)
    assert count(said["images"]) == len(result.labels)
    assert says(said["seconds"], result.seconds)
    models, widest = len(result.models), 0.0
    for row in range(models + 1):
        for target in range(models):
            interval = binomtest(right(result, row, target), len(result.labels)).proportion_ci(method="wilson")
            widest = max(widest, 100 * (interval.high - interval.low))
    assert widest - 1e-6 <= float(said["points"]) < widest + 0.1


@checked
@given(transfers())
def test_how_large_the_steps_came_out(result: TransferResult) -> None:
    text = _sizes(result)
    if result.rule == Rule.RANDOM:
        assert "every row has the same images" in text
        return
    listed = read(r"Achieved mean L2, by the network that the noise was made on: (?P<listed>.*?)\.( One .*)?", text)
    pairs = [one.rsplit(" ", 1) for one in listed["listed"].split(", ")]
    assert [name for name, _ in pairs] == list(result.models)
    assert all(says(l2, fmean(sizes)) for (_, l2), sizes in zip(pairs, result.l2.tolist(), strict=True))
    assert (_label(result) == "ε is 0: nothing happens to the images.") == (result.epsilon == 0)


@drawn
@given(transfers())
def test_what_the_pointer_finds_in_a_cell(result: TransferResult) -> None:
    figure, images = transfer_figure(result), len(result.labels)
    (heat,) = figure.data
    written = {(note.y, note.x): note.text for note in figure.layout.annotations}
    for row, notes in enumerate(heat.customdata):
        for target, note in enumerate(notes):
            said = read(
                rf"<b>(?:made on (?P<made>.+)|clean images)</b><br>tested on (?P<tested>.+)<br>accuracy "
                rf"(?P<share>{SHARE}) \((?P<low>{SHARE}) to (?P<high>{SHARE})\)<br>(?P<right>{COUNT}) "
                rf"of (?P<images>{COUNT}) images right"
                rf"(?:<br>minus .+?: (?P<minus>[+−]?[\d.]+) percentage points<br>\(95 .*?\))?"
                rf"(?:<br>mean L2 (?P<l2>{NUMBER}), mean L∞ (?P<linf>{NUMBER})/255, median PSNR (?P<psnr>.+))?",
                note,
            )
            found = right(result, row, target)
            assert (said.get("made"), said["tested"]) == (
                result.models[row - 1] if row else None,
                result.models[target],
            )
            assert (count(said["right"]), count(said["images"])) == (found, images)
            assert ("minus" in said) == (row > 0 and target != row - 1)
            if "minus" in said:
                own = right(result, row, row - 1)
                assert abs(float(said["minus"].replace("−", "-")) - 100 * (found - own) / images) <= 0.051
            interval = binomtest(found, images).proportion_ci(method="wilson")
            for name, value in {"share": found / images, "low": interval.low, "high": interval.high}.items():
                assert says(said[name], value)
            assert says(written[row, target], found / images)
            assert heat.z[row][target] == found / images
            assert ("l2" in said) == (row > 0)
            if row:
                check_sizes(said, result, row - 1)


def check_sizes(said: dict[str, str], result: TransferResult, source: int) -> None:
    l2, psnr = result.l2[source].tolist(), median(result.psnr[source].tolist())
    assert says(said["l2"], fmean(l2))
    assert says(said["linf"], fmean(result.linf[source].tolist()) * 255)
    if np.isfinite(psnr):
        assert says(said["psnr"].removesuffix(" dB"), psnr)
        return
    still = l2.count(0)
    assert said["psnr"] == ("∞ (identical)" if still == len(l2) else "∞ (half or more unchanged)")
    assert 2 * still >= len(l2)
