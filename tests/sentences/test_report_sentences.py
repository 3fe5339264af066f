"""The numbers of the HTML report, the JSON and the command line's tables, against a count image by image."""

import io
import re
from collections.abc import Iterator
from contextlib import redirect_stdout
from html import unescape
from statistics import fmean, median
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from random_results import checked, drawn, sweeps, transfers
from reading import COUNT, EPSILON, NUMBER, SHARE, count, epsilon_of, read, says
from scipy.stats import binomtest

from gradlab.cli.explore import _print as print_explored
from gradlab.cli.sweep import _print_sweep
from gradlab.cli.transfer import _print as print_transfer
from gradlab.report import sweep_to_dict, sweep_to_html
from gradlab.types import Curve, Rule, SweepResult, TransferResult

ACCURACY = rf"(?P<share>{SHARE}) \((?P<low>{SHARE}) to (?P<high>{SHARE})\)"


def right(said: np.ndarray, result: SweepResult) -> int:
    return sum(a == b for a, b in zip(said.tolist(), result.labels.tolist(), strict=True))


def check_accuracy(said: dict[str, str], found: int, images: int) -> None:
    interval = binomtest(found, images).proportion_ci(method="wilson")
    for name, value in {"share": found / images, "low": interval.low, "high": interval.high}.items():
        assert says(said[name], value), name


def tables(page: str) -> Iterator[list[dict[str, str]]]:
    """The tables of curves: a row of cells by its column's name."""
    for head, body in re.findall(r"<thead><tr>(.*?)</tr></thead>\n<tbody>\n(.*?)\n</tbody>", page, re.DOTALL):
        names = re.findall(r"<th>(.*?)</th>", head)
        rows = [re.findall(r"<td>(.*?)</td>", row) for row in body.split("\n")]
        yield [dict(zip(names, map(unescape, row), strict=True)) for row in rows]


@drawn
@given(sweeps())
def test_the_page_of_a_sweep(result: SweepResult) -> None:
    page, images = sweep_to_html(result, "<div></div>"), len(result.labels)
    (summary,) = re.findall(r'<p class="note">(.*right before the step)', page)
    said = read(rf"(?P<images>{COUNT}) test images, (?P<clean>{SHARE}) right before the step", summary)
    assert count(said["images"]) == images
    assert says(said["clean"], right(result.clean_predictions, result) / images)
    (zero,) = re.findall(r"<tr><th>zero gradients</th><td>(.*?)</td></tr>", page)
    still = read(rf"(?P<zero>{COUNT}) of (?P<images>{COUNT}) images(?:; only random noise moves these)?", zero)
    assert (count(still["zero"]), count(still["images"])) == (sum(result.zero_gradient.tolist()), images)
    assert ("only" in zero) == any(result.zero_gradient.tolist())
    stopped = re.findall(rf"Stopped early: ({COUNT}) of ({COUNT}) images are done\.", page)
    done = images + len(result.failed)
    assert [tuple(map(count, one)) for one in stopped] == ([(done, result.planned)] if done < result.planned else [])
    failed = re.findall(rf"no finite number for ({COUNT}) images; left out: (.*?)\.", page)
    places = ", ".join(map(str, result.failed.tolist()))
    assert failed == ([(str(len(result.failed)), places)] if len(result.failed) else [])
    for curve, rows in zip(result.curves, tables(page), strict=True):
        for k, row in enumerate(rows):
            check_row(row, result, curve, k)


def check_row(row: dict[str, str], result: SweepResult, curve: Curve, k: int) -> None:
    found, images = right(curve.predictions[k], result), len(result.labels)
    assert abs(epsilon_of(row["ε"]) - curve.epsilons[k]) <= 1e-3 * abs(curve.epsilons[k])
    check_accuracy(read(ACCURACY, row["accuracy"]), found, images)
    assert count(row["right"]) == found
    assert ("accuracy, as saved (8 bit)" in row) == (curve.rounded is not None)
    if curve.rounded is not None:
        check_accuracy(read(ACCURACY, row["accuracy, as saved (8 bit)"]), right(curve.rounded[k], result), images)
    for name, values in {"L2": curve.l2, "L∞": curve.linf, "clipped": curve.clipped, "SSIM": curve.ssim}.items():
        assert (name in row) == (values is not None)
        assert values is None or says(row[name], fmean(values[k].tolist()))
    known = not np.isnan(curve.probability[k]).any()
    assert (
        says(row["probability"], fmean(curve.probability[k].tolist())) if known else row["probability"] == "no number"
    )
    psnr = median(curve.psnr[k].tolist())
    assert says(row["PSNR, dB"], psnr) if np.isfinite(psnr) else row["PSNR, dB"] == "∞"


