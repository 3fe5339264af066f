"""The command line: `python -m gradlab COMMAND`, or `gradlab COMMAND` once installed.

Results go to stdout, as a table or with `--json PATH` as JSON (`-` is stdout, and then nothing else is printed there);
progress and messages go to stderr. Exit codes: 0; 2 for a bad argument or input, with one line; 130 when interrupted.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from gradlab.arguments import parse_arguments
from gradlab.cli import commands
from gradlab.cli.answers import answers
from gradlab.cli.paper import paper
from gradlab.errors import BadValueError, GradlabError

_RUN = {
    "app": commands.app,
    "datasets": commands.datasets,
    "models": commands.models,
    "measures": commands.measures,
    "fetch": commands.fetch,
    "perturb": commands.perturb,
    "sweep": commands.sweep,
    "paper": paper,
    "train": commands.train,
    "answers": answers,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return the exit code."""
    options = parse_arguments(arguments)
    try:
        _check_outputs(options)
        _RUN[options.command](options)
    except (GradlabError, OSError) as error:
        print(f"gradlab {options.command}: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print(f"gradlab {options.command}: interrupted", file=sys.stderr)
        return 130
    return 0


def _check_outputs(options: argparse.Namespace) -> None:
    """Before any work is done: whatever is to be written has a place to go."""
    for flag, name in (("--json", "json_path"), *((f"--{name}", name) for name in ("out", "csv", "html", "save"))):
        given = getattr(options, name, None)
        if given is None or given == "-":
            continue
        path = Path(given)
        if path.is_dir():
            raise BadValueError(f"{flag} {given}: expected a file's name, got a folder")
        if not path.parent.is_dir():
            raise BadValueError(f"{flag} {given}: expected a folder that exists, got {path.parent}")
        if not os.access(path if path.exists() else path.parent, os.W_OK):
            raise BadValueError(f"{flag} {given}: expected a place that may be written to")
