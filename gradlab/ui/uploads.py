"""How much a visitor may upload at once: Streamlit bounds each file, and keeps as many of them as are sent."""

import re
from collections import Counter
from collections.abc import Awaitable

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit import config, runtime
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager

from gradlab.images.decode import LARGEST_FILE
from gradlab.images.own import MOST

_UPLOAD = re.compile(r"/upload_file/([^/]+)/[^/]+$")
_AT_ONCE = MOST * LARGEST_FILE  # bytes of one session; those of pictures that were taken are let go of


class Uploads:
    """Around the app, for `st.App`: refuses a file of a session that has sent so much that nobody has taken yet."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._coming: Counter[str] = Counter()  # bytes that are on their way

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Answer a request; what is no upload goes by, and nothing of it passes through here."""
        found = _UPLOAD.search(scope.get("path", "")) if scope.get("method") in ("PUT", "POST") else None
        return self._bounded(found[1], scope, receive, send) if found else self._app(scope, receive, send)

    async def _bounded(self, session: str, scope: Scope, receive: Receive, send: Send) -> None:
        most = int(config.get_option("server.maxUploadSize")) * 2**20
        said = Headers(scope=scope).get("content-length", "")
        size = min(int(said), most) if said.isdecimal() else most
        if held_by(session) + self._coming[session] + size > max(_AT_ONCE, most):
            refused = PlainTextResponse("Too much at once: send fewer files", status_code=413)
            await refused(scope, receive, send)
            return
        self._coming[session] += size
        try:
            await self._app(scope, receive, send)
        finally:
            self._coming[session] -= size
            self._coming += Counter()  # forgets the sessions of which nothing is on its way


def held_by(session: str) -> int:
    """How many bytes of a session's uploads Streamlit keeps."""
    manager = _manager()
    files = manager.file_storage.get(session, {}) if manager else {}
    return sum(len(file.data) for file in list(files.values()))


def forget_uploads_of_who_left() -> None:
    """Forget what was uploaded in sessions that are not connected: Streamlit keeps it until they have ended."""
    if manager := _manager():
        for session in list(manager.file_storage):
            if not runtime.get_instance().is_active_session(session):
                manager.remove_session_files(session)


def _manager() -> MemoryUploadedFileManager | None:
    manager = runtime.get_instance().uploaded_file_mgr if runtime.exists() else None
    return manager if isinstance(manager, MemoryUploadedFileManager) else None
