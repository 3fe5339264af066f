"""What the server does before it answers the first visitor, who would otherwise wait for it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module
from pkgutil import walk_packages

from gradlab import ui


@asynccontextmanager
async def ready(app: object) -> AsyncIterator[None]:
    """For `st.App`: the server says that it is there when all that the pages import is imported, PyTorch above all."""
    for module in walk_packages(ui.__path__, f"{ui.__name__}."):
        # The pages themselves are scripts: to import one is to draw it.
        if not module.name.startswith("gradlab.ui.pages"):
            import_module(module.name)
    yield
