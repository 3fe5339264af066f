"""The dashboard served in this process, over what a person brings beside what is shipped."""

import os
import sys
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from streamlit import config
from streamlit.web import bootstrap

from gradlab.errors import BadValueError, MissingFileError
from gradlab.networks import Network
from gradlab.networks.guests import known_guests

ROOT = Path(__file__).resolve().parents[2]
UPLOADS = "GRADLAB_UPLOADS"  # of networks, by visitors: 1 or 0
_HERE = ("127.0.0.1", "localhost", "::1")


def serve(
    networks: Sequence[Network] = (),
    images: Mapping[str, Any] | None = None,
    port: int = 8501,
    *,
    address: str = "127.0.0.1",
    uploads: bool | None = None,
) -> None:
    """Serve the dashboard over networks and images of your own, beside those that are shipped, until Ctrl-C ends it.

        network = gradlab.Network(module, classes=names, name="mine")
        gradlab.serve([network], {"holiday": gradlab.load_folder("holiday")})

    They are asked for in this process, and forgotten when the server has ended.

    Args:
        networks: each with a name of its own.
        images: by key: an image set as `load_folder` gives it, a `Batch`, or an array (N, C, H, W) in [0, 1]. They are
            made to fit the networks: classes by name, size by what is taken.
        port: where; 0 for a free one.
        address: of this machine only, unless it is another one.
        uploads: whether visitors may bring networks too (`config.json` and `model.safetensors`), each for itself;
            None: only where the address is that of this machine alone.

    Raises:
        BadValueError: for a port, name or key that makes no sense or is taken, or images that no network is for.
        MissingFileError: where gradlab was installed without its dashboard.
    """
    if isinstance(port, bool) or not isinstance(port, int) or not 0 <= port < 2**16:
        raise BadValueError(f"expected a port from 0 to 65,535, got {port!r}")
    dashboard, options = ROOT / "dashboard.py", {**_options(), "server.port": port, "server.address": address}
    if not dashboard.is_file():
        raise MissingFileError(f"{dashboard} is missing: expected gradlab's own folder, with its dashboard")
    allowed = address in _HERE if uploads is None else uploads
    with known_guests(networks, images or {}), _as_a_server(str(dashboard), allowed):
        bootstrap.load_config_options(options)
        bootstrap.run_asgi_app(str(dashboard), "dashboard:app", [], options)


def uploads_allowed() -> bool:
    """Whether visitors may bring networks: as the operator said, or where nobody else can reach the server."""
    said = os.environ.get(UPLOADS)
    return said == "1" if said in ("0", "1") else config.get_option("server.address") in _HERE


@contextmanager
def _as_a_server(script: str, uploads: bool) -> Iterator[None]:
    """Meanwhile, this process is Streamlit's; what that changes of it is put back."""
    path, arguments, said = list(sys.path), list(sys.argv), os.environ.get(UPLOADS)
    config._main_script_path = script
    os.environ[UPLOADS] = "1" if uploads else "0"
    try:
        yield
    except KeyboardInterrupt:  # the server has ended, and uvicorn tells of the Ctrl-C that ended it
        pass
    finally:
        sys.path[:], sys.argv[:] = path, arguments
        os.environ.pop(UPLOADS)
        if said is not None:
            os.environ[UPLOADS] = said


def _options() -> dict[str, Any]:
    """What `.streamlit/config.toml` says, whatever folder this process works in."""
    with (ROOT / ".streamlit" / "config.toml").open("rb") as file:
        return dict(_flat(tomllib.load(file)))


def _flat(values: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in values.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{before}{name}.")
        else:
            yield f"{before}{name}", value
