"""What in gradlab writes numbers into sentences, tables, notes and captions: what it claims, and where that is checked.

A new function of these rooms that writes a number has no place to hide: the last test names it.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

# Where sentences are made of numbers. Rooms that stand below have tests of their own, for each sentence.
ROOMS = ("report", "figures", "ui/views", "ui/compare", "ui/gallery", "ui/paper", "cli")
OF_THEIR_OWN = (
    "report/thresholds", "figures/thresholds", "ui/views/seen", "ui/views/pair", "ui/compare/curves",
    "ui/compare/picture", "ui/paper/claims", "ui/paper/fair", "figures/paper", "figures/said",
    "report/archive", "report/sampling",
)  # fmt: skip

# Function: what it claims, and which modules of this folder check it.
FOUND: dict[str, tuple[str, str]] = {
    # the page Landscape
    "report/landscape:descent_text": ("where the loss is lowest, and how it goes on", "landscape_sentences"),
    "report/landscape:change_text": ("at which epsilon the class changes first, and to which", "landscape_sentences"),
    "report/landscape:slope_text": ("nats for each unit of epsilon", "landscape_sentences"),
    "report/landscape:shares_text": ("how much of the plane each class has", "landscape_sentences"),
    "ui/views/landscape:line_facts": ("points, reach, slope and clean loss of a line", "landscape_sentences"),
    "ui/views/landscape:plane_facts": ("cells, how many are computed, both slopes", "landscape_sentences"),
    "figures/landscape:_curve": ("the loss, and what it would be were it linear", "landscape_figures"),
    "figures/landscape:_marks": ("the loss of the clean image", "landscape_figures"),
    "figures/landscape:_line_mark": ("the loss at an epsilon, between two points as well", "landscape_figures"),
    "figures/landscape:_strip": ("from where to where the network says a class", "landscape_figures"),
    # the page Curves, and its views
    "ui/views/facts:facts_text": ("clean accuracy, and on what it rests", "sweep_sentences"),
    "ui/views/facts:_dotted": ("the same", "sweep_sentences"),
    "ui/views/facts:images_text": ("on how many images of how many, class-balanced or not", "sweep_sentences"),
    "ui/views/facts:_measured": ("seconds of computing", "sweep_sentences"),
    "ui/views/facts:_zero_gradients": ("of how many images the gradient is zero", "sweep_sentences"),
    "ui/views/facts:point_text": ("right, rounded, on target; how large the change is", "sweep_sentences"),
    "ui/views/facts:failures": ("how many images were left out, and which", "sweep_sentences"),
    "ui/views/gallery:_where": ("how many images are at hand", "sweep_sentences"),
    "ui/views/classes:classes": ("of how many images in all", "sweep_sentences"),
    "ui/views/classes:_members": ("how many images a class has", "sweep_sentences"),
    "ui/views/classes:_range": ("the same", "sweep_sentences"),
    "ui/views/confusion:_absent": ("how many classes there are: tests/ui/test_photographs_pages.py", ""),
    "ui/views/classes:_which": ("which classes are drawn, of how many", "sweep_sentences"),
    "ui/views/classes:_left_out": ("which classes have a bar, of how many", "sweep_sentences"),
    "ui/views/confusion:_moved": ("how many images changed their class", "sweep_sentences"),
    "ui/views/confusion:_drawn": ("how many images the flows are of", "sweep_sentences"),
    "ui/views/confusion:flips": ("of how many images", "sweep_figures"),
    "ui/views/measures:_table": ("median and 5th to 95th percentile of each measure", "measures_sentences"),
    "ui/views/measures:_which": ("over how many images of how many", "measures_sentences"),
    "figures/sweep:_line": ("accuracy with its interval and mean L2, point by point", "sweep_figures"),
    "figures/sweep:_area_bars": ("the mean accuracy over epsilon", "sweep_figures"),
    "figures/classes:class_heat_figure": ("accuracy and images of each class at each epsilon", "sweep_figures"),
    "figures/classes:_class_bars": ("accuracy of each class, before and after", "sweep_figures"),
    "figures/classes:confusion_figure": ("how many images of a class went to another", "sweep_figures"),
    "figures/flows:flow_figure": ("the same, as flows; of many classes the largest", "sweep_figures"),
    "figures/flips:flip_figure": ("the share that flips first at an epsilon, or at none of a side", "sweep_figures"),
    "figures/flips:flip_side_figure": ("the same of a gallery, which may not be complete", "sweep_figures"),
    "figures/panels:class_panels_figure": ("images of a class, accuracy at each epsilon", "sweep_figures"),
    "figures/signed:short_epsilon": ("an epsilon on an axis", "sweep_figures"),
    # the page Compare
    "ui/compare/transfer:_facts": ("on how many images; how wide the widest interval is", "transfer_sentences"),
    "ui/compare/transfer:_how": ("seconds of computing", "transfer_sentences"),
    "ui/compare/transfer:_rounded_up": ("the same, not less than it is", "transfer_sentences"),
    "ui/compare/transfer:_sizes": ("the mean L2 by network", "transfer_sentences"),
    "ui/compare/transfer:_show": ("the name of a file", ""),
    "figures/transfer:transfer_figure": ("the mean L2 by network", "transfer_sentences"),
    "figures/transfer:_write": ("the accuracy of each pair", "transfer_sentences"),
    "figures/transfer:_notes": ("the same, with count and interval", "transfer_sentences"),
    "figures/transfer:_size": ("how large the change is", "transfer_sentences"),
    # the figure for a paper
    "report/citing:figure_caption": ("what the figure shows: tests/report/test_citing.py", ""),
    "report/citing:said": ("how sure the network is, likewise", ""),
    "figures/equation:_laid_out": ("how strong the noise is drawn: tests/figures/test_figures_equation.py", ""),
    "figures/equation:_text_svg": ("where text stands", ""),
    "figures/equation:equation_svg": ("how large the page is", ""),
    # the page Gallery
    "ui/gallery/many:_which": ("how many images are kept, of how many", "gallery_sentences"),
    "ui/gallery/many:_tile": ("class before and after, how sure, where it first flips", "gallery_sentences"),
    "ui/gallery/one:_tile": ("class and how sure at one epsilon", "gallery_sentences"),
    "ui/gallery/many:_histogram": ("of how many images", "gallery_sentences"),
    "ui/gallery/many:_tiles": ("which of the images are on this page", ""),
    "ui/gallery/many:_those": ("of how many images of the sample, or of all", "gallery_sentences"),
    # the page Paper, and the README's tables
    "report/paper:_put_right": ("what a step puts right, leaves wrong and makes wrong", "labels_sentence"),
    "report/markdown:networks_markdown": ("the lowest accuracy, and where", "paper_page_sentences"),
    "report/markdown:unseen_sentences": ("how many of the images that flip are changed visibly", "equal_sentences"),
    "report/markdown:_quantiles": ("of their PSNR and SSIM", "equal_sentences"),
    "report/markdown:_points": ("a paired difference with its interval", "equal_sentences"),
    "report/markdown:_measured": ("a share with its interval: tests/paper/test_claims.py", ""),
    "report/paper:labels_paragraph": ("on how many images the counts rest", "labels_sentence"),
    "ui/paper/networks:_rest": ("clean accuracy without twins: tests/report/test_sampling.py", ""),
    "ui/views/matched:_unreached": ("the budget that is not reached: tests/ui/test_equal_budget.py", ""),
    "figures/sweep:_interval": ("an accuracy's interval", "sweep_figures"),
    "report/page:_difference": ("what rounding changes: tests/report/test_report_page.py", ""),
    "report/spotcheck:spot_check_text": ("how many answers were asked again: tests/experiments/test_spotcheck.py", ""),
    "cli/paper:_difference": ("a paired difference, as `fair_to_dicts` has it", ""),
    "cli/paper:_interval": ("an interval, as `claims_to_dicts` has it", ""),
    "cli/paper:_percent": ("how a share is written", ""),
    "report/markdown:claims_markdown": ("the claims: tests/report/test_report_paper.py", ""),
    "report/markdown:_where": ("of the claims, likewise", ""),
    "report/markdown:_percent": ("how a share is written", "paper_page_sentences"),
    "report/gradients:_percent": ("how a share is written", "paper_page_sentences"),
    "ui/paper/networks:_row": ("the lowest accuracy, and where", "paper_page_sentences"),
    "ui/paper/networks:_found": ("the same", "paper_page_sentences"),
    "ui/paper/networks:networks": ("from which PSNR on a change is called clean-looking: a constant", ""),
    "ui/paper/gradients:_basis": ("of how many images, measured where", "paper_page_sentences"),
    "ui/paper/again:_verdict": ("how many predictions are the same in two baselines", "paper_page_sentences"),
    "ui/paper/again:_figures": ("a constant", ""),
    "ui/paper/again:_written": ("a figure of a baseline, as in the table of networks", ""),
    "ui/paper/written:images_text": ("on how many images of how many", "paper_page_sentences"),
    "ui/paper/written:made_on": ("seconds of computing", ""),
    # the HTML report, and the command line
    "report/page:_summary": ("images, clean accuracy", "report_sentences"),
    "report/page:_notices": ("what was stopped, what was left out", "report_sentences"),
    "report/page:_facts": ("zero gradients; seconds of computing", "report_sentences"),
    "report/page:_cells": ("each point of a curve", "report_sentences"),
    "report/page:_share": ("an accuracy with its interval", "report_sentences"),
    "cli/sweep:_print_sweep": ("clean accuracy, each point of a curve", "report_sentences"),
    "cli/sweep:_clean": ("the same", "report_sentences"),
    "cli/transfer:_print": ("the step; how many images", "report_sentences"),
    "cli/transfer:_shares": ("accuracy of each pair", "report_sentences"),
    "cli/explore:_print": ("loss, gradient, probabilities, where the class changes", "report_sentences"),
    "cli/output:_cell": ("how a number is written", "report_sentences"),
    "cli/train:_trained": ("loss and accuracy as training tells them", ""),
    "cli/paper:_claims_table": ("the claims, as `claims_to_dicts` has them", ""),
    "cli/paper:_combinations_table": ("networks, as `combinations_to_dicts` has them", ""),
    "cli/paper:_share": ("the same", ""),
    "cli/paper:_where": ("the same", ""),
}


def functions(path: Path) -> dict[str, ast.FunctionDef]:
    body = ast.parse(path.read_text(encoding="utf-8")).body
    members = [member for node in body if isinstance(node, ast.ClassDef) for member in node.body]
    return {node.name: node for node in (*body, *members) if isinstance(node, ast.FunctionDef)}


def writers() -> Iterator[str]:
    """Functions that write a number in a form of its own, such as `:,` or `:.1%`."""
    for room in ROOMS:
        for path in sorted((ROOT / "gradlab" / room).rglob("*.py")):
            name = path.relative_to(ROOT / "gradlab").with_suffix("").as_posix()
            for function, node in functions(path).items():
                parts = [part for part in ast.walk(node) if isinstance(part, ast.FormattedValue)]
                if not name.startswith(OF_THEIR_OWN) and any(part.format_spec for part in parts):
                    yield f"{name}:{function}"


@pytest.mark.parametrize("name", FOUND)
def test_what_is_named_is_there(name: str) -> None:
    module, _, function = name.partition(":")
    assert function in functions(ROOT / "gradlab" / f"{module}.py"), "gone, or called otherwise: mend the table"
    _, checked_by = FOUND[name]
    assert not checked_by or Path(__file__).with_name(f"test_{checked_by}.py").is_file()


def test_whatever_writes_a_number_is_named() -> None:
    missing = sorted(set(writers()) - FOUND.keys())
    assert not missing, "each is to be checked against a count of its own, and named in the table above"
