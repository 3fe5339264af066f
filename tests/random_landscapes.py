"""Random loss landscapes: flat, monotone, with a valley, of few values, with holes; planes that are not complete."""

import numpy as np
from hypothesis import strategies as st
from random_results import CLASSES, SEEDS, SIZES

from gradlab.types import LossLine, LossPlane, Rule

NAMES = CLASSES["cifar10"]
SHAPES = ("flat", "noise", "falls", "rises", "valley", "valley, flat", "valley, noise", "chance", "few values")


def losses(chance: np.random.Generator, shape: str, half: int) -> np.ndarray:
    """Outward from 0, (half + 1,), in log-odds first, where noise is alike everywhere."""
    start, x = chance.choice([-900.0, -30.0, -3.0, 0.0, 2.0, 40.0, 800.0]), np.arange(half + 1.0)
    turn, slope = chance.integers(half + 1), chance.choice([1e-2, 1.0, 30.0])
    noise = 2e-5 * max(1.0, abs(start)) * chance.standard_normal(half + 1)
    valley = np.abs(x - turn) - turn
    odds = start + {
        "flat": 0 * x, "noise": noise, "falls": -slope * x, "rises": slope * x, "valley": slope * valley,
        "valley, flat": -slope * np.minimum(x, turn), "valley, noise": -slope * np.minimum(x, turn) + noise,
        "chance": slope * chance.standard_normal(half + 1), "few values": chance.integers(3, size=half + 1),
    }[shape]  # fmt: skip
    loss: np.ndarray = np.logaddexp(odds, 0)
    return loss


@st.composite
def lines(draw: st.DrawFn) -> LossLine:
    chance, half = np.random.default_rng(draw(SEEDS)), draw(st.sampled_from((1, 2, 5, 20)))
    rule, shapes = draw(st.sampled_from(list(Rule))), draw(st.lists(st.sampled_from(SHAPES), min_size=2, max_size=2))
    down, up = (losses(chance, shape, half) for shape in shapes)
    loss = np.concatenate([down[:0:-1], up])
    loss[half] = down[0]
    holes = chance.random(2 * half + 1) < draw(st.sampled_from((0.0, 0.0, 0.0, 0.3, 0.8)))
    holes[half] &= chance.random() < 0.1
    predictions = np.repeat(chance.integers(len(NAMES), size=2 * half + 1), chance.integers(1, 9))[: 2 * half + 1]
    reach = draw(st.sampled_from(SIZES[rule.unit]))
    return LossLine(
        rule, int(chance.integers(len(NAMES))), np.arange(-half, half + 1) / half * reach,
        np.where(holes, np.nan, loss), np.where(holes, -1, predictions).astype(np.int32),
        slope=float(chance.choice([0.0, -0.0, 1.0, -2.5e-7, 3e4])),
    )  # fmt: skip


@st.composite
def planes(draw: st.DrawFn) -> LossPlane:
    chance, half = np.random.default_rng(draw(SEEDS)), draw(st.sampled_from((2, 4, 8)))
    cells, rule = 2 * half + 1, draw(st.sampled_from(list(Rule)))
    kinds = draw(st.sampled_from((1, 3, len(NAMES))))
    predictions = chance.integers(kinds, size=(cells, cells)) - (chance.random() < 0.3)
    computed = np.zeros((cells, cells), np.bool_)
    computed[half % 4 :: 4, half % 4 :: 4] = True
    computed |= chance.random((cells, cells)) < draw(st.sampled_from((0.0, 0.2, 1.0)))
    loss = np.where(computed & (predictions >= 0), chance.random((cells, cells)), np.nan)
    grid = np.arange(-half, half + 1) / half * draw(st.sampled_from(SIZES[rule.unit]))
    slope, across = chance.choice([0.0, 2.0, -3e3]), chance.choice([0.0, 1e-9, 0.5])
    return LossPlane(
        rule, 3, grid, loss, np.where(computed, predictions, -1).astype(np.int32), computed, slope, across, across=4
    )
