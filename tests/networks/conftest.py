from collections.abc import Iterator
from pathlib import Path

import pytest
from serving import Server, serving


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty store."""
    monkeypatch.setenv("GRADLAB_DATA", str(tmp_path / "store"))
    return tmp_path / "store"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """What torchvision's server and the Hub are, for this test: nothing leaves the machine."""
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with serving() as found:
        monkeypatch.setenv("GRADLAB_TORCHVISION_URL", found.url)
        monkeypatch.setenv("HF_ENDPOINT", found.url)
        yield found
