"""What the server sends first: a word that it is loading, and its scripts compressed, each of them once."""

import ast
import asyncio
import gzip
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import pytest
from apps import ROOT
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.responses import HTMLResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Message
from streamlit.file_util import get_static_dir
from streamlit.web.server.starlette.starlette_static_routes import create_streamlit_static_assets_routes

from gradlab.ui import shell

Answer = TypeVar("Answer")

STATIC = Path(get_static_dir())
SCRIPT = next((STATIC / "static/js").glob("index.*.js"))
STYLE = next((STATIC / "static/css").glob("*.css"))
WORD = "gradlab is loading"
ZIPPED, PAGE = {"accept-encoding": "gzip, br"}, {"accept": "text/html"}


@pytest.fixture
def app() -> ASGIApp:
    """Streamlit's own files and its page, behind ours."""
    strange = Route("/html", lambda request: HTMLResponse("<p>Somebody else's</p>", status_code=404))
    routes = [strange, *create_streamlit_static_assets_routes(None)]
    return Starlette(routes=routes, middleware=[Middleware(shell.Shell)])


@pytest.fixture
def compressed(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How long what was compressed is, in order."""
    sizes: list[int] = []
    real = gzip.compress
    monkeypatch.setattr(shell.gzip, "compress", lambda data, **o: sizes.append(len(data)) or real(data, **o))
    return sizes


async def answer(app: ASGIApp, path: str, headers: dict[str, str], method: str = "GET") -> tuple[int, Headers, bytes]:
    sent: list[Message] = []
    scope: dict[str, Any] = {
        "type": "http", "method": method, "path": path, "query_string": b"", "root_path": "", "scheme": "http",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()], "server": ("here", 80),
    }  # fmt: skip

    async def receive() -> Message:
        await asyncio.sleep(3600)
        raise AssertionError("nobody goes away")

    async def send(message: Message) -> None:
        sent.append(message)

    await app(scope, receive, send)
    return sent[0]["status"], Headers(raw=sent[0]["headers"]), b"".join(part.get("body", b"") for part in sent[1:])


def run(work: Coroutine[Any, Any, Answer]) -> Answer:
    """In a thread of its own, for a browser that was driven before has an event loop in this one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


def get(app: ASGIApp, path: str, method: str = "GET", **headers: str) -> tuple[int, Headers, bytes]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return run(answer(app, path, named, method))


@pytest.mark.parametrize("file", [SCRIPT, STYLE], ids=["script", "style"])
def test_scripts_and_styles_come_compressed_and_may_be_kept(app: ASGIApp, file: Path) -> None:
    path = f"/{file.relative_to(STATIC)}"
    status, headers, body = get(app, path, **ZIPPED)
    assert (status, headers["content-encoding"], headers["vary"]) == (200, "gzip", "Accept-Encoding")
    assert gzip.decompress(body) == file.read_bytes()
    assert int(headers["content-length"]) == len(body) < file.stat().st_size / 2
    assert "immutable" in headers["cache-control"]
    plain_status, plain, as_it_is = get(app, path)
    assert (plain_status, as_it_is) == (200, file.read_bytes())
    assert "content-encoding" not in plain
    assert headers["content-type"] == plain["content-type"]


def test_each_is_compressed_once_for_all_visitors(app: ASGIApp, compressed: list[int]) -> None:
    async def class_of_ten() -> list[tuple[int, Headers, bytes]]:
        return await asyncio.gather(*[answer(app, f"/static/js/{SCRIPT.name}", ZIPPED) for _ in range(10)])

    answers = run(class_of_ten())
    assert compressed == [SCRIPT.stat().st_size]
    assert len({body for _, _, body in answers}) == 1


def test_what_is_no_such_file_passes_as_it_is(app: ASGIApp, compressed: list[int]) -> None:
    for path in ("/static/js/nothing.1234.js", "/static/js/nothing.5678.js"):
        status, headers, body = get(app, path, **ZIPPED)
        assert (status, headers["content-type"]) == (200, "text/html; charset=utf-8"), "Streamlit answers with the page"
        assert body == (STATIC / "index.html").read_bytes()
    part = get(app, f"/static/js/{SCRIPT.name}", **ZIPPED, range="bytes=0-9")
    assert (part[0], part[2]) == (206, SCRIPT.read_bytes()[:10])
    tag = get(app, f"/static/js/{SCRIPT.name}")[1]["etag"]
    assert get(app, f"/static/js/{SCRIPT.name}", **ZIPPED, if_none_match=tag)[0] == 304
    assert get(app, f"/static/js/{SCRIPT.name}", "HEAD", **ZIPPED)[2] == b""
    assert get(app, "/html", **PAGE)[2] == b"<p>Somebody else's</p>"
    assert compressed == []


@pytest.mark.parametrize("path", ["/", "/curves"])
def test_the_page_says_at_once_that_it_is_loading(app: ASGIApp, path: str) -> None:
    status, headers, body = get(app, path, **PAGE)
    page = body.decode()
    assert (status, headers["cache-control"], int(headers["content-length"])) == (200, "no-cache", len(body))
    root = page.index('<div id="root">')
    assert root < page.index(WORD) < page.index("</body>")
    assert page.index("history.pushState") < page.index("</head>")
    assert "<title>gradlab</title>" in page
    there = (STATIC / "index.html").read_text()
    for line in there.splitlines():
        if "<script" in line or "<link" in line:
            assert line in page, "all that Streamlit asks for is still there"
    zipped = get(app, path, **PAGE, **ZIPPED)
    assert (zipped[1]["content-encoding"], gzip.decompress(zipped[2])) == ("gzip", body)


def test_a_page_that_the_browser_kept_from_before_is_sent_again(app: ASGIApp) -> None:
    tag = get(app, "/")[1]["etag"]
    status, headers, body = get(app, "/", **PAGE, if_none_match=tag)
    assert status == 200
    assert WORD.encode() in body
    assert not {"etag", "last-modified"} & set(headers)


def test_of_another_streamlit_the_page_stays_as_it_is() -> None:
    assert shell.first_html("<html><body><main></main></body></html>") == "<html><body><main></main></body></html>"


def test_a_file_that_failed_once_is_asked_for_again() -> None:
    failing = [OSError("no file handles left")]

    async def now_and_then(scope: Any, receive: Any, send: Any) -> None:
        if failing:
            raise failing.pop()
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/css")]})
        await send({"type": "http.response.body", "body": b"a {}"})

    app = shell.Shell(now_and_then)
    with pytest.raises(OSError, match="no file handles"):
        get(app, "/static/css/a.css", **ZIPPED)
    assert gzip.decompress(get(app, "/static/css/a.css", **ZIPPED)[2]) == b"a {}"


@pytest.mark.parametrize("file", [SCRIPT, STYLE], ids=["script", "style"])
def test_who_leaves_while_a_file_is_read_leaves_all_of_it_to_others(app: ASGIApp, file: Path) -> None:
    """A file is no longer read for somebody who is gone; it must not be kept as far as it was read."""

    async def gone() -> Message:
        return {"type": "http.disconnect"}

    async def unheard(message: Message) -> None:
        pass

    async def asked_for_twice() -> tuple[int, Headers, bytes]:
        path = f"/{file.relative_to(STATIC)}"
        headers = [(name.encode(), value.encode()) for name, value in ZIPPED.items()]
        await app({"type": "http", "method": "GET", "path": path, "headers": headers, "query_string": b"",
                   "root_path": "", "scheme": "http", "server": ("here", 80)}, gone, unheard)  # fmt: skip
        return await answer(app, path, ZIPPED)

    assert gzip.decompress(run(asked_for_twice())[2]) == file.read_bytes()


def test_what_is_not_all_there_is_not_kept() -> None:
    bodies = [b"a {", b"a {}"]

    async def cut_short(scope: Any, receive: Any, send: Any) -> None:
        headers = [(b"content-type", b"text/css"), (b"content-length", b"4")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": bodies.pop(0) if len(bodies) > 1 else bodies[0]})

    app = shell.Shell(cut_short)
    assert get(app, "/static/css/a.css", **ZIPPED)[2] == b"a {}", "passed on as it comes"
    assert gzip.decompress(get(app, "/static/css/a.css", **ZIPPED)[2]) == b"a {}"


def test_the_server_that_make_app_starts_has_it() -> None:
    """`streamlit run` looks for the app in the text of the script, and serves what it finds."""
    tree = ast.parse((ROOT / "dashboard.py").read_text())
    (made,) = (node for node in ast.walk(tree) if isinstance(node, ast.Call) and ast.unparse(node.func) == "st.App")
    assert "Middleware(Shell)" in ast.unparse(made)
