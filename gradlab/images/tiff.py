"""The directory of a TIFF, which EXIF has too: as much of it as a picture needs."""

import struct
from dataclasses import dataclass

from gradlab.errors import BadValueError, CorruptFileError

MOST_ENTRIES, MOST_STRIPS = 1000, 65_536
_BYTES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8}  # of one value of each type
_WIDTH, _HEIGHT = 256, 257
_ORIENTATION, _PROFILE, _COMPRESSION, _STRIPS, _TILES = 274, 34675, 259, 273, 324
# What makes pixels: sizes, layout, colours. No texts, no second directories, no resolution.
_KEPT = frozenset(
    {256, 257, 258, 259, 262, 266, 273, 277, 278, 279, 284, 292, 293, 317, 320, 322, 323, 324, 325, 332, 334, 338, 339,
     347, 529, 530, 531, 532}
)  # fmt: skip
# None, the three of faxes, LZW, JPEG, deflate by either number, runs. Others unpack without bounds, or are hardly used.
_COMPRESSIONS = (1, 2, 3, 4, 5, 7, 8, 32773, 32946)


@dataclass(frozen=True)
class _Entry:
    """One row of the directory: its twelve bytes, and where in the file its values are.

    Never the values themselves: a thousand rows may name the same ten megabytes.
    """

    raw: bytes
    begins: int
    size: int
    width: int

    def number(self, data: bytes) -> int:
        """The first of its values, as a whole number."""
        value = data[self.begins : self.begins + min(self.width, 4)]
        return int.from_bytes(value, "little" if _order(data) == "<" else "big")


def _order(data: bytes) -> str:
    return "<" if data[:2] == b"II" else ">"


def _entries(data: bytes) -> dict[int, _Entry]:
    """The first directory, by tag: what stands there twice counts once, as do values of which some are missing."""
    order = _order(data)
    (at,) = struct.unpack_from(order + "I", data, 4)
    (count,) = struct.unpack_from(order + "H", data, at)
    if count > MOST_ENTRIES:
        raise BadValueError(f"expected a TIFF of at most {MOST_ENTRIES:,} tags, got {count:,}")
    found: dict[int, _Entry] = {}
    for place in range(at + 2, at + 2 + 12 * count, 12):
        tag, kind, values = struct.unpack_from(order + "HHI", data, place)
        width, raw = _BYTES.get(kind, 0), data[place : place + 12]
        size = values * width
        begins = place + 8 if size <= 4 else struct.unpack_from(order + "I", data, place + 8)[0]
        if size and begins + size <= len(data):
            found.setdefault(tag, _Entry(raw, begins, size, width))
    return found


def orientation(exif: bytes) -> int:
    """How the picture is to be turned, 1 to 8; 1 where that is not said, or no directory is there."""
    try:
        said = _entries(exif)[_ORIENTATION].number(exif) if exif[:2] in (b"II", b"MM") else 1
    except (KeyError, struct.error, BadValueError):
        return 1
    return said if 1 <= said <= 8 else 1


def profile(data: bytes) -> bytes:
    """The ICC profile; empty where there is none."""
    found = _entries(data).get(_PROFILE)
    return data[found.begins : found.begins + found.size] if found else b""


def first_picture(data: bytes) -> tuple[bytes, tuple[int, int]]:
    """The same file with another directory, at its end: of the first picture, with what makes its pixels alone.

    Returns:
        The file, and the picture's width and height.

    Raises:
        BadValueError: for one that is compressed in a way that is not read, or has too many strips.
        CorruptFileError: for one without pixels.
        struct.error: for one that breaks off.
    """
    order, entries = _order(data), _entries(data)
    pixels = entries.get(_STRIPS) or entries.get(_TILES)
    if pixels is None or not {_WIDTH, _HEIGHT} <= entries.keys():
        raise CorruptFileError("expected a TIFF with a picture in it, got one without")
    how = entries[_COMPRESSION].number(data) if _COMPRESSION in entries else 1
    if how not in _COMPRESSIONS:
        raise BadValueError(f"expected a TIFF compressed by deflate, LZW, JPEG or not at all, got kind {how}")
    if (strips := pixels.size // pixels.width) > MOST_STRIPS:
        raise BadValueError(f"expected a TIFF of at most {MOST_STRIPS:,} strips, got {strips:,}")
    kept = [entries[tag].raw for tag in sorted(entries.keys() & _KEPT)]
    ending = struct.pack(order + "H", len(kept)) + b"".join(kept) + bytes(4)
    filled = data + bytes(len(data) % 2)
    size = entries[_WIDTH].number(data), entries[_HEIGHT].number(data)
    return filled[:4] + struct.pack(order + "I", len(filled)) + filled[8:] + ending, size
