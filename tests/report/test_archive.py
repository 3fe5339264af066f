"""A result in a file: what comes back is what went in, bit for bit, and what is no result is refused in a line."""

import io
import json
import math
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers import curve, result

from gradlab.errors import BadValueError, CorruptFileError, MissingFileError
from gradlab.report.archive import dumps, load_result, loads, save_result
from gradlab.report.archive.layout import ARRAYS, SCALARS, curve_arrays
from gradlab.types import MEASURES, Curve, LabelSource, Rule, SweepResult

KINDS = curve_arrays(3)
PLAIN = result(curve(Rule.SIGN, [-0.1, 0.0, 0.1], [[0, 1, 2, 0], [0, 1, 2, 1], [1, 2, 0, 0]]))
ROUNDED = result(
    curve(Rule.RAW, [0.1, 0.25], [[0, 1, 2, 0]] * 2, rounded=[[1, 1, 1, 1], [2, 2, 2, 2]]),
    curve(Rule.RANDOM, [1e-30], [[0, 1, 2, 0]], rounded=[[0, 0, 0, 0]]),
)
ODD = replace(
    result(
        replace(
            curve(Rule.L2, [-5e-324, -0.0, 0.1 + 0.2], [[0, 1, 2, 0]] * 3),
            l2=np.array([[math.nan, -0.0, math.inf, 1e-45]] * 3, np.float32),
        )
    ),
    failed=np.array([2**40, 3]),
    planned=9,
    zero_gradient=np.array([True, False, True, True]),
    label_source=LabelSource.parse("target:bee"),
    draw_seed=None,
    seed=2**32 - 1,
    device='«a» "b" \\ \n ε',
    notices=("memory ran out: 64 images a batch", ""),
    seconds=0.1 + 0.2,
)
WIDE = replace(  # as a sweep yields it: a view of a part of its arrays
    PLAIN,
    curves=tuple(
        replace(c, **{name: np.repeat(getattr(c, name), 2, axis=1)[:, ::2] for name in ("predictions", "l2", "psnr")})
        for c in PLAIN.curves
    ),
)
SIMILAR = replace(PLAIN, curves=tuple(replace(c, ssim=c.probability) for c in PLAIN.curves))
CONDENSED = replace(
    SIMILAR, curves=tuple(replace(c, **{name: getattr(c, name)[:, :1] for name in MEASURES}) for c in SIMILAR.curves)
)
WHOLE = replace(ROUNDED, curves=tuple(replace(c, ssim=c.probability) for c in ROUNDED.curves))
RESULTS = {
    "plain": PLAIN, "rounded": ROUNDED, "odd": ODD, "a view": WIDE, "similar": SIMILAR, "condensed": CONDENSED,
}  # fmt: skip


def values(thing: SweepResult | Curve) -> Iterator[Any]:
    """All that is in a result, arrays as bytes: NaN equals NaN, and 0.0 is not -0.0."""
    for field in fields(thing):
        value = getattr(thing, field.name)
        if field.name == "curves":
            yield [list(values(curve)) for curve in value]
        elif isinstance(value, np.ndarray):
            yield field.name, value.dtype, value.shape, value.tobytes()
        else:
            yield field.name, type(value), value


def changed(change: Callable[[dict[str, Any], dict[str, Any]], object], of: SweepResult = ROUNDED) -> bytes:
    """The content of a result's file after something was done to its arrays, or to its header."""
    with np.load(io.BytesIO(dumps(of)), allow_pickle=False) as entries:
        arrays = dict(entries)
    header = json.loads(arrays["header"].tobytes())
    change(arrays, header)
    if "header" in arrays:
        arrays["header"] = np.frombuffer(json.dumps(header).encode(), np.uint8)
    file = io.BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


def refusal(content: bytes) -> str:
    with pytest.raises(CorruptFileError) as caught:
        loads(content, "my.npz")
    message = str(caught.value)
    assert message.startswith("my.npz: ")
    assert "\n" not in message
    return message.removeprefix("my.npz: ")


@pytest.mark.parametrize("name", RESULTS)
def test_what_comes_back_is_what_went_in(name: str, tmp_path: Path) -> None:
    path = tmp_path / "a result.npz"
    save_result(RESULTS[name], path)
    assert list(values(load_result(path))) == list(values(RESULTS[name]))
    assert list(tmp_path.iterdir()) == [path]


