"""What a visitor leaves behind goes, though nobody else comes or leaves."""

from streamlit import runtime
from streamlit.runtime.caching.ttl_cache import TTLCache

from gradlab.ui.uploads import forget_uploads_of_who_left


def forget_who_left() -> None:
    """Forget the uploads of sessions that are not connected, and all of those that may not come back any more.

    For two minutes Streamlit keeps a session whose connection broke, with all that its pages hold; but it looks for
    those whose time is over only when another one leaves. To be called in the thread of the server's event loop.
    """
    forget_uploads_of_who_left()
    if runtime.exists():
        storage = getattr(runtime.get_instance()._session_mgr, "_session_storage", None)
        waiting = getattr(storage, "_cache", None)
        if isinstance(waiting, TTLCache):
            waiting.expire()
