"""`gradlab.serve` from a script, over an architecture that gradlab has never heard of; and how it ends."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from driving import PATIENCE, ROOT, free_port, link, open_drawn, until, wait_for_server

playwright = pytest.importorskip("playwright.sync_api", reason="needs playwright (requirements-dev.txt)")
pytestmark = [pytest.mark.browser, pytest.mark.slow]

SCRIPT = """
import sys
import torch
import gradlab
from gradlab.networks import known_cards

class Pinwheel(torch.nn.Module):
    '''Rotates the image four times and compares its quarters: in no library.'''

    def __init__(self):
        super().__init__()
        self.mix = torch.nn.Parameter(torch.randn(3, 12, generator=torch.Generator().manual_seed(0)))

    def forward(self, x):
        turned = torch.stack([x.rot90(k, (2, 3))[..., :10, :10].mean((2, 3)) for k in range(4)], 1)
        return 40 * torch.sin(turned.flatten(1)) @ self.mix.T

if __name__ == "__main__":
    network = gradlab.Network(Pinwheel(), classes=("<b>ant</b>", "bee", "cow"), size=20, name="pinwheel")
    images = torch.rand(12, 3, 20, 20, generator=torch.Generator().manual_seed(1))
    gradlab.serve([network], {"holiday": images}, port=int(sys.argv[1]))
    assert "pinwheel" not in [card.name for card in known_cards()], "forgotten"
    print("the script goes on")
"""


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[str, "subprocess.Popen[str]", Path]]:
    (tmp_path / "mine.py").write_text(SCRIPT)
    port, log = free_port(), tmp_path / "log"
    surroundings = os.environ | {"PYTHONPATH": str(ROOT), "GRADLAB_DATA": str(tmp_path), "PYTHONUNBUFFERED": "1"}
    with log.open("w") as said:
        server = subprocess.Popen(
            [sys.executable, "mine.py", str(port)], cwd=tmp_path, env=surroundings, stdout=said, stderr=said, text=True
        )
    try:
        wait_for_server(port, server)  # type: ignore[arg-type]
        yield f"http://127.0.0.1:{port}", server, log
    finally:
        if server.poll() is None:
            server.terminate()
        server.wait(PATIENCE / 1000)


def test_a_script_serves_a_network_of_nobodys(
    served: tuple[str, "subprocess.Popen[str]", Path], new_page: Callable[..., Any]
) -> None:
    address, server, log = served
    page = new_page()
    target = "labels=target%3A%3Cb%3Eant%3C%2Fb%3E"
    open_drawn(page, f"{address}/?dataset=holiday&model=pinwheel&rule=sign&epsilon=8/255&{target}", dataset="holiday")
    assert link(page)["model"] == "pinwheel"
    body = page.locator("body")
    until(page, lambda: "<b>ant</b>" in body.inner_text(), "a class is named as it is written")
    assert "of holiday" in body.inner_text()
    assert page.locator("b").get_by_text("ant", exact=True).count() == 0, "and is no markup"
    open_drawn(page, f"{address}/curves?dataset=holiday&model=pinwheel&labels=predicted", model="pinwheel")
    until(page, lambda: "12 images of holiday" in body.inner_text(), "its curve is of her images")
    page.goto("about:blank")  # whose server ends now
    server.send_signal(signal.SIGINT)
    assert server.wait(PATIENCE / 1000) == 0, log.read_text()
    assert log.read_text().endswith("the script goes on\n")
    assert "Traceback" not in log.read_text()


def test_the_command_serves_a_file_of_ones_own(tmp_path: Path) -> None:
    """`gradlab app --lab`, until Ctrl-C; whatever folder it is started in."""
    (tmp_path / "lab.py").write_text(
        "import gradlab, torch\n"
        "networks = [gradlab.Network(lambda x: 9 * x.mean((2, 3)), ('a', 'b', 'c'), 20, name='means')]\n"
        "images = {'holiday': torch.rand(8, 3, 20, 20)}\n"
    )
    port = free_port()
    surroundings = os.environ | {"PYTHONPATH": str(ROOT), "GRADLAB_DATA": str(tmp_path)}
    command = [sys.executable, "-m", "gradlab", "app", "--port", str(port), "--lab", "lab.py"]
    with (tmp_path / "log").open("w") as said:
        server = subprocess.Popen(command, cwd=tmp_path, env=surroundings, stdout=said, stderr=said)
    try:
        wait_for_server(port, server)
        server.send_signal(signal.SIGINT)
        started = time.perf_counter()
        assert server.wait(PATIENCE / 1000) in (0, 130), (tmp_path / "log").read_text()
        assert time.perf_counter() >= started
    finally:
        if server.poll() is None:
            server.terminate()
            server.wait(PATIENCE / 1000)
    assert "Traceback" not in (tmp_path / "log").read_text()
