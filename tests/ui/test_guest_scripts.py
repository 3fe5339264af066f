"""The script of every page over what a person brought runs after the session, and gives the numbers of the page."""

import hashlib
import io
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import streamlit as st
import test_own_network as uploading
from apps import ROOT, link, open_alone
from PIL import Image
from streamlit.testing.v1 import AppTest
from test_own_pictures import bring, opened

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "networks"))
from folders import CLASSES, folder, state
from safetensors.torch import save

import gradlab
from gradlab.networks.guests import known_guests
from gradlab.types import Exploration
from gradlab.ui.components import takeaway

pytestmark = pytest.mark.slow

PAGE = "gradlab/ui/pages/{}.py"
FRACTION = re.compile(r"-?\d+\.\d+(?:e[-+]?\d+)?|-?\d+e-\d+")
Files = dict[str, Callable[[], str | bytes]]


@pytest.fixture(autouse=True)
def _fresh(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Networks for small images look at pictures first."""
    monkeypatch.setattr("gradlab.ui.state.own.BEGIN", "cifar10")
    st.cache_resource.clear()
    yield
    st.cache_resource.clear()


@pytest.fixture
def files(monkeypatch: pytest.MonkeyPatch) -> Files:
    """What the buttons of the page give, by their labels and keys."""
    made: Files = {}
    button = st.download_button

    def recorded(label: str, data: Any, **options: Any) -> bool:
        made[label] = made[options["key"]] = data
        return button(label, data, **options)

    monkeypatch.setattr(st, "download_button", recorded)
    return made


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> list[Exploration]:
    """The explorations that the page Explore shows."""
    shown: list[Exploration] = []
    draw = takeaway.exploration_files

    def recorded(exploration: Exploration, *others: Any) -> None:
        shown.append(exploration)
        draw(exploration, *others)

    monkeypatch.setattr(takeaway, "exploration_files", recorded)
    return shown


def noise(kind: str, seed: int, size: tuple[int, int] = (48, 40)) -> bytes:
    wide, tall = size
    pixels = np.random.default_rng(seed).integers(0, 256, (tall, wide, 3), np.uint8)
    Image.fromarray(pixels).save(out := io.BytesIO(), kind)
    return out.getvalue()


def script_of(app: AppTest) -> str:
    assert [*app.error] == []
    (script,) = (block.value for block in app.code if "import gradlab" in block.value)
    return str(script)


def ran(script: str, place: Path) -> str:
    """What it prints in a fresh Python, started in a folder."""
    (place / "script.py").write_text(script, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "script.py"], cwd=place, env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, f"{script}\n{done.stderr}"
    return done.stdout


def explored(exploration: Exploration, classes: tuple[str, ...]) -> str:
    """What a script of Explore prints at its end."""
    lines = []
    for form, view in (
        ("clean", exploration.clean),
        ("perturbed", exploration.perturbed),
        ("8-bit", exploration.rounded),
    ):
        named = classes[view.prediction]
        lines.append(f"{form} {named} {view.probabilities.max()!s} {view.measures} changed {view.changed}")
    for k, name in enumerate(classes):
        lines.append(f"{name} {exploration.clean.probabilities[k]!s} {exploration.perturbed.probabilities[k]!s}")
    return "\n".join(lines) + "\n"


def without_key(table: str, key: str) -> str:
    """Images have another key where they are read again."""
    return re.sub(rf"(?m)(^|,){re.escape(key)},", r"\1own,", table)


def assert_printed(table: str, printed: str) -> None:
    """All lines of a table are printed, one below the other; their order may differ."""
    lines = re.sub(r"own-[0-9a-f]{8},", "own,", printed).splitlines()
    head, *rows = table.splitlines()
    first = lines.index(head) + 1
    assert_alike("\n".join(sorted(lines[first : first + len(rows)])), "\n".join(sorted(rows)))


def assert_alike(one: str, other: str) -> None:
    """The same words, and the same numbers but for their last digits: two processes may sum in another order."""
    assert FRACTION.sub("", one) == FRACTION.sub("", other)
    found, wanted = (np.array(FRACTION.findall(text), np.float64) for text in (one, other))
    np.testing.assert_allclose(found, wanted, rtol=1e-4, atol=1e-7)


def assert_ends_like(printed: str, end: str) -> None:
    """The last lines of what is printed are these."""
    lines = end.splitlines()
    assert_alike("\n".join(printed.splitlines()[-len(lines) :]), end.rstrip("\n"))


GUESTS = [
    ("landscape", {"image": "3", "rule": "l2"}, ["line_csv", "plane_csv"]),
    ("gallery", {"rule": "sign", "epsilon": "8/255"}, ["flip_epsilons_csv"]),
    ("gallery", {"gallery": "one", "rows": "sign,raw", "image": "3"}, []),
    ("curves", {"rules": "sign,raw"}, ["curve_csv"]),
    ("compare", {"compare": "models", "rule": "sign", "epsilon": "8/255"}, []),
    ("compare", {"compare": "rules", "rule": "sign", "epsilon": "8/255"}, []),
    ("compare", {"compare": "transfer", "rule": "sign", "epsilon": "8/255"}, ["transfer_csv"]),
]


@pytest.fixture
def guests(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Two networks and images in folders, known to the pages, in the folder that one works in."""
    for name, seed in (("mine", 0), ("other", 1)):
        folder(tmp_path / name, save({key: value.contiguous() for key, value in state(seed=seed).items()}))
    for number in range(9):
        place = tmp_path / "holiday" / CLASSES[number % 3] / f"{number}.png"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(noise("PNG", number))
    monkeypatch.chdir(tmp_path)
    networks = [gradlab.load_network(name) for name in ("mine", "other")]
    with known_guests(networks, {"holiday": gradlab.load_folder("holiday", 32)}):
        yield tmp_path


def sha256_of(place: Path) -> str:
    return hashlib.sha256((place / "model.safetensors").read_bytes()).hexdigest()


def test_explore_with_a_network_and_a_folder(guests: Path, seen: list[Exploration], files: Files) -> None:
    app = open_alone(PAGE.format("explore"), dataset="holiday", model="mine", rule="random", epsilon="8/255", image="3")
    script, images = script_of(app), gradlab.load_folder("holiday")
    assert sha256_of(guests / "mine") in script
    assert images.sha256 in script
    assert_ends_like(ran(script, guests), explored(seen[-1], CLASSES))
    for name in ("Numbers, JSON", "Numbers, CSV"):
        assert images.sha256 in str(files[name]())
        assert sha256_of(guests / "mine") in str(files[name]())


@pytest.mark.parametrize(("page", "chosen", "tables"), GUESTS)
def test_other_pages_with_networks_and_a_folder(
    guests: Path, files: Files, page: str, chosen: dict[str, str], tables: list[str]
) -> None:
    app = open_alone(PAGE.format(page), dataset="holiday", model="mine", **chosen)
    script = script_of(app)
    assert sha256_of(guests / "mine") in script
    assert gradlab.load_folder("holiday").sha256 in script
    printed = ran(script, guests)
    for name in tables:
        table = str(files[name]())
        assert_printed(without_key(table, "holiday"), printed)
        if page in ("landscape", "gallery"):
            assert sha256_of(guests / "mine") in table
            assert gradlab.load_folder("holiday").sha256 in table
    if chosen.get("compare") in ("models", "rules"):
        assert_compared(app, printed)


def assert_compared(app: AppTest, printed: str) -> None:
    """How many images are right under each of the two."""
    points = app.table[-1].value.iloc[:, 1:]
    for n, name in enumerate("AB"):
        ((right, images),) = re.findall(rf"(?m)^{name} .* right (\d+) of (\d+)$", printed)
        assert points.iloc[2, n] == f"{right} ({int(right) / int(images):.1%})"


PICTURES = [("a cat.jpg", noise("JPEG", 0, (1500, 1000)), "image/jpeg"), ("a cat.jpg", noise("PNG", 1), "image/png")]
NAMES = ("a cat.jpg", "a cat (2).jpg")


@pytest.mark.parametrize("saved", [False, True], ids=["files", "what the page saves"])
def test_explore_with_pictures(saved: bool, files: Files, seen: list[Exploration], tmp_path: Path) -> None:
    app = opened(*PICTURES)
    app.session_state["own"].cut(0, (7, 3, 410))
    app.query_params["rule"], app.query_params["epsilon"] = "random", "8/255"
    app.run()
    assert link(app)["rule"] == "random"
    place = int(link(app)["image"])
    script, exploration = script_of(app), seen[-1]
    for name, (_, content, _) in zip(NAMES, PICTURES, strict=True):
        assert hashlib.sha256(content).hexdigest() in script
        (tmp_path / name).write_bytes(content)
    if saved:
        app.button(key="bring").click().run()
        for number, name in enumerate(NAMES):
            app.selectbox(key="own_place").set_value(number).run()
            content = files["Save it"]()
            assert isinstance(content, bytes)
            assert content[1:4] == b"PNG"
            (tmp_path / name).write_bytes(content)
    classes = gradlab.load_batch("cifar10", limit=1).classes
    assert place in (0, 1)
    assert_ends_like(ran(script, tmp_path), explored(exploration, classes))


@pytest.mark.parametrize(
    ("page", "chosen", "tables"),
    [
        ("landscape", {"rule": "l2"}, ["line_csv", "plane_csv"]),
        ("gallery", {"rule": "sign", "epsilon": "8/255"}, ["flip_epsilons_csv"]),
        ("curves", {"rules": "sign"}, ["curve_csv"]),
        ("compare", {"compare": "rules", "rule": "sign", "epsilon": "8/255"}, []),
    ],
)
def test_other_pages_with_pictures(
    page: str, chosen: dict[str, str], tables: list[str], files: Files, tmp_path: Path
) -> None:
    app = opened(*PICTURES)
    key = link(app)["dataset"]
    app.switch_page(PAGE.format(page))
    for name, value in {"dataset": key, **chosen}.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    script = script_of(app)
    assert key not in script, "a key of this session"
    assert [block.value for block in app.code if block.language == "bash"] == []
    for name, (_, content, _) in zip(NAMES, PICTURES, strict=True):
        (tmp_path / name).write_bytes(content)
    printed = ran(script, tmp_path)
    for name in tables:
        assert_printed(without_key(str(files[name]()), key), printed)
    if page == "compare":
        assert_compared(app, printed)


def test_pictures_for_a_network_in_a_folder(guests: Path, seen: list[Exploration]) -> None:
    app = opened(*PICTURES)
    app.selectbox(key="own_network").set_value(f"{gradlab.load_network('mine').card.dataset}/mine").run()
    assert not app.exception
    script = script_of(app)
    assert sha256_of(guests / "mine") in script
    for name, (_, content, _) in zip(NAMES, PICTURES, strict=True):
        (guests / name).write_bytes(content)
    assert_ends_like(ran(script, guests), explored(seen[-1], CLASSES))


@pytest.mark.parametrize("pictures", [False, True], ids=["photographs", "pictures"])
def test_explore_with_a_network_that_was_uploaded(pictures: bool, seen: list[Exploration], tmp_path: Path) -> None:
    app = uploading.dropped(uploading.opened(), uploading.files())
    name, space = link(app)["model"], link(app)["dataset"]
    if pictures:
        app.selectbox(key="dataset").set_value("own").run()
        bring(app, *PICTURES)
        app.selectbox(key="own_network").set_value(f"{space}/{name}").run()
        for file, (_, content, _) in zip(NAMES, PICTURES, strict=True):
            (tmp_path / file).write_bytes(content)
    assert link(app)["model"] == name
    script = script_of(app)
    assert space not in script, "a key of this session"
    folder(tmp_path / name)
    assert sha256_of(tmp_path / name) in script
    assert_ends_like(ran(script, tmp_path), explored(seen[-1], CLASSES))
