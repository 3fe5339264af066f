"""The page of a result: it says where its numbers come from, and needs nothing but itself."""

import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import plotly.graph_objects as go
import pytest
from helpers import curve, result

from gradlab.figures.printed import figure_to_html
from gradlab.figures.sweep import sweep_figure
from gradlab.report import sweep_code, sweep_command, sweep_to_html
from gradlab.types import LabelSource, Rule, SweepResult

KNOWN = result(
    curve(Rule.SIGN, [-8 / 255, 0.0, 8 / 255], [[0, 1, 2, 0], [0, 1, 2, 1], [1, 2, 0, 0]], rounded=[[0] * 4] * 3),
    curve(Rule.RAW, [0.5], [[0, 0, 0, 0]], rounded=[[0, 0, 2, 0]]),
)
ALIKE = replace(KNOWN, curves=KNOWN.curves[:1])  # which a command line makes again
PLAIN = replace(KNOWN, curves=tuple(replace(c, rounded=None) for c in KNOWN.curves))


class Reader(HTMLParser):
    """What a browser makes of a page: tags with their attributes, tables as text, and the text between the tags."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.tables: list[list[list[str]]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attributes)))
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in {"td", "th"}:
            self.tables[-1][-1].append("")

    def handle_data(self, data: str) -> None:
        if self.cdata_elem is None:
            self.text += data
        if self.tags and self.tags[-1][0] in {"td", "th"} and data.strip():
            self.tables[-1][-1][-1] += data


def read(swept: SweepResult, figure: str = "<div>FIGURE</div>") -> Reader:
    return Reader(sweep_to_html(swept, figure))


def test_it_says_where_the_numbers_come_from() -> None:
    reader = read(ALIKE)
    assert dict(reader.tables[0]) == {
        "images": "4 of zoo, test split, drawn with seed 7",
        "from": "the sample embedded in gradlab",
        "network": "tiny",
        "weights, SHA-256": "abc",
        "push away from": (
            "true: the data set's own class. Below 0 the step leads towards it: it is told the right answer."
        ),
        "zero gradients": "0 of 4 images",
        "seed of the random noise": "7",
        "precision": "float32",
        "device": "CPU (a test)",
        "software": "gradlab 0.1.0, torch 2.0.0",
        "time": "1.2 s; 128 images a batch, backward passes: 1",
    }  # fmt: skip
    assert "FIGURE" in reader.text
    assert "4 test images, 75.00% right before the step." in reader.text
    for reproduced in (sweep_command(ALIKE), sweep_code(ALIKE)):
        assert str(reproduced) in reader.text


@pytest.mark.parametrize(
    ("swept", "name", "text"),
    [
        (replace(KNOWN, source="store"), "from", "the full set on disk"),
        (replace(KNOWN, draw_seed=None), "images", "4 of zoo, test split, named one by one"),
        (replace(KNOWN, weights_sha256=""), "weights, SHA-256", "none: a network that gradlab did not load"),
        (
            replace(KNOWN, zero_gradient=np.array([True, False, True, False])),
            "zero gradients", "2 of 4 images; only random noise moves these",
        ),
        (replace(KNOWN, precision="bfloat16"), "precision", "bfloat16; close calls were made again in float32"),
        (
            replace(KNOWN, precision="bfloat16", checked=300, unchecked=29_700),
            "precision",
            "bfloat16; close calls were made again in float32. Of the answers that were not in doubt, 300, chosen at "
            "random, were asked again in float32: none was wrong. So, with 95 % confidence, at most 298 of the other "
            "29,700 are wrong (1%).",
        ),
        (
            replace(KNOWN, label_source=LabelSource.PREDICTED), "push away from",
            "predicted: what the network says of the clean image, right or wrong. No answer is given away.",
        ),
        (
            replace(KNOWN, label_source=LabelSource.parse("target:bee")), "push away from",
            "target:bee: one class for all images. Below 0 every image is pulled towards it; above 0 away from it.",
        ),
    ],
)  # fmt: skip
def test_each_circumstance_is_named(swept: SweepResult, name: str, text: str) -> None:
    assert dict(read(swept).tables[0])[name] == text


def test_the_tables_have_the_numbers_of_the_sweep() -> None:
    _, sign, raw = read(KNOWN).tables
    assert sign[0] == [
        "ε", "accuracy", "right", "accuracy, as saved (8 bit)", "rounding", "probability", "L2", "L∞", "PSNR, dB",
        "clipped",
    ]  # fmt: skip
    assert [row[:3] for row in sign[1:]] == [
        ["−8/255", "100.0% (51.0% to 100.0%)", "4"],
        ["0", "75.0% (30.1% to 95.4%)", "3"],
        ["+8/255", "25.0% (4.6% to 69.9%)", "1"],
    ]
    assert raw[1:] == [
        [
            "+0.5",
            "50.0% (15.0% to 85.0%)",
            "2",
            "75.0% (30.1% to 95.4%)",
            "+25.00 (−36.24 to +69.94)",
            "0.667",
            "1",
            "0.5",
            "6.0",
            "50.00%",
        ]
    ]
    assert sign[2][3:] == ["50.0% (15.0% to 85.0%)", "−25.00 (−77.83 to +50.47)", "1.000", "0", "0", "∞", "0.00%"]


def test_without_rounding_nothing_is_said_of_it() -> None:
    reader = read(PLAIN)
    assert reader.tables[1][0] == ["ε", "accuracy", "right", "probability", "L2", "L∞", "PSNR, dB", "clipped"]
    assert "8 bit" not in reader.text
    assert "ounding" not in reader.text


def test_what_went_otherwise_is_said() -> None:
    assert "<strong>" not in sweep_to_html(KNOWN, "")
    swept = replace(KNOWN, planned=9, failed=np.array([5, 311]), notices=("Memory ran out.",))
    text = read(swept).text
    assert "Memory ran out." in text
    assert "Stopped early: 6 of 9 images are done." in text
    assert "The network gave no finite number for 2 images; left out: 5, 311." in text


def test_where_no_command_line_can_the_page_says_so() -> None:
    assert "No command line makes this very sweep" in read(KNOWN).text
    assert sweep_code(KNOWN) in read(KNOWN).text
    assert "No command line" not in read(ALIKE).text


def test_names_stay_text() -> None:
    evil = "<script>alert('&')</script><img src=x onerror=y>"
    swept = replace(
        KNOWN, dataset=evil, split=evil, source=evil, classes=(evil,) * 3, model=evil, weights_sha256=evil, device=evil,
        precision=evil, software=evil, notices=(evil,), label_source=LabelSource("target", evil),
    )  # fmt: skip
    reader = read(swept, figure="")
    assert not {"script", "img"} & {tag for tag, _ in reader.tags}
    assert reader.text.count(evil) >= 10
    assert {value for row in reader.tables[0] for value in row[1:]} >= {
        evil,
        f"{evil}; close calls were made again in float32",
    }


def test_the_page_refers_to_nothing_outside() -> None:
    reader = read(KNOWN, figure_to_html(sweep_figure(KNOWN)))
    for tag, attributes in reader.tags:
        assert tag not in {"link", "base", "iframe", "object", "embed", "form", "a"}
        assert not {"src", "href", "data", "action", "srcset", "background"} & set(attributes), tag
    policies = [a["content"] for tag, a in reader.tags if a.get("http-equiv") == "Content-Security-Policy"]
    assert len(policies) == 1
    allowed = " ".join(str(policies[0]).replace(";", " ").split())
    assert allowed == ("default-src 'none' img-src data: blob: style-src 'unsafe-inline' script-src 'unsafe-inline'")


def test_the_figure_has_all_that_draws_it() -> None:
    figure = go.Figure(go.Scatter(x=[1, 2], y=[3, 4], name="</script><b>"))
    html = figure_to_html(figure)
    assert html == figure_to_html(figure)
    assert len(html) > 1_000_000  # plotly.js
    assert "</script><b>" not in html
    assert not re.search(r"<script[^>]+src", html)
    assert "<html" not in html
