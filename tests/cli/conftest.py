import shutil
from pathlib import Path

import pytest
from calling import Call, Done

from gradlab import cli
from gradlab.shipped import assets_root


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Run in a folder of the test's own, with an empty store beside it; what is there afterwards was written.

    No variable names the store: it is the user's, of a user who has none.
    """
    monkeypatch.delenv("GRADLAB_DATA")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home" / "cache"))
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    return tmp_path / "here"


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Call:
    def run(*arguments: str) -> Done:
        try:
            code = cli.main(arguments)
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else -1
        return Done(code, *capsys.readouterr())

    return run


@pytest.fixture
def copied_assets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the assets, to be broken."""
    shutil.copytree(assets_root(), tmp_path / "assets")
    monkeypatch.setenv("GRADLAB_ASSETS", str(tmp_path / "assets"))
    return tmp_path / "assets"
