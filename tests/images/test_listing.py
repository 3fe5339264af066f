"""Which files of a folder, or of a list, are images; nothing outside of it is."""

import os
from pathlib import Path

import pytest

from gradlab.errors import BadValueError, CorruptFileError, MissingFileError
from gradlab.images.listing import list_csv, list_folder, shown


def put(root: Path, *paths: str, content: bytes = b"x") -> Path:
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(content)
    return root


def test_subfolders_are_classes(tmp_path: Path) -> None:
    found = list_folder(
        put(tmp_path, "dog/b.PNG", "cat/x/a.jpg", "cat/b.jpeg", "cat/notes.txt", ".git/a.jpg", "cat/.a.png")
    )
    assert found.files == ("cat/b.jpeg", "cat/x/a.jpg", "dog/b.PNG")
    assert found.names == ("cat", "cat", "dog")
    assert found.left_out.sentences() == ()


def test_a_flat_folder_has_no_classes(tmp_path: Path) -> None:
    found = list_folder(put(tmp_path, "b.webp", "a.tif"))
    assert (found.files, found.names) == (("a.tif", "b.webp"), (None, None))


def test_pictures_beside_classes_are_left_out(tmp_path: Path) -> None:
    found = list_folder(put(tmp_path, "a.png", "cat/b.png"))
    assert found.files == ("cat/b.png",)
    assert found.left_out.sentences() == ("1 file is left out, since it has no class, as others have: a.png.",)


def test_links_lead_nowhere_outside(tmp_path: Path) -> None:
    secret = put(tmp_path / "other", "secret.png") / "secret.png"
    root = put(tmp_path / "root", "cat/a.png")
    (root / "cat/b.png").symlink_to(secret)
    (root / "cat/c.png").symlink_to("a.png")
    (root / "cat/d.png").symlink_to("nowhere.png")
    (root / "cat/e.png").symlink_to("e.png")
    (root / "dog").symlink_to(tmp_path / "other")
    (root / "cat/up").symlink_to("..")
    found = list_folder(root)
    assert found.files == ("cat/a.png", "cat/c.png")
    assert set(found.left_out.sentences()) == {
        "1 file is left out, since it lies outside the folder: cat/b.png.",
        "2 files are left out, since there are no such files: cat/d.png, cat/e.png.",
    }


def test_what_is_no_plain_file_is_not_opened(tmp_path: Path) -> None:
    os.mkfifo(put(tmp_path, "a.png") / "pipe.png")
    found = list_folder(tmp_path)
    assert found.files == ("a.png",)
    assert found.left_out.sentences() == ("1 file is left out, since it is no plain file: pipe.png.",)


def test_large_files_are_not_opened(tmp_path: Path) -> None:
    with (put(tmp_path, "a.png") / "large.png").open("wb") as file:
        file.truncate(10 * 2**20 + 1)
    said = list_folder(tmp_path).left_out.sentences()
    assert said == ("1 file is left out, since it has more than 10 MB: large.png.",)


def test_a_hundred_thousand_empty_files(tmp_path: Path) -> None:
    for k in range(100_000):
        os.close(os.open(tmp_path / f"{k}.jpg", os.O_CREAT))
    with pytest.raises(BadValueError) as caught:
        list_folder(tmp_path)
    said = str(caught.value)
    assert "got none. 100,000 files are left out, since they are empty: " in said
    assert said.endswith(" and 99,995 more.")
    assert len(said) < 500


@pytest.mark.parametrize("content", ["empty", "no pictures", "missing", "a file"])
def test_nothing_to_list(tmp_path: Path, content: str) -> None:
    root = tmp_path / "root"
    if content == "a file":
        root.write_bytes(b"x")
    elif content != "missing":
        put(root, *([] if content == "empty" else ["a.txt"])).mkdir(exist_ok=True)
    expected = BadValueError if content in ("empty", "no pictures") else MissingFileError
    with pytest.raises(expected, match="^expected (at least one picture|a folder that can be read)"):
        list_folder(root)


