"""A test that people take, one who takes it, and a network beside: what the tests of seeing and its figures share."""

import math
from dataclasses import replace

import numpy as np

from gradlab.seeing.psychometrics import simulate
from gradlab.seeing.thresholds import accuracy_at, see
from gradlab.types import Curve, Design, Estimate, LabelSource, Observer, Rule, Scale, Seen, SeenNetwork, SweepResult

SIZES = np.array([0.25, 1, 2, 4, 8, 16, 32]) / 255
DESIGN = Design((Scale.spaced("sign", 0.5 / 255, 32 / 255), Scale.spaced("raw", 0.02, 1.25)), trials=40)
OBSERVERS = {"sign": Observer(3 / 255), "raw": Observer(0.2)}


def sweep(images: int = 400, ssim: bool = True, rounded: bool = True) -> SweepResult:
    """A network whose accuracy is 80 % − 10 % · k at the k-th size, 90 % + k % on the other side; L2 = 20 · |epsilon|.

    Before rounding it is right for one image more in a hundred.
    """
    truth = np.zeros(images, np.int64)

    def said(share: float) -> np.ndarray:
        return (np.arange(images) >= round(share * images)).astype(np.int16)

    curves = []
    for rule, unit in ((Rule.SIGN, 1.0), (Rule.RAW, 10.0)):
        epsilons = np.concatenate([-SIZES[::-1], [0.0], SIZES]) * unit
        shares = [*(0.96 - 0.01 * k for k in range(7)), 0.8, *(0.7 - 0.1 * k for k in range(7))]
        size = np.repeat(np.abs(epsilons)[:, None] / unit, 3, axis=1)
        with np.errstate(divide="ignore"):
            psnr = -20 * np.log10(size)
        curves.append(
            Curve(
                rule, epsilons, np.stack([said(share + (share != 0.8) * 0.01) for share in shares]),
                np.stack([said(share) for share in shares]) if rounded else None, probability=size, l2=20 * size,
                linf=size, psnr=psnr, clipped=size, ssim=1 - 8 * size**2 if ssim else None,
            )
        )  # fmt: skip
    return SweepResult(
        dataset="zoo", split="test", source="store", classes=("ant", "bee"), indices=np.arange(images), labels=truth,
        clean_predictions=said(0.8).astype(np.int64), clean_probability=np.ones(images, np.float32),
        zero_gradient=np.zeros(images, np.bool_), curves=tuple(curves), failed=np.empty(0, np.int64), planned=images,
        model="tiny", weights_sha256="abc", label_source=LabelSource.TRUE, draw_seed=0, seed=0, batch_size=8,
        device="CPU (a test)", precision="float32", software="gradlab", notices=(), seconds=1.0, backwards=1,
    )  # fmt: skip


def one(rule: Rule = Rule.SIGN, **how: object) -> Seen:
    """What one simulated observer sees, with some of it replaced."""
    found = see(DESIGN, simulate(DESIGN, OBSERVERS, seed=5), sweep())
    return replace(next(seen for seen in found if seen.rule == rule), **how)  # type: ignore[arg-type]


def found_at(value: float | None, low: float, high: float, network: SeenNetwork | None = None, **how: object) -> Seen:
    """A threshold of one's choice, for the rule sign."""
    seen = one()
    network = network or seen.network
    assert network is not None
    at, left, right = (
        accuracy_at(network, x) if x and math.isfinite(x) else None for x in (value, low, high)
    )  # fmt: skip
    fitted = replace(seen.fit, threshold=Estimate(value, low, high))
    return replace(seen, fit=fitted, network=network, at=at, ends=(left, right), **how)  # type: ignore[arg-type]
