"""Colour differences against the published test data, and against scikit-image."""

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from skimage.color import deltaE_ciede2000, rgb2lab
from torch import Tensor

from gradlab.errors import BadValueError
from gradlab.measures import (
    ciede2000,
    colour_differences,
    high_colour_difference,
    mean_colour_difference,
    to_lab,
)

# L*, a*, b* of two colours, and their difference to four digits: table 1 of Sharma, Wu, Dalal 2005,
# https://doi.org/10.1002/col.20070. Pairs 1 to 16 try the branches of the hue: opposite ones, grey, around 0.
PUBLISHED = (
    (50.0000, 2.6772, -79.7751, 50.0000, 0.0000, -82.7485, 2.0425),
    (50.0000, 3.1571, -77.2803, 50.0000, 0.0000, -82.7485, 2.8615),
    (50.0000, 2.8361, -74.0200, 50.0000, 0.0000, -82.7485, 3.4412),
    (50.0000, -1.3802, -84.2814, 50.0000, 0.0000, -82.7485, 1.0000),
    (50.0000, -1.1848, -84.8006, 50.0000, 0.0000, -82.7485, 1.0000),
    (50.0000, -0.9009, -85.5211, 50.0000, 0.0000, -82.7485, 1.0000),
    (50.0000, 0.0000, 0.0000, 50.0000, -1.0000, 2.0000, 2.3669),
    (50.0000, -1.0000, 2.0000, 50.0000, 0.0000, 0.0000, 2.3669),
    (50.0000, 2.4900, -0.0010, 50.0000, -2.4900, 0.0009, 7.1792),
    (50.0000, 2.4900, -0.0010, 50.0000, -2.4900, 0.0010, 7.1792),
    (50.0000, 2.4900, -0.0010, 50.0000, -2.4900, 0.0011, 7.2195),
    (50.0000, 2.4900, -0.0010, 50.0000, -2.4900, 0.0012, 7.2195),
    (50.0000, -0.0010, 2.4900, 50.0000, 0.0009, -2.4900, 4.8045),
    (50.0000, -0.0010, 2.4900, 50.0000, 0.0010, -2.4900, 4.8045),
    (50.0000, -0.0010, 2.4900, 50.0000, 0.0011, -2.4900, 4.7461),
    (50.0000, 2.5000, 0.0000, 50.0000, 0.0000, -2.5000, 4.3065),
    (50.0000, 2.5000, 0.0000, 73.0000, 25.0000, -18.0000, 27.1492),
    (50.0000, 2.5000, 0.0000, 61.0000, -5.0000, 29.0000, 22.8977),
    (50.0000, 2.5000, 0.0000, 56.0000, -27.0000, -3.0000, 31.9030),
    (50.0000, 2.5000, 0.0000, 58.0000, 24.0000, 15.0000, 19.4535),
    (50.0000, 2.5000, 0.0000, 50.0000, 3.1736, 0.5854, 1.0000),
    (50.0000, 2.5000, 0.0000, 50.0000, 3.2972, 0.0000, 1.0000),
    (50.0000, 2.5000, 0.0000, 50.0000, 1.8634, 0.5757, 1.0000),
    (50.0000, 2.5000, 0.0000, 50.0000, 3.2592, 0.3350, 1.0000),
    (60.2574, -34.0099, 36.2677, 60.4626, -34.1751, 39.4387, 1.2644),
    (63.0109, -31.0961, -5.8663, 62.8187, -29.7946, -4.0864, 1.2630),
    (61.2901, 3.7196, -5.3901, 61.4292, 2.2480, -4.9620, 1.8731),
    (35.0831, -44.1164, 3.7933, 35.0232, -40.0716, 1.5901, 1.8645),
    (22.7233, 20.0904, -46.6940, 23.0331, 14.9730, -42.5619, 2.0373),
    (36.4612, 47.8580, 18.3852, 36.2715, 50.5065, 21.2231, 1.4146),
    (90.8027, -2.0831, 1.4410, 91.1528, -1.6435, 0.0447, 1.4441),
    (90.9257, -0.5406, -0.9208, 88.6381, -0.8985, -0.7239, 1.5381),
    (6.7747, -0.2908, -2.4247, 5.8714, -0.0985, -2.2286, 0.6377),
    (2.0776, 0.0795, -1.1350, 0.9033, -0.0636, -0.5514, 0.9082),
)  # fmt: skip


