"""One figure of a step for a paper: image + noise = perturbed image, as wide as two columns of text.

Laid out once, in dots of a page at 300 dpi, and drawn twice: as a PNG, and as an SVG whose pictures are PNGs in it.
"""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from io import BytesIO

from PIL import Image, ImageDraw, ImageFont

from gradlab.figures.pixels import data_url, noise_picture, to_picture
from gradlab.types import FloatArray

DPI = 300
_PANEL = 640  # dots, about: an image is enlarged by a whole multiple
_BETWEEN, _EDGE = 120, 12
_POINT = DPI / 72
_LABEL, _TITLE, _SIGN = 9 * _POINT, 8 * _POINT, 16 * _POINT  # sizes of type
_LINE = 1.3
_INK, _GREY = "#000000", "#444444"
_FONTS = "Helvetica, Arial, sans-serif"
# Pillow's own font has Latin letters without accents and no mathematics.
_PLAIN = str.maketrans({"ε": "epsilon", "×": "x", "−": "-", "∞": "infinite", "‖": "|", "₂": "2", "–": "-", "—": "-"})


@dataclass(frozen=True, eq=False)
class Equation:
    """What the figure shows.

    Attributes:
        image: float32 (C, H, W) in [0, 1], C of 1 or 3, before the step.
        perturbed: the same after it.
        gain: how many times stronger than it is the noise between them is drawn, about middle grey.
        below: what stands under the image, the noise and the perturbed image: some lines each.
    """

    image: FloatArray
    perturbed: FloatArray
    gain: float
    below: tuple[Sequence[str], Sequence[str], Sequence[str]]


@dataclass(frozen=True)
class _Text:
    middle: float
    line: float  # the baseline
    size: float
    colour: str
    words: str


@dataclass(frozen=True, eq=False)
class _Panel:
    left: int
    top: int
    picture: Image.Image  # one dot a pixel of the image
    width: int
    height: int


def equation_picture(equation: Equation) -> Image.Image:
    """The figure on white, at 300 dpi; what Pillow's own font lacks is written in plain letters (ε as epsilon)."""
    width, height, parts = _laid_out(equation)
    page = Image.new("RGB", (width, height), "white")
    pen = ImageDraw.Draw(page)
    for part in parts:
        if isinstance(part, _Panel):
            enlarged = part.picture.resize((part.width, part.height), Image.Resampling.NEAREST)
            page.paste(enlarged.convert("RGB"), (part.left, part.top))
            continue
        font = ImageFont.load_default(part.size)
        pen.text((part.middle, part.line), _plain(part.words), part.colour, font, anchor="ms")
    return page


def equation_png(equation: Equation) -> bytes:
    """The same as the bytes of a PNG that says its 300 dpi."""
    buffer = BytesIO()
    equation_picture(equation).save(buffer, "PNG", dpi=(DPI, DPI))
    return buffer.getvalue()


def equation_svg(equation: Equation) -> str:
    """The same as an SVG: text stays text, each picture is a PNG of the image's own size, with hard edges."""
    width, height, parts = _laid_out(equation)
    drawn = "\n".join(_panel_svg(part) if isinstance(part, _Panel) else _text_svg(part) for part in parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width / DPI:.3f}in" height="{height / DPI:.3f}in" '
        f'viewBox="0 0 {width} {height}" font-family="{_FONTS}" text-anchor="middle">\n'
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>\n{drawn}\n</svg>\n'
    )


def _panel_svg(panel: _Panel) -> str:
    return (
        f'<image x="{panel.left}" y="{panel.top}" width="{panel.width}" height="{panel.height}" '
        f'preserveAspectRatio="none" image-rendering="pixelated" href="{data_url(panel.picture)}"/>'
    )


def _text_svg(text: _Text) -> str:
    return (
        f'<text x="{text.middle:.1f}" y="{text.line:.1f}" font-size="{text.size:.1f}" fill="{text.colour}">'
        f"{escape(text.words)}</text>"
    )


def _laid_out(equation: Equation) -> tuple[int, int, list[_Panel | _Text]]:
    """Width and height in dots, and what stands where."""
    pictures = (
        to_picture(equation.image, 1),
        noise_picture(equation.perturbed - equation.image, equation.gain, 1),
        to_picture(equation.perturbed, 1),
    )
    scale = max(1, round(_PANEL / max(equation.image.shape[1:])))
    height, width = (side * scale for side in equation.image.shape[1:])
    column = max(width, _PANEL // 2)  # a narrow image leaves its labels room
    lefts = [_EDGE + n * (column + _BETWEEN) for n in range(3)]
    middles = [left + column / 2 for left in lefts]
    top = round(_EDGE + _TITLE * _LINE + _EDGE)
    titles = ("image", f"noise, {equation.gain:g} × stronger", "perturbed image")
    parts: list[_Panel | _Text] = []
    for title, middle, picture, lines in zip(titles, middles, pictures, equation.below, strict=True):
        parts.append(_Text(middle, top - _EDGE, _TITLE, _GREY, title))
        parts.append(_Panel(round(middle - width / 2), top, picture, width, height))
        parts += _lines(lines, middle, top + height + _EDGE, column)
    for sign, left in zip("+=", lefts[1:], strict=True):
        parts.append(_Text(left - _BETWEEN / 2, top + height / 2 + _SIGN / 3, _SIGN, _INK, sign))
    most = max(map(len, equation.below))
    return lefts[-1] + column + _EDGE, round(top + height + 2 * _EDGE + most * _LABEL * _LINE), parts


def _lines(lines: Sequence[str], middle: float, top: float, room: float) -> Iterator[_Text]:
    """Below each other; a line that is too long for its room is set smaller."""
    for n, words in enumerate(lines):
        length = ImageFont.load_default(_LABEL).getlength(_plain(words))
        size = _LABEL * min(1.0, room / max(length, 1.0))
        yield _Text(middle, top + (n + 0.8) * _LABEL * _LINE, size, _INK, words)


def _plain(words: str) -> str:
    """With letters that Pillow's font has: accents are left out, and what is left is a question mark."""
    flat = unicodedata.normalize("NFKD", words.translate(_PLAIN))
    return "".join(c for c in flat if not unicodedata.combining(c)).encode("ascii", "replace").decode()
