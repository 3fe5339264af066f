"""The scripts of the page *Compare*."""

from dataclasses import replace

from gradlab.report.scripts.parts import (
    baseline_lines,
    batch_lines,
    comment,
    image_line,
    literal,
    load_line,
    measured_line,
    model_line,
)
from gradlab.report.scripts.sweep import grids_of
from gradlab.types import Rule, SweepResult, TransferResult


def compare_code(
    a: SweepResult,
    b: SweepResult,
    index: int,
    epsilon: float,
    match: str,
    source: str = "auto",
    *,
    shipped: tuple[bool, bool] = (False, False),
    solved: bool = True,
) -> str:
    """A script that takes both steps with one image, sweeps over all, and prints what the page says of the two.

    Args:
        a: the sweep of the first; its first curve is that of its rule.
        b: that of the second, over another network or under another rule.
        index: the image's place in the test split.
        epsilon: of the first, the signed step in its rule's unit; that of the second follows from `match`.
        match: `l2` for equal distances, or `epsilon`.
        source: where the image comes from: `store`, `sample` or `auto`.
        shipped: of each, whether it was measured beforehand: then it is read, and needs no images.
        solved: at equal `l2`, whether the second's epsilon is solved for over all images; else it is the nearest of its
            curve.
    """
    how = "solved" if match == "l2" and solved else match
    lines = [*_beginning(a, b, epsilon, how), *_one_image(a.dataset, index, epsilon, match, source)]
    return "\n".join([*lines, *_all_images(a, b, how, shipped)])


def transfer_code(result: TransferResult) -> str:
    """A script that makes a transfer again and prints its matrix as CSV."""
    step = f"{literal(result.rule)}, {result.epsilon!r}, labels={literal(str(result.label_source))}, seed={result.seed}"
    networks = [f"    {literal(name)}: {load_line(name, result.dataset)}," for name in result.models]
    models = "\n".join(["models = {", *networks, "}"])
    return f"""\
{comment(f"measured with {result.software} on {result.device}")}
import gradlab
from gradlab.report import transfer_to_csv

{models}
{batch_lines(result)}
result = gradlab.transfer(models, batch, {step})

print(transfer_to_csv(result))
"""


def _beginning(a: SweepResult, b: SweepResult, epsilon: float, how: str) -> list[str]:
    """Both networks, and the step."""
    two = a.model != b.model
    measured = [measured_line(one) for one in (a, b)]
    rules = ", ".join(f"gradlab.Rule({literal(one.curves[0].rule)})" for one in (a, b))
    return [
        *dict.fromkeys(measured),
        "import gradlab",
        "from gradlab.report import sweep_to_csv",
        f"from gradlab.statistics import {'' if how == 'solved' else 'TOLERATED_GAP, match_epsilon, '}{_TEST}",
        "",
        model_line(a.model, a.dataset, bool(a.weights_sha256), "model_a"),
        model_line(b.model, b.dataset, bool(b.weights_sha256), "model_b") if two else "model_b = model_a",
        f"rule_a, rule_b = {rules}",
        f"epsilon, labels = {epsilon!r}, {literal(str(a.label_source))}",
        "",
    ]


def _one_image(dataset: str, index: int, epsilon: float, match: str, source: str) -> list[str]:
    side, wanted = "down" if epsilon < 0 else "up", 'seen_a.perturbed.measures["l2"]'
    equal = f"up, down = gradlab.epsilon_for_l2(model_b, image, rule_b, {wanted}, labels=labels)"
    return [
        image_line(dataset, index, source, "image"),
        "seen_a = gradlab.explore(model_a, image, rule_a, epsilon, labels=labels)",
        *([equal] if match == "l2" else []),
        f"seen_b = gradlab.explore(model_b, image, rule_b, {side if match == 'l2' else 'epsilon'}, labels=labels)",
        'for name, seen in (("A", seen_a), ("B", seen_b)):',
        "    before, after = image.classes[seen.clean.prediction], image.classes[seen.perturbed.prediction]",
        '    print(name, before, "->", after, seen.perturbed.probabilities.max(), seen.perturbed.measures)',
        "",
    ]