def pairs(swapped: bool = False) -> tuple[Tensor, Tensor, Tensor]:
    """The published pairs as images of one pixel, and their differences."""
    table = torch.tensor(PUBLISHED, dtype=torch.float64)
    one, other = (table[:, k : k + 3].reshape(-1, 3, 1, 1) for k in (0, 3))
    return (other, one, table[:, 6]) if swapped else (one, other, table[:, 6])


@pytest.mark.parametrize("swapped", [False, True])
def test_it_is_the_published_table(swapped: bool) -> None:
    one, other, expected = pairs(swapped)
    assert len(expected) == 34
    np.testing.assert_allclose(ciede2000(one, other).flatten(), expected, atol=5.001e-5, rtol=0)


def test_float32_is_as_good_where_two_hues_are_not_exactly_opposite() -> None:
    one, other, expected = pairs()
    found = ciede2000(one.float(), other.float()).flatten()
    kept = torch.ones(34, dtype=torch.bool)
    kept[8:15] = False  # these differ by 0.0001 in hue at 180°, where the middle of two hues jumps
    np.testing.assert_allclose(found[kept], expected[kept], atol=1e-4, rtol=0)


def test_it_is_scikit_images_over_all_of_cielab() -> None:
    chance = torch.Generator().manual_seed(0)
    scale, shift = torch.tensor([100.0, 220, 220]).view(3, 1, 1), torch.tensor([0.0, -110, -110]).view(3, 1, 1)
    one, other = (torch.rand(4, 3, 50, 50, generator=chance).double() * scale + shift for _ in range(2))
    theirs = deltaE_ciede2000(last(one), last(other))
    np.testing.assert_allclose(ciede2000(one, other), theirs, atol=1e-9)
    assert theirs.max() > 100


# From images on


def last(images: Tensor) -> NDArray[np.float64]:
    """(N, H, W, C), as scikit-image takes them; grey ones as R = G = B."""
    return images.double().expand(-1, 3, -1, -1).permute(0, 2, 3, 1).numpy()


def of_scikit_image(a: Tensor, b: Tensor) -> NDArray[np.float64]:
    found: NDArray[np.float64] = deltaE_ciede2000(rgb2lab(last(a)), rgb2lab(last(b)))
    return found


def noisy(size: int, channels: int, noise: float) -> tuple[Tensor, Tensor]:
    chance = torch.Generator().manual_seed(size + channels)
    a = torch.nn.functional.interpolate(torch.rand(2, channels, 5, 5, generator=chance), size, mode="bilinear")
    return a, (a + noise * torch.randn(a.shape, generator=chance)).clamp(0, 1)


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("size", [28, 32, 224])
@pytest.mark.parametrize("noise", [0.002, 0.03, 0.5])
def test_images_of_every_size_are_scikit_images(size: int, channels: int, noise: float) -> None:
    """But for its white, another in the fifth digit, which tells where hues are opposite: there the formula jumps."""
    a, b = noisy(size, channels, noise)
    theirs = of_scikit_image(a, b)
    np.testing.assert_allclose(to_lab(a).permute(0, 2, 3, 1), rgb2lab(last(a)), atol=0.02)
    assert np.isclose(colour_differences(a, b), theirs, atol=0.02, rtol=1e-3).mean() > 0.9999
    flat = theirs.reshape(2, -1)
    assert mean_colour_difference(a, b).tolist() == pytest.approx(flat.mean(axis=1), rel=1e-3)
    assert high_colour_difference(a, b).tolist() == pytest.approx(np.percentile(flat, 95, axis=1), rel=2e-3)


