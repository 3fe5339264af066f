"""What was acknowledged outlives the process that took it, whenever that is killed."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from making import PROTOCOL, answer
from sqlalchemy import text

from gradlab.seeing.database import Database, open_database

HERE = Path(__file__).resolve().parent
GIVER = """
import sys
from making import answer
from gradlab.seeing.database import open_database
database = open_database(sys.argv[1])
number = len(database.responses(sys.argv[2]))
while True:
    database.give(sys.argv[2], answer(number))
    print(number, flush=True)
    number += 1
"""


def killed(url: str, key: str, chance: random.Random) -> list[int]:
    """The numbers that a process printed, each after its answer was taken, until it was killed at a random moment."""
    path = os.pathsep.join([str(HERE.parents[2]), str(HERE)])
    with subprocess.Popen(
        [sys.executable, "-W", "error", "-c", GIVER, url, key],
        env=os.environ | {"PYTHONPATH": path}, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as giver:  # fmt: skip
        assert giver.stdout is not None
        assert giver.stderr is not None
        acknowledged = [giver.stdout.readline() for _ in range(chance.randint(1, 30))]
        time.sleep(chance.uniform(0, 0.02))
        giver.send_signal(signal.SIGKILL)
        acknowledged += giver.stdout.read().splitlines(keepends=True)
        assert giver.wait() == -signal.SIGKILL, giver.stderr.read().decode()
    return [int(line) for line in acknowledged if line.endswith(b"\n")]


@pytest.mark.parametrize("seed", [0, 1])
def test_no_acknowledged_answer_is_lost_when_the_process_is_killed(database: Database, url: str, seed: int) -> None:
    chance = random.Random(seed)
    key = database.join(database.open_study(PROTOCOL).code).key
    database.close()
    kept = 0
    for _ in range(4):
        acknowledged = killed(url, key, chance)
        assert acknowledged == list(range(kept, kept + len(acknowledged)))
        again = open_database(url)
        answers = again.responses(key)
        # One more may have been kept than was said: the process died between the two.
        assert len(answers) - kept - len(acknowledged) in (0, 1)
        assert answers == tuple(map(answer, range(len(answers))))
        assert again.give(key, answer(len(answers))) == answer(len(answers))  # the person goes on
        if again.engine.dialect.name == "sqlite":
            with again.engine.connect() as connection:
                assert connection.execute(text("PRAGMA integrity_check")).scalar() == "ok"
        kept = len(answers) + 1
        again.close()
