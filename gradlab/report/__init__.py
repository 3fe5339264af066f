"""A result for people and for other programs: JSON, CSV, a page, and the code that reproduces it."""

from gradlab.report.citing import GRADLAB_BIBTEX, PAPER_BIBTEX, figure_caption
from gradlab.report.exploration import exploration_to_csv, exploration_to_dict
from gradlab.report.gradients import gradients_table, gradients_to_dicts, gradients_to_rows
from gradlab.report.landscape import (
    change_text,
    descent_text,
    loss_line_to_csv,
    loss_plane_to_csv,
    shares_text,
    slope_text,
)
from gradlab.report.markdown import (
    claims_markdown,
    fair_cells,
    fair_markdown,
    gradients_markdown,
    networks_markdown,
    sentences_markdown,
    unseen_sentences,
)
from gradlab.report.page import sweep_to_html
from gradlab.report.paper import (
    claims_to_dicts,
    combinations_to_dicts,
    fair_to_dicts,
    labels_difference,
    labels_paragraph,
    point_to_dict,
)
from gradlab.report.points import curve_points, sweep_to_csv, sweep_to_dict, transfer_to_csv
from gradlab.report.scripts import (
    compare_code,
    explore_code,
    gallery_code,
    landscape_code,
    seen_code,
    sweep_code,
    sweep_command,
    transfer_code,
    walk_code,
)
from gradlab.report.spotcheck import agreement, precision_text, spot_check_text, spot_check_to_dict
from gradlab.report.table import rows_to_csv
from gradlab.report.thresholds import answers_to_rows, seen_to_csv, seen_to_dicts
from gradlab.report.views import (
    areas_to_csv,
    changes_to_rows,
    classes_to_csv,
    confusion_to_csv,
    flips_to_csv,
    gallery_to_csv,
)
