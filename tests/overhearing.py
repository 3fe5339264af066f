"""What a function of a page would show, without a page."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest import mock

import streamlit

SAYS = ("caption", "markdown", "info", "warning", "success", "table")


def shown(show: Callable[..., Any], *given: Any, **options: Any) -> list[Any]:
    """The texts, and tables, that it hands to Streamlit, in their order."""
    with _heard() as said:
        show(*given, **options)
    return said


@contextmanager
def _heard() -> Iterator[list[Any]]:
    said: list[Any] = []
    with ExitStack() as patches:
        for name in SAYS:
            patches.enter_context(mock.patch.object(streamlit, name, lambda body, **_: said.append(body)))
        yield said