# Where the second's point is the nearest of its curve: what of both is to be as much.
_SPENT = {
    "epsilon": "spent_a, spent_b = curve_a.epsilons, curve_b.epsilons",
    "l2": 'spent_a, spent_b = curve_a.level("l2"), curve_b.level("l2")',
}
_NEAREST = "j = match_epsilon(spent_a[k], curve_b.epsilons, spent_b, curve_a.epsilons[k])"
_NEAR = (
    "abs(spent_b[j] - spent_a[k]) <= TOLERATED_GAP * abs(spent_a[k])",
    'print("too far apart to be compared:", spent_a[k], spent_b[j])',
)
_REACHED = ("equal.reached", 'print("B cannot reach a mean L2 of", equal.wanted, "but at most", equal.most)')
_TEST = "compare, mcnemar, paired_difference"
_PAIRED = [
    'print(compare(paired_difference(right_a, right_b)).words("A", "B"))',
    "print(mcnemar(right_a, right_b))",
]


def _compared(how: str) -> list[str]:
    """What is said of both points together, where they are comparable."""
    asked, otherwise = _REACHED if how == "solved" else _NEAR
    return [f"if {asked}:", *(f"    {line}" for line in _PAIRED), "else:", f"    {otherwise}"]


def _all_images(a: SweepResult, b: SweepResult, how: str, shipped: tuple[bool, bool]) -> list[str]:
    """The curves, and of each the point that is compared; their paired difference where the images are the same."""
    alike = set(a.indices.tolist()) == set(b.indices.tolist())
    images = "batch" if alike or a.model == b.model else "batch_b"
    found = _solved(b, images) if how == "solved" else [_SPENT[how], _NEAREST]
    measured = [*(["batch"] if not shipped[0] else []), *([images] if not shipped[1] or how == "solved" else [])]
    return [
        *([batch_lines(a)] if "batch" in measured else []),
        *([batch_lines(b, "batch_b")] if "batch_b" in measured else []),
        *_sweeps(a, b, images, shipped),
        f"print(sweep_to_csv({'a' if a.model == b.model else 'a, b'}))",
        "",
        "curve_a, curve_b = a.curve(rule_a), b.curve(rule_b)",
        "k = int(abs(curve_a.epsilons - epsilon).argmin())",
        *found,
        "right_a, right_b = curve_a.predictions[k] == a.labels, curve_b.predictions[j] == b.labels",
        *(f"print({_point(name)})" for name in ("A", "B")),
        *(_compared(how) if alike else []),
        "",
    ]


def _point(name: str) -> str:
    """What is printed of one of the two points."""
    one, k = name.lower(), "k" if name == "A" else "j"
    spent = f'curve_{one}.epsilons[{k}], "L2", curve_{one}.level("l2")[{k}]'
    return f'"{name}", {spent}, "right", right_{one}.sum(), "of", {one}.images'


def _solved(b: SweepResult, batch: str) -> list[str]:
    """The second swept once more, at the one epsilon that changes the images by as much as the first does."""
    spent = 'float(curve_a.level("l2")[k]), curve_a.epsilons[k]'
    return [
        f"how = dict(labels=labels, seed={b.seed}, batch_size={b.batch_size})",
        f"equal = gradlab.equal_epsilon(model_b, {batch}, rule_b, {spent}, **how)",
        f"b = gradlab.sweep(model_b, {batch}, [rule_b], [equal.epsilon], precision={literal(b.precision)}, **how)",
        "curve_b, j = b.curve(rule_b), 0",
    ]


def _sweeps(a: SweepResult, b: SweepResult, images: str, shipped: tuple[bool, bool]) -> list[str]:
    """One sweep for both rules of a network, or one for each of two networks; read where it was measured beforehand."""
    if a.model != b.model:
        return [*_sweep("a", "batch", "[rule_a]", a, shipped[0]), *_sweep("b", images, "[rule_b]", b, shipped[1])]
    both = replace(a, curves=(*a.curves[:1], *b.curves[:1]))
    # In the page's order: which answers a sweep checks again goes by the order of its rules.
    first, second = (list(Rule).index(one.curves[0].rule) for one in (a, b))
    rules = "[rule_a, rule_b]" if first < second else "[rule_b, rule_a]"
    return [*_sweep("a", "batch", rules, both, shipped[0]), "b = a"]


def _sweep(name: str, batch: str, rules: str, result: SweepResult, shipped: bool) -> list[str]:
    if shipped:
        return baseline_lines(result, rules, name)
    grids = grids_of(result)
    how = f"batch_size={result.batch_size}, precision={literal(result.precision)}, seed={result.seed}"
    return [
        f"{name} = gradlab.sweep(",
        f"    model_{name}, {batch}, {rules}, {'' if grids is None else f'{literal(grids)}, '}labels=labels,",
        f"    {how},",
        ")",
    ]
