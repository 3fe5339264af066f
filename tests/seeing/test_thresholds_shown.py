"""What is said of the images that people were shown, and of all others: which comes first, and which is which."""

import math
import re
from dataclasses import replace

import numpy as np
import pytest
from observers import DESIGN, OBSERVERS, one, sweep

from gradlab.errors import UnknownNameError
from gradlab.figures.thresholds import seen_figure
from gradlab.report import seen_to_csv, seen_to_dicts
from gradlab.seeing.psychometrics import simulate
from gradlab.seeing.thresholds import axes_of, chosen_text, headline, network_of, see, sentence, visible_psnr
from gradlab.seeing.thresholds.network import accuracies
from gradlab.types import (
    Estimate,
    LabelSource,
    Protocol,
    Rule,
    Seen,
    SweepResult,
)

PROTOCOL = Protocol(
    dataset="zoo", model="tiny", weights="abc", labels=LabelSource.TRUE, descend=False, scales=DESIGN.scales,
    method="2ifc", trials=40, catch_every=8, places=tuple(range(48)), width=256, smooth=False, seconds=None,
)  # fmt: skip


def few(share: float = 0.25, images: int = 48) -> SweepResult:
    """The network on the images shown: right on the same share of them at each size, and on all that are clean."""
    whole = sweep(images)
    right = (np.arange(images) >= round(share * images)).astype(np.int16)
    curves = tuple(
        replace(curve, predictions=np.tile(right, (15, 1)), rounded=np.tile(right, (15, 1)), psnr=curve.psnr - 3)
        for curve in whole.curves
    )
    return replace(whole, curves=curves, clean_predictions=whole.labels.copy(), draw_seed=None)


# The images shown come first


def test_the_images_shown_come_first_and_all_others_are_named() -> None:
    seen, _ = see(DESIGN, simulate(DESIGN, OBSERVERS, seed=5), sweep(), shown=few())
    assert seen.measured is seen.shown
    assert seen.shown is not None
    assert seen.network is not None
    assert (seen.shown.images, seen.network.images) == (48, 400)
    assert seen.shown_at is not None
    assert seen.shown_at.share == 0.25
    told = sentence(seen)
    assert 0 < told.index("about 25.0% of the 48 images shown (") < told.index("% of all 400 test images measured (")
    assert told.count("against 100.0% clean") == told.count("against 80.0% clean") == 1
    assert len(re.findall(r"median PSNR [\d.]+ dB on the images shown\)", told)) == 1
    assert len(re.findall(r"median PSNR [\d.]+ dB on all test images measured\.", told)) == 1


def test_a_bound_is_told_of_both() -> None:
    seen = shown_at(None, 0, 1 / 255)
    assert sentence(seen) == (
        "You see noise that is smaller than ε = 1/255 (sign: the upper end of the 95% interval; the answers set no "
        "lower one). At ε = 1/255 (median PSNR 45.1 dB on the images shown) the network is right on 25.0% of the 48 "
        "images shown (14.9% to 38.8%, after rounding to 8 bit), against 100.0% clean; what it is at your threshold, "
        "which is smaller, is not known. At the same ε it is right on 60.0% of all 400 test images measured (55.1% to "
        "64.7%, after rounding to 8 bit), against 80.0% clean; median PSNR 48.1 dB on all test images measured."
    )


def test_without_a_sweep_of_all_the_images_shown_are_enough() -> None:
    seen = replace(shown_at(2 / 255, 1 / 255, 4 / 255), network=None, at=None, ends=(None, None))
    assert "of the 48 images shown (" in sentence(seen)
    assert "measured" not in sentence(seen)
    assert axes_of((seen.measured,)) == ("epsilon", "l2", "psnr", "ssim")


