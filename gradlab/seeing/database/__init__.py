"""Answers of people, kept: in an SQLite file of this user's, or in any database that a URL names.

    database = open_database()              # $GRADLAB_DATABASE, else answers.sqlite in the user's data folder
    study = database.open_study(protocol)
    person = database.join(study.code)
    database.give(person.key, response)     # once it returns, the answer is on the disk
    table = database.export_csv(study.code)

What is kept of a person: a key and a seed at random, when they joined, and what they answered. Nothing else.
"""

from gradlab.seeing.database.database import Database, open_database
from gradlab.seeing.database.rows import COLUMNS, StudyRow

__all__ = ["COLUMNS", "Database", "StudyRow", "open_database"]
