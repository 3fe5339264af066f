"""Pictures of unknown origin: what comes out as pixels, and what is refused, in which words."""

import struct
import zlib
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageCms, PngImagePlugin

from gradlab.errors import BadValueError, CorruptFileError, GradlabError
from gradlab.images.containers import contents
from gradlab.images.decode import KEPT, LARGEST_FILE, decode, square

DOWN, ACROSS = np.mgrid[:32, :48]
RAMP = np.dstack([20 + 4.4 * ACROSS, 200 - 5.4 * DOWN, np.full((32, 48), 90)]).astype(np.uint8)


def file(picture: Any, kind: str = "PNG", **how: Any) -> bytes:
    image = picture if isinstance(picture, Image.Image) else Image.fromarray(picture)
    out = BytesIO()
    image.save(out, kind, **how)
    return out.getvalue()


def chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def png(width: int, height: int, *before: bytes, rows: bytes = b"", bits: int = 8, colours: int = 0) -> bytes:
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, bits, colours, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(before) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def tiff(entries: list[tuple[int, int, int, int]], data: bytes = b"", count: int | None = None) -> bytes:
    rows = b"".join(struct.pack("<HHII", *entry) for entry in entries)
    head = struct.pack("<HH", len(entries) if count is None else count, 0)[:2]
    return b"II*\0" + struct.pack("<I", 8 + len(data)) + data + head + rows + bytes(4)


def near(one: Any, other: Any, by: float) -> bool:
    return bool(np.abs(np.asarray(one, float) - np.asarray(other, float)).mean() <= by)


