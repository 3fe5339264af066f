"""A result for people and for other programs: JSON, CSV, a page, and the code that reproduces it."""

from gradlab.report.page import sweep_to_html
from gradlab.report.points import curve_points, sweep_to_csv, sweep_to_dict
from gradlab.report.scripts import explore_code, sweep_code, sweep_command

__all__ = [
    "curve_points",
    "explore_code",
    "sweep_code",
    "sweep_command",
    "sweep_to_csv",
    "sweep_to_dict",
    "sweep_to_html",
]