@checked
@given(sweeps())
def test_the_numbers_of_the_json(result: SweepResult) -> None:
    found, images = sweep_to_dict(result), len(result.labels)
    assert (found["images"], found["failed"]) == (images, result.failed.tolist())
    assert found["clean_accuracy"] == right(result.clean_predictions, result) / images
    assert found["zero_gradient"] == fmean(result.zero_gradient.tolist())
    for curve, written in zip(result.curves, found["curves"], strict=True):
        for k, point in enumerate(written["points"]):
            check_point(point, curve.predictions[k], result)
            assert ("rounded" in point) == (curve.rounded is not None)
            if curve.rounded is not None:
                check_point(point["rounded"], curve.rounded[k], result)
            assert (point["psnr"] is None) == np.isinf(median(curve.psnr[k].tolist()))
            assert (point["probability"] is None) == bool(np.isnan(curve.probability[k]).any())
            assert np.isclose(point["l2"], fmean(curve.l2[k].tolist()), rtol=1e-6)


def check_point(point: dict[str, Any], predictions: np.ndarray, result: SweepResult) -> None:
    images, interval = len(result.labels), binomtest(right(predictions, result), len(result.labels))
    assert (point["correct"], point["accuracy"]) == (interval.k, interval.k / images)
    ends = interval.proportion_ci(method="wilson")
    assert np.allclose((point["low"], point["high"]), (ends.low, ends.high), atol=1e-12)


@checked
@given(sweeps())
def test_what_the_command_line_prints(result: SweepResult) -> None:
    with redirect_stdout(io.StringIO()) as out:
        _print_sweep(result)
    head, *parts = out.getvalue().rstrip("\n").split("\n\n")
    said = read(rf"tiny on (?P<images>{COUNT}) images of .*, clean (?P<clean>{SHARE}), .*", head)
    assert count(said["images"]) == len(result.labels)
    assert says(said["clean"], right(result.clean_predictions, result) / len(result.labels))
    for curve, part in zip(result.curves, parts, strict=True):
        names, *rows = part.split("\n")
        columns = {name: names.index(name) for name in names.split()}
        for k, row in enumerate(rows):
            cells = {name: row[start:].split("  ")[0].strip() for name, start in columns.items()}
            assert re.fullmatch(EPSILON, cells["epsilon"])
            assert abs(epsilon_of(cells["epsilon"]) - curve.epsilons[k]) <= 1e-3 * abs(curve.epsilons[k])
            found = right(curve.predictions[k], result)
            assert int(cells["correct"]) == found
            assert says(cells["accuracy"], found / len(result.labels))
            if curve.rounded is not None:
                assert says(cells["rounded"], right(curve.rounded[k], result) / len(result.labels))
            psnr = median(curve.psnr[k].tolist())
            assert says(cells["psnr"], psnr) if np.isfinite(psnr) else not cells.get("psnr")
            assert re.fullmatch(NUMBER, cells["l2"])
            assert says(cells["l2"], fmean(curve.l2[k].tolist()))


@checked
@given(transfers())
def test_what_the_command_line_prints_of_a_transfer(result: TransferResult) -> None:
    with redirect_stdout(io.StringIO()) as out:
        print_transfer(result)
    head, step, _, names, *rows = out.getvalue().rstrip("\n").split("\n")
    assert count(read(rf"(?P<images>{COUNT}) images of .*", head)["images"]) == len(result.labels)
    said = read(rf"\S+ (?P<epsilon>{EPSILON}): .*", step)
    assert abs(epsilon_of(said["epsilon"]) - result.epsilon) <= 1e-3 * abs(result.epsilon)
    for row, predictions in zip(rows, [result.clean_predictions, *result.predictions], strict=True):
        cells = row.split()[-len(result.models) :]
        for cell, found in zip(cells, predictions.tolist(), strict=True):
            same = sum(a == b for a, b in zip(found, result.labels.tolist(), strict=True))
            assert says(cell, same / len(result.labels))
    assert names.split()[-len(result.models) :] == list(result.models)


@checked
@given(st.lists(st.floats(0, 1), min_size=1, max_size=5), st.floats(0, 100), st.floats(0, 100), st.integers(1, 64))
def test_what_the_command_line_prints_of_one_image(shares: list[float], loss: float, length: float, level: int) -> None:
    names = [f"class{k}" for k in range(len(shares))]
    content = {
        "model": "tiny", "index": 3, "dataset": "toy", "split": "test", "source": "memory", "true": "red",
        "used": "green", "loss": loss, "gradient_l2": length,
        "changes_at": [{"epsilon": level / 255, "prediction": "blue"}],
        "forms": [{"form": "clean", "prediction": "red", "probabilities": dict(zip(names, shares, strict=True))}],
    }  # fmt: skip
    with redirect_stdout(io.StringIO()) as out:
        print_explored(content, Rule.SIGN)
    text = out.getvalue()
    said = read(rf"(?s).*\nloss (?P<loss>{NUMBER}), gradient L2 (?P<length>{NUMBER}), of the class green\n.*", text)
    assert says(said["loss"], loss)
    assert says(said["length"], length)
    (listed,) = re.findall(r"\nclean: (.*)\n", text)
    for (name, share), one in zip(zip(names, shares, strict=True), listed.split(", "), strict=True):
        assert one.split()[0] == name
        assert says(one.split()[1], share)
    assert epsilon_of(read(rf"(?s).* changes at: (?P<epsilon>{EPSILON}) blue\n", text)["epsilon"]) == level / 255