def test_beyond_what_one_of_them_was_measured_at_the_other_is_told() -> None:
    far = shown_at(40 / 255, 30 / 255, 60 / 255)
    assert "is beyond what was measured of the network on the 48 images shown. At that ε it was not" in sentence(far)
    longer = sweep()
    longer = replace(longer, curves=tuple(replace(c, epsilons=c.epsilons * 2) for c in longer.curves))
    network = network_of(longer, Rule.SIGN)
    at, ends = accuracies(network, far.fit.threshold)
    told = sentence(replace(far, network=network, at=at, ends=ends))
    assert "on the 48 images shown. At the same ε it is right on about " in told


def test_a_sweep_of_the_images_shown_that_lacks_a_rule_is_refused() -> None:
    lacking = few()
    with pytest.raises(UnknownNameError, match="rule of this sweep"):
        see(DESIGN, [], sweep(), shown=replace(lacking, curves=lacking.curves[:1]))


def shown_at(value: float | None, low: float, high: float) -> Seen:
    """A threshold of one's choice, with both sweeps, for the rule sign."""
    return built(one(), Estimate(value, low, high), few(), sweep())


def built(
    seen: Seen, threshold: Estimate, shown: SweepResult | None, everything: SweepResult | None, descend: bool = False
) -> Seen:
    """What `see` makes of a threshold and two sweeps."""
    networks = [result and network_of(result, seen.rule, descend) for result in (everything, shown)]
    (at, ends), (shown_at, shown_ends) = (accuracies(network, threshold) for network in networks)
    return replace(
        seen, descend=descend, fit=replace(seen.fit, threshold=threshold), network=networks[0], at=at, ends=ends,
        shown=networks[1], shown_at=shown_at, shown_ends=shown_ends,
    )  # fmt: skip


# From which PSNR on people see a change


def test_the_visible_psnr_is_that_of_the_images_shown_at_the_threshold() -> None:
    found = visible_psnr(shown_at(3 / 255, 2 / 255, 5 / 255))
    assert found is not None
    # Of the images shown it is 20 log₁₀(255/k) − 3 dB; the larger step is the lower end.
    expected = [20 * math.log10(255 / k) - 3 for k in (3, 5, 2)]
    assert (found.value, found.low, found.high) == pytest.approx(expected)
    assert found.low < (found.value or 0) < found.high


def test_the_visible_psnr_is_none_where_it_is_not_known() -> None:
    for low, high in ((0.0, 2 / 255), (2 / 255, math.inf), (0.0, math.inf)):
        assert visible_psnr(shown_at(None, low, high)) is None
    assert visible_psnr(replace(shown_at(3 / 255, 2 / 255, 5 / 255), shown=None)) is None
    assert visible_psnr(shown_at(40 / 255, 30 / 255, 60 / 255)) is None, "beyond what was measured"
    half = visible_psnr(shown_at(30 / 255, 20 / 255, 60 / 255))
    assert half is not None
    assert (half.low, half.high) == (0.0, pytest.approx(20 * math.log10(255 / 20) - 3))


def test_where_nothing_changed_no_psnr_is_told() -> None:
    still = few()
    still = replace(still, curves=tuple(replace(c, psnr=np.full_like(c.psnr, np.inf)) for c in still.curves))
    seen = built(one(), Estimate(3 / 255, 2 / 255, 5 / 255), still, sweep())
    assert visible_psnr(seen) is None
    assert "dB on the images shown" not in sentence(seen)
    assert axes_of((seen.shown,)) == ("epsilon", "l2", "ssim")


# Which images those are


@pytest.mark.parametrize(
    ("looked", "alike", "says"),
    [
        (512, 113, "48 images shown, drawn at random from the 113, of 512 looked at, that the rules change about as"),
        (512, 512, "48 images shown, drawn at random from 512, all of which the rules change about as much"),
        (512, 48, "48 images shown: all of 512 looked at that the rules change about as much"),
        (512, 47, "512 images looked at, the rules change only 47 about as much as the median one (PSNR within 4 dB)."),
        (512, 0, "the rules change none about as much as the median one (PSNR within 4 dB). The nearest 48 were taken"),
        (48, 40, "change only 40 about as much as the median one (PSNR within 4 dB). All of them are shown: no random"),
        (None, None, "48 images shown: drawn at random from those .* or, where these were too few, the nearest"),
    ],
)  # fmt: skip
def test_the_nearest_images_are_not_called_a_random_draw(looked: int | None, alike: int | None, says: str) -> None:
    told = chosen_text(replace(PROTOCOL, looked=looked, alike=alike))
    assert re.search(says if looked is None else re.escape(says), told)
    assert ("drawn at random" in told) == (alike is None or alike > 48)


