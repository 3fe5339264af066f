"""`gradlab app`, `datasets`, `models` and `measures`."""

import json
from pathlib import Path

import pytest
from calling import Call

from gradlab.images.table import DATASETS
from gradlab.measures import METRICS, OPTIONAL
from gradlab.networks import read_cards


def test_app_serves_the_dashboard_of_this_project(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    started = []

    def run(script: str, app: str, arguments: list[str], options: dict[str, object]) -> None:
        assert Path(script).is_file()
        started.append((app, options["server.port"], options["server.address"], options["theme.dark.primaryColor"]))

    monkeypatch.setattr("streamlit.web.bootstrap.run_asgi_app", run)
    assert call("app", "--port", "9000") == (0, "", "")
    assert started == [("dashboard:app", 9000, "127.0.0.1", "#8b93f8")]


@pytest.mark.parametrize(
    ("content", "word"),
    [(None, "got nothing there"), ("networks = 5", "expected a list `networks`"), ("", "got neither")],
)
def test_a_lab_that_defines_nothing(call: Call, tmp_path: Path, content: str | None, word: str) -> None:
    file = tmp_path / "lab.py"
    if content is not None:
        file.write_text(content)
    done = call("app", "--lab", str(file))
    assert (done.code, done.out) == (2, "")
    assert word in done.err
    assert done.err.count("\n") == 1


def test_datasets_says_what_is_at_hand(call: Call) -> None:
    done = call("datasets", "--json", "-")
    content = json.loads(done.out)
    assert (done.code, done.err, list(content)) == (0, "", ["gradlab", "datasets"])
    assert [row["name"] for row in content["datasets"]] == [*DATASETS, "photos"]
    at_hand = {row["name"]: (row["train"], row["test"], row["sample"], row["problem"]) for row in content["datasets"]}
    assert at_hand == dict.fromkeys(DATASETS, (None, None, 2_000, None)) | {"photos": (None, None, 6, None)}
    assert [line.split()[0] for line in call("datasets").out.splitlines()] == ["name", *DATASETS, "photos"]


def test_models_lists_the_shipped_weights(call: Call) -> None:
    done = call("models", "--json", "-")
    content = json.loads(done.out)
    assert (done.code, done.err, list(content)) == (0, "", ["gradlab", "models"])
    names = [card["name"] for card in content["models"]]
    assert names == [*(card.name for card in read_cards()), "efficientnet_lite0"]
    assert {"alexnet", "alexnet-paper", "resnet9", "efficientnet_lite0"} == set(names)
    assert content["models"][0]["recipe"]["name"] == "alexnet"
    lines = call("models").out.splitlines()
    expected = [
        "name",
        "dataset",
        "parameters",
        "clean_accuracy",
        "without_twins",
        "measured_on",
        "trained_on",
        "epochs",
        "fitted",
    ]
    assert lines[0].split() == expected
    assert [line.split()[0] for line in lines[1:]] == names
    shares = {(row["name"], row["dataset"]): row["without_twins"] for row in content["models"]}
    assert {dataset for (_, dataset), share in shares.items() if share is not None} == {"cifar10"}
    assert f"{shares['resnet9', 'cifar10']:.2%}" == "91.15%"


def test_measures_says_what_each_is_and_what_lpips_would_download(
    call: Call, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    monkeypatch.setattr("gradlab.measures.learned.find_spec", lambda name: None)
    done = call("measures", "--json", "-")
    rows = {row["name"]: row for row in json.loads(done.out)["measures"]}
    assert rows.keys() == METRICS.keys() | OPTIONAL.keys()
    assert [name for name, row in rows.items() if not row["available"]] == ["lpips"]
    assert rows["ciede2000_mean"]["source"]["url"] == "https://doi.org/10.1002/col.20070"
    assert rows["psnr"]["noticeable"] == "none known"
    assert "pip install 'gradlab[lpips]'" in done.err
    printed = call("measures")
    assert [line.split()[0] for line in printed.out.splitlines()] == ["name", *rows]
    refused = call("measures", "--download-lpips")
    assert (refused.code, refused.out) == (2, "")
    assert "needs the package lpips" in refused.err
