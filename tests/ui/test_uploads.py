"""A session may not send more at once than all of its pictures may have."""

import asyncio
from typing import Any

import pytest

from gradlab.images.decode import LARGEST_FILE
from gradlab.images.own import MOST
from gradlab.ui import uploads
from gradlab.ui.uploads import Uploads

ROOM = MOST * LARGEST_FILE


async def ask(app: Uploads, session: str = "one", method: str = "PUT", length: str | None = None) -> int:
    headers = [] if length is None else [(b"content-length", length.encode())]
    scope = {"type": "http", "method": method, "path": f"/_stcore/upload_file/{session}/7", "headers": headers}
    answers: list[dict[str, Any]] = []

    async def send(message: Any) -> None:
        answers.append(message)

    async def receive() -> Any:
        return {"type": "http.request"}

    await app(scope, receive, send)
    return int(answers[0]["status"])


async def taken(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 204, "headers": []})


@pytest.mark.parametrize(
    ("held", "length", "status"),
    [(0, "100", 204), (ROOM - 100, "100", 204), (ROOM - 99, "100", 413), (ROOM - 100, None, 413), (ROOM, "x", 413)],
)
def test_what_is_held_counts(monkeypatch: pytest.MonkeyPatch, held: int, length: str | None, status: int) -> None:
    monkeypatch.setattr(uploads, "held_by", lambda session: held if session == "one" else 0)
    app = Uploads(taken)
    assert asyncio.run(ask(app, length=length)) == status
    assert asyncio.run(ask(app, "another", length=length)) == 204
    assert asyncio.run(ask(app, method="DELETE", length=length)) == 204


def test_what_is_on_its_way_counts_until_it_is_there() -> None:
    async def many() -> tuple[list[int], list[int]]:
        go_on = asyncio.Event()

        async def slow(scope: Any, receive: Any, send: Any) -> None:
            await go_on.wait()
            await taken(scope, receive, send)

        app = Uploads(slow)
        asked = [asyncio.create_task(ask(app, length=str(LARGEST_FILE))) for _ in range(MOST + 3)]
        await asyncio.sleep(0)
        go_on.set()
        first = await asyncio.gather(*asked)
        return list(first), [await ask(app, length=str(LARGEST_FILE))]

    first, later = asyncio.run(many())
    assert (first.count(204), first.count(413), later) == (MOST, 3, [204])
