"""`gradlab answers`: what people answered, listed, exported, closed and deleted."""

import argparse
import sys
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import Any

from gradlab.cli.command import JSON, by_name, command, option
from gradlab.cli.output import show, write_text
from gradlab.errors import BadValueError

_CODE = option("code", metavar="CODE", help="of the study")
_WHERE = "of the database; default: $GRADLAB_DATABASE, else answers.sqlite in the user's data folder"
_DATABASE = option("--database", metavar="URL", help=_WHERE)


@command(JSON, _DATABASE)
def _list(options: argparse.Namespace, database: Any) -> None:
    """List all studies: when opened and closed, how many people and answers."""
    rows = [
        asdict(row)
        | {"opened": row.opened.isoformat("T", "seconds")}
        | {"closed": row.closed and row.closed.isoformat("T", "seconds")}
        for row in database.studies()
    ]
    if not rows:
        print(f"gradlab answers: no study yet in {database.place}", file=sys.stderr)
    if rows or options.json_path is not None:
        show(rows, options.json_path, "studies", ("code", "opened", "closed", "solo", "participants", "answers"))


@command(_CODE, option("--csv", type=Path, metavar="PATH", help="write a file instead"), _DATABASE)
def _export(options: argparse.Namespace, database: Any) -> None:
    """Write the answers of a study as CSV, to stdout or a file."""
    table = database.export_csv(options.code)
    if options.csv is not None:
        write_text(options.csv, table)
    else:
        print(table, end="")


@command(_CODE, _DATABASE)
def _close(options: argparse.Namespace, database: Any) -> None:
    """Close a study: no more people, no more answers."""
    database.close_study(options.code)
    print(f"gradlab answers: study {options.code} is closed", file=sys.stderr)


@command(_CODE, option("--yes", action="store_true", help="really delete it"), _DATABASE)
def _delete(options: argparse.Namespace, database: Any) -> None:
    """Delete a study, its people and their answers, for good."""
    given = database.everybody(options.code)
    what = f"study {options.code} (participants: {len(given)}, answers: {sum(map(len, given.values()))})"
    if not options.yes:
        raise BadValueError(f"expected --yes beside it, which deletes {what} for good; nothing was deleted")
    database.delete_study(options.code)
    print(f"gradlab answers: deleted {what}", file=sys.stderr)


@command(option("key", metavar="KEY", help="of the person, from the link of their test"), _DATABASE)
def _delete_participant(options: argparse.Namespace, database: Any) -> None:
    """Delete one person and their answers, for good."""
    count = len(database.responses(options.key))
    database.delete_participant(options.key)
    print(f"gradlab answers: deleted one participant (answers: {count})", file=sys.stderr)


@command(actions=by_name(_list, _export, _close, _delete, _delete_participant))
def answers(options: argparse.Namespace) -> None:
    """List, export, close or delete studies of what people saw, or delete a participant."""
    from gradlab.seeing.database import open_database

    with closing(open_database(options.database)) as database:
        answers.actions[options.action].run(options, database)
