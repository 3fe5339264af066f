"""A result for people and for other programs: JSON, CSV, a page, and the code that reproduces it."""

from gradlab.report.agreement import agreement
from gradlab.report.page import sweep_to_html
from gradlab.report.paper import claims_to_dicts, combinations_to_dicts, labels_paragraph, point_to_dict
from gradlab.report.points import curve_points, sweep_to_csv, sweep_to_dict
from gradlab.report.scripts import explore_code, sweep_code, sweep_command
from gradlab.report.table import rows_to_csv

__all__ = [
    "agreement",
    "claims_to_dicts",
    "combinations_to_dicts",
    "curve_points",
    "explore_code",
    "labels_paragraph",
    "point_to_dict",
    "rows_to_csv",
    "sweep_code",
    "sweep_command",
    "sweep_to_csv",
    "sweep_to_dict",
    "sweep_to_html",
]
