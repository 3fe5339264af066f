"""Each measure against a second implementation."""

import numpy as np
import pytest
import torch
from helpers import random_images
from skimage.metrics import peak_signal_noise_ratio, structural_similarity
from torch import Tensor

from gradlab.measures import (
    METRICS,
    OPTIONAL,
    changed_pixels,
    high_colour_difference,
    l1_distance,
    l2_distance,
    linf_distance,
    mean_colour_difference,
    psnr,
    ssim,
)


def test_psnr_is_scikit_images() -> None:
    a, b = random_images(4), (random_images(4) * 0.9 + random_images(4, seed=1) * 0.1)
    theirs = [
        peak_signal_noise_ratio(x.astype(np.float64), y.astype(np.float64), data_range=1)
        for x, y in zip(a.numpy(), b.numpy(), strict=True)
    ]
    assert psnr(a, b).tolist() == pytest.approx(theirs, rel=1e-5)
    assert max(theirs) > 20


def test_norms_are_numpys() -> None:
    a, b = random_images(4), random_images(4, seed=1)
    flat = (a - b).numpy().reshape(4, -1)
    assert l1_distance(a, b).tolist() == pytest.approx(np.linalg.norm(flat, 1, axis=1).tolist(), rel=1e-6)
    assert l2_distance(a, b).tolist() == pytest.approx(np.linalg.norm(flat, axis=1).tolist(), rel=1e-6)
    assert linf_distance(a, b).tolist() == np.linalg.norm(flat, np.inf, axis=1).tolist()


def test_known_values() -> None:
    a, b = torch.zeros(2, 1, 2, 2), torch.zeros(2, 1, 2, 2)
    b[0, 0, 0] = torch.tensor([0.3, -0.4])
    b[1] = 1.0
    assert changed_pixels(a, b).tolist() == [0.5, 1.0]
    assert l1_distance(a, b).tolist() == pytest.approx([0.7, 4.0])
    assert l2_distance(a, b).tolist() == pytest.approx([0.5, 2.0])
    assert linf_distance(a, b).tolist() == pytest.approx([0.4, 1.0])
    assert psnr(a, b).tolist() == pytest.approx([-10 * np.log10(0.25 / 4), 0.0], abs=1e-6)


def test_identical_images() -> None:
    a = random_images(3)
    assert psnr(a, a.clone()).tolist() == [float("inf")] * 3
    assert l2_distance(a, a.clone()).tolist() == linf_distance(a, a.clone()).tolist() == [0.0] * 3


def test_no_change_is_so_small_that_psnr_calls_it_none() -> None:
    a = torch.zeros(1, 1, 2, 2)
    assert float(psnr(a, a + 1e-15)) == pytest.approx(300, rel=1e-4)
    assert float(l2_distance(a, a + 1e-15)) == pytest.approx(2e-15)


@pytest.mark.parametrize("name", list(METRICS))
def test_the_table(name: str) -> None:
    metric = METRICS[name]
    a, b = patterned(5), patterned(5).flip(0)
    nearby = torch.where(torch.arange(20) < 10, a, a * 0.9 + b * 0.1)  # the left half as it was
    close, far = metric.function(a, nearby), metric.function(a, b)
    assert close.shape == (5,)
    assert bool(((close < far) == metric.smaller_is_closer)[[0, 1, 3, 4]].all())  # the third is its own mirror
    identical = {"ssim": 1.0, "psnr": float("inf")}.get(name, 0.0)
    assert float(metric.function(a, a)[0]) == identical
    one_by_one = torch.cat([metric.function(a[k : k + 1], b[k : k + 1]) for k in range(5)])
    torch.testing.assert_close(far, one_by_one, rtol=1e-5, atol=1e-6)
    assert metric.function(a[:0], b[:0]).shape == (0,)


def test_the_names_in_the_table() -> None:
    assert {name: (metric.function, metric.title, metric.unit) for name, metric in METRICS.items()} == {
        "l0": (changed_pixels, "L0", ""),
        "l1": (l1_distance, "L1", ""),
        "l2": (l2_distance, "L2", ""),
        "linf": (linf_distance, "L∞", ""),
        "psnr": (psnr, "PSNR", "dB"),
        "ssim": (ssim, "SSIM", ""),
        "ciede2000_mean": (mean_colour_difference, "ΔE₀₀, mean", ""),
        "ciede2000_p95": (high_colour_difference, "ΔE₀₀, 95 %", ""),
    }


