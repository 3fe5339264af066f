"""What the server does before it answers the first visitor, and as long as it runs."""

import asyncio
import ctypes
import gc
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module
from pkgutil import walk_packages

from gradlab import ui

_EVERY = 10.0  # seconds


@asynccontextmanager
async def ready(app: object) -> AsyncIterator[None]:
    """For `st.App`: the server says that it is there when all that the pages import is imported, PyTorch above all."""
    for module in walk_packages(ui.__path__, f"{ui.__name__}."):
        # The pages themselves are scripts: to import one is to draw it.
        if not module.name.startswith("gradlab.ui.pages"):
            import_module(module.name)
    gc.collect()
    gc.freeze()  # what was imported stays: collecting garbage need not look through it
    tidying = asyncio.create_task(_tidy())
    try:
        yield
    finally:
        tidying.cancel()


async def _tidy() -> None:
    """Collect garbage, and give memory that was freed back to the system, now and then.

    glibc keeps it, apart for each of many threads, and Streamlit runs each visitor's page in threads of their own: the
    server seems to grow by hundreds of MB. Other C libraries have no such function and go without.
    """
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform == "linux" else None
    while True:
        await asyncio.sleep(_EVERY)
        await asyncio.to_thread(gc.collect)
        if trim:
            await asyncio.to_thread(trim, 0)
