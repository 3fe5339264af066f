"""At half a level nothing is known of the image after rounding: what moves there is up to float noise."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from helpers import result

from gradlab import report
from gradlab.cli import main
from gradlab.errors import BadValueError
from gradlab.figures.paper import fair_figure
from gradlab.figures.sweep import sweep_figure
from gradlab.seeing.thresholds import network_of
from gradlab.steps.perturb import to_eight_bit
from gradlab.types import Curve, Rule, SweepResult, rounding_defined

ALL_LEVELS = torch.arange(256, dtype=torch.float32) / 255
WHOLE = (Rule.SIGN, Rule.RANDOM)


def levels_moved(levels: float, images: torch.Tensor = ALL_LEVELS) -> float:
    """The share of the values of [0, 1] that are not clipped by such a step and move once it is rounded."""
    moved = images + torch.tensor(levels / 255, dtype=torch.float32)
    inside = (moved >= 0) & (moved <= 1)
    return float((to_eight_bit(moved) != to_eight_bit(images))[inside].float().mean())


def test_at_half_a_level_float_noise_decides_which_values_move() -> None:
    up, down = levels_moved(0.5), levels_moved(-0.5)
    assert 0.1 < up < 0.9
    assert 0.1 < down < 0.9
    assert up != down
    assert not rounding_defined(Rule.SIGN, [0.5 / 255, -0.5 / 255]).any()


@pytest.mark.parametrize("levels", [0.25, 0.499, 0.501, 0.75, 1, 2.25, 7, 90.25])
def test_elsewhere_all_values_do_the_same(levels: float) -> None:
    for signed in (levels, -levels):
        assert rounding_defined(Rule.SIGN, signed / 255)
        assert levels_moved(signed) == (levels > 0.5)


def test_images_that_are_not_on_the_levels_have_no_ties() -> None:
    images = torch.rand(100_000, generator=torch.Generator().manual_seed(0))
    wanted = (images.double() * 255 + 0.5).round() != (images.double() * 255).round()
    inside = images + 0.5 / 255 <= 1
    assert levels_moved(0.5, images) == pytest.approx(float(wanted[inside].float().mean()), abs=1e-3)


@pytest.mark.parametrize("rule", list(Rule))
def test_what_is_defined(rule: Rule) -> None:
    tied = rule in WHOLE
    halves = np.array([-254.5, -1.5, -0.5, 0.5, 25.5, 89.5]) / 255
    assert rounding_defined(rule, halves).tolist() == [not tied] * len(halves)
    assert bool(rounding_defined(rule, 0.1)) == (not tied)  # 25.5/255
    assert rounding_defined(rule, float(np.float32(0.5 / 255))) == (not tied), "as float32 holds it"
    assert rounding_defined(rule, [0.0, 1 / 255, 0.25 / 255, 0.2, 1.0, 255.5 / 255, 2.5]).all()
    assert rounding_defined(rule, np.zeros((2, 3))).shape == (2, 3)
    assert rounding_defined(rule, 0.1).shape == ()


def random_result(seed: int) -> SweepResult:
    """Curves at whole, quarter and half levels, with rounded answers that are all chance."""
    chance = np.random.default_rng(seed)
    labels = tuple(chance.integers(3, size=40).tolist())
    curves = []
    for rule in Rule:
        grid = np.unique(np.append(chance.choice(np.arange(-40, 41), 9, replace=False) / 4, [-8.5, -0.5, 0, 0.5, 8.5]))
        said, rounded = chance.integers(3, size=(2, len(grid), 40)).astype(np.int16)
        size = np.repeat(np.abs(grid / 255)[:, None], 40, axis=1).astype(np.float32)
        with np.errstate(divide="ignore"):
            psnr = -20 * np.log10(size)
        curves.append(Curve(rule, grid / 255, said, rounded, 1 - size, 50 * size, size, psnr, size * 0, 1 - size))
    return result(*curves, labels=labels, planned=40)


def noise_at_halves(one: SweepResult, seed: int) -> SweepResult:
    """The same with other answers where rounding is not defined."""
    chance = np.random.default_rng(seed)

    def other(curve: Curve) -> Curve:
        assert curve.rounded is not None
        undefined = ~rounding_defined(curve.rule, curve.epsilons)
        rounded = np.where(undefined[:, None], chance.integers(3, size=curve.rounded.shape), curve.rounded)
        return replace(curve, rounded=rounded.astype(np.int16))

    return replace(one, curves=tuple(map(other, one.curves)))


def networks(one: SweepResult) -> str:
    found = [network_of(one, rule, descend) for rule in Rule for descend in (False, True)]
    for network in found:
        if network.rounded:
            assert np.isfinite(network.share).all()
    return str(found)


READERS: dict[str, Callable[[SweepResult], Any]] = {
    "JSON": lambda one: json.dumps(report.sweep_to_dict(one), allow_nan=False),
    "CSV": report.sweep_to_csv,
    "HTML": lambda one: report.sweep_to_html(one, ""),
    "curves": lambda one: sweep_figure(one).to_json(),
    "fair comparison": lambda one: [fair_figure(one, name, rounded=True).to_json() for name in ("l2", "psnr", "ssim")],
    "network beside people": networks,
}


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("seed", range(5))
def test_no_rounded_figure_rests_on_half_a_level(reader: str, seed: int) -> None:
    one = random_result(seed)
    other = noise_at_halves(one, seed + 100)
    changed = [a.rounded.tolist() != b.rounded.tolist() for a, b in zip(one.curves, other.curves, strict=True)]  # type: ignore[union-attr]
    assert changed == [rule in WHOLE for rule in Rule]
    assert READERS[reader](one) == READERS[reader](other)


def test_where_only_halves_were_measured_people_have_no_network_beside_them() -> None:
    halves = random_result(0)
    curve = halves.curve(Rule.SIGN)
    kept = ~rounding_defined(Rule.SIGN, curve.epsilons)
    columns = {name: getattr(curve, name)[kept] for name in ("epsilons", "predictions", "rounded", "l2", "psnr")}
    with pytest.raises(BadValueError, match="an epsilon above 0"):
        network_of(replace(halves, curves=(replace(curve, **columns),)), Rule.SIGN)


def test_the_command_says_so(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    shared = ["--epsilon", "0.5/255", "--out", str(tmp_path / "x.png")]
    assert main(["perturb", "--rule", "sign", *shared]) == 0
    assert "float noise" in capsys.readouterr().err
    assert main(["perturb", "--rule", "max", *shared]) == 0
    assert "float noise" not in capsys.readouterr().err
    assert main(["sweep", "--rules", "sign", "--epsilons", "0.5/255,1/255", "--limit", "20", "--eight-bit"]) == 0
    rows = [line for line in capsys.readouterr().out.splitlines() if line.startswith("sign")]
    assert [row.endswith("not defined") for row in rows] == [True, False]
