"""Pixels as pictures: enlarged by whole multiples with hard edges, never smoothed."""

import numpy as np
from PIL import Image

from gradlab.types import FloatArray

# Blue, neutral, red: the ends are told apart by readers with any kind of colour vision.
_NEGATIVE, _NEUTRAL, _POSITIVE = (33, 102, 172), (247, 247, 247), (178, 24, 43)


def to_picture(image: FloatArray, scale: int = 16) -> Image.Image:
    """An image (C, H, W) in [0, 1], C of 1 or 3, rounded to 8 bit, `scale` times as large."""
    levels = np.rint(np.clip(image, 0, 1) * 255).astype(np.uint8)
    return _enlarge(levels[0] if len(levels) == 1 else levels.transpose(1, 2, 0), scale)


def noise_picture(delta: FloatArray, gain: float, scale: int = 16) -> Image.Image:
    """A difference (C, H, W) about middle grey, in the image's own colours: 0.5 + gain · delta / 2."""
    return to_picture(0.5 + gain * delta / 2, scale)


def signed_picture(delta: FloatArray, gain: float, scale: int = 16) -> Image.Image:
    """A difference (C, H, W), averaged over the channels: blue below 0, red above, full colour at ±1/gain."""
    value = np.clip(delta.mean(axis=0) * gain, -1, 1)
    stops = np.array([_NEGATIVE, _NEUTRAL, _POSITIVE], np.float64)
    colours = np.stack([np.interp(value, (-1, 0, 1), stops[:, channel]) for channel in range(3)], axis=-1)
    return _enlarge(np.rint(colours).astype(np.uint8), scale)


def _enlarge(levels: np.ndarray[tuple[int, ...], np.dtype[np.uint8]], scale: int) -> Image.Image:
    picture = Image.fromarray(levels)
    return picture.resize((picture.width * scale, picture.height * scale), Image.Resampling.NEAREST)
