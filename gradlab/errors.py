"""Everything that gradlab raises on purpose.

GradlabError
├── UnknownNameError    a data set, model, rule, class, ... that no table has
├── BadValueError       a value of the right kind that makes no sense: epsilon NaN, a limit of 0
│   └── NoLogitsError       a model that gives NaN or infinity for each image
├── MissingFileError    a data set, sample or weights file that is not there
├── CorruptFileError    a file whose content is not what its name or its checksum promises
└── AnswersError        answers of people that cannot be taken or kept
    ├── UnknownStudyError   no study has this code, or nobody in it has this key: never was, or was deleted
    ├── StudyClosedError    the study takes no more people, or no more answers
    ├── NotAskedError       an answer to a trial that was not asked (yet)
    └── DatabaseError       the database is full, locked, gone, of another version, or lets nobody in

Each message is one line that says what was expected and what came. The command line prints it and exits with 2;
the pages show it beside the control it belongs to.
"""

from collections.abc import Iterable
from difflib import get_close_matches


class GradlabError(Exception):
    """The root: catch this to catch whatever gradlab says about its input."""


class UnknownNameError(GradlabError, LookupError):
    """A name that is not in the table it was looked up in.

    Args:
        kind: what was looked for, as a person would say it: `"data set"`.
        name: the name that came.
        choices: the names that exist.
    """

    def __init__(self, kind: str, name: object, choices: Iterable[str]) -> None:
        known = list(choices)
        close = get_close_matches(str(name), known, n=1)
        hint = f" (did you mean {close[0]}?)" if close else ""
        super().__init__(f"unknown {kind} {name!r}{hint}: expected one of {', '.join(known)}")


class BadValueError(GradlabError, ValueError):
    """A value outside of what makes sense."""


class NoLogitsError(BadValueError):
    """A model that gives no number for any image."""


class MissingFileError(GradlabError, FileNotFoundError):
    """A file that is needed and is not there."""


class CorruptFileError(GradlabError):
    """A file whose content is not what it should be."""


class AnswersError(GradlabError):
    """Answers of people that cannot be taken or kept."""


class UnknownStudyError(AnswersError, LookupError):
    """A study, or a person in it, that is not there: it never existed, or was deleted."""


class StudyClosedError(AnswersError):
    """A study that takes no more people, or no more answers."""


class NotAskedError(AnswersError, ValueError):
    """An answer to a trial that was not asked, or not yet."""


class DatabaseError(AnswersError, OSError):
    """A database that is full, locked, gone, of another version, or lets nobody in; its password is never told."""
