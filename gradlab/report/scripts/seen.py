"""The script of what people see."""

import textwrap

from gradlab.report.scripts.parts import batch_lines, comment, literal, model_line
from gradlab.types import Design, SweepResult


def seen_code(
    design: Design,
    sweep: SweepResult | None,
    descend: bool,
    file: str,
    *,
    shown: SweepResult | None = None,
    guessers: bool = False,
) -> str:
    """A script that reads the answers and prints the sentences, the thresholds and `seen_to_csv`.

    Args:
        design: the test.
        sweep: what the network's accuracy was taken from; one that is shipped is read, another measured again.
        descend: whether the steps went down the loss.
        file: with the answers, as `answers_to_rows` gives them; or any other CSV with these columns.
        shown: what the network makes of the images that people were shown; it is measured again.
        guessers: whether those who guess are counted too.
    """
    scales = ", ".join(
        f"Scale({literal(scale.name)}, ({scale.levels[0]!r}, {scale.levels[-1]!r}), {scale.catch!r})"
        for scale in design.scales
    )
    shipped = sweep is not None and sweep.condensed
    asked = shown or (None if shipped else sweep)  # once more, on the spot
    lines = [
        "import csv",
        *(["import gradlab"] if asked else []),
        *(["from gradlab.networks import find_card"] if shipped else []),
        "from gradlab.report import seen_to_csv",
        "from gradlab.seeing.thresholds import doubts, see, sentence",
        *(["from gradlab.experiments.stored import load_stored"] if shipped else []),
        f"from gradlab.types import Answer, Design, {'LabelSource, ' if shipped else ''}Scale",
        "",
        "people = {}",
        f'with open({literal(file)}, encoding="utf-8", newline="") as rows:  # "Answers, CSV" of this page',
        "    for row in csv.DictReader(rows):",
        '        answer = Answer(row["rule"], float(row["intensity"]), row["correct"] == "1", row["catch"] == "1")',
        '        people.setdefault(row["participant"], []).append(answer)',
        "",
        comment("Of each rule the smallest and the largest size that may be asked, and that of the catch trials."),
        f"design = Design(({scales},), guess={design.guess!r})",
        *([model_line(asked.model, asked.dataset, bool(asked.weights_sha256))] if asked else []),
        *_sweep_lines(sweep),
        *_shown_lines(shown),
        *([] if guessers else [comment("Of several people, those who guess in all trials are left out.")]),
        f"found = see(design, list(people.values()), sweep, descend={descend}, shown=shown, guessers={guessers})",
        "for seen in found:",
        "    print(sentence(seen, you=len(people) == 1))",
        "    print(seen.rule, seen.fit.threshold, seen.shown_at, seen.shown_ends, seen.at, seen.ends)",
        'print(*doubts(found, you=len(people) == 1), sep="\\n")',
        "print(seen_to_csv(found))",
    ]
    return "\n".join(lines) + "\n"


def _shown_lines(shown: SweepResult | None) -> list[str]:
    """The images shown, at the sizes that were asked."""
    if shown is None:
        return ["shown = None"]
    grids = []
    for curve in shown.curves:
        sizes = textwrap.fill(", ".join(map(repr, curve.epsilons.tolist())), 112)
        grids.append(f"    {literal(str(curve.rule))}: [\n{textwrap.indent(sizes, ' ' * 8)}\n    ],")
    return [
        comment("The images that people were shown, at the sizes that they were asked about."),
        "epsilons = {",
        *grids,
        "}",
        batch_lines(shown, "images"),
        f"shown = gradlab.sweep(model, images, list(epsilons), epsilons, {_options(shown)})",
    ]


def _options(sweep: SweepResult) -> str:
    return (
        f"labels={literal(str(sweep.label_source))}, eight_bit={sweep.eight_bit}, "
        f"ssim={any(curve.ssim is not None for curve in sweep.curves)}, seed={sweep.seed}"
    )


def _sweep_lines(sweep: SweepResult | None) -> list[str]:
    if sweep is None:
        return ["sweep = None"]
    if sweep.condensed:
        labels = literal(str(sweep.label_source))
        card = f"find_card({literal(sweep.model)}, {literal(sweep.dataset)})"
        return [f"sweep = load_stored({card}, LabelSource.parse({labels}))"]
    rules = literal([str(curve.rule) for curve in sweep.curves])
    return [
        batch_lines(sweep),
        f"sweep = gradlab.sweep(model, batch, {rules}, {_options(sweep)})",
    ]
