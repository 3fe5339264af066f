"""Protocols and answers, as the tests of the database need them."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from gradlab.types import LabelSource, Protocol, Response, Rule, Scale

BACKENDS = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]

PROTOCOL = Protocol(
    dataset="cifar10",
    model="alexnet",
    weights="ab" * 32,
    labels=LabelSource.TRUE,
    descend=False,
    scales=(Scale.spaced("sign", 1 / 2550, 16 / 255), Scale.spaced("raw", 1e-3, np.pi, 7, catch=10 / 3)),
    method="2ifc",
    trials=40,
    catch_every=8,
    places=(5, 0, 9_999),
    width=320,
    smooth=False,
    seconds=None,
)


def answer(number: int, **changes: Any) -> Response:
    """The answer to a trial; different for each number, and with floats that have no short decimal."""
    size = (number + 1) / 255
    usual = Response(
        number=number, rule=Rule.SIGN, intensity=size, catch=False, place=number * 7, epsilon=-size,
        right=number % 2, chosen=1, seconds=1 / 3 + number, l2=size * 55.4,
        psnr=None if number == 1 else 100 / (number + 3), ssim=1 - size,
    )  # fmt: skip
    return replace(usual, **changes)
