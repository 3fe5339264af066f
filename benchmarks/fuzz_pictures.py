"""Files that are no longer pictures: what `gradlab.images.decode` makes of thousands of damaged ones.

    python -m benchmarks.fuzz_pictures --files 10000

Each is a small picture of one of the six kinds, in one of many ways to store it, with some of its bytes changed, moved,
left out, doubled or taken from another kind. Decoding one may give a picture or a `GradlabError`, and nothing else; it
may not take longer than `fuzzing.SECONDS`, nor the process more memory than `MEGABYTES` above what it began with.
"""

import random
from collections.abc import Iterator
from io import BytesIO

import numpy as np
from PIL import Image

from benchmarks.fuzzing import Findings, fuzz_with, main
from gradlab.errors import GradlabError
from gradlab.images.decode import decode

MEGABYTES = 1500
_EXIF = Image.Exif()
_EXIF[0x0112] = 6
_WAYS: tuple[tuple[str, str, dict[str, object]], ...] = (
    ("RGB", "JPEG", {"exif": _EXIF}), ("RGB", "JPEG", {"progressive": True}), ("CMYK", "JPEG", {}), ("L", "JPEG", {}),
    ("RGBA", "PNG", {}), ("P", "PNG", {"transparency": 3}), ("I;16", "PNG", {}), ("1", "PNG", {}),
    ("RGB", "WEBP", {"lossless": True}), ("RGBA", "WEBP", {}), ("P", "GIF", {"transparency": 3}), ("L", "BMP", {}),
    ("RGB", "BMP", {}), ("F", "TIFF", {}), ("RGB", "TIFF", {"compression": "tiff_lzw"}), ("1", "TIFF", {}),
    ("RGB", "TIFF", {"compression": "jpeg"}), ("CMYK", "TIFF", {"compression": "tiff_adobe_deflate"}),
    ("P", "TIFF", {"compression": "packbits"}), ("1", "TIFF", {"compression": "group4"}),
)  # fmt: skip
_ABSURD = (b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\0\0\0\0", b"\x80\0\0\0", b"\xff\xfe", b"\0\x01", b"\x01\0\0\0")


def whole_files() -> list[bytes]:
    """One small file of each way to store a picture, several with more than one frame."""
    rng = np.random.default_rng(0)
    picture = Image.fromarray(np.kron(rng.integers(0, 256, (6, 8, 3)), np.ones((6, 6, 1))).astype(np.uint8))
    made = []
    for mode, kind, how in _WAYS:
        image = picture.convert("L").convert("I").convert("I;16") if mode == "I;16" else picture.convert(mode)
        frames = {"save_all": True, "append_images": [image.rotate(90)]} if kind in ("GIF", "WEBP") else {}
        image.save(out := BytesIO(), kind, **how, **frames)
        made.append(out.getvalue())
    return made


def damaged(files: list[bytes], seed: int) -> bytes:
    """One of the files with one to six changes."""
    chance = random.Random(seed)
    data = bytearray(chance.choice(files))
    for _ in range(chance.randint(1, 6)):
        at, length = chance.randrange(len(data) + 1), chance.choice((1, 2, 4, 16, 100))
        change = chance.randrange(7)
        if change == 0 and at < len(data):
            data[at] ^= 1 << chance.randrange(8)
        elif change == 1:
            data[at : at + length] = chance.randbytes(length)
        elif change == 2:
            data[at : at + 4] = chance.choice(_ABSURD)
        elif change == 3:
            del data[at : at + length]
        elif change == 4:
            data[at:at] = data[at : at + length] * chance.choice((1, 3, 50))
        elif change == 5:
            other = chance.choice(files)
            begins = chance.randrange(len(other))
            data[at : at + length] = other[begins : begins + length]
        elif chance.random() < 0.2:
            del data[at:]
        else:  # in the header, where it does most
            data[min(at, 60) % (len(data) or 1) : min(at, 60) + 2] = chance.choice(_ABSURD)[:2]
    return bytes(data)


def fuzz(seeds: range) -> Findings:
    """Decode the damaged file of each seed."""
    files = whole_files()
    return fuzz_with(lambda seed: damaged(files, seed), lambda data: "; ".join(_outcome(data)), seeds)


def _outcome(data: bytes) -> Iterator[str]:
    try:
        picture = decode(data)
        yield "decoded" if picture.ndim == 3 and picture.dtype == np.uint8 else f"fault: {picture.shape}"
    except GradlabError as error:
        yield "refused: " + str(error).partition(", got")[0]
        if "\n" in str(error):
            yield "fault: of several lines"
    except BaseException as error:
        yield f"fault: {error!r}"


if __name__ == "__main__":
    main(fuzz, MEGABYTES, __doc__)
