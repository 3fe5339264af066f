"""The script of what people see."""

from gradlab.report.scripts.parts import batch_lines, comment, literal, model_line
from gradlab.types import Design, SweepResult


def seen_code(design: Design, sweep: SweepResult | None, descend: bool, file: str, guessers: bool = False) -> str:
    """A script that reads the answers and prints the sentences, the thresholds and `seen_to_csv`.

    Args:
        design: the test.
        sweep: what the network's accuracy was taken from; one that is shipped is read, another measured again.
        descend: whether the steps went down the loss.
        file: with the answers, as `answers_to_rows` gives them; or any other CSV with these columns.
        guessers: whether those who guess are counted too.
    """
    scales = ", ".join(
        f"Scale({literal(scale.name)}, ({scale.levels[0]!r}, {scale.levels[-1]!r}), {scale.catch!r})"
        for scale in design.scales
    )
    shipped = sweep is not None and sweep.condensed
    lines = [
        "import csv",
        *(["import gradlab"] if sweep and not shipped else []),
        *(["from gradlab.models import find_card"] if shipped else []),
        "from gradlab.report import seen_to_csv",
        "from gradlab.seen import doubts, see, sentence",
        *(["from gradlab.stored import load_stored"] if shipped else []),
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
        *_sweep_lines(sweep),
        *([] if guessers else [comment("Of several people, those who guess in all trials are left out.")]),
        f"found = see(design, list(people.values()), sweep, descend={descend}, guessers={guessers})",
        "for seen in found:",
        "    print(sentence(seen, you=len(people) == 1))",
        "    print(seen.rule, seen.fit.threshold, seen.at, seen.ends)",
        'print(*doubts(found, you=len(people) == 1), sep="\\n")',
        "print(seen_to_csv(found))",
    ]
    return "\n".join(lines) + "\n"


def _sweep_lines(sweep: SweepResult | None) -> list[str]:
    if sweep is None:
        return ["sweep = None"]
    labels = literal(str(sweep.label_source))
    if sweep.condensed:
        card = f"find_card({literal(sweep.model)}, {literal(sweep.dataset)})"
        return [f"sweep = load_stored({card}, LabelSource.parse({labels}))"]
    options = (
        f"{literal([str(curve.rule) for curve in sweep.curves])}, labels={labels}, eight_bit={sweep.eight_bit}, "
        f"ssim={any(curve.ssim is not None for curve in sweep.curves)}, seed={sweep.seed}"
    )
    return [
        model_line(sweep.model, sweep.dataset, bool(sweep.weights_sha256)),
        batch_lines(sweep),
        f"sweep = gradlab.sweep(model, batch, {options})",
    ]
