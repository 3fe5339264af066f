"""What the page *Paper* and the README's tables say of networks, gradients and a second measurement, counted anew.

The claims and the comparison at equal budget have tests of their own.
"""

from dataclasses import replace
from statistics import median

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from random_results import SEEDS, checked, predicted_beside, sweeps
from reading import COUNT, EPSILON, NUMBER, SHARE, apart, count, epsilon_of, read, says

from gradlab.networks import read_cards
from gradlab.report import gradients_table, networks_markdown
from gradlab.types import FloatGradients, LabelSource, Rule, SweepResult
from gradlab.ui.paper.again import _verdict
from gradlab.ui.paper.gradients import _basis
from gradlab.ui.paper.networks import _row
from gradlab.ui.paper.written import images_text

BOTH = (Rule.SIGN, Rule.RAW)
PSNR = rf"(?:(?P<psnr>{NUMBER}) dB|(?P<infinite>∞ \(.*\)))"


def right(said: np.ndarray, labels: np.ndarray) -> int:
    return sum(a == b for a, b in zip(said.tolist(), labels.tolist(), strict=True))


def check_found(
    said: dict[str, str], rule: Rule, result: SweepResult, side: int, error: bool = False
) -> tuple[int, int]:
    """A figure is that of the other half where it was found, and so is the PSNR; how many of either half are right."""
    choose, report = apart(result)
    curve = result.curve(rule)
    (k,) = [k for k, e in enumerate(curve.epsilons) if abs(epsilon_of(said["epsilon"]) - e) <= 1e-3 * abs(e)]
    known = curve.psnr.shape[1] == result.images
    psnr = median(curve.psnr[k][report].tolist() if known else curve.psnr[k].tolist())
    found = right(curve.predictions[k][report], result.labels[report])
    assert np.sign(curve.epsilons[k]) == side
    assert says(said["share"], (len(report) - found if error else found) / len(report))
    assert says(said["psnr"], psnr) if np.isfinite(psnr) else "infinite" in said
    return right(curve.predictions[k][choose], result.labels[choose]), found


def counts(result: SweepResult, rule: Rule, side: int) -> list[int]:
    """How many of the images that are chosen on are right, at each epsilon of a side."""
    choose, curve = apart(result)[0], result.curve(rule)
    rows = curve.predictions[np.sign(curve.epsilons) == side]
    return [right(row[choose], result.labels[choose]) for row in rows]


@checked
@given(sweeps(rules=BOTH, datasets=("cifar10",), labels="true"))
def test_the_row_of_a_network(result: SweepResult) -> None:
    """In the README and on the page: the same figures."""
    _, _, line = networks_markdown([result], {"cifar10": "CIFAR-10"}, {}, {}).split("\n")
    readme = [cell.strip().replace("`", "") for cell in line.removeprefix("|").removesuffix("|").split("|")]
    card = next(card for card in read_cards() if card.dataset == "cifar10")
    row = _row(card, result, None, 40.0)
    page = {name: cell.replace("\u00a0", " ").replace("\u2011", "-") for name, cell in row.items()}
    clean = right(result.clean_predictions, result.labels)
    assert (readme[2], page["measured on"]) == (f"{result.images}", f"{result.images} test images")
    assert says(readme[3], clean / result.images)
    assert says(page["clean"], clean / result.images)
    at = rf"(?P<share>{SHARE}) \((?P<rule>sign|plain gradient) (?P<epsilon>{EPSILON}), {PSNR}\)"
    on_page = rf"\*\*(?P<share>{SHARE})\*\* (?P<rule>sign|plain gradient), ε = (?P<epsilon>{EPSILON}), {PSNR}"
    names = {"sign": Rule.SIGN, "raw": Rule.RAW, "plain gradient": Rule.RAW}
    reported = bool(apart(result)[1])
    lowest = ((at, readme[5], Rule.SIGN), (on_page, page["lowest, sign"], Rule.SIGN),
              (on_page, page["lowest, plain gradient"], Rule.RAW))  # fmt: skip
    for pattern, cell, rule in lowest:
        best = min(counts(result, rule, 1), default=None) if reported else None
        assert (cell == "–") == (best is None)
        if best is not None:
            assert check_found(read(pattern, cell), rule, result, 1)[0] == best
    for pattern, cell in ((at, readme[7]), (on_page, page["lowest error"])):
        sides = [max(found) for rule in BOTH if reported and (found := counts(result, rule, -1))]
        assert (cell == "–") == (not sides)
        if sides:
            said = read(pattern, cell)
            rule = names[said["rule"]]
            assert check_found(said, rule, result, -1, error=True)[0] == max(counts(result, rule, -1))
    assert readme[6] == page["plain gradient, unseen"] == "–", "without the part at equal change it is not known"
    assert readme[8] == ""


@st.composite
def measured_twice(draw: st.DrawFn) -> tuple[dict[LabelSource, SweepResult], dict[LabelSource, SweepResult]]:
    """Two baselines of one network, the second with other answers, epsilons or images here and there."""
    true, seed = draw(sweeps(rules=BOTH, datasets=("cifar10",), labels="true")), draw(SEEDS)
    first = {LabelSource.TRUE: true, LabelSource.PREDICTED: predicted_beside(true, seed)}
    changed, fewer = draw(st.sampled_from((0.0, 0.0, 0.1))), draw(st.booleans())
    return first, {labels: again(result, seed, changed, fewer) for labels, result in first.items()}