@pytest.mark.parametrize("noise", [1e-4, 0.01, 0.3])
def test_float32_is_exact_to_a_thousandth(noise: float) -> None:
    a, b = noisy(32, 3, noise)
    np.testing.assert_allclose(colour_differences(a, b), colour_differences(a.double(), b.double()), atol=1e-3)


def test_known_colours() -> None:
    """Black, white, middle grey and the sRGB primaries, under D65."""
    colours = torch.tensor(
        [[0, 0, 0], [1, 1, 1], [0.5, 0.5, 0.5], [1, 0, 0], [0, 1, 0], [0, 0, 1]], dtype=torch.float64
    ).reshape(6, 3, 1, 1)  # fmt: skip
    expected = [
        [0, 0, 0], [100, 0, 0], [53.389, 0, 0],
        [53.241, 80.092, 67.203], [87.735, -86.183, 83.179], [32.297, 79.188, -107.860],
    ]  # fmt: skip
    np.testing.assert_allclose(to_lab(colours).flatten(1), expected, atol=0.02)


def test_identical_black_white_and_saturated_images_are_numbers() -> None:
    corners = torch.cartesian_prod(*[torch.tensor([0.0, 1.0])] * 3).reshape(8, 3, 1, 1).expand(-1, -1, 4, 4)
    for one in corners.split(1):
        same = colour_differences(one, one.clone())
        assert same.eq(0).all(), "identical: 0, exactly"
        others = colour_differences(one.expand(8, -1, -1, -1), corners)
        assert others.isfinite().all()
        assert (others.amax((1, 2)) == 0).sum() == 1
    black, white = corners[:1], corners[-1:]
    assert float(mean_colour_difference(black, white)) == pytest.approx(100, abs=1e-3)
    assert float(high_colour_difference(white, black)) == pytest.approx(100, abs=1e-3)


def test_greys_differ_in_lightness_only_and_a_grey_image_is_the_colour_one_of_equal_channels() -> None:
    """For a* = b* = 0 the formula is ΔL / S_L."""
    a, b = noisy(28, 1, 0.2)
    l1, l2 = to_lab(a.double())[:, 0], to_lab(b.double())[:, 0]
    off = ((l1 + l2) / 2 - 50) ** 2
    expected = (l1 - l2).abs() / (1 + 0.015 * off / (20 + off).sqrt())
    np.testing.assert_allclose(colour_differences(a, b), expected, atol=1e-3)
    coloured = (images.expand(-1, 3, -1, -1) for images in (a, b))
    np.testing.assert_array_equal(colour_differences(*coloured), colour_differences(a, b))


def test_the_hue_goes_the_shorter_way_round() -> None:
    """1° on either side of red's 0° are as close as 2° anywhere else nearby, and not 358°."""
    hues = torch.deg2rad(torch.tensor([359.0, 1.0, 3.0], dtype=torch.float64))
    lab = torch.stack([torch.full_like(hues, 50), 40 * hues.cos(), 40 * hues.sin()], 1).reshape(3, 3, 1, 1)
    across, beside = ciede2000(lab[:2], lab[1:]).flatten().tolist()
    assert across == pytest.approx(beside, rel=0.05)
    assert across < 1.5


def test_the_percentile_is_numpys_of_any_number_of_pixels() -> None:
    for width in (1, 2, 19, 20, 21):
        a, b = torch.zeros(1, 1, 1, width), torch.linspace(0, 1, width).reshape(1, 1, 1, width)
        expected = np.percentile(colour_differences(a, b).numpy(), 95)
        assert float(high_colour_difference(a, b)) == pytest.approx(expected, rel=1e-5)


def test_images_of_two_channels_have_no_colour() -> None:
    with pytest.raises(BadValueError, match="^expected grey or RGB images, of 1 or 3 channels, got 2$"):
        mean_colour_difference(torch.zeros(1, 2, 4, 4), torch.zeros(1, 2, 4, 4))
