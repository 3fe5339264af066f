"""Pixels as pictures: enlarged by whole multiples with hard edges, never smoothed."""

import base64
from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from gradlab.types import FloatArray, is_photograph

# Blue, neutral, red: the ends are told apart by readers with any kind of colour vision.
_NEGATIVE, _NEUTRAL, _POSITIVE = (33, 102, 172), (247, 247, 247), (178, 24, 43)


def to_picture(image: FloatArray, scale: int) -> Image.Image:
    """An image (C, H, W) in [0, 1], C of 1 or 3, rounded to 8 bit, `scale` times as large."""
    levels = np.rint(np.clip(image, 0, 1) * 255).astype(np.uint8)
    return _enlarge(levels[0] if len(levels) == 1 else levels.transpose(1, 2, 0), scale)


def small_picture(image: FloatArray, edge: int) -> Image.Image:
    """The same, so much smaller that it is no more than `edge` pixels wide and high: means of what it leaves out."""
    picture = to_picture(image, 1)
    picture.thumbnail((edge, edge), Image.Resampling.BOX)
    return picture


def noise_picture(delta: FloatArray, gain: float, scale: int) -> Image.Image:
    """A difference (C, H, W) about middle grey, in the image's own colours: 0.5 + gain · delta / 2."""
    return to_picture(0.5 + gain * delta / 2, scale)


def signed_picture(delta: FloatArray, gain: float, scale: int) -> Image.Image:
    """A difference (C, H, W), averaged over the channels: blue below 0, red above, full colour at ±1/gain."""
    value = np.clip(delta.mean(axis=0) * gain, -1, 1)
    stops = np.array([_NEGATIVE, _NEUTRAL, _POSITIVE], np.float64)
    colours = np.stack([np.interp(value, (-1, 0, 1), stops[:, channel]) for channel in range(3)], axis=-1)
    return _enlarge(np.rint(colours).astype(np.uint8), scale)


def sheet_picture(images: NDArray[np.uint8], across: int) -> Image.Image:
    """Images (N, C, H, W), C of 1 or 3, N at least 1, in rows of `across`; the last row may end in black."""
    count, channels, height, width = images.shape
    rows = -(-count // across)
    cells = np.zeros((rows * across, channels, height, width), np.uint8)
    cells[:count] = images
    pixels = cells.reshape(rows, across, channels, height, width).transpose(0, 3, 1, 4, 2)
    sheet = pixels.reshape(rows * height, across * width, channels)
    return Image.fromarray(sheet[:, :, 0] if channels == 1 else sheet)


def whole_scale(width: int, goal: int) -> int:
    """How many times as large an image is drawn: so often that `goal` px hold it; a photograph at its own size."""
    return 1 if is_photograph((width, width)) else max(1, goal // width)


def halved(images: NDArray[np.uint8], widest: int) -> NDArray[np.uint8]:
    """Images (N, C, H, W) at a half, a third … of their size, the first that is at most `widest` pixels wide: means."""
    by = -(-images.shape[-1] // widest)
    if by == 1:
        return images
    count, channels, height, width = images.shape
    rows, columns = max(1, height // by), width // by
    cut = images[:, :, : rows * by, : columns * by].reshape(count, channels, rows, -1, columns, by)
    means: NDArray[np.uint8] = np.rint(cut.mean(axis=(3, 5))).astype(np.uint8)
    return means


def png(picture: Image.Image) -> bytes:
    """A picture as the bytes of a PNG."""
    buffer = BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()


def data_url(picture: Image.Image) -> str:
    """A picture as a PNG that stands in its own address."""
    return "data:image/png;base64," + base64.b64encode(png(picture)).decode()


def _enlarge(levels: np.ndarray[tuple[int, ...], np.dtype[np.uint8]], scale: int) -> Image.Image:
    picture = Image.fromarray(levels)
    return picture.resize((picture.width * scale, picture.height * scale), Image.Resampling.NEAREST)
