"""A server on the loopback that stands for torchvision's and for the Hub, and networks with weights drawn by chance."""

import hashlib
import io
import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from types import SimpleNamespace
from typing import Any

import pytest
import timm
import torch
import torchvision
from safetensors.torch import save
from torch import nn

from gradlab.networks import fetch_torchvision

TINY = "shufflenet_v2_x0_5"  # 5.5 MB
HUB_TINY = "timm/test_resnet.r160_in1k"  # 2 MB
COMMIT = "0123456789abcdef0123456789abcdef01234567"


@dataclass
class Server:
    """What it has, by path; and what it was asked for.

    Attributes:
        files: content by path.
        headers: more of them, by path.
        breaks: paths whose connection breaks in the middle, and how often still.
        hangs: set it to let answers that wait in their middle go on; None: no answer waits.
        halfway: an answer waits.
    """

    url: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    headers: dict[str, dict[str, str]] = field(default_factory=dict)
    breaks: dict[str, int] = field(default_factory=dict)
    hangs: Event | None = None
    halfway: Event = field(default_factory=Event)
    asked: list[str] = field(default_factory=list)

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        path = handler.path.partition("?")[0]
        self.asked.append(f"{handler.command} {path}")
        start = int((handler.headers.get("Range") or "bytes=0-")[6:].partition("-")[0])
        content, elsewhere = self.files.get(path), "Location" in self.headers.get(path, {})
        handler.send_response(404 if content is None else 302 if elsewhere else 206 if start else 200)
        unknown = {"X-Error-Code": "RepoNotFound"} if path.startswith("/api/") else {}
        for name, value in (self.headers.get(path, {}) if content is not None else unknown).items():
            handler.send_header(name, value)
        body = (content or b"")[start:]
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        if handler.command == "GET":
            with suppress(ConnectionError):  # who asked has had enough
                self._send(handler, path, body)

    def _send(self, handler: BaseHTTPRequestHandler, path: str, body: bytes) -> None:
        if self.hangs:
            handler.wfile.write(body[: len(body) // 2])
            handler.wfile.flush()
            self.halfway.set()
            self.hangs.wait()
        elif self.breaks.get(path):
            self.breaks[path] -= 1
            handler.wfile.write(body[: len(body) // 2])
            handler.close_connection = True
        else:
            handler.wfile.write(body)


@contextmanager
def serving() -> Iterator[Server]:
    """A server while the test lasts."""
    state = Server()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            state.answer(self)

        def do_HEAD(self) -> None:
            state.answer(self)

        def log_message(self, format: str, *given: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    state.url = f"http://127.0.0.1:{server.server_port}"
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield state
    finally:
        if state.hangs:
            state.hangs.set()
        server.shutdown()
        server.server_close()


def torchvision_module(name: str = TINY) -> nn.Module:
    """A network of torchvision's with weights drawn by chance."""
    torch.manual_seed(0)
    return torchvision.models.get_model(name, weights=None).eval()


def pickled(content: object) -> bytes:
    stream = io.BytesIO()
    torch.save(content, stream)  # noqa: TID251 - the format in which torchvision offers its weights
    return stream.getvalue()


def offer(server: Server, patch: pytest.MonkeyPatch, content: bytes, name: str = TINY, digits: str = "") -> str:
    """Serve weights as torchvision does; the name of their file promises their own sha256, or other digits."""
    digits = digits or hashlib.sha256(content).hexdigest()[:8]
    real, path = fetch_torchvision.weights_of(name), f"/models/{name}-{digits}.pth"
    said = SimpleNamespace(url=f"https://download.pytorch.org{path}", meta=real.meta, transforms=real.transforms)
    patch.setattr(fetch_torchvision, "weights_of", lambda asked: said if asked == name else pytest.fail(asked))
    patch.setenv("GRADLAB_TORCHVISION_URL", f"{server.url}/models")
    server.files[path] = content
    return path


def timm_module(name: str = HUB_TINY) -> nn.Module:
    """A network of timm's with weights drawn by chance."""
    torch.manual_seed(0)
    return timm.create_model(name.removeprefix("timm/").partition(".")[0], pretrained=False).eval()


def timm_config(name: str = HUB_TINY, **changes: Any) -> dict[str, Any]:
    """What stands in `config.json` of a network of timm's on the Hub."""
    known = timm.models.get_pretrained_cfg(name.removeprefix("timm/"))
    given = {"input_size": known.input_size, "mean": known.mean, "std": known.std, "license": known.license}
    architecture = name.removeprefix("timm/").partition(".")[0]
    return {"architecture": architecture, "num_classes": 1000, "pretrained_cfg": given} | changes


def offer_on_hub(
    server: Server,
    patch: pytest.MonkeyPatch,
    files: dict[str, bytes],
    name: str = HUB_TINY,
    licence: object = "apache-2.0",
    **promised: str,
) -> None:
    """Serve a repository as the Hub does.

    Args:
        server: the one that serves it.
        patch: sets the variable that names it.
        files: of the repository.
        name: of the repository.
        licence: what its card says.
        promised: checksums that are not those of the files: `git` of config.json, `lfs` of the weights.
    """
    patch.setenv("HF_ENDPOINT", server.url)
    siblings = []
    for file, content in files.items():
        git = hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()
        sha256 = promised.get("lfs") or hashlib.sha256(content).hexdigest()
        large = not file.endswith(".json")
        row = {"rfilename": file, "size": len(content), "blobId": promised.get("git") or git}
        siblings.append(row | ({"lfs": {"sha256": sha256, "size": len(content), "pointerSize": 9}} if large else {}))
        path, there = f"/{name}/resolve/{COMMIT}/{file}", f"/elsewhere/{file}"
        linked = {
            "X-Linked-Etag": f'"{sha256}"',
            "X-Linked-Size": str(len(content)),
            "Location": server.url.replace("127.0.0.1", "localhost") + there,
        }
        server.headers[path] = {"ETag": f'"{git}"', "X-Repo-Commit": COMMIT} | (linked if large else {})
        server.files[path] = b"" if large else content  # a large file lies on another server
        server.files[there] = content
    said = {"id": name, "sha": COMMIT, "cardData": {"license": licence}, "siblings": siblings}
    server.files[f"/api/models/{name}"] = json.dumps(said).encode()
    server.headers[f"/api/models/{name}"] = {"Content-Type": "application/json"}


def hub_files(module: nn.Module | None = None, name: str = HUB_TINY) -> dict[str, bytes]:
    """The two files of a network of timm's."""
    state = (module or timm_module(name)).state_dict()
    return {"config.json": json.dumps(timm_config(name)).encode(), "model.safetensors": save(state)}