def test_names_that_are_no_text_are_shown_as_text(tmp_path: Path) -> None:
    folder = os.fsencode(tmp_path) + b"/caf\xe9\n<b>"
    os.mkdir(folder)
    Path(os.fsdecode(folder + b"/a\xff.png")).write_bytes(b"x")
    found = list_folder(tmp_path)
    assert found.names == ("caf? <b>",)
    assert os.path.isfile(os.path.join(tmp_path, found.files[0]))
    assert shown("a\x00b\x1b[31m\u202ec" + "d" * 100) == ("a b [31m c" + "d" * 100)[:77] + "…"


LIST = {
    "header": "file,label\nx/a.png,cat\nb.png,dog\n",
    "no header": "x/a.png,cat\nb.png,dog",
    "columns the other way round": "Class;id;Image\ncat;1;x/a.png\ndog;2;b.png\n",
    "tabs, quotes, a mark": '\ufefffilename\tclass_name\r\n"x/a.png"\tcat\r\n\r\nb.png\tdog\r\n',
    "dots": "path,label\n./x/../x/a.png,cat\nb.png , dog\n",
}


@pytest.mark.parametrize("text", LIST.values(), ids=LIST)
def test_a_list(tmp_path: Path, text: str) -> None:
    put(tmp_path, "x/a.png", "b.png", "c.png")
    (tmp_path / "list.csv").write_bytes(text.encode())
    found = list_csv(tmp_path / "list.csv")
    assert [Path(os.path.normpath(name)).as_posix() for name in found.files] == ["x/a.png", "b.png"]
    assert found.names == ("cat", "dog")
    assert list(found.lists) == ["list.csv"]


@pytest.mark.parametrize("text", ["file\nb.png\nx/a.png\n", "b.png\nx/a.png", "file,label\nb.png,\nx/a.png\n"])
def test_a_list_without_classes(tmp_path: Path, text: str) -> None:
    put(tmp_path, "x/a.png", "b.png")
    (tmp_path / "list.csv").write_text(text)
    found = list_csv(tmp_path / "list.csv")
    assert (found.files, found.names) == (("b.png", "x/a.png"), (None, None))


def test_a_list_never_leads_out_of_its_folder(tmp_path: Path) -> None:
    put(tmp_path, "secret.png", "in/a.png", "in/sub/b.png")
    (tmp_path / "in/link.png").symlink_to(tmp_path / "secret.png")
    rows = ["../secret.png", str(tmp_path / "secret.png"), "link.png", "sub/../../secret.png", "gone.png", "a\0b.png",
            "a" * 5000, "sub", "a.png", "sub/../a.png", "~/a.png", "file:///etc/passwd"]  # fmt: skip
    (tmp_path / "in/list.csv").write_text("file\n" + "\n".join(rows))
    found = list_csv(tmp_path / "in/list.csv")
    assert found.files == ("a.png", "sub/../a.png")
    by_reason = {reason[0]: len(names) for reason, names in found.left_out.files.items()}
    assert by_reason == {"it lies outside the folder": 4, "there is no such file": 5, "it is no plain file": 1}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "at least one picture"), (b"\n\n", "at least one picture"), (b"id,label\n1,2\n", "a column called file"),
        (b"\xff\xfe\x00", "as CSV in UTF-8"), (b'file\n"' + b"a" * 200_000, "as CSV in UTF-8"),
        (b"<html>", "at least one picture"), (b"file,label\n", "at least one picture"),
    ],
)  # fmt: skip
def test_what_is_no_list(tmp_path: Path, content: bytes, said: str) -> None:
    (tmp_path / "list.csv").write_bytes(content)
    with pytest.raises((BadValueError, CorruptFileError), match=said) as caught:
        list_csv(tmp_path / "list.csv")
    assert "\n" not in str(caught.value)
    with pytest.raises(MissingFileError, match="a file that lists pictures"):
        list_csv(tmp_path / "other.csv")
