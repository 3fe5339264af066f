"""The scripts of the page *Compare*."""

from dataclasses import replace

from gradlab.report.scripts.parts import batch_lines, comment, image_line, literal, model_line
from gradlab.report.scripts.sweep import grids_of
from gradlab.types import Rule, SweepResult, TransferResult


def compare_code(a: SweepResult, b: SweepResult, index: int, epsilon: float, match: str, source: str = "auto") -> str:
    """A script that takes both steps with one image, sweeps over all, and prints what the page says of the two.

    Args:
        a: the sweep of the first; its first curve is that of its rule.
        b: that of the second, over another network or under another rule.
        index: the image's place in the test split.
        epsilon: of the first, the signed step in its rule's unit; that of the second follows from `match`.
        match: `l2` for equal distances, or `epsilon`.
        source: where the image comes from: `store`, `sample` or `auto`.
    """
    lines = [*_beginning(a, b, epsilon, match), *_one_image(a.dataset, index, epsilon, match, source)]
    return "\n".join([*lines, *_all_images(a, b, match)])


def transfer_code(result: TransferResult) -> str:
    """A script that makes a transfer again and prints its matrix as CSV."""
    step = f"{literal(result.rule)}, {result.epsilon!r}, labels={literal(str(result.label_source))}, seed={result.seed}"
    return f"""\
{comment(f"measured with {result.software} on {result.device}")}
import gradlab
from gradlab.report import transfer_to_csv

names = {literal(list(result.models))}
models = {{name: gradlab.load_model(name, {literal(result.dataset)}) for name in names}}
{batch_lines(result)}
result = gradlab.transfer(models, batch, {step})

print(transfer_to_csv(result))
"""


def _beginning(a: SweepResult, b: SweepResult, epsilon: float, match: str) -> list[str]:
    """Both networks, and the step."""
    two = a.model != b.model
    measured = [
        comment(f"{one.model} on {one.dataset}, measured with {one.software} on {one.device}") for one in (a, b)
    ]
    rules = ", ".join(f"gradlab.Rule({literal(one.curves[0].rule)})" for one in (a, b))
    return [
        *dict.fromkeys(measured),
        "import gradlab",
        "from gradlab.report import sweep_to_csv",
        f"from gradlab.statistics import {_STATISTICS[match]}",
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


_STATISTICS = {
    "l2": "compare, mcnemar, paired_difference",
    "epsilon": "compare, match_epsilon, mcnemar, paired_difference",
}
_NEAREST = "j = match_epsilon(curve_a.epsilons[k], curve_b.epsilons, curve_b.epsilons, curve_a.epsilons[k])"
_PAIRED = [
    'print(compare(paired_difference(right_a, right_b)).words("A", "B"))',
    "print(mcnemar(right_a, right_b))",
]
_PAIRED_WHERE_EQUAL = [
    "if equal.reached:",
    *(f"    {line}" for line in _PAIRED),
    "else:",
    '    print("B cannot reach a mean L2 of", equal.wanted, "but at most", equal.most)',
]


def _all_images(a: SweepResult, b: SweepResult, match: str) -> list[str]:
    """The curves, and of each the point that is compared; their paired difference where the images are the same."""
    alike = set(a.indices.tolist()) == set(b.indices.tolist())
    return [
        batch_lines(a),
        *_sweeps(a, b, alike),
        f"print(sweep_to_csv({'a' if a.model == b.model else 'a, b'}))",
        "",
        "curve_a, curve_b = a.curve(rule_a), b.curve(rule_b)",
        "k = int(abs(curve_a.epsilons - epsilon).argmin())",
        *([_NEAREST] if match == "epsilon" else _solved(b, "batch" if alike or a.model == b.model else "batch_b")),
        "right_a, right_b = curve_a.predictions[k] == a.labels, curve_b.predictions[j] == b.labels",
        *(f"print({_point(name)})" for name in ("A", "B")),
        *((_PAIRED if match == "epsilon" else _PAIRED_WHERE_EQUAL) if alike else []),
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


def _sweeps(a: SweepResult, b: SweepResult, alike: bool) -> list[str]:
    """One sweep for both rules of a network, or one for each of two networks."""
    if a.model == b.model:
        both = replace(a, curves=(*a.curves[:1], *b.curves[:1]))
        # In the page's order: which answers a sweep checks again goes by the order of its rules.
        first, second = (list(Rule).index(one.curves[0].rule) for one in (a, b))
        return [*_sweep("a", "batch", "[rule_a, rule_b]" if first < second else "[rule_b, rule_a]", both), "b = a"]
    other, images = ([], "batch") if alike else ([batch_lines(b, "batch_b")], "batch_b")
    return [*_sweep("a", "batch", "[rule_a]", a), *other, *_sweep("b", images, "[rule_b]", b)]


def _sweep(name: str, batch: str, rules: str, result: SweepResult) -> list[str]:
    grids = grids_of(result)
    how = f"batch_size={result.batch_size}, precision={literal(result.precision)}, seed={result.seed}"
    return [
        f"{name} = gradlab.sweep(",
        f"    model_{name}, {batch}, {rules}, {'' if grids is None else f'{literal(grids)}, '}labels=labels,",
        f"    {how},",
        ")",
    ]
