from collections.abc import Iterator

import pytest
from making import BACKENDS

from gradlab.seeing.database import Database, open_database


@pytest.fixture(params=BACKENDS)
def url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Of a database that nobody opened yet: an SQLite file that is not there, an empty database of a server."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path_factory.mktemp('database')}/new/answers.sqlite"
    return str(request.getfixturevalue("postgres").new_database())


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    opened = open_database(url)
    yield opened
    opened.close()
