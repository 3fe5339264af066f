"""What stdout and stderr can take: other encodings, a reader that has gone, Python's own warnings."""

import csv
import io
import json
import os
import subprocess
import sys
import warnings
from dataclasses import replace
from pathlib import Path

import pytest
from calling import Call, python, shell

from gradlab import cli
from gradlab.cli.output import progress_bar, readable

SWEEP = ("sweep", "--limit", "20", "--rules", "sign", "--epsilons=-8/255,8/255")
ENCODINGS = {
    "ascii": {"PYTHONIOENCODING": "ascii"},
    "latin-1": {"PYTHONIOENCODING": "latin-1"},
    "cp1252": {"PYTHONIOENCODING": "cp1252"},
    # What LC_ALL=C is to a Python that is told to believe it, and to one that is not.
    "C": {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    "C, as it comes": {"LC_ALL": "C"},
}


# --- another encoding


@pytest.mark.parametrize("name", ENCODINGS)
def test_a_sweep_is_told_in_any_encoding(folder: Path, name: str) -> None:
    surroundings = ENCODINGS[name]
    encoding = surroundings.get("PYTHONIOENCODING", "utf-8" if name == "C, as it comes" else "ascii")
    done = python(*SWEEP, "--csv", "a.csv", "--html", "a.html", cwd=folder, encoding=encoding, **surroundings)
    assert done.code == 0, done.err
    minus = "−" if encoding == "utf-8" else "-"
    assert [line.split()[1] for line in done.out.splitlines()[5:]] == [f"{minus}8/255", "+8/255"]
    assert "Traceback" not in done.err
    with (folder / "a.csv").open(encoding="utf-8") as file:
        assert len(list(csv.DictReader(file))) == 2
    assert "ε" in (folder / "a.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("command", [("measures",), ("paper",), ("models",), ("datasets",), ("sweep", "--help")])
def test_every_table_is_told_in_any_encoding(folder: Path, command: tuple[str, ...]) -> None:
    done = python(*command, cwd=folder, encoding="ascii", PYTHONIOENCODING="ascii")
    assert done.code == 0, done.err
    assert "\\u" not in done.out
    assert "\\u" not in done.err
    if command == ("measures",):
        assert "0 (identical) to sqrt(C*H*W)" in done.out
        assert "inf (identical) to 0 dB" in done.out


def test_what_reads_the_same() -> None:
    text = "−8/255 ≤ ε ≤ ∞ × 2 … ‖g‖₂ → ΔE₀₀ – “x” ± ² é 猫"
    codec = "gradlab.readable"
    with readable():
        assert text.encode("ascii", codec) == (
            b'-8/255 <= epsilon <= inf x 2 ... ||g||2 -> DeltaE00 - "x" +- 2 \\xe9 \\u732b'
        )
        assert text.encode("latin-1", codec).decode("latin-1").endswith('- "x" ± ² é \\u732b')
        assert text.encode("cp1252", codec).decode("cp1252").endswith("– “x” ± ² é \\u732b")
        assert text.encode("utf-8", codec).decode() == text
        assert os.fsdecode(b"caf\xe9").encode("utf-8", codec) == b"caf\xe9"  # a path that is no text


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252", "utf-8"])
def test_json_on_stdout_is_json_in_any_encoding(folder: Path, encoding: str) -> None:
    script = (
        "from gradlab.cli.output import readable, write_json\n"
        "with readable(): write_json({'classes': ['café', '猫', '−1']}, '-')"
    )
    (folder / "say.py").write_text(script)
    surroundings = os.environ | {"PYTHONIOENCODING": encoding, "PYTHONPATH": str(Path(cli.__file__).parents[2])}
    done = subprocess.run([sys.executable, "say.py"], capture_output=True, check=True, env=surroundings)
    assert json.loads(done.stdout) == {"classes": ["café", "猫", "−1"]}  # of bytes, as any program reads them


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252"])
def test_progress_is_drawn_in_any_encoding(monkeypatch: pytest.MonkeyPatch, encoding: str) -> None:
    written = io.BytesIO()
    monkeypatch.setattr(sys, "stderr", io.TextIOWrapper(written, encoding=encoding))
    with readable(), progress_bar(20, "image") as bar:
        bar.set_description("ε", refresh=False)
        bar.n = 10
        bar.refresh()
        sys.stderr.flush()
        text = written.getvalue().decode(encoding)
    assert "epsilon:  50%|#####" in text
    assert "10/20" in text


def test_streams_are_left_as_they_were(call: Call) -> None:
    before = sys.stdout.errors, sys.stderr.errors
    call("datasets")
    assert (sys.stdout.errors, sys.stderr.errors) == before


def test_a_message_names_what_was_typed_in_any_encoding(folder: Path) -> None:
    done = python("sweep", "--rules", "−", cwd=folder, encoding="ascii", PYTHONIOENCODING="ascii")
    assert done.code == 2
    assert done.err.startswith("gradlab sweep: unknown rule '-': ")


def test_streams_that_are_closed(folder: Path) -> None:
    assert shell(f"gradlab {' '.join(SWEEP)} --csv a.csv >&- 2>&-", cwd=folder) == (0, "", "")
    assert (folder / "a.csv").is_file()
    done = shell("gradlab models --json - 2>&-", cwd=folder)
    assert done.code == 0
    assert json.loads(done.out)["models"]


# --- a reader that has gone


@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("line", ["models", "paper --json -", "datasets", "sweep --help"])
def test_a_reader_that_has_gone_ends_it_in_silence(folder: Path, line: str, unbuffered: str) -> None:
    done = shell(f"gradlab {line} | head -0", cwd=folder, unbuffered=unbuffered)
    assert (done.out, done.err) == ("", "")
    # argparse drops what it cannot write, where that is told at once.
    assert done.code == (0 if unbuffered and "--help" in line else 141)


def test_a_reader_of_one_line_gets_it(folder: Path) -> None:
    done = shell("gradlab paper | head -1", cwd=folder)
    assert done.err == ""
    assert done.out.startswith("alexnet-paper on ")
    assert done.code in (0, 141)  # as `head` was quick


def test_files_are_written_though_the_reader_has_gone(folder: Path) -> None:
    done = shell(f"gradlab {' '.join(SWEEP)} --csv a.csv --save a.npz 2>/dev/null | head -0", cwd=folder)
    assert (done.code, done.out, done.err) == (141, "", "")
    assert {place.name for place in folder.iterdir()} == {"a.csv", "a.npz"}


def test_a_reader_of_messages_that_has_gone(folder: Path) -> None:
    done = shell("gradlab sweep --rules none 2>&1 | head -0", cwd=folder)
    assert (done.code, done.out, done.err) == (141, "", "")


# --- Python's warnings


def test_a_warning_is_one_line_that_says_whose_it_is(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    def warn(options: object) -> None:
        warnings.warn("epsilon 8: expected pixel units,\n got what looks like levels", stacklevel=1)

    monkeypatch.setitem(cli.COMMANDS, "datasets", replace(cli.COMMANDS["datasets"], run=warn))
    shown = warnings.showwarning
    with warnings.catch_warnings():
        warnings.simplefilter("default")
        done = call("datasets")
        again = call("datasets")
    line = "gradlab datasets: epsilon 8: expected pixel units, got what looks like levels\n"
    assert done == again == (0, "", line)
    assert warnings.showwarning is shown
