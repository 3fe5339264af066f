"""`gradlab answers`: what people answered, listed, exported, closed and deleted."""

import argparse
import sys
from dataclasses import asdict
from typing import Any

from gradlab.cli.output import show, write_text
from gradlab.errors import BadValueError


def answers(options: argparse.Namespace) -> None:
    """Open the database and do what was asked for."""
    from gradlab.seeing.database import open_database

    database = open_database(options.database)
    try:
        {
            "list": _list,
            "export": _export,
            "close": _close,
            "delete": _delete,
            "delete-participant": _delete_participant,
        }[options.action](database, options)
    finally:
        database.close()


def _list(database: Any, options: argparse.Namespace) -> None:
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


def _export(database: Any, options: argparse.Namespace) -> None:
    table = database.export_csv(options.code)
    if options.csv is not None:
        write_text(options.csv, table)
    else:
        print(table, end="")


def _close(database: Any, options: argparse.Namespace) -> None:
    database.close_study(options.code)
    print(f"gradlab answers: study {options.code} is closed", file=sys.stderr)


def _delete(database: Any, options: argparse.Namespace) -> None:
    given = database.everybody(options.code)
    what = f"study {options.code} (participants: {len(given)}, answers: {sum(map(len, given.values()))})"
    if not options.yes:
        raise BadValueError(f"expected --yes beside it, which deletes {what} for good; nothing was deleted")
    database.delete_study(options.code)
    print(f"gradlab answers: deleted {what}", file=sys.stderr)


def _delete_participant(database: Any, options: argparse.Namespace) -> None:
    count = len(database.responses(options.key))
    database.delete_participant(options.key)
    print(f"gradlab answers: deleted one participant (answers: {count})", file=sys.stderr)
