"""The rules: how a gradient becomes a direction. One row each, and that row is all that it takes to add one.

The table stands here, below everything that asks it, so that figures, reports and pages read it without torch: what
makes a direction uses nothing but the methods of the tensors that it is given.

Sources: Goodfellow, Shlens, Szegedy 2015 (https://arxiv.org/abs/1412.6572) for the sign rule; Agarwal, Singh, Vatsa
2020 (CVPR Workshops, "The Role of 'Sign' and 'Direction' of Gradient on the Performance of CNN") for the plain
gradient and the negative direction; Miyato et al. 2018 (https://arxiv.org/abs/1704.03976) for the step of fixed L2
length.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn

from gradlab.errors import UnknownNameError
from gradlab.types.units import OneRowEach, Unit

if TYPE_CHECKING:  # drawing and writing results never needs torch
    from torch import Tensor


@dataclass(frozen=True, eq=False)
class Given:
    """What a rule may make a direction of, for N images: all of it (N, C, H, W).

    Attributes:
        way: where the gradient g points, at any confidence of the network; of any length.
        gradient: gives g itself, in nats per pixel unit.
        chance: gives ±1 at random, seeded for each image.
    """

    way: Tensor
    gradient: Callable[[], Tensor]
    chance: Callable[[], Tensor]


@dataclass(frozen=True, eq=False)
class RuleRow:
    """All that is known of a rule.

    Attributes:
        direction: makes the step's direction d, (N, C, H, W); 0 for an image whose gradient is.
        unit: what epsilon is measured in.
        grid: the positive half of the default grid, ascending, in that unit: from "nothing happens" to "nothing is
            left".
        size: of the step that the pages begin with.
        reach: of the landscape that the pages begin with.
        words: its name on the pages and in figures.
        help: what it does, as Markdown.
        formula: d, as LaTeX.
        written: d, in plain text.
        colour: its colour in figures, `#rrggbb`: a contrast of 3 at least on both themes' backgrounds, and apart from
            the others for people who do not see red or green as others do (`tests/figures/test_figures_look.py`).
        symbol: the shape of its points in figures, as plotly names it, for no colour tells a rule alone.
        dash: of its lines, likewise.
        alike: whether every value moves by exactly epsilon.
        control: whether d knows nothing of the gradient, nor of the network.
    """

    direction: Callable[[Given], Tensor]
    unit: Unit
    grid: tuple[float, ...]
    size: float
    reach: float
    words: str
    help: str
    formula: str
    written: str
    colour: str
    symbol: str = "circle"
    dash: str = "solid"
    alike: bool = False
    control: bool = False


def _divided(values: Any, by: Any) -> Any:
    return (values / by).where(by > 0, 0)


def _per_largest(values: Any) -> Any:
    return _divided(values, values.abs().amax(dim=(1, 2, 3), keepdim=True))


def _of_length_one(values: Any) -> Any:
    # Scaled by the largest first: the squares of a small gradient, 1e-25 say, are 0 in float32.
    scaled = _per_largest(values)
    return _divided(scaled, scaled.norm(p=2, dim=(1, 2, 3), keepdim=True))


def _levels(*counts: float) -> tuple[float, ...]:
    return tuple(n / 255 for n in counts)


# Begins at a quarter of a level: at half a level rounding is not defined (`rounding_defined`).
_ALIKE = _levels(0.25, 1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64)


class Rule(OneRowEach):
    """Rule: how the gradient g becomes the step's direction d.

    Attributes:
        row: what is known of it.
    """

    row: RuleRow

    SIGN = "sign", RuleRow(
        lambda given: given.way.sign(), Unit.PIXEL, _ALIKE, size=8 / 255, reach=48 / 255, alike=True,
        words="sign", formula=r"\mathrm{sign}(g)", written="sign(g)",
        help=(
            r"$d = \mathrm{sign}(g)$. Every value moves by the same amount. Epsilon is in pixel units, shown as n/255."
        ),
        colour="#D55E00",
    )  # fmt: skip
    # The paper's "without sign".
    RAW = "raw", RuleRow(
        lambda given: given.gradient(), Unit.GRADIENT,
        (0.001, 0.003, 0.01, 0.03, 0.1, 0.2, 0.3, 0.6, 1.0, 3.0, 10.0, 30.0, 100.0), size=0.2, reach=1.0,
        words="plain gradient", formula="g", written="g",
        help="$d = g$, the gradient with its own size. Epsilon multiplies it.",
        colour="#0072B2", symbol="square",
    )  # fmt: skip
    L2 = "l2", RuleRow(
        lambda given: _of_length_one(given.way), Unit.L2,
        (0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 5.0, 8.0), size=0.5, reach=5.0,
        words="L2", formula=r"g / \lVert g \rVert_2", written="g / ‖g‖₂",
        help=r"$d = g / \lVert g \rVert_2$. Epsilon is the length of the step.",
        colour="#0E8149", symbol="triangle-up", dash="dash",
    )  # fmt: skip
    MAX = "max", RuleRow(
        lambda given: _per_largest(given.way), Unit.PIXEL,
        _levels(1, 2, 4, 8, 16, 24, 32, 48, 64, 96, 128, 192, 255), size=64 / 255, reach=192 / 255,
        words="max", formula=r"g / \max|g|", written="g / max|g|",
        help=r"$d = g / \max|g|$. The value that matters most moves by epsilon.",
        colour="#C8359E", symbol="diamond", dash="dashdot",
    )  # fmt: skip
    RANDOM = "random", RuleRow(
        lambda given: given.chance(), Unit.PIXEL, _ALIKE, size=8 / 255, reach=48 / 255, alike=True, control=True,
        words="random", formula=r"d,\ d = \pm 1", written="±1 by chance",
        help=r"$d = \pm 1$ by chance: the control, noise that knows nothing.",
        colour="#909090", symbol="x", dash="dot",
    )  # fmt: skip

    @classmethod
    def _missing_(cls, value: object) -> NoReturn:
        raise UnknownNameError("rule", value, list(cls))

    @property
    def unit(self) -> Unit:
        """What epsilon is measured in."""
        return self.row.unit
