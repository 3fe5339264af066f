"""What the server sends before any page is drawn: Streamlit's HTML, scripts and styles, made fit for a slow network.

Streamlit sends its scripts as they are, 6 MB for the first page: to compress them for each visitor anew would cost more
than it saves. They do not change while the server runs, so here each is compressed once, when it is first asked for,
and kept.
"""

import asyncio
import gzip
import re
from collections.abc import Awaitable
from dataclasses import dataclass

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gradlab.ui.components import text

# Names of files, of which there are so many; and their types, since an unknown name is answered with the page.
_FILE = re.compile(r"/static/(?:js|css)/[\w.-]+\.(?:js|css)$")
_FILE_TYPES = ("application/javascript", "text/javascript", "text/css")
_HEAD, _ROOT = "</head>", '<div id="root"></div>'
_CONDITIONS = (b"if-none-match", b"if-modified-since")


@dataclass(frozen=True, eq=False)
class _Answer:
    start: Message
    body: bytes

    @property
    def complete(self) -> bool:
        """Whether the body is as long as its headers say."""
        return Headers(raw=self.start["headers"]).get("content-length") in (None, str(len(self.body)))

    def altered(self, body: bytes, **headers: str) -> "_Answer":
        """The same with another body, and with what its headers say of that."""
        raw = list(self.start["headers"])
        there = MutableHeaders(raw=raw)
        for name in ("accept-ranges", "etag", "last-modified"):
            del there[name]
        there.update({"content-length": str(len(body)), **headers})
        return _Answer({**self.start, "headers": raw}, body)

    def packed(self) -> "_Answer":
        """The same, compressed."""
        said = {"content-encoding": "gzip", "vary": "Accept-Encoding"}
        return self.altered(gzip.compress(self.body, mtime=0), **said)

    async def send(self, send: Send) -> None:
        await send(self.start)
        await send({"type": "http.response.body", "body": self.body})


class Shell:
    """Around the app, for `st.App`: what comes first says that the page is loading, and scripts come compressed."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._packed: dict[str, asyncio.Task[_Answer | None]] = {}

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Answer a request; the visitors' connections go by, and what breaks there is none of ours in the log."""
        reads = scope["type"] == "http" and scope["method"] == "GET"
        return self._read(scope, receive, send) if reads else self._app(scope, receive, send)

    async def _read(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        file = _FILE.search(scope.get("path", ""))
        plain = "gzip" not in headers.get("accept-encoding", "")
        if file and not plain and {"range", "if-none-match"}.isdisjoint(headers):
            await self._file(file.group(), scope, receive, send)
        elif "text/html" in headers.get("accept", ""):
            await self._page(plain, scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _page(self, plain: bool, scope: Scope, receive: Receive, send: Send) -> None:
        # Whoever has kept the page of an earlier gradlab must not hear that it has not changed.
        kept = [(name, value) for name, value in scope["headers"] if name not in (*_CONDITIONS, b"accept-encoding")]
        page = await _whole(self._app, {**scope, "headers": kept}, receive, ("text/html",), send)
        if page:
            page = page.altered(first_html(page.body.decode()).encode())
            await (page if plain else page.packed()).send(send)

    async def _file(self, name: str, scope: Scope, receive: Receive, send: Send) -> None:
        if name not in self._packed:
            self._packed[name] = asyncio.create_task(self._pack({**scope, "headers": []}))
        try:
            packed = await asyncio.shield(self._packed[name])  # others wait for it, whoever gives up
        except Exception:
            self._packed.pop(name, None)
            raise
        if packed:
            await packed.send(send)
        else:
            self._packed.pop(name, None)
            await self._app(scope, receive, send)

    async def _pack(self, scope: Scope) -> _Answer | None:
        # For all visitors: it must not end early where the one leaves who asked first.
        file = await _whole(self._app, scope, _stays(), _FILE_TYPES)
        return await asyncio.to_thread(file.packed) if file and file.complete else None


def first_html(page: str) -> str:
    """Streamlit's page, which is empty until its scripts are there, with a word that it is loading."""
    head = f"<style>{text('shell.css')}</style><script>{text('history.js')}</script>{_HEAD}"
    root = _ROOT.replace("><", f">{text('shell.html')}<")
    page = page.replace("<title>Streamlit</title>", "<title>gradlab</title>")
    return page.replace(_HEAD, head, 1).replace(_ROOT, root, 1)


def _stays() -> Receive:
    """A request without a body, of somebody who waits for the answer however long it takes."""
    asked = False

    async def receive() -> Message:
        nonlocal asked
        if asked:
            await asyncio.Event().wait()
        asked = True
        return {"type": "http.request", "body": b"", "more_body": False}

    return receive


async def _whole(
    app: ASGIApp, scope: Scope, receive: Receive, types: tuple[str, ...], otherwise: Send | None = None
) -> _Answer | None:
    """All that the app answers, if it is something of these types; anything else is passed on as it comes."""
    start: Message | None = None
    body = bytearray()

    async def take(message: Message) -> None:
        nonlocal start
        if message["type"] == "http.response.start" and message["status"] == 200:
            kind = Headers(raw=message["headers"]).get("content-type", "")
            if kind.partition(";")[0] in types:
                start = message
                return
        if start is not None:
            body.extend(message.get("body", b""))
        elif otherwise:
            await otherwise(message)

    await app(scope, receive, take)
    return _Answer(start, bytes(body)) if start else None
