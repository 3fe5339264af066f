"""What holds for every test: no surroundings leak in, few threads, and a mark that cannot be honoured says why."""

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from annotations import check_shapes_where_named
from postgres import Server, find_programs

check_shapes_where_named()

BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def pytest_configure(config: pytest.Config) -> None:
    """Before anything imports torch, which reads the number of threads once."""
    # Beside each other, processes with more threads than cores would mostly wait for one another. Workers inherit it
    # from the process that starts them: some of theirs read it before they come here.
    os.environ.setdefault("OMP_NUM_THREADS", "1" if config.getoption("numprocesses", None) else "2")
    # Memory that was given back is soon asked for again, and a page of it that is new costs more than what is computed
    # in it: of an exact gradient in float64 a sixth of the time. Read by what starts after this: workers, servers.
    for name, value in {"MMAP_MAX_": 0, "TRIM_THRESHOLD_": 2**28, "TOP_PAD_": 2**26}.items():
        os.environ.setdefault(f"MALLOC_{name}", str(value))
    for name in [name for name in os.environ if name.startswith("GRADLAB_") and name != "GRADLAB_DATA"]:
        del os.environ[name]


@pytest.fixture(scope="session", autouse=True)
def _no_store_of_the_users(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Without $GRADLAB_DATA the store is an empty folder, never what this user happens to have fetched.

    Answers are never kept among this user's.
    """
    os.environ["GRADLAB_DATABASE"] = f"sqlite:///{tmp_path_factory.mktemp('answers')}/answers.sqlite"
    if not os.environ.get("GRADLAB_DATA"):
        os.environ["GRADLAB_DATA"] = str(tmp_path_factory.mktemp("store"))


@pytest.fixture(autouse=True)
def _a_gpu_is_for_tests_that_ask_for_one(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Others compare digits of what is computed here and in processes that they start, which a GPU rounds otherwise."""
    if not request.node.get_closest_marker("gpu"):
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
        if "torch" in sys.modules:
            monkeypatch.setattr("torch.cuda.is_available", lambda: False)


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of a Chromium-like browser, for tests marked `browser`."""
    found = find_browser()
    assert found, f"no browser on the PATH: expected one of {', '.join(BROWSERS)} (make test installs chromium)"
    return found


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """A PostgreSQL server, for tests marked `postgres`; one for each worker, and gone at the end."""
    programs = find_programs()
    assert programs, "no PostgreSQL: expected initdb on the PATH or in /usr/lib/postgresql (make test installs it)"
    server = Server(programs)
    yield server
    server.remove()


def find_browser() -> str | None:
    return next(filter(None, map(shutil.which, BROWSERS)), None)


def why_not(mark: str) -> str | None:
    """The reason why tests with a mark cannot run here, or None where they can."""
    if mark == "full_data":
        data = os.environ.get("GRADLAB_DATA")
        if not data or not (Path(data) / "cifar10" / "test.safetensors").is_file():
            return "needs the whole data sets: $GRADLAB_DATA has no cifar10/test.safetensors"
    if mark == "gpu":
        import torch

        if not torch.cuda.is_available():
            return "needs a CUDA device"
    if mark == "browser" and not find_browser() and os.environ.get("CI") != "true":
        return f"needs a browser: none of {', '.join(BROWSERS)} is on the PATH"
    if mark == "postgres" and not find_programs() and os.environ.get("CI") != "true":
        return "needs PostgreSQL: initdb is neither on the PATH nor in /usr/lib/postgresql (make postgres installs it)"
    return None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for mark in ("full_data", "gpu", "browser", "postgres"):
        marked = [item for item in items if item.get_closest_marker(mark)]
        reason = why_not(mark) if marked else None
        if reason:
            for item in marked:
                item.add_marker(pytest.mark.skip(reason=reason))
    # Long ones first: else, at the end, all would wait for whoever has the last of them.
    items.sort(key=lambda item: not (item.get_closest_marker("slow") or item.get_closest_marker("peers")))