@pytest.mark.parametrize(
    ("kind", "how", "by"),
    [
        ("PNG", {}, 0), ("BMP", {}, 0), ("TIFF", {}, 0), ("TIFF", {"compression": "tiff_lzw"}, 0),
        ("TIFF", {"compression": "tiff_adobe_deflate"}, 0), ("TIFF", {"compression": "jpeg"}, 6),
        ("WEBP", {"lossless": True}, 0), ("WEBP", {"quality": 95}, 6), ("JPEG", {"quality": 95}, 4),
        ("JPEG", {"quality": 95, "progressive": True}, 4), ("GIF", {}, 8),
    ],
)  # fmt: skip
def test_each_kind_by_its_content(kind: str, how: dict[str, Any], by: float) -> None:
    found = decode(file(RAMP, kind, **how))
    assert (found.shape, found.dtype) == ((32, 48, 3), np.uint8)
    assert near(found, RAMP, by)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_as_the_camera_was_held(kind: str, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = file(RAMP, kind, exif=exif, **({"lossless": True} if kind == "WEBP" else {}))
    turned = {
        1: RAMP, 2: RAMP[:, ::-1], 3: RAMP[::-1, ::-1], 4: RAMP[::-1], 5: RAMP.transpose(1, 0, 2),
        6: np.rot90(RAMP, -1), 7: RAMP[::-1, ::-1].transpose(1, 0, 2), 8: np.rot90(RAMP),
    }  # fmt: skip
    found = decode(data)
    assert found.shape == turned[orientation].shape
    assert near(found, turned[orientation], 4)


def test_grey_one_bit_and_palette() -> None:
    grey = RAMP[..., 0]
    for image in (Image.fromarray(grey), Image.fromarray(RAMP).quantize(64), Image.fromarray(grey > 99)):
        expected = np.asarray(image.convert("RGB"))
        for kind in ("PNG", "TIFF", "BMP"):
            assert np.array_equal(decode(file(image, kind)), expected)


def test_sixteen_bits_keep_the_upper_eight() -> None:
    values = np.linspace(0, 65_535, 32 * 48).astype(np.uint16).reshape(32, 48)
    for kind in ("PNG", "TIFF"):
        assert np.array_equal(decode(file(values, kind))[..., 0], values >> 8)


def test_decimal_numbers() -> None:
    values = np.linspace(0, 1, 32 * 48, dtype=np.float32).reshape(32, 48)
    for white in (1, 255, 65_535):
        found = decode(file(values * white, "TIFF"))[..., 0]
        assert np.array_equal(found, np.round(values * 255))
    for bad, said in ((np.nan, "that are NaN"), (np.inf, "got 0 to inf"), (-1, "got -1 to 1"), (1e6, "to 1e")):
        broken = values.copy()
        broken[3, 4] = bad
        for pixels in (KEPT, 200):
            with pytest.raises(BadValueError, match=f"expected brightness from 0 to 1.* {said}"):
                decode(file(broken, "TIFF"), pixels)


def test_transparent_parts_are_white() -> None:
    alpha = np.dstack([RAMP, np.where(np.arange(48) < 24, 0, 255) * np.ones((32, 1))]).astype(np.uint8)
    for kind, how in (("PNG", {}), ("WEBP", {"lossless": True}), ("TIFF", {})):
        found = decode(file(alpha, kind, **how))
        assert (found[:, :24] == 255).all()
        assert np.array_equal(found[:, 24:], RAMP[:, 24:])
    grey = Image.fromarray(np.full((9, 9), 7, np.uint8))
    assert (decode(file(grey, "PNG", transparency=7)) == 255).all()
    palette = Image.fromarray(RAMP).quantize(8)
    clear = np.asarray(palette) == 3
    for kind in ("PNG", "GIF"):
        assert (decode(file(palette, kind, transparency=3))[clear] == 255).all()


def test_cmyk_by_adobe_and_by_others() -> None:
    cmyk = Image.fromarray(RAMP).convert("CMYK")
    expected = np.asarray(cmyk.convert("RGB"))
    assert near(decode(file(cmyk, "JPEG", quality=98)), expected, 4)
    assert np.array_equal(decode(file(cmyk, "TIFF")), expected)


@pytest.mark.parametrize(("kind", "how"), [("PNG", {}), ("TIFF", {}), ("WEBP", {"lossless": True}), ("JPEG", {})])
def test_colours_in_a_profile_become_srgb(kind: str, how: dict[str, Any]) -> None:
    turned = ImageCms.ImageCmsProfile(BytesIO(swapped_profile())).tobytes()
    found = decode(file(np.full((16, 16, 3), (200, 60, 60), np.uint8), kind, icc_profile=turned, **how))
    red, green, _ = found[8, 8].tolist()
    assert green > red + 80, "of this profile, red and green have changed places"
    damaged = turned[:200] + bytes(len(turned) - 200)
    red, green, _ = decode(file(np.full((16, 16, 3), (200, 60, 60), np.uint8), kind, icc_profile=damaged, **how))[8, 8]
    assert abs(int(red) - 200) < 4, "a damaged profile says nothing"


def swapped_profile() -> bytes:
    """sRGB's, with red and green exchanged in its table of contents."""
    made = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    red, green = made.index(b"rXYZ"), made.index(b"gXYZ")
    made[red : red + 4], made[green : green + 4] = b"gXYZ", b"rXYZ"
    return bytes(made)


def test_a_profile_of_another_kind_of_colours_is_left_aside() -> None:
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    grey = Image.fromarray(RAMP[..., 0])
    assert np.array_equal(decode(file(grey, "PNG", icc_profile=srgb))[..., 0], RAMP[..., 0])


def test_lab_becomes_rgb() -> None:
    lab = Image.merge("LAB", [Image.new("L", (16, 16), level) for level in (128, 128, 128)])
    assert near(decode(file(lab, "TIFF")), 119, 3)


def test_of_several_frames_the_first() -> None:
    frames = [Image.new("RGB", (20, 16), colour) for colour in ("red", "lime", "blue")]
    for kind, how in (("GIF", {}), ("PNG", {}), ("WEBP", {"lossless": True}), ("TIFF", {})):
        data = file(frames[0], kind, save_all=True, append_images=frames[1:], **how)
        assert near(decode(data), np.asarray(frames[0]), 1), kind


def test_large_ones_come_smaller_in_proportion() -> None:
    rng = np.random.default_rng(0)
    large = np.kron(rng.integers(0, 256, (30, 40, 3)), np.ones((50, 50, 1))).astype(np.uint8)
    for kind, how in (("JPEG", {"quality": 90}), ("PNG", {})):
        found = decode(file(large, kind, **how))
        assert found.shape == (886, 1182, 3)
        assert found.size // 3 <= KEPT
        expected = np.asarray(Image.fromarray(large).resize((1182, 886), Image.Resampling.BICUBIC))
        assert near(found, expected, 3), kind
    assert decode(file(RAMP), pixels=100).shape == (8, 12, 3)


# Which is refused, in which words.
HTML = b"<!DOCTYPE html><html><script>alert(1)</script></html>"
WHAT = {
    "an empty file": b"", "an HTML page": HTML, "a PDF": b"%PDF-1.7 ...",
    "a text": b"Dear all, this is no picture at all",
    "an SVG": b'<?xml version="1.0"?>\n<!-- made -->\n<svg xmlns="http://www.w3.org/2000/svg"></svg>',
    "a HEIC": b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "an AVIF": b"\0\0\0\x1cftypavif\0\0\0\0",
    "a film": b"\0\0\0\x18ftypmp42", "a ZIP archive": b"PK\x03\x04" + bytes(30), "a BigTIFF": b"II+\0\x08\0\0\0",
    "something else": bytes(range(200, 250)),
    "a Photoshop file": b"8BPS\0\1", "a JPEG XL": b"\xff\x0a\x00", "a JPEG 2000": b"\0\0\0\x0cjP  \r\n\x87\n",
}  # fmt: skip


@pytest.mark.parametrize("what", WHAT)
def test_what_is_no_picture_is_named(what: str) -> None:
    with pytest.raises(BadValueError, match=f"JPEG, PNG, WebP, GIF, BMP or TIFF.*, got {what}"):
        decode(WHAT[what])


def test_too_large_by_the_header_alone() -> None:
    bomb = png(40_000, 40_000, rows=bytes(40_000 * 40))
    assert len(bomb) < 5_000
    sizes = {
        "PNG": bomb,
        "GIF": b"GIF89a" + bytes(7) + b"," + struct.pack("<HHHH", 0, 0, 40_000, 40_000) + b"\0\x02\x02L\x01\0;",
        "BMP": b"BM" + struct.pack("<IIIIiiHHIIIIII", 60, 0, 54, 40, 40_000, 40_000, 1, 24, 0, 0, 0, 0, 0, 0),
        "TIFF": tiff([(256, 4, 1, 40_000), (257, 4, 1, 40_000), (258, 3, 1, 8), (259, 3, 1, 8), (262, 3, 1, 1),
                      (273, 4, 1, 8), (279, 4, 1, 8)], bytes(8)),
        "WEBP": b"RIFF\x16\0\0\0WEBPVP8X" + struct.pack("<II", 10, 0x10) + (39_999).to_bytes(3, "little") * 2,
        "JPEG": file(RAMP, "JPEG").replace(struct.pack(">HH", 32, 48), struct.pack(">HH", 40_000, 40_000)),
    }  # fmt: skip
    for kind, data in sizes.items():
        with pytest.raises(BadValueError) as caught:
            decode(data)
        assert str(caught.value) == "expected at most 50,000,000 pixels, got 40,000 × 40,000", kind


@pytest.mark.parametrize(
    ("bits", "colours", "most"), [(16, 2, 25_000_000), (16, 6, 18_750_000), (8, 6, 37_500_000), (16, 4, 37_500_000)]
)
def test_pixels_of_more_bytes_may_be_fewer(bits: int, colours: int, most: int) -> None:
    depth, edge = 150_000_000 // most, int(most**0.5)
    with pytest.raises(BadValueError) as caught:
        decode(png(edge, edge + 3, bits=bits, colours=colours))
    assert str(caught.value) == (
        f"expected at most {most:,} pixels of {depth} bytes each, got {edge:,} × {edge + 3:,}: save it as JPEG"
    )
    with pytest.raises(CorruptFileError, match="breaks off"):  # as far as the pixels, which are not there
        decode(png(edge, edge, bits=bits, colours=colours))


@pytest.mark.parametrize("how", [{"lossless": True}, {"quality": 50}, {"save_all": True, "quality": 50}])
def test_a_webp_with_transparent_parts_has_pixels_of_four_bytes(how: dict[str, Any]) -> None:
    clear = np.dstack([RAMP, np.full((32, 48), 99, np.uint8)])
    assert (contents(file(RAMP, "WEBP", **how)).depth, contents(file(clear, "WEBP", **how)).depth) == (3, 4)


@pytest.mark.parametrize(("wide", "tall"), [(48, 32), (300, 70), (9, 1000)])
def test_the_header_says_the_size(wide: int, tall: int) -> None:
    image = Image.new("RGB", (wide, tall), (9, 80, 200))
    for kind, how in (("JPEG", {}), ("PNG", {}), ("GIF", {}), ("BMP", {}), ("TIFF", {}), ("WEBP", {}),
                      ("WEBP", {"lossless": True}), ("WEBP", {"exif": b"Exif\0\0II*\0"})):  # fmt: skip
        assert contents(file(image, kind, **how)).size == (wide, tall), (kind, how)


def test_too_many_bytes_and_too_few_pixels() -> None:
    with pytest.raises(BadValueError, match=r"at most 10 MB, got 10\.0 MB"):
        decode(b"\xff\xd8\xff" + bytes(LARGEST_FILE))
    for size in ((1, 10_000), (10_000, 1), (1, 1)):
        with pytest.raises(BadValueError, match=rf"at least 8 × 8 pixels, got {size[0]:,} × {size[1]:,}"):
            decode(file(Image.new("L", size)))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF"])
@pytest.mark.parametrize("share", [0.02, 0.3, 0.7])
def test_one_that_breaks_off(kind: str, share: float) -> None:
    data = file(np.random.default_rng(0).integers(0, 255, (64, 64, 3), np.uint8), kind)
    with pytest.raises(GradlabError) as caught:
        decode(data[: int(len(data) * share)])
    assert "\n" not in str(caught.value)


def test_a_damaged_one() -> None:
    with pytest.raises(CorruptFileError, match="breaks off or is damaged"):
        decode(png(16, 16, rows=b"too short"))
    with pytest.raises(CorruptFileError, match="GIF with a picture"):
        decode(b"GIF89a" + bytes(7) + b";")
    with pytest.raises(CorruptFileError, match="TIFF with a picture"):
        decode(tiff([(256, 3, 1, 9), (257, 3, 1, 9)]))


def test_of_a_polyglot_the_picture_alone() -> None:
    for kind in ("JPEG", "PNG", "GIF", "WEBP"):
        data = file(RAMP, kind)
        assert np.array_equal(decode(data + HTML + b"PK\x03\x04" + b"\xff\xda" * 200), decode(data)), kind


def test_texts_and_profiles_that_unpack_without_end() -> None:
    bomb = zlib.compress(bytes(300 * 2**20))
    texts = [chunk(b"zTXt", b"a\0\0" + bomb), chunk(b"iCCP", b"p\0\0" + bomb), chunk(b"iTXt", b"a\0\1\0\0\0" + bomb)]
    assert decode(png(8, 8, *texts, rows=bytes(72))).shape == (8, 8, 3)


def test_a_directory_whose_entries_all_name_the_same_bytes() -> None:
    usual = [*((tag, 3, 1, 8) for tag in (256, 257, 258, 278)), (262, 3, 1, 1), (273, 4, 1, 8), (279, 4, 1, 64)]
    many = [*usual, *((tag, 1, 900_000, 8) for tag in range(40_000, 40_900))]
    assert decode(tiff(many, bytes(10**6))).shape == (8, 8, 3), "900 MB, if each were read"
    with pytest.raises(BadValueError, match="at most 1,000 tags, got 65,535"):
        decode(tiff(usual, bytes(10**6), count=65_535))
    exif = tiff([(0x112, 3, 1, 6), *((tag, 1, 900_000, 8) for tag in range(40_000, 40_900))], bytes(10**6))
    assert decode(png(8, 9, chunk(b"eXIf", exif), rows=bytes(81))).shape == (8, 9, 3)
    strips = [(273, 4, 70_000, 8) if tag[0] == 273 else tag for tag in usual]
    with pytest.raises(BadValueError, match="at most 65,536 strips"):
        decode(tiff(strips, bytes(10**6)))
    with pytest.raises(BadValueError, match="got kind 34925"):
        decode(tiff([*usual, (259, 3, 1, 34925)], bytes(10**6)))


def test_a_progressive_jpeg_of_very_many_scans() -> None:
    data = file(RAMP, "JPEG", progressive=True)
    last = data.rindex(b"\xff\xda")
    with pytest.raises(BadValueError, match="at most 50 scans"):
        decode(data[:-2] + data[last:-2] * 200 + b"\xff\xd9")


def test_runs_in_a_bmp_are_refused() -> None:
    head = struct.pack("<IIIIiiHHIIIIII", 60, 0, 54, 40, 16, 16, 1, 8, 1, 0, 0, 0, 0, 0)
    with pytest.raises(BadValueError, match="BMP that is not compressed"):
        decode(b"BM" + head + bytes(99))


def test_what_else_stands_in_a_file_is_not_kept() -> None:
    told = PngImagePlugin.PngInfo()
    told.add_text("Author", "somebody")
    exif = Image.Exif()
    exif[0x010F] = "Camera of somebody"
    assert np.array_equal(decode(file(RAMP, pnginfo=told, exif=exif)), RAMP), "an array holds nothing else"


# The square that a network gets.
def test_the_square_at_its_own_size_is_cut_out() -> None:
    found = square(RAMP, (5, 3, 20), (3, 20, 20))
    assert np.array_equal(found, RAMP[3:23, 5:25].transpose(2, 0, 1))


def test_a_smaller_one_is_the_mean_of_what_it_covers() -> None:
    stripes = np.zeros((64, 64, 3), np.uint8)
    stripes[:, ::2] = 200
    found = square(stripes, (0, 0, 64), (3, 8, 8))
    assert found.shape == (3, 8, 8)
    assert near(found, 100, 3), "no pixel is picked out"


def test_grey_for_a_network_that_takes_grey() -> None:
    found = square(np.full((40, 40, 3), (255, 0, 0), np.uint8), (0, 0, 40), (1, 28, 28))
    assert (found.shape, found.dtype) == ((1, 28, 28), np.uint8)
    assert (found == 76).all()


@pytest.mark.parametrize("box", [(0, 0, 33), (-1, 0, 9), (40, 0, 9), (0, 30, 3), (0, 0, 0)])
def test_a_square_outside_of_the_picture(box: tuple[int, int, int]) -> None:
    with pytest.raises(BadValueError, match="within 48 × 32 pixels"):
        square(RAMP, box, (3, 8, 8))
    with pytest.raises(BadValueError, match="1 or 3 channels, got 4"):
        square(RAMP, (0, 0, 8), (4, 8, 8))