@pytest.mark.parametrize("name", [*METRICS, *OPTIONAL])
def test_each_measure_says_what_it_is_and_what_is_known_of_its_threshold(name: str) -> None:
    metric = (METRICS | OPTIONAL)[name]
    assert format(0.5, metric.form)
    assert metric.closer == ("smaller" if metric.smaller_is_closer else "larger")
    assert "(identical)" in metric.range
    for source in (metric.source, metric.evidence):
        assert source.title.split()[-1].isdecimal(), "ends with the year"
        assert source.url.startswith(("https://doi.org/10.", "https://arxiv.org/abs/"))
    assert metric.noticeable.startswith("none") == metric.known.startswith("No threshold")
    assert not any("imperceptible" in text for text in (metric.about, metric.noticeable, metric.known))


# A pixel counts once, and as it is stored


def test_a_pixel_counts_once_whichever_channels_moved_and_only_if_it_survives_rounding() -> None:
    a = torch.full((1, 3, 4, 4), 100 / 255)
    b = a.clone()
    b[0, :, 0, 0] += 3 / 255
    b[0, 1, 1, 1] -= 1 / 255
    b[0, 2, 2, 2] += 0.4 / 255
    assert changed_pixels(a, b).tolist() == [2 / 16]
    assert changed_pixels(b, a).tolist() == [2 / 16]
    assert changed_pixels(a, a + 0.4 / 255).tolist() == [0]
    assert changed_pixels(a + 0.4 / 255, a + 0.6 / 255).tolist() == [1], "what a PNG of each would hold"


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("size", [28, 32, 224])
def test_l0_is_numpys_count_of_the_pixels_that_differ(size: int, channels: int) -> None:
    a = patterned(2, size, channels)
    b = (a + 0.002 * torch.randn(a.shape, generator=torch.Generator().manual_seed(1))).clamp(0, 1)
    one, other = (np.round(values.numpy() * np.float32(255)).astype(np.uint8) for values in (a, b))
    assert changed_pixels(a, b).tolist() == pytest.approx((one != other).any(axis=1).mean(axis=(1, 2)).tolist())
    assert 0 < float(changed_pixels(a, b)[0]) < 1


def patterned(count: int, size: int = 20, channels: int = 3) -> Tensor:
    """Images with structure, and none of 0 or 1 only."""
    chance = torch.Generator().manual_seed(count)
    coarse = torch.rand(count, channels, 4, 4, generator=chance)
    return torch.nn.functional.interpolate(coarse, size, mode="bilinear")


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("noise", [0.001, 0.03, 0.5])
def test_ssim_is_scikit_images(noise: float, channels: int) -> None:
    a = patterned(4, channels=channels)
    b = (a + noise * torch.randn(a.shape, generator=torch.Generator().manual_seed(1))).clamp(0, 1)
    theirs = [
        structural_similarity(
            x.astype(np.float64), y.astype(np.float64), data_range=1, channel_axis=0,
            gaussian_weights=True, sigma=1.5, use_sample_covariance=False,
        )
        for x, y in zip(a.numpy(), b.numpy(), strict=True)
    ]  # fmt: skip
    assert ssim(a, b).tolist() == pytest.approx(theirs, abs=2e-5)
    assert ssim(a.double(), b.double()).tolist() == pytest.approx(theirs, abs=1e-10)


def test_ssim_of_one_image_with_itself_and_of_what_is_too_small() -> None:
    a = patterned(3)
    assert ssim(a, a.clone()).tolist() == [1.0] * 3
    assert float(ssim(a, a * 0.5 + 0.1).max()) < 0.99
    assert ssim(a[..., :10], a[..., :10]).isnan().all()
    wide = torch.cat([a, a.flip(3)], 3)
    assert ssim(wide, wide * 0.9).shape == (3,)
