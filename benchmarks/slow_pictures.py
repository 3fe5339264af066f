"""The slowest pictures that are taken: `python -m benchmarks.slow_pictures` makes one of each kind and decodes it.

Each is as large as `gradlab.images.decode` allows. Seconds of the processor, not of the clock: most of a decoder works
on one core, and so the figure is the same beside other programs.
"""

import struct
import time
import zlib
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benchmarks.machine import load
from gradlab.images.containers import MOST_SCANS
from gradlab.images.decode import LARGEST_PICTURE, decode

_BYTES = 3 * LARGEST_PICTURE
_PASSES = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
_CHANNELS = {0: 1, 2: 3, 6: 4}  # of a PNG, by the kind of its colours
_PAETH = 4  # the slowest of its filters


def main() -> None:
    """Print a table."""
    print(f"load {load()}\n\n| picture | megapixels | MB | seconds |\n| --- | --: | --: | --: |")
    for title, pixels, data in _pictures():
        taken = min(_seconds(data) for _ in range(2))
        print(f"| {title} | {pixels / 1e6:.1f} | {len(data) / 1e6:.1f} | {taken:.2f} |", flush=True)


def _seconds(data: bytes) -> float:
    began = time.process_time()
    decode(data)
    return time.process_time() - began


def _pictures() -> Iterator[tuple[str, int, bytes]]:
    """What it is, its pixels, and its file."""
    rough, blocks = _drawn(LARGEST_PICTURE, 4, Image.Resampling.BICUBIC), _drawn(LARGEST_PICTURE, 64)
    clear = _with_transparency(_drawn(_BYTES // 4, 4, Image.Resampling.BICUBIC))
    flat = Image.new("RGB", (rough.shape[1], rough.shape[0]), (90, 80, 70))
    scans = _more_scans(_stored(np.asarray(flat), "JPEG", progressive=True, subsampling=0))
    yield "JPEG, progressive", _count(rough), _stored(rough, "JPEG", progressive=True, quality=10)
    yield f"JPEG, {MOST_SCANS} scans", _count(rough), scans
    for bits, colours, woven in ((8, 2, 0), (16, 2, 0), (8, 6, 1), (16, 6, 0), (16, 6, 1)):
        edge = int((_BYTES // (_CHANNELS[colours] * bits // 8)) ** 0.5)
        title = f"PNG, {_CHANNELS[colours]} × {bits} bit" + (", interlaced" if woven else "")
        yield title, edge**2, _png(edge, bits, colours, woven)
    yield "WebP, lossy", _count(rough), _stored(rough, "WEBP", quality=10, method=0)
    yield "WebP, lossy, transparent parts", _count(clear), _stored(clear, "WEBP", quality=5, method=0)
    for title, edge in (("", LARGEST_PICTURE), (", transparent parts", _BYTES // 4)):
        grey = _drawn(edge, 8)[..., :1].repeat(4 if title else 3, 2)
        yield f"WebP, lossless{title}", _count(grey), _stored(grey, "WEBP", lossless=True, quality=0, method=0)
    for how in ("tiff_lzw", "tiff_adobe_deflate", "jpeg"):
        stored = _stored(blocks, "TIFF", compression=how, **({} if how == "jpeg" else {"tiffinfo": {317: 2}}))
        yield f"TIFF, {how.removeprefix('tiff_')}", _count(blocks), stored
    yield "GIF", _count(blocks), _stored(blocks[..., 0], "GIF")
    bitmap = blocks[:1800, :1900]
    yield "BMP, which is not compressed", _count(bitmap), _stored(bitmap, "BMP")


def _drawn(pixels: int, grain: int, way: Image.Resampling = Image.Resampling.NEAREST) -> NDArray[np.uint8]:
    """Noise with grains of so many pixels, in colours."""
    edge = int(pixels**0.5)
    few = np.random.default_rng(0).integers(0, 256, (edge // grain, edge // grain, 3), np.uint8)
    return np.asarray(Image.fromarray(few).resize((edge, edge), way))


def _with_transparency(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.dstack([picture, picture[..., 0] // 64 * 64])


def _count(picture: NDArray[np.uint8]) -> int:
    return picture[..., 0].size


def _stored(picture: NDArray[np.uint8], kind: str, **how: Any) -> bytes:
    Image.fromarray(picture).save(out := BytesIO(), kind, **how)
    return out.getvalue()


def _more_scans(data: bytes) -> bytes:
    """The last scan of a JPEG, with its table, again and again."""
    last = data[data.rindex(b"\xff\xc4", 0, data.rindex(b"\xff\xda")) : -2]
    return data[:-2] + last * (MOST_SCANS - data.count(b"\xff\xda")) + b"\xff\xd9"


def _png(edge: int, bits: int, colours: int, woven: int) -> bytes:
    """One whose rows all hold the same; Pillow writes none of 16 bit in colours, and none that is interlaced."""
    packer, parts = zlib.compressobj(1), []
    for left, top, across, down in _PASSES if woven else ((0, 0, 1, 1),):
        wide, tall = -((left - edge) // across), -((top - edge) // down)
        row = bytes([_PAETH]) + bytes(k % 97 for k in range(wide * _CHANNELS[colours] * bits // 8))
        parts += [packer.compress(row) for _ in range(tall)]
    header = struct.pack(">IIBBBBB", edge, edge, bits, colours, 0, 0, woven)
    body = b"".join((*parts, packer.flush()))
    chunks = ((b"IHDR", header), (b"IDAT", body), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
        for name, content in chunks
    )


if __name__ == "__main__":
    main()
