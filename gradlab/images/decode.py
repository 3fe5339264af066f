"""Pictures of unknown origin, as pixels: what a visitor uploads, or what lies in a folder.

What a file is, its content decides, never its name. How large it is, its header tells before a pixel is decoded.
"""

from io import BytesIO
from typing import cast

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms

from gradlab.errors import BadValueError, CorruptFileError, GradlabError
from gradlab.images.containers import Contents, contents

Picture = NDArray[np.uint8]

LARGEST_FILE = 10 * 2**20  # bytes
LARGEST_PICTURE = 50_000_000  # pixels of three bytes, as they are in the file; fewer of more bytes
KEPT = 2**20  # pixels of what is kept, as of 1,024 x 1,024
SMALLEST = 8  # pixels, of the shorter edge

_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_270, 7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}  # fmt: skip
_SPACES = {"RGB": "RGB ", "L": "GRAY", "CMYK": "CMYK"}  # a mode, and the profiles that go with it
_WHITES = (1, 255, 65_535)  # what white may be, where numbers are not bytes


def decode(data: bytes, pixels: int = KEPT) -> Picture:
    """A picture's file as pixels.

    It comes as a viewer shows it: turned as its camera was held, transparent parts on white, its colours in sRGB, of
    several frames the first. Grey of 16 bits keeps the upper 8. Other whole numbers, and decimal ones, are taken to be
    0 to 1, to 255 or to 65,535, the first of these that holds all.

    Args:
        data: the file's bytes: JPEG, PNG, WebP, GIF, BMP or TIFF, at most 10 MB and 50 million pixels; of a PNG or
            WebP with more than three bytes a pixel (16 bit, transparency) 150 MB of pixels.
        pixels: a larger picture is made smaller, in proportion, until it has at most so many.

    Returns:
        uint8 (H, W, 3): red, green, blue.

    Raises:
        BadValueError: for what is no such picture, is too large or too small, or has values that are no brightness.
        CorruptFileError: for a file that breaks off or is damaged.
    """
    if len(data) > LARGEST_FILE:
        raise BadValueError(f"expected a file of at most {LARGEST_FILE // 2**20} MB, got {len(data) / 2**20:.1f} MB")
    found = contents(data)
    _check_size(found.size, found.depth)
    try:
        return _pixels(found, pixels)
    except GradlabError:
        raise
    except Exception:  # a decoder that was given nonsense may raise anything
        raise CorruptFileError("expected a whole picture, got a file that breaks off or is damaged") from None


def square(picture: Picture, box: tuple[int, int, int], shape: tuple[int, int, int]) -> Picture:
    """What a network gets of a picture.

    Args:
        picture: uint8 (H, W, 3).
        box: the square's left and top edge and its length, in pixels of the picture.
        shape: (C, H, W) of what the network takes: C is 3, or 1 for grey.

    Returns:
        uint8 (C, H, W), each pixel the mean of what it covers, by a cubic filter; grey is Rec. 601's luma.

    Raises:
        BadValueError: for a square that is not within the picture, or a number of channels that is neither.
    """
    (left, top, edge), (channels, height, width) = box, shape
    tall, wide = picture.shape[:2]
    if not (edge > 0 and 0 <= left <= wide - edge and 0 <= top <= tall - edge):
        raise BadValueError(f"expected a square within {wide} × {tall} pixels, got {edge} at ({left}, {top})")
    if channels not in (1, 3):
        raise BadValueError(f"expected a network of 1 or 3 channels, got {channels}")
    part = Image.fromarray(picture[top : top + edge, left : left + edge])
    small = part.resize((width, height), Image.Resampling.BICUBIC)
    return np.array(small).transpose(2, 0, 1).copy() if channels == 3 else np.array(small.convert("L"))[None]


def _pixels(found: Contents, pixels: int) -> Picture:
    with Image.open(BytesIO(found.data), formats=[found.kind]) as picture:
        _check_size(picture.size, found.depth)  # once more, as the decoder understands it
        wide, tall = picture.size
        shrink = min(1.0, (pixels / (wide * tall)) ** 0.5)
        goal = max(1, int(wide * shrink)), max(1, int(tall * shrink))
        picture.draft(None, goal)  # of a JPEG, at once a half, quarter or eighth, if that is enough
        picture.load()
        plain = _plain(picture)
        small = _smaller(plain, goal)
        if plain.mode == "F":
            small = _bytes(small, _white(plain))
    turned = small.transpose(_TURNS[found.orientation]) if found.orientation in _TURNS else small
    return np.array(_coloured(turned, found.profile))


