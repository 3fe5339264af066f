"""On every page: what a visitor sees while the server is away, and how the page goes on when it is back."""

import secrets

from gradlab.ui.components import component


def alive() -> None:
    """Watch the connection; to be drawn when the link has been read, and before the page takes its time."""
    name = secrets.token_hex(4)  # of this run: the browser sees that it has begun
    component("alive", "<i hidden></i>")(data={"run": name}, key="alive", height=1, on_back_change=lambda: None)
