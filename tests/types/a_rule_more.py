"""What has to hold in a copy of the package whose table of rules has one row more, `toy`. Run by `test_rules.py`."""

import json
from pathlib import Path

import numpy as np
import plotly.graph_objects as go
import pytest
import torch
from apps import CURVES, captions, charts, component, link, open_app
from helpers import random_batch, tiny_cnn

import gradlab
from gradlab import report
from gradlab.cli import main
from gradlab.experiments.stored import baseline_of, selected
from gradlab.figures.sweep import sweep_figure
from gradlab.networks import read_cards
from gradlab.report import archive
from gradlab.seeing.blind.protocol import Way, measured
from gradlab.types import Rule, SweepResult
from gradlab.ui import words

TOY = Rule("toy")
OTHERS = tuple(rule for rule in Rule if rule is not TOY)
SHOWN = ["sweep", "--rules", "sign,toy", "--limit", "20"]


@pytest.fixture(scope="module")
def swept() -> SweepResult:
    return gradlab.sweep(tiny_cnn(), random_batch(6), ["sign", "toy"], eight_bit=True)


def test_it_is_a_rule() -> None:
    assert Path(gradlab.__file__).parents[1] == Path(__file__).parents[2], "this is about the copy"
    assert list(Rule)[-1] is TOY
    assert len(OTHERS) == 5


def test_it_takes_its_step() -> None:
    batch = random_batch(4)
    moved = gradlab.perturb(tiny_cnn(), batch.images, batch.labels, 0.001, "toy") != batch.images
    assert float(moved.float().mean()) == pytest.approx(0.5, abs=0.02)


def test_it_is_swept_over_its_grid(swept: SweepResult) -> None:
    assert tuple(swept.curve(TOY).epsilons) == gradlab.default_grid(TOY)
    assert swept.curve(TOY).rounding_defined.all()


def test_figures_draw_it(swept: SweepResult) -> None:
    figure: go.Figure = sweep_figure(swept)
    line = next(trace for trace in figure.data if trace.meta == "toy" and trace.mode == "lines+markers")
    assert (line.name, line.line.color, line.line.dash) == ("toy words", "#E69F00", "longdash")


def test_reports_tell_of_it(swept: SweepResult, tmp_path: Path) -> None:
    assert [entry["rule"] for entry in report.sweep_to_dict(swept)["curves"]] == ["sign", "toy"]
    assert ",toy,pixel," in report.sweep_to_csv(swept)
    assert "toy words, ε in pixel units" in report.sweep_to_html(swept, "")
    assert '"toy"' in report.sweep_code(swept)
    archive.save_result(swept, tmp_path / "swept.npz")
    assert archive.load_result(tmp_path / "swept.npz").curves[1].rule is TOY


def test_people_can_be_asked_what_they_see_of_it() -> None:
    images = torch.full((4, 3, 8, 8), 0.5)
    scale = measured(Way(TOY, images, torch.ones_like(images)))
    assert scale.name == "toy"
    assert len(scale.levels) > 1


def test_the_command_line_takes_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = {kind: tmp_path / f"swept.{kind}" for kind in ("json", "csv", "html")}
    assert main([*SHOWN, *(text for kind, path in files.items() for text in (f"--{kind}", str(path)))]) == 0
    assert [entry["rule"] for entry in json.loads(files["json"].read_text())["curves"]] == ["sign", "toy"]
    assert "toy words" in files["html"].read_text(encoding="utf-8")
    assert "toy" in files["csv"].read_text()
    capsys.readouterr()
    with pytest.raises(SystemExit):
        main(["sweep", "--help"])
    assert "toy" in capsys.readouterr().out


@pytest.mark.parametrize("card", read_cards(), ids=lambda card: f"{card.name}-{card.dataset}")
def test_what_is_shipped_serves_the_other_rules(card: gradlab.networks.ModelCard) -> None:
    baseline = baseline_of(card)
    found = selected(baseline, OTHERS, rounded=True)
    assert [curve.rule for curve in found.curves] == list(OTHERS)


def test_the_paper_is_told_as_before(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["paper", "--dataset", "svhn"]) == 0
    assert "alexnet" in capsys.readouterr().out


def test_a_page_shows_it() -> None:
    app = open_app(rule="toy", epsilon="16/255")
    assert (link(app)["rule"], link(app)["epsilon"]) == ("toy", "16/255")
    assert component(app, "gradlab.scrub")["colour"] == "#E69F00"
    (chosen,) = (one for one in app.get("button_group") if one.label == "Kind of noise")
    assert "toy words" in [option.content for option in chosen.proto.options]
    assert any(r"\mathrm{toy}(g)" in block.value for block in (*app.markdown, *app.caption))
    assert "- **toy words**: The sign of the larger half of the values." in words.RULE_HELP


def test_the_curves_of_a_link_have_it() -> None:
    app = open_app(CURVES, rules="sign,toy", limit="100")
    assert link(app)["rules"] == "sign,toy"
    assert {trace.get("meta") for trace in charts(app)[0]["data"]} >= {"sign", "toy"}


def test_the_curves_that_are_shipped_are_there_beside_it() -> None:
    app = open_app(CURVES, rules="sign,raw")
    assert "10,000" in captions(app)
    assert np.isin(["sign", "raw"], [trace.get("meta") for trace in charts(app)[0]["data"]]).all()
