"""The tables and figures of the README: `python docs/make_tables.py` makes them anew of what lies in assets/results.

Each stands between two comments, such as `<!-- fair -->` and `<!-- /fair -->`; tests/test_readme.py holds that what
stands there is what this makes.
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from gradlab import report  # noqa: E402
from gradlab.experiments.stored import EQUAL, baseline_of, load_baseline, load_gradients  # noqa: E402
from gradlab.images.table import DATASETS  # noqa: E402
from gradlab.networks import read_cards  # noqa: E402
from gradlab.paper import PAPER_MODEL, fair_row, fair_summary  # noqa: E402
from gradlab.report.sampling import sampling_notes  # noqa: E402

README = ROOT / "README.md"


def parts() -> dict[str, str]:
    """Each part in Markdown, by its name."""
    cards, titles = read_cards(), {name: spec.title for name, spec in DATASETS.items()}
    baselines = [baseline_of(card) for card in cards]
    equals = {(card.name, card.dataset): baseline_of(card, EQUAL) for card in cards}
    fair = [fair_row(baseline, equals[baseline.model, baseline.dataset]) for baseline in baselines]
    paper = load_baseline(*PAPER_MODEL)
    return {
        "claims": report.claims_markdown(paper, equals[PAPER_MODEL]),
        "fair": report.fair_markdown([row for row in fair if row], titles),
        "summary": fair_summary([row for row in fair if row]),
        "neighbours": "\n".join(
            f"- `{baseline.model}` on {titles[baseline.dataset]}: {' '.join(notes)}"
            for baseline in baselines
            if DATASETS[baseline.dataset].facts.neighbours and (notes := sampling_notes(baseline))
        ),
        "sentences": report.sentences_markdown(paper, equals[PAPER_MODEL]),
        "networks": report.networks_markdown(
            baselines, titles, equals, {(card.name, card.dataset): card.fitted for card in cards}
        ),
        "gradients": report.gradients_markdown(load_gradients(cards), titles),
    }


def replaced(text: str, name: str, content: str) -> str:
    """The text with this content between the comments of that name."""
    begin, end = f"<!-- {name} -->", f"<!-- /{name} -->"
    pattern = re.compile(f"{re.escape(begin)}\n.*?\n{re.escape(end)}", re.DOTALL)
    if len(pattern.findall(text)) != 1:
        raise SystemExit(f"expected one part between {begin} and {end} in {README.name}")
    return pattern.sub(lambda _: f"{begin}\n{content}\n{end}", text)


def main() -> None:
    """Write the README."""
    text = README.read_text(encoding="utf-8")
    for name, content in parts().items():
        text = replaced(text, name, content)
    README.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
