"""All that a person brings, in one sitting: a photograph, a network in two files, and a folder of photographs."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from driving import PATIENCE, ROOT, free_port, open_drawn, until, wait_for_link, wait_for_server
from PIL import Image
from safetensors.torch import save_file

import gradlab
from gradlab.networks.check import NAMES as NAMES_OF_CHECKS

playwright = pytest.importorskip("playwright.sync_api", reason="needs playwright (requirements-dev.txt)")
pytestmark = [pytest.mark.browser, pytest.mark.slow]

CLASSES = ("Egyptian cat", "espresso", "missile", "bobsled", "palace", "daisy")  # of her folder: what she says is there


@pytest.fixture(scope="module")
def hers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A photograph, `cat.png`; a folder of photographs in subfolders, `holiday`; a network, `network`."""
    here = tmp_path_factory.mktemp("hers")
    with Image.open(ROOT / "assets/samples/photos.webp") as sheet:
        photographs = [sheet.convert("RGB").crop((224 * k, 0, 224 * (k + 1), 224)) for k in range(6)]
    photographs[0].save(here / "cat.png")
    for name, photograph in zip(CLASSES, photographs, strict=True):
        (here / "holiday" / name).mkdir(parents=True)
        photograph.save(here / "holiday" / name / "one.png")
    (here / "network").mkdir()
    module = gradlab.load_model("efficientnet_lite0", "photos", "cpu")[1]  # 18 MB: more than a picture may have
    save_file({name: value.contiguous() for name, value in module.state_dict().items()}, here / "network" / NAMES[1])
    config = {
        "architecture": "tf_efficientnet_lite0", "num_classes": 1_000,
        "pretrained_cfg": {"mean": [0.5] * 3, "std": [0.5] * 3, "input_size": [3, 224, 224]},
    }  # fmt: skip
    (here / "network" / NAMES[0]).write_text(json.dumps(config))
    return here


NAMES = ("config.json", "model.safetensors")


@pytest.fixture(scope="module")
def lab(hers: Path) -> Iterator[str]:
    """The dashboard over her folder."""
    port, log = free_port(), hers / "log"
    command = [sys.executable, "-m", "gradlab", "app", "--port", str(port), "--images", f"holiday={hers / 'holiday'}"]
    surroundings = os.environ | {"PYTHONPATH": str(ROOT), "GRADLAB_DATA": str(hers)}
    with log.open("w") as said:
        server = subprocess.Popen(command, cwd=ROOT, env=surroundings, stdout=said, stderr=said)
    try:
        wait_for_server(port, server)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(PATIENCE / 1000)
    assert "Traceback" not in log.read_text()


def test_her_photograph_her_network_and_her_folder(lab: str, hers: Path, new_page: Callable[..., Any]) -> None:
    page = new_page()
    page.goto(f"{lab}/?dataset=own")
    uploader = page.locator("[data-testid=stFileUploaderDropzoneInput]")
    uploader.set_input_files(hers / "cat.png")
    page.get_by_text("picture 1 of 1").wait_for()
    wait_for_link(page, model="efficientnet_lite0", labels="predicted")
    said = page.get_by_text("network:")
    first = said.nth(1).inner_text().split(",")[0]
    page.get_by_role("slider", name="Step size").focus()
    for _ in range(12):
        page.keyboard.press("ArrowRight")
    until(page, lambda: said.nth(1).inner_text().split(",")[0] != first, "with a longer step, the class is another one")

    open_drawn(page, f"{lab}/?dataset=holiday&model=efficientnet_lite0&image=0", dataset="holiday")
    page.get_by_role("button", name="Your network").click()
    uploader.set_input_files([hers / "network" / name for name in NAMES])  # while the one that is there is checked
    page.get_by_role("button", name="Remove your network").wait_for()
    page.get_by_role("button", name="Stop").click()  # heard while the check goes on
    page.get_by_role("button", name="Go on").click()
    for name in NAMES_OF_CHECKS:  # as they come: all together take minutes on a machine with much to do
        page.get_by_text(f"{name}, passed").first.wait_for()
    page.get_by_text("The network passes all").wait_for()
    page.keyboard.press("Escape")
    until(page, lambda: "model=own-" in page.url, "her network is the chosen one")

    page.get_by_role("link", name="Curves").click()
    page.get_by_text("6 images of holiday").first.wait_for()
    wait_for_link(page, dataset="holiday")
    assert "model=own-" in page.url
    page.locator("[data-testid=stPlotlyChart]").first.wait_for()
