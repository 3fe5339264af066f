"""The app with a diary: `python watched.py run dashboard.py ...` is Streamlit, but for a line for each chunk of work.

A line says when a sweep was given the device, and which sweep it was; the diary lies in $GRADLAB_DATA, beside the log.
What an outsider cannot see is thus seen without a trace of it in the app.
"""

import os
import sys
import time
from pathlib import Path
from typing import Any

from streamlit.web import cli

from gradlab.ui.jobs import sweep as sweeps

DIARY = Path(os.environ["GRADLAB_DATA"]) / "diary"
_stream_sweep = sweeps.stream_sweep


class Noted:
    """A lock that writes down each time that it is taken."""

    def __init__(self, lock: Any, who: str) -> None:
        self.lock, self.who = lock, who

    def __enter__(self) -> None:
        self.lock.__enter__()
        with DIARY.open("a") as diary:
            diary.write(f"{time.time()} {self.who}\n")

    def __exit__(self, *error: Any) -> None:
        self.lock.__exit__(*error)


def noted_sweep(model: Any, batch: Any, *arguments: Any, lock: Any, **options: Any) -> Any:
    return _stream_sweep(model, batch, *arguments, lock=Noted(lock, model.card.name), **options)


sweeps.stream_sweep = noted_sweep  # type: ignore[assignment]
sys.exit(cli.main())
