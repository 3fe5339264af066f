"""The figure for a paper: its pictures are the image's, its text is whole, in the PNG as in the SVG."""

import base64
import re
from io import BytesIO
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

from gradlab.figures.equation import DPI, Equation, equation_png, equation_svg
from gradlab.figures.pixels import noise_picture, to_picture

SVG = "{http://www.w3.org/2000/svg}"
LONG = "a class whose name is far longer than any picture is wide, and then some"


def equation(channels: int, size: int, name: str = "Crème <brûlée> & 日本") -> Equation:
    chance = np.random.default_rng(size)
    image = chance.integers(0, 256, (channels, size, size)).astype(np.float32) / 255
    perturbed = np.clip(image + np.float32(8 / 255) * chance.choice([-1, 1], image.shape), 0, 1).astype(np.float32)
    return Equation(image, perturbed, 16, ((name, "63.0%"), ("sign(g)", "ε = −8/255"), (LONG, "94.0%")))


@pytest.mark.parametrize(("channels", "size", "scale"), [(3, 32, 20), (1, 28, 23), (3, 224, 3)])
def test_the_png_has_the_three_pictures_at_300_dpi_and_cuts_nothing(channels: int, size: int, scale: int) -> None:
    shown = equation(channels, size)
    page = Image.open(BytesIO(equation_png(shown)))
    assert page.info["dpi"] == pytest.approx((DPI, DPI), abs=0.1)
    assert 6.5 < page.width / DPI < 8, "two columns of text"
    levels, side = np.asarray(page), size * scale
    wanted = [
        to_picture(shown.image, scale),
        noise_picture(shown.perturbed - shown.image, 16, scale),
        to_picture(shown.perturbed, scale),
    ]
    lefts = [12 + n * (side + 120) for n in range(3)]
    found = [np.asarray(picture.convert("RGB")) for picture in wanted]
    (top,) = (y for y in range(100) if np.array_equal(levels[y : y + side, lefts[0] : lefts[0] + side], found[0]))
    for left, picture in zip(lefts, found, strict=True):
        np.testing.assert_array_equal(levels[top : top + side, left : left + side], picture)
    for edge in (levels[:3], levels[-3:], levels[:, :3], levels[:, -3:]):
        assert (edge == 255).all(), "nothing reaches the edge"
    assert (levels[top + side :] < 128).any(), "there is text below"


@pytest.mark.parametrize(("channels", "size"), [(3, 32), (1, 28), (3, 224)])
def test_the_svg_says_the_same(channels: int, size: int) -> None:
    shown = equation(channels, size)
    root = ElementTree.fromstring(equation_svg(shown))
    page = Image.open(BytesIO(equation_png(shown)))
    assert root.get("viewBox") == f"0 0 {page.width} {page.height}"
    texts = [text.text for text in root.iter(f"{SVG}text")]
    assert {"+", "=", "image", "noise, 16 × stronger", "perturbed image"} <= set(texts)
    assert {line for lines in shown.below for line in lines} <= set(texts)
    sizes = {text.text: float(text.get("font-size") or 0) for text in root.iter(f"{SVG}text")}
    assert sizes[LONG] < sizes["94.0%"], "a long name is set smaller"
    pictures = list(root.iter(f"{SVG}image"))
    assert [picture.get("image-rendering") for picture in pictures] == ["pixelated"] * 3
    data = [re.sub("^data:image/png;base64,", "", picture.get("href") or "") for picture in pictures]
    first, _, last = (np.asarray(Image.open(BytesIO(base64.b64decode(text)))) for text in data)
    np.testing.assert_array_equal(first, np.asarray(to_picture(shown.image, 1)))
    np.testing.assert_array_equal(last, np.asarray(to_picture(shown.perturbed, 1)))
