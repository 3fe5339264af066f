"""The command line: `python -m gradlab COMMAND`, or `gradlab COMMAND` once installed.

Results go to stdout, as a table or with `--json PATH` as JSON (`-` is stdout, and then nothing else is printed there);
progress, warnings and messages go to stderr. Exit codes: 0; 1 where `check` found a fault; 2 for a bad argument or
input, or an output that could not be written, with one line; 130 when interrupted; 141, silently, when the reader has
gone.
"""

import argparse
import re
import sys
from collections.abc import Mapping, Sequence
from typing import NoReturn

from gradlab.cli import answers, check, explore, paper, perturb, sweep, train, transfer, upkeep
from gradlab.cli.command import Command, by_name
from gradlab.cli.guests import guests_known
from gradlab.cli.output import READER_GONE, readable, say, settle, warnings_said
from gradlab.cli.places import check_outputs
from gradlab.errors import GradlabError
from gradlab.memory import keep_freed
from gradlab.shipped import __version__

COMMANDS = by_name(
    upkeep.app, upkeep.datasets, upkeep.models, upkeep.measures, upkeep.fetch, explore.explore, perturb.perturb,
    sweep.sweep, transfer.transfer, check.check, paper.paper, train.train, answers.answers,
)  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return the exit code."""
    keep_freed()
    with readable():
        try:
            return _run(arguments)
        except BrokenPipeError:
            return READER_GONE
        finally:
            settle()


def parse_arguments(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Read a command line; what is wrong with it ends the process with 2 and one line on stderr.

    Args:
        arguments: what stands after `gradlab`; None takes it from `sys.argv`.
    """
    parser = _Parser(prog="gradlab", description="A laboratory for one-step gradient perturbations of images.")
    parser.add_argument("--version", action="version", version=f"gradlab {__version__}")
    _add(parser, COMMANDS, "command")
    return parser.parse_args(_joined(sys.argv[1:] if arguments is None else arguments))


class _Parser(argparse.ArgumentParser):
    """One line for a bad argument, without the usage."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}\n")


def _add(parser: argparse.ArgumentParser, commands: Mapping[str, Command], dest: str) -> None:
    subs = parser.add_subparsers(dest=dest, required=True, metavar=dest.upper(), parser_class=_Parser)
    for name, command in commands.items():
        sub = subs.add_parser(name, help=command.help, description=command.help)
        for flags, about in command.options:
            sub.add_argument(*flags, **about)
        if command.actions:
            _add(sub, command.actions, "action")


def _joined(arguments: Sequence[str]) -> list[str]:
    """`--epsilon -8/255` as `--epsilon=-8/255`; argparse would take the -8/255 for an option."""
    joined: list[str] = []
    for argument in arguments:
        if joined and joined[-1] in ("--epsilon", "--epsilons") and re.match(r"-[\d.]", argument):
            joined[-1] += f"={argument}"
        else:
            joined.append(argument)
    return joined


def _run(arguments: Sequence[str] | None) -> int:
    name = "help"
    try:
        options = _parsed(arguments)
        name = options.command
        with warnings_said(name):
            check_outputs(options)
            with guests_known(options):
                COMMANDS[name].run(options)
        sys.stdout.flush()  # here, where a full disk can still be reported
    except BrokenPipeError:
        raise
    except (GradlabError, OSError) as error:
        say(name, error)
        return 2
    except KeyboardInterrupt:
        say(name, "interrupted")
        return 130
    return 0


def _parsed(arguments: Sequence[str] | None) -> argparse.Namespace:
    try:
        return parse_arguments(arguments)
    except SystemExit:
        sys.stdout.flush()  # the help, whose reader may have gone
        raise