def again(result: SweepResult, seed: int, changed: float, fewer: bool) -> SweepResult:
    chance, kept = np.random.default_rng(seed), slice(0, -1 if fewer and result.images > 1 else None)
    curves = []
    for curve in result.curves:
        rows = curve.predictions[:, kept]
        other = np.where(chance.random(rows.shape) < changed, 0, rows).astype(np.int16)
        curves.append(replace(curve, predictions=other, rounded=None))
    facts = {name: getattr(result, name)[kept] for name in ("indices", "labels", "clean_predictions")}
    return replace(result, curves=tuple(curves), **facts)


def answers(result: SweepResult) -> dict[tuple[object, float, int], int]:
    """Each prediction, by rule, epsilon and image."""
    said: dict[tuple[object, float, int], int] = {}
    for n, place in enumerate(result.indices.tolist()):
        said["clean", 0.0, place] = int(result.clean_predictions[n])
        for curve in result.curves:
            for k, epsilon in enumerate(curve.epsilons.tolist()):
                said[curve.rule, epsilon, place] = int(curve.predictions[k, n])
    return said


@checked
@given(measured_twice())
def test_what_a_second_measurement_says(
    both: tuple[dict[LabelSource, SweepResult], dict[LabelSource, SweepResult]],
) -> None:
    stored, fresh = both
    figures = {name: {"clean": None} for name in ("old", "new")}
    text = _verdict(stored, fresh, figures["old"], figures["new"])
    said = read(
        rf"Both measurements have (?P<compared>{COUNT}) predictions .*, \*\*(?P<differ>{COUNT})\*\* are not the "
        rf"same\.(?: The figures rest on (?P<here>{COUNT}) images here and on (?P<there>{COUNT}) there, .*"
        r"| All figures are the same\.)",
        text,
    )
    pairs = [(answers(stored[labels]), answers(fresh[labels])) for labels in stored]
    assert count(said["compared"]) == sum(len(one.keys() & other.keys()) for one, other in pairs)
    differ = sum(one[key] != other[key] for one, other in pairs for key in one.keys() & other.keys())
    assert count(said["differ"]) == differ
    before, after = (baselines[LabelSource.TRUE].images for baselines in (stored, fresh))
    assert ("here" in said) == (before != after)
    assert "here" not in said or (count(said["here"]), count(said["there"])) == (after, before)


@checked
@given(st.integers(1, 26_032), st.sampled_from(("cifar10", "svhn")))
def test_of_how_many_images(images: int, dataset: str) -> None:
    whole = {"cifar10": 10_000, "svhn": 26_032}[dataset]
    said = read(
        rf"(?:all (?P<all>{COUNT})|(?P<some>{COUNT}) of the (?P<of>{COUNT})) test images of .+",
        images_text(images, dataset),
    )
    assert ("all" in said) == (images == whole)
    assert count(said.get("all") or said["some"]) == images
    assert count(said.get("all") or said["of"]) == whole


@st.composite
def float_gradients(draw: st.DrawFn) -> FloatGradients:
    images = draw(st.sampled_from((1, 7, 2_000)))
    counted = st.integers(0, images)
    lost, epsilons = draw(counted), draw(st.sampled_from(((4 / 255,), (4 / 255, 8 / 255))))
    same, alike = draw(st.booleans()), tuple(draw(counted) for _ in epsilons)
    libraries = ("torchattacks", "foolbox", "ART")
    right = {who: alike if same else tuple(draw(counted) for _ in epsilons) for who in libraries}
    right |= {who: tuple(draw(counted) for _ in epsilons) for who in ("gradlab", "float64")}
    turned = draw(st.integers(0, images - lost))
    return FloatGradients(
        "tiny", "cifar10", "abc", "test", "sample", images, lost, turned, draw(st.floats(0, 1)), draw(counted),
        epsilons, right, draw(st.sampled_from(("CPU (a test)", "GPU (a test)"))), "gradlab 0.1.0",
    )  # fmt: skip


@checked
@given(st.lists(float_gradients(), min_size=1, max_size=3))
def test_what_float32_makes_of_gradients(rows: list[FloatGradients]) -> None:
    for row, cells in zip(rows, gradients_table(rows, {"cifar10": "CIFAR-10"}), strict=True):
        assert says(cells["lost or turned"], (row.lost + row.turned) / row.images)
        assert says(cells["wrong signs"], row.wrong_signs)
        for k, epsilon in enumerate(row.epsilons):
            step = f"+{epsilon * 255:g}/255"
            for who in ("gradlab", "float64"):
                assert says(cells[f"{who}, {step}"], row.right[who][k] / row.images)
            peers = ("torchattacks", "foolbox", "ART")
            shared = cells[f"{', '.join(peers)}, {step}"].split(" / ")
            assert len(shared) in {1, 3}, "one for all, or each its own"
            for who, share in zip(peers, shared * (3 // len(shared)), strict=True):
                assert says(share, row.right[who][k] / row.images), who
    said = read(
        rf"On (?P<few>{COUNT})(?: to (?P<many>{COUNT}))? test images of each .*"
        r" The files have 95 % Wilson intervals\. Measured on (?P<on>.*) with .*",
        " ".join(_basis(rows)),
    )
    images = [row.images for row in rows]
    assert (count(said["few"]), count(said.get("many", said["few"]))) == (min(images), max(images))
    assert set(said["on"].split(" and ")) == {row.device for row in rows}