def test_every_field_has_its_place() -> None:
    assert {field.name for field in fields(SweepResult)} == {*SCALARS, *ARRAYS, "curves", "labelled"}
    assert {field.name for field in fields(Curve)} == {*KINDS, "rule", "equal_to"}


def test_numbers_of_numpy_come_back_as_pythons() -> None:
    swept = replace(PLAIN)
    for name in ("seed", "planned", "draw_seed", "backwards"):
        object.__setattr__(swept, name, np.int64(getattr(PLAIN, name)))  # what no annotation stops outside of tests
    assert list(values(loads(dumps(swept)))) == list(values(PLAIN))


def test_equal_results_give_equal_bytes() -> None:
    assert dumps(PLAIN) == dumps(replace(PLAIN)) == dumps(loads(dumps(PLAIN)))
    assert dumps(PLAIN) != dumps(replace(PLAIN, seed=8))


def test_a_result_written_by_this_version_stays_readable() -> None:
    """The layout of version 1, as promised: whoever changes it raises the version."""
    with np.load(io.BytesIO(dumps(ROUNDED)), allow_pickle=False) as entries:
        assert sorted(entries) == sorted(
            ["header", "indices", "labels", "clean_predictions", "clean_probability", "zero_gradient", "failed"]
            + [f"curves.{k}.{name}" for k in (0, 1) for name in (
                "epsilons", "predictions", "rounded", "probability", "l2", "linf", "psnr", "clipped")]
        )  # fmt: skip
        assert entries["curves.0.rounded"].tolist() == [[1, 1, 1, 1], [2, 2, 2, 2]]
        header = json.loads(entries["header"].tobytes())
    assert header == {
        "format": "gradlab sweep", "version": 1, "dataset": "zoo", "split": "test", "source": "sample",
        "classes": ["ant", "bee", "cow"], "planned": 4, "model": "tiny", "weights_sha256": "abc",
        "label_source": "true", "draw_seed": 7, "seed": 7, "batch_size": 128, "device": "CPU (a test)",
        "precision": "float32", "software": "gradlab 0.1.0, torch 2.0.0", "notices": [],
        "seconds": 1.23456, "backwards": 1, "checked": 0, "disagreed": 0, "unchecked": 0,
        "curves": [{"rule": "raw", "rounded": True}, {"rule": "random", "rounded": True}],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("of", "precision", "unchecked"), [(PLAIN, "float32", 0), (PLAIN, "bfloat16", 2 * 4), (ROUNDED, "bfloat16", 24)]
)
def test_a_file_from_before_answers_were_checked_says_that_none_was(
    of: SweepResult, precision: str, unchecked: int
) -> None:
    """Four images at each epsilon that is not 0, and of three epsilons once more after rounding."""

    def older(arrays: dict[str, Any], header: dict[str, Any]) -> None:
        header["precision"] = precision
        for name in ("checked", "disagreed", "unchecked"):
            del header[name]

    read = loads(changed(older, of))
    assert (read.checked, read.disagreed, read.unchecked) == (0, 0, unchecked)


