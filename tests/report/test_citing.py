"""What is cited is the same everywhere, and of this version; a caption says all that a reader of a figure needs."""

import re
from pathlib import Path

import pytest

import gradlab
from gradlab.report import GRADLAB_BIBTEX, PAPER_BIBTEX, figure_caption
from gradlab.shipped import __version__
from gradlab.types import LabelSource, Rule

ROOT = Path(__file__).resolve().parents[2]


def test_the_citation_is_of_this_version_and_the_same_in_the_readme() -> None:
    cff = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert re.findall(r"^version: (.+)$", cff, re.M) == [__version__]
    assert f"version = {{{__version__}}}" in GRADLAB_BIBTEX
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert GRADLAB_BIBTEX in readme
    assert PAPER_BIBTEX in readme
    (title,) = re.findall(r'^title: "(.+)"$', cff, re.M)
    assert title in GRADLAB_BIBTEX
    names = re.findall(r"family-names: (.+)\n +given-names: (.+)", cff)
    assert " and ".join(f"{family}, {given}" for family, given in names) in PAPER_BIBTEX


@pytest.mark.parametrize(
    ("rule", "epsilon", "labels", "told"),
    [
        (Rule.SIGN, 8 / 255, "true", "g is the gradient of the loss for the true class"),
        (Rule.RAW, -0.5, "target:cat", "g is the gradient of the loss for a target class, cat"),
        (Rule.RANDOM, 8 / 255, "true", "which knows nothing of the network"),
        (Rule.SIGN, 0.0, "predicted", "ε = 0 changes nothing"),
    ],
)
def test_a_caption_says_what_was_done_and_what_came_of_it(rule: Rule, epsilon: float, labels: str, told: str) -> None:
    one = gradlab.load_batch("cifar10", limit=1, source="sample")
    model = gradlab.load_model("alexnet", "cifar10")
    seen = gradlab.explore(model, one, rule, epsilon, labels=labels)
    for rounded, view in ((False, seen.perturbed), (True, seen.rounded)):
        said = figure_caption(
            seen, rule, epsilon, LabelSource.parse(labels), images="CIFAR-10", place=7, classes=one.classes,
            network="alexnet", weights="abcdef0123456789", gain=16, rounded=rounded,
        )  # fmt: skip
        assert told in said
        assert f"({rule.unit.row.words})" in said
        assert f"test image 7 of CIFAR-10, true class {one.classes[seen.label]}; alexnet says" in said
        assert f"alexnet says {one.classes[view.prediction]} ({view.probabilities.max():.1%})" in said
        assert f"L2 {view.measures['l2']:.4g}, L∞ {view.measures['linf'] * 255:.3g}/255, PSNR" in said
        assert ("PSNR ∞ (nothing changed)" in said) == (epsilon == 0)
        assert "16 times stronger" in said
        assert "SHA-256 abcdef012345…" in said
        assert f"gradlab {__version__}" in said
        assert ("after rounding" in said) == rounded
        assert ("goes away from it" in said) == (epsilon > 0 and not rule.row.control)
        assert ("goes towards it" in said) == (epsilon < 0)
