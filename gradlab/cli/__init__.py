"""The command line: `python -m gradlab COMMAND`, or `gradlab COMMAND` once installed.

Results go to stdout, as a table or with `--json PATH` as JSON (`-` is stdout, and then nothing else is printed there);
progress, warnings and messages go to stderr. Exit codes: 0; 2 for a bad argument or input, or an output that could not
be written, with one line; 130 when interrupted; 141, silently, when whoever reads has gone.
"""

import argparse
import sys
from collections.abc import Sequence

from gradlab.cli import commands
from gradlab.cli.answers import answers
from gradlab.cli.arguments import parse_arguments
from gradlab.cli.paper import paper
from gradlab.cli.places import check_outputs
from gradlab.cli.streams import READER_GONE, readable, say, settle, warnings_said
from gradlab.errors import GradlabError

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
    with readable():
        try:
            return _run(arguments)
        except BrokenPipeError:
            return READER_GONE
        finally:
            settle()


def _run(arguments: Sequence[str] | None) -> int:
    command = "help"
    try:
        options = _parsed(arguments)
        command = options.command
        with warnings_said(command):
            check_outputs(options)
            _RUN[command](options)
        sys.stdout.flush()  # here, where it can still be told that there is no room for it
    except BrokenPipeError:
        raise
    except (GradlabError, OSError) as error:
        say(command, error)
        return 2
    except KeyboardInterrupt:
        say(command, "interrupted")
        return 130
    return 0


def _parsed(arguments: Sequence[str] | None) -> argparse.Namespace:
    try:
        return parse_arguments(arguments)
    except SystemExit:
        sys.stdout.flush()  # the help: whoever reads it may have gone
        raise