def _check_size(size: tuple[int, int], depth: int) -> None:
    wide, tall = size
    if wide * tall > LARGEST_PICTURE:
        raise BadValueError(f"expected at most {LARGEST_PICTURE:,} pixels, got {wide:,} × {tall:,}")
    if depth > 3 and wide * tall > (most := LARGEST_PICTURE * 3 // depth):
        raise BadValueError(
            f"expected at most {most:,} pixels of {depth} bytes each, got {wide:,} × {tall:,}: save it as JPEG"
        )
    if min(size) < SMALLEST:
        raise BadValueError(f"expected at least {SMALLEST} × {SMALLEST} pixels, got {wide:,} × {tall:,}")


def _plain(picture: Image.Image) -> Image.Image:
    """As grey, RGB, CMYK or LAB of 8 bits each, RGBA where parts are transparent, or F: decimal grey."""
    if picture.mode.startswith("I;16"):
        return Image.fromarray((np.asarray(picture) >> 8).astype(np.uint8))
    if picture.mode in ("I", "F"):
        return picture.convert("F") if picture.mode == "I" else picture
    if picture.has_transparency_data:
        return picture.convert("RGBA")
    if picture.mode in _SPACES or picture.mode == "LAB":
        return picture
    return picture.convert("L" if picture.mode == "1" else "RGB")


def _white(picture: Image.Image) -> float:
    """What white is in a picture of decimal numbers.

    Raises:
        BadValueError: for values that are no brightness: infinite, negative or very large.
    """
    least, most = cast(tuple[float, float], picture.getextrema())
    white = next((white for white in _WHITES if most <= white), None)
    if not least >= 0 or white is None:
        raise BadValueError(f"expected brightness from 0 to 1, 255 or 65,535, got {least:g} to {most:g}")
    return white


def _bytes(picture: Image.Image, white: float) -> Image.Image:
    """Decimal numbers as bytes.

    Raises:
        BadValueError: for NaN, which spreads as the picture is made smaller: so that none is overlooked.
    """
    values = np.asarray(picture) * (255 / white)
    if np.isnan(values).any():
        raise BadValueError("expected brightness from 0 to 1, 255 or 65,535, got pixels that are NaN")
    return Image.fromarray(values.round().clip(0, 255).astype(np.uint8))


def _smaller(picture: Image.Image, goal: tuple[int, int]) -> Image.Image:
    if picture.size == goal:
        return picture
    coarse = max(1, min(picture.width // goal[0], picture.height // goal[1]) // 2)  # whole pixels at once: faster
    return picture.reduce(coarse).resize(goal, Image.Resampling.BICUBIC)


def _coloured(picture: Image.Image, profile: bytes) -> Image.Image:
    """On white, and in sRGB."""
    if picture.mode == "RGBA":
        white = Image.new("RGBA", picture.size, "white")
        picture = Image.alpha_composite(white, picture).convert("RGB")
    if (own := _profile_of(picture.mode, profile)) is not None:
        try:
            return _converted(picture, own)
        except ImageCms.PyCMSError:  # a damaged one: the colours are those that the numbers say
            pass
    return picture.convert("RGB")


def _profile_of(mode: str, profile: bytes) -> ImageCms.ImageCmsProfile | None:
    """The profile, if it goes with the mode; None means that the numbers are sRGB, or near enough."""
    if mode == "LAB":
        return ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB"))
    if not profile:
        return None
    try:
        found = ImageCms.ImageCmsProfile(BytesIO(profile))
    except OSError:
        return None
    return found if found.profile.xcolor_space == _SPACES[mode] else None


def _converted(picture: Image.Image, profile: ImageCms.ImageCmsProfile) -> Image.Image:
    usual = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
    return cast(Image.Image, ImageCms.profileToProfile(picture, profile, usual, outputMode="RGB"))
