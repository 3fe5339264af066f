"""The scripts of the page Gallery are run: they print what the backend says."""

from pathlib import Path

import numpy as np
import pytest
from helpers import printed

import gradlab
from gradlab.experiments.gallery import chosen, walk
from gradlab.report import gallery_code, gallery_to_csv, walk_code
from gradlab.steps.epsilon import default_grid
from gradlab.types import LabelSource, Rule


@pytest.mark.parametrize(
    ("rule", "epsilon", "labels", "side", "choice"),
    [
        (Rule.SIGN, 2 / 255, LabelSource.TRUE, 1, ("lost", "flip", ["cat", "ship"])),
        (Rule.RANDOM, 0.0, LabelSource.PREDICTED, -1, ("all", "before", [])),
        (Rule.RAW, -1 / 3, LabelSource.parse("target:dog"), -1, ("flipped", "after", [])),
    ],
)
def test_many_images(
    rule: Rule, epsilon: float, labels: LabelSource, side: int, choice: tuple[str, str, list[str]],
    tmp_path: Path, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    show, order, classes = choice
    batch = gradlab.load_batch("cifar10", limit=60, source="sample")
    every = gradlab.gallery(
        gradlab.load_model("alexnet", "cifar10"), batch, rule, epsilon, side=side, labels=labels
    )  # fmt: skip
    shown = every.at(chosen(every, show, order, [batch.classes.index(name) for name in classes]))
    script = gallery_code(
        "cifar10", "alexnet", rule, epsilon, labels, side=side, images=60, show=show, order=order, classes=classes
    )
    lines = printed(script, tmp_path, capsys).splitlines()
    counts = {float(e): int((every.flips == e).sum()) for e in np.unique(every.flips[np.isfinite(every.flips)])}
    never = int(np.isnan(every.flips).sum())
    wanted = [f"first flip at {e} of {n} images" for e, n in [*counts.items(), *([("nan", never)] if never else [])]]
    assert lines[: len(wanted)] == wanted
    assert lines[len(wanted)] == f"{len(shown)} of 60 images"
    assert "\n".join(lines[len(wanted) + 1 :]).strip() == gallery_to_csv(shown, batch.classes, rule, epsilon).strip()
    assert 0 < len(shown) <= 60


def test_one_image(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    batch = gradlab.load_batch("cifar10", limit=1, seed=3, source="sample")
    place, rules = int(batch.indices[0]), [Rule.L2, Rule.RANDOM]
    found = walk(gradlab.load_model("alexnet", "cifar10"), batch, rules, labels="predicted")
    script = walk_code("cifar10", "alexnet", place, rules, LabelSource.PREDICTED, "sample")
    assert printed(script, tmp_path, capsys).splitlines() == [
        f"{rule} {epsilon} {batch.classes[tiles.predictions[k]]} {tiles.confidence[k]!s}"
        for rule, tiles in found.items()
        for k, epsilon in enumerate(default_grid(rule))
    ]


def test_a_name_cannot_break_out_of_the_code() -> None:
    evil = 'a"]\nimport os\r#\\'
    for code in (
        gallery_code(evil, evil, evil, 0.1, evil, side=1, images=9, show=evil, order=evil, classes=[evil]),
        walk_code(evil, evil, 3, [evil], evil, evil),
    ):
        compile(code, "code", "exec")
        assert not any(line.startswith("import os") for line in code.splitlines())
