"""What of a picture's file its decoder is given: the pixels, and nothing else that stands in the file.

Most attacks on a decoder, and most of its surprises, come in by what surrounds the pixels: texts that unpack to
gigabytes, tables whose entries all name the same ten megabytes, second pictures, HTML behind the end. So a file is
taken apart here and put together anew; its orientation and colour profile are read here, too.
"""

import re
import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from gradlab.errors import BadValueError, CorruptFileError
from gradlab.images import tiff

LARGEST_PROFILE = 4 * 2**20  # bytes
MOST_SCANS = 50  # of a progressive JPEG, each of which goes over all pixels again; usual are 10


@dataclass(frozen=True)
class Contents:
    """A picture's file, as its decoder gets it.

    Attributes:
        kind: Pillow's name of the format.
        data: the file without all that does not make pixels.
        size: width and height, as its header says.
        orientation: that of EXIF, 1 to 8; 1 where the file says nothing.
        profile: the ICC profile of the colours; empty where there is none.
        depth: how many bytes each pixel takes while it is decoded, where it may be more than three.
    """

    kind: str
    data: bytes
    size: tuple[int, int]
    orientation: int = 1
    profile: bytes = b""
    depth: int = 3


def contents(data: bytes) -> Contents:
    """Take a picture's file apart.

    Raises:
        BadValueError: for a file of another kind.
        CorruptFileError: for one that is not laid out as its kind is.
    """
    for begins, take in _KINDS:
        if begins.match(data):
            try:
                return take(data)
            except (IndexError, struct.error, ValueError) as error:
                if isinstance(error, BadValueError):
                    raise
                raise CorruptFileError("expected a whole picture, got a file that breaks off or is damaged") from None
    raise BadValueError(f"expected a picture (JPEG, PNG, WebP, GIF, BMP or TIFF), got {_what(data)}")


_BETWEEN = re.compile(rb"\xff+([\x01-\xcf\xd8-\xfe])")  # the next marker: no stuffed zero, no restart
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
# Of the other segments of a JPEG: JFIF's and Adobe's, tables, restarts, scans, and the end.
_JPEG_KEPT = frozenset({0xE0, 0xEE, 0xC4, 0xCC, 0xDB, 0xDD, 0xDA, 0xD9})


def _jpeg(data: bytes) -> Contents:
    parts, exif, profile, scans, size = [b"\xff\xd8"], b"", {}, 0, (0, 0)
    for marker, segment, scan in _segments(data):
        if marker == 0xE1 and segment[4:10] == b"Exif\0\0" and not exif:
            exif = segment[10:]
        elif marker == 0xE2 and segment[4:16] == b"ICC_PROFILE\0":
            profile[segment[16]] = segment[18:]
        elif marker in _FRAMES and not any(size):
            size = struct.unpack_from(">HH", segment, 5)[::-1]
            parts.append(segment)
        elif marker in _JPEG_KEPT:
            parts += segment, scan
            scans += marker == 0xDA
    if scans > MOST_SCANS:
        raise BadValueError(f"expected a JPEG of at most {MOST_SCANS} scans, got {scans}")
    colours = b"".join(profile[number] for number in sorted(profile))
    return Contents("JPEG", b"".join(parts), size, tiff.orientation(exif), _checked(colours))


