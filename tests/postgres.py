"""A PostgreSQL server of the tests' own: made in a temporary folder, reached through a socket there, by password."""

import os
import pwd
import shutil
import subprocess
import tempfile
from itertools import count
from pathlib import Path
from urllib.parse import quote

PASSWORD = "pa:ss/w@rd-1"
_NAMES = count()


def find_programs() -> Path | None:
    """The folder with `initdb` and `pg_ctl`; Debian keeps them off the PATH."""
    on_path = shutil.which("initdb")
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[4]))
    return Path(on_path).parent if on_path else found[-1].parent if found else None


class Server:
    """Started when made; knows how to stop, start, and make empty databases."""

    def __init__(self, programs: Path) -> None:
        # Not pytest's folder: other users may not enter that, and a socket's path may have but 107 characters.
        self.folder = Path(tempfile.mkdtemp(prefix="gradlab-pg-"))
        self.programs = programs
        self.user: dict[str, str] = {}
        if os.geteuid() == 0:  # PostgreSQL refuses to run as root
            account = pwd.getpwnam(
                "postgres" if "postgres" in {entry.pw_name for entry in pwd.getpwall()} else "nobody"
            )
            self.user = {"user": account.pw_name}
            os.chown(self.folder, account.pw_uid, account.pw_gid)
        secret = self.folder / "secret"
        secret.write_text(PASSWORD + "\n")
        secret.chmod(0o644)
        self._run(
            "initdb", "--auth=scram-sha-256", "--username=gradlab", f"--pwfile={secret}", "--no-sync", "--no-locale",
            "--encoding=UTF8",
        )  # fmt: skip
        # Nobody pulls the plug of the tests' machine: what the system has taken is safe from any killed process.
        options = f"\nlisten_addresses = ''\nunix_socket_directories = '{self.folder}'\nfsync = off\n"
        with (self.folder / "data" / "postgresql.conf").open("a") as file:
            file.write(options + "shared_buffers = 16MB\nmax_connections = 60\n")
        self.start()

    def start(self) -> None:
        self._run("pg_ctl", "start", "--wait", "--silent", f"--log={self.folder}/log")

    def stop(self, mode: str = "fast") -> None:
        """`immediate` is what a crash is to its clients, and to what it wrote."""
        self._run("pg_ctl", "stop", "--wait", "--silent", f"--mode={mode}")

    def remove(self) -> None:
        self.stop("immediate")
        shutil.rmtree(self.folder)

    def new_database(self) -> str:
        """The URL of an empty one."""
        name = f"test_{os.getpid()}_{next(_NAMES)}"
        self.execute(f"CREATE DATABASE {name}")
        return self.url(name)

    def url(self, database: str, password: str = PASSWORD) -> str:
        return f"postgresql://gradlab:{quote(password, safe='')}@/{database}?host={self.folder}"

    def execute(self, statement: str, database: str = "postgres") -> None:
        """Beside gradlab, as an administrator would."""
        import psycopg

        with psycopg.connect(self.url(database), autocommit=True) as connection:
            connection.execute(statement.encode())

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self.programs / program), f"--pgdata={self.folder}/data", *arguments]
        # Not through pipes: the server would hold them open, and be waited for.
        with (self.folder / "output").open("ab+") as output:
            code = subprocess.call(
                command, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=output, stderr=output, **self.user
            )
            output.seek(0)
            assert code == 0, f"{program} ended with {code}: {output.read().decode()}"