# As rows and as a figure


def test_the_rows_say_of_which_images_they_are() -> None:
    (row,) = seen_to_dicts([shown_at(2 / 255, 1 / 255, 4 / 255)], protocol=replace(PROTOCOL, looked=512, alike=47))
    assert (row["looked"], row["alike"], row["shown_images"], row["all_images"]) == (512, 47, 48, 400)
    assert (row["shown_accuracy"]["share"], row["all_accuracy"]["share"]) == (0.25, 0.5)
    assert row["shown_psnr"] == pytest.approx(row["all_psnr"] - 3)
    lines = seen_to_csv([shown_at(2 / 255, 1 / 255, 4 / 255)]).splitlines()
    heads = lines[0].split(",")
    rows = [dict(zip(heads, line.split(","), strict=True)) for line in lines[1:]]
    assert {row["of"] for row in rows if row["kind"] == "network"} == {"all"}
    assert {row["of"] for row in rows if row["kind"] != "network"} == {"shown"}
    same = {
        row["kind"]: row for row in rows if row["kind"] in {"shown", "network"} and float(row["epsilon"]) == 2 / 255
    }
    assert float(same["shown"]["psnr"]) == pytest.approx(float(same["network"]["psnr"]) - 3)
    assert (same["shown"]["count"], same["network"]["count"]) == ("48", "400")


def test_the_figure_draws_both_and_rings_both() -> None:
    seen = shown_at(2 / 255, 1 / 255, 4 / 255)
    figure = seen_figure([seen])
    lines = {trace.name: trace for trace in figure.data if trace.name}
    assert list(lines) == ["sign: network, all 400", "sign: network, 48 shown", "sign: person"]
    assert set(lines["sign: network, 48 shown"].y) == {0.25}
    rings = {trace.meta[1]: trace.y[-1] for trace in figure.data if trace.meta[1] in {"at", "shown at"}}
    assert rings == {"at": 0.5, "shown at": 0.25}
    dashes = {shape.y0: shape.line.dash for shape in figure.layout.shapes}
    assert (dashes[1.0], dashes[0.8]) == (lines["sign: network, 48 shown"].line.dash, "dot")
    axis = seen_figure([seen], "psnr").layout.xaxis
    assert axis.title.text.startswith("median PSNR in dB, images shown")


def test_without_labels_nobody_says_that_the_network_is_right() -> None:
    shown, everything = (replace(one, labelled=False) for one in (few(), sweep()))
    seen = built(one(), Estimate(2 / 255, 1 / 255, 4 / 255), shown, everything)
    told = f"{sentence(seen)} {headline(seen)}"
    assert "There the network keeps the class of 25.0% of the 48 images shown (" in told
    assert "At the smaller end of that interval it keeps the class of 25.0%, at the larger one of 25.0%." in told
    assert "At the same ε it keeps the class of" in told
    assert "is right" not in told
    assert "clean" not in told
    (row,) = seen_to_dicts([seen])
    assert row["shown_keeps_class"]["share"] == 0.25
    assert row["shown_clean_accuracy"] is None
    assert not [name for name in row if name.endswith("_accuracy") and row[name] is not None]
    figure = seen_figure([seen])
    assert not [trace for trace in figure.data if "accuracy" in str(trace.hovertemplate)]
    assert [trace for trace in figure.data if "share that keeps its class" in str(trace.hovertemplate)]
