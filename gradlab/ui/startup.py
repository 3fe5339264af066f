"""What the server does before it answers the first visitor, and as long as it runs."""

import asyncio
import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module
from pkgutil import walk_packages

from starlette.formparsers import MultiPartParser
from streamlit import config

from gradlab import ui
from gradlab.images.decode import LARGEST_FILE
from gradlab.memory import give_back, keep_freed

_EVERY = 10.0  # seconds


@asynccontextmanager
async def ready(app: object) -> AsyncIterator[None]:
    """For `st.App`: the server says that it is there when all that the pages import is imported, PyTorch above all."""
    keep_freed()
    for module in walk_packages(ui.__path__, f"{ui.__name__}."):
        # The pages themselves are scripts: to import one is to draw it.
        if not module.name.startswith("gradlab.ui.pages"):
            import_module(module.name)
    for name in ("official", "photographs"):  # which the registry, being light, leaves for the first image
        import_module(f"gradlab.images.{name}")
    _bound_uploads()
    gc.collect()
    gc.freeze()  # what was imported stays: collecting garbage need not look through it
    # Nobody waits for this one, which takes a second or two: it has the architecture of the network for photographs.
    libraries = asyncio.create_task(asyncio.to_thread(import_module, "timm"))
    tidying = asyncio.create_task(_tidy())
    try:
        yield
    finally:
        tidying.cancel()
        libraries.cancel()


def _bound_uploads() -> None:
    """Pictures only, or networks, too, where visitors may bring them; nothing of a file goes to the disk."""
    from gradlab.networks.folder import LARGEST_UPLOAD
    from gradlab.ui.serving import uploads_allowed

    largest = LARGEST_UPLOAD if uploads_allowed() else LARGEST_FILE
    config.set_option("server.maxUploadSize", -(-largest // 2**20))
    # Starlette writes what is above one megabyte of a file to the disk, for a moment.
    MultiPartParser.spool_max_size = max(MultiPartParser.spool_max_size, largest + 1)


async def _tidy() -> None:
    """Forget who left, and give what is free then back to the system, now and then."""
    from gradlab.ui.leaving import forget_who_left

    while True:
        await asyncio.sleep(_EVERY)
        forget_who_left()
        await asyncio.to_thread(gc.collect)
        await asyncio.to_thread(give_back)