def _segments(data: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """Each marker with its segment, itself included, and the scan behind it, up to the end of the picture."""
    at = 2
    while found := _BETWEEN.search(data, at):
        marker, begins = found[1][0], found.end()
        if marker == 0xD9:
            yield marker, data[begins - 2 : begins], b""
            return
        if marker in (0x01, 0xD8):
            at = begins
            continue
        ends = begins + struct.unpack_from(">H", data, begins)[0]
        at = ends
        if marker == 0xDA:
            behind = _BETWEEN.search(data, ends)
            at = behind.start() if behind else len(data)
        yield marker, data[begins - 2 : ends], data[ends:at]
    # No end: what was cut off, the decoder notices.


_PNG_CHANNELS = {2: 3, 4: 2, 6: 4}  # by the kind of its colours: RGB, grey and RGB with transparency; else one


def _png(data: bytes) -> Contents:
    parts, exif, profile, at, headed = [data[:8]], b"", b"", 8, False
    while at < len(data):
        length, name = struct.unpack_from(">I4s", data, at)
        chunk = data[at : at + 12 + length]
        at += 12 + length
        if name == b"eXIf":
            exif = chunk[8:-4]
        elif name == b"iCCP":
            profile = _unpacked(chunk[8:-4].partition(b"\0")[2][1:])
        elif name in (b"PLTE", b"tRNS", b"IDAT", b"IEND") or (name == b"IHDR" and not headed):
            parts.append(chunk)
            headed = True
        if name == b"IEND":
            break
    wide, tall, bits, colours = struct.unpack_from(">IIBB", data, 16)
    depth = _PNG_CHANNELS.get(colours, 1) * bits // 8
    return Contents("PNG", b"".join(parts), (wide, tall), tiff.orientation(exif), profile, depth)


def _unpacked(packed: bytes) -> bytes:
    """A profile as it was before it was packed; nothing, if it is damaged or larger than any."""
    try:
        return _checked(zlib.decompressobj().decompress(packed, LARGEST_PROFILE + 1))
    except zlib.error:
        return b""


def _checked(profile: bytes) -> bytes:
    return profile if len(profile) <= LARGEST_PROFILE else b""


def _gif(data: bytes) -> Contents:
    """The first frame alone, with what says which of its colours is transparent."""
    at = 13 + _table(data[10])
    parts = [data[:at]]
    while (block := data[at]) == 0x21:
        ends = _behind_blocks(data, at + 2)
        if data[at + 1] == 0xF9:
            parts.append(data[at:ends])
        at = ends
    if block != 0x2C:
        raise CorruptFileError("expected a GIF with a picture in it, got one without")
    ends = _behind_blocks(data, at + 11 + _table(data[at + 9]))
    screen, frame = struct.unpack_from("<HH", data, 6), struct.unpack_from("<HHHH", data, at + 1)
    size = max(screen[0], frame[0] + frame[2]), max(screen[1], frame[1] + frame[3])
    return Contents("GIF", b"".join([*parts, data[at:ends], b";"]), size)


def _table(flags: int) -> int:
    """How many bytes a table of colours takes."""
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0


def _behind_blocks(data: bytes, at: int) -> int:
    while length := data[at]:
        at += length + 1
    return at + 1


def _bmp(data: bytes) -> Contents:
    old = data[14] == 12
    wide, tall = struct.unpack_from("<HH" if old else "<ii", data, 18)
    how = 0 if old else struct.unpack_from("<I", data, 30)[0]
    if how not in (0, 3, 6):  # plain, or with masks that say which bits are which colour
        raise BadValueError("expected a BMP that is not compressed, got one that is: save it as PNG")
    return Contents("BMP", data, (wide, abs(tall)))


def _little(chunk: bytes, at: int, length: int, bits: int = 24) -> int:
    return int.from_bytes(chunk[at : at + length], "little") & (1 << bits) - 1


# Where a WebP says its size: of a canvas, of a picture without loss (14 bits each), and of one with.
_WEBP_SIZES: dict[bytes, Callable[[bytes], tuple[int, int]]] = {
    b"VP8X": lambda chunk: (_little(chunk, 4, 3) + 1, _little(chunk, 7, 3) + 1),
    b"VP8L": lambda chunk: (_little(chunk, 1, 2, 14) + 1, (_little(chunk, 2, 3) >> 6 & 0x3FFF) + 1),
    b"VP8 ": lambda chunk: (_little(chunk, 6, 2, 14), _little(chunk, 8, 2, 14)),
}

_WEBP_CLEAR = {b"VP8X": 0, b"VP8L": 4}  # the byte that says whether parts are transparent


def _webp(data: bytes) -> Contents:
    whole, size, exif, profile, at = data[: 8 + struct.unpack_from("<I", data, 4)[0]], (0, 0), b"", b"", 12
    depth = 3
    while at + 8 <= len(whole):
        name, length = struct.unpack_from("<4sI", whole, at)
        chunk = whole[at + 8 : at + 8 + length]
        at += 8 + length + length % 2
        if name in _WEBP_SIZES and not any(size):
            size = _WEBP_SIZES[name](chunk)
            depth += name in _WEBP_CLEAR and chunk[_WEBP_CLEAR[name]] >> 4 & 1  # both say it in the fifth bit
        elif name == b"EXIF":
            exif = chunk.removeprefix(b"Exif\0\0")
        elif name == b"ICCP":
            profile = _checked(chunk)
    return Contents("WEBP", whole, size, tiff.orientation(exif), profile, depth)


def _tiff(data: bytes) -> Contents:
    return Contents("TIFF", *tiff.first_picture(data), tiff.orientation(data), _checked(tiff.profile(data)))


_KINDS: tuple[tuple[re.Pattern[bytes], Callable[[bytes], Contents]], ...] = (
    (re.compile(rb"\xff\xd8\xff"), _jpeg),
    (re.compile(rb"\x89PNG\r\n\x1a\n"), _png),
    (re.compile(rb"GIF8[79]a"), _gif),
    (re.compile(rb"BM.{12}[\x0c-\x7c]\0\0\0", re.DOTALL), _bmp),
    (re.compile(rb"RIFF.{4}WEBP", re.DOTALL), _webp),
    (re.compile(rb"II\*\0|MM\0\*"), _tiff),
)
_OTHERS = tuple(
    (re.compile(begins, re.DOTALL | re.IGNORECASE), what)
    for begins, what in (
        (rb"$", "an empty file"),
        (rb".{4}ftyp(hei|hev|mif|msf)", "a HEIC, a phone's own format: save it as JPEG"),
        (rb".{4}ftypavi[fs]", "an AVIF: save it as JPEG or PNG"),
        (rb".{4}ftyp", "a film"),
        (rb"%PDF", "a PDF"),
        (rb"\s*(\xef\xbb\xbf)?\s*(<\?xml.*|<!--.*|<!doctype svg.*)?<svg", "an SVG: save it as PNG"),
        (rb"\s*(\xef\xbb\xbf)?\s*(<!--.*)?<(!doctype )?html", "an HTML page"),
        (rb"II\+\0|MM\0\+", "a BigTIFF: save it as PNG"),
        (rb"8BPS", "a Photoshop file: save it as PNG"),
        (rb"%!PS", "a PostScript file"),
        (rb"PK\x03\x04", "a ZIP archive"),
        (rb"\0\0\x01\0", "an icon (ICO): save it as PNG"),
        (rb"\0\0\0\x0cjP  |\xffO\xffQ", "a JPEG 2000: save it as JPEG or PNG"),
        (rb"\xff\x0a|\0\0\0\x0cJXL ", "a JPEG XL: save it as JPEG or PNG"),
        (rb"[\t\n\r -~]{16}", "a text"),
    )
)


def _what(data: bytes) -> str:
    beginning = data[:2048]
    return next((what for begins, what in _OTHERS if begins.match(beginning)), "something else")