def test_a_file_is_replaced_in_one_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "r.npz"
    save_result(PLAIN, str(path))
    save_result(ROUNDED, path)
    assert list(values(load_result(str(path)))) == list(values(ROUNDED))

    def full(self: Path, content: bytes) -> int:
        self.open("wb").close()
        raise OSError("no space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OSError, match="^no space left on device$"):
        save_result(PLAIN, path)
    assert list(tmp_path.iterdir()) == [path]
    assert list(values(load_result(path))) == list(values(ROUNDED))


def test_places_that_cannot_be(tmp_path: Path) -> None:
    with pytest.raises(BadValueError, match=r"^expected a name that ends in .npz, got .*r.json$"):
        save_result(PLAIN, tmp_path / "r.json")
    with pytest.raises(MissingFileError, match=r"^expected a folder that exists, got .*nowhere$"):
        save_result(PLAIN, tmp_path / "nowhere" / "r.npz")
    for absent in (tmp_path / "r.npz", tmp_path):
        with pytest.raises(MissingFileError, match=rf"^expected a file with a result, got none at {absent}$"):
            load_result(absent)
    assert not list(tmp_path.iterdir())


def test_a_result_that_does_not_fit_together_is_not_written(tmp_path: Path) -> None:
    for wrong, message in (
        (replace(PLAIN, indices=np.arange(3)), r"indices: expected int64 \(4,\), got int64 \(3,\)"),
        (replace(PLAIN, indices=np.arange(4, dtype=np.int32)), r"indices: expected int64 \(4,\), got int32 \(4,\)"),
        (replace(PLAIN, labels=np.array([0, 1, 2, 3])), "labels: expected classes from 0 to 2, got 0 to 3"),
        (replace(PLAIN, curves=()), "expected at least one rule and one image, got 0 and 4"),
        (replace(PLAIN, labels=np.empty(0, np.int64)), "expected at least one rule and one image, got 1 and 0"),
    ):
        with pytest.raises(BadValueError, match=f"^{message}$"):
            save_result(wrong, tmp_path / "r.npz")
    assert not list(tmp_path.iterdir())


def test_a_truncated_file_is_refused() -> None:
    content = dumps(ROUNDED)
    for length in range(0, len(content), 7):
        assert refusal(content[:length]).startswith("expected a gradlab result, got a damaged file or none of ours: ")


def test_a_flipped_bit_is_refused_or_harmless() -> None:
    content, whole = bytearray(dumps(ROUNDED)), list(values(ROUNDED))
    refused = 0
    for place in range(0, len(content), 3):
        content[place] ^= 0x10
        try:
            read = loads(bytes(content))
        except CorruptFileError:
            refused += 1
        else:
            assert list(values(read)) == whole  # a bit that nobody reads: of a date, say
        content[place] ^= 0x10
    assert refused > len(content) / 3 / 2


@pytest.mark.parametrize("content", [b"", b"PK", b"{}", b"\x93NUMPY", b"not a file of ours\n" * 99])
def test_what_is_no_zip_is_refused(content: bytes) -> None:
    assert refusal(content) == ("expected a gradlab result, got a damaged file or none of ours: File is not a zip file")


def test_what_numpy_says_in_several_lines_is_said_in_one() -> None:
    file, text = io.BytesIO(), b" " * 20_000
    with zipfile.ZipFile(file, "w") as entries:
        entries.writestr("header.npy", np.lib.format.magic(2, 0) + len(text).to_bytes(4, "little") + text)
    assert "is large and may not be safe to load securely. To allow loading" in refusal(file.getvalue())


def test_another_npz_is_refused() -> None:
    def foreign(arrays: dict[str, Any], header: dict[str, Any]) -> None:
        arrays.clear()
        arrays.update(weights=np.zeros(3), bias=np.zeros(1))

    assert refusal(changed(foreign)) == "expected a gradlab result, got another .npz file, with 'weights, bias'"
    for key, value in (("format", "a figure"), ("version", None), ("version", "1"), ("version", True)):
        message = refusal(changed(lambda arrays, header, k=key, v=value: header.update({k: v})))  # type: ignore[misc]
        assert message.startswith("expected a gradlab result, got another .npz file, with 'header, ")


def test_images_that_somebody_brought_keep_their_checksum() -> None:
    assert loads(dumps(replace(PLAIN, images_sha256="ab12"))).images_sha256 == "ab12"
    assert "expected images_sha256 as str" in refusal(changed(lambda arrays, header: header.update(images_sha256=1)))


def test_a_header_that_is_no_json_is_refused() -> None:
    for text in (b"", b"\xff\xfe", b"[]", b"3", b"null", b"[" * 100_000):
        file = io.BytesIO()
        np.savez(file, header=np.frombuffer(text, np.uint8))
        assert refusal(file.getvalue()) == "expected a gradlab result, got another .npz file, with 'header'"


@pytest.mark.parametrize(("version", "age"), [(0, "an older"), (2, "a newer"), (-1, "an older")])
def test_another_version_is_named(version: int, age: str) -> None:
    message = refusal(changed(lambda arrays, header: header.update(version=version)))
    assert message == f"expected version 1 of the format, got version {version}, of {age} gradlab"


@pytest.mark.parametrize("name", [*ARRAYS, *(f"curves.1.{name}" for name in KINDS)])
def test_each_array_must_be_there_in_its_kind_and_shape(name: str) -> None:
    assert refusal(changed(lambda arrays, header: arrays.pop(name), WHOLE)) == f"expected an array {name}, got none"

    def as_complex(arrays: dict[str, Any], header: dict[str, Any]) -> None:
        arrays[name] = arrays[name].astype(np.complex128)

    kind = np.dtype({**ARRAYS, **KINDS}[name.rsplit(".", 1)[-1]])
    assert refusal(changed(as_complex, WHOLE)) == f"{name}: expected {kind}, got complex128"

    def deeper(arrays: dict[str, Any], header: dict[str, Any]) -> None:
        arrays[name] = arrays[name][None]

    assert f"expected {kind} (" in refusal(changed(deeper, WHOLE))


@pytest.mark.parametrize("name", ["indices", "curves.0.rounded", "curves.0.predictions", "curves.1.psnr"])
def test_an_image_too_few_is_seen(name: str) -> None:
    def shorter(arrays: dict[str, Any], header: dict[str, Any]) -> None:
        arrays[name] = arrays[name][..., :-1]

    assert refusal(changed(shorter)).startswith(f"{name}: expected ")


@pytest.mark.parametrize("name", ["labels", "clean_predictions", "curves.0.predictions", "curves.1.rounded"])
@pytest.mark.parametrize("stray", [-1, 3])
def test_a_class_that_does_not_exist_is_seen(name: str, stray: int) -> None:
    def misled(arrays: dict[str, Any], header: dict[str, Any]) -> None:
        arrays[name].flat[-1] = stray

    assert refusal(changed(misled)).startswith(f"{name}: expected classes from 0 to 2, got ")


@pytest.mark.parametrize("epsilons", [[0.25, 0.1], [0.1, 0.1], [0.1, math.inf], [math.nan, 0.1]])
def test_epsilons_that_do_not_ascend_are_seen(epsilons: list[float]) -> None:
    message = refusal(changed(lambda arrays, header: arrays.update({"curves.0.epsilons": np.array(epsilons)})))
    assert message == f"curves.0.epsilons: expected finite numbers that ascend, got {epsilons}"


def test_an_array_of_objects_is_never_opened() -> None:
    class Trap:
        def __reduce__(self) -> tuple[Callable[[str], None], tuple[str]]:
            return pytest.fail, ("a pickle was opened",)

    def trapped(arrays: dict[str, Any], header: dict[str, Any]) -> None:
        arrays["labels"] = np.array([Trap()], dtype=object)

    message = refusal(changed(trapped))
    assert message.endswith("Object arrays cannot be loaded when allow_pickle=False")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"curves": [{"rule": "fgsm", "rounded": False}]}, "unknown rule 'fgsm': expected one of sign, raw, "),
        ({"label_source": "target"}, "unknown label source 'target' (did you mean true?): expected one of true, "),
        ({"curves": [{"rule": 3, "rounded": False}]}, "expected curves as a list of rules in the header, got [{"),
        ({"curves": [{"rule": "raw"}]}, "expected curves as a list of rules in the header, got [{"),
        ({"curves": ["raw"]}, "expected curves as a list of rules in the header, got ['raw']"),
        ({"curves": None}, "expected curves as a list of rules in the header, got None"),
        ({"planned": 4.0}, "expected planned as int in the header, got 4.0"),
        ({"planned": True}, "expected planned as int in the header, got True"),
        ({"seed": None}, "expected seed as int in the header, got None"),
        ({"seconds": "1"}, "expected seconds as float in the header, got '1'"),
        ({"model": None}, "expected model as str in the header, got None"),
        ({"classes": ["ant", 3]}, "expected classes as tuple in the header, got ['ant', 3]"),
        ({"notices": "one"}, "expected notices as tuple in the header, got 'one'"),
        ({"checked": 1.0}, "expected checked as int in the header, got 1.0"),
        ({"checked": 5, "disagreed": 6}, "expected counts of 0 or more, of the checked at most all disagreed, got "),
        ({"unchecked": -1}, "expected counts of 0 or more, of the checked at most all disagreed, got checked 0, "),
    ],
)
def test_a_header_that_makes_no_sense_is_refused(change: dict[str, Any], message: str) -> None:
    assert refusal(changed(lambda arrays, header: header.update(change))).startswith(message)


@pytest.mark.parametrize("name", sorted({*SCALARS, "curves"} - {"draw_seed", "images_sha256"}))
def test_each_entry_of_the_header_must_be_there(name: str) -> None:
    assert f"expected {name} as " in refusal(changed(lambda arrays, header: header.pop(name)))


def test_a_result_without_labels_says_so_when_it_is_read_again() -> None:
    assert loads(dumps(ROUNDED)).labelled
    assert not loads(dumps(replace(ROUNDED, labelled=False))).labelled
